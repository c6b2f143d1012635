"""What stands on a card."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card.render import PHONE_LINES, CardStyle, phone_lines, render, span
from bot.card.state import CardState, Phase
from bot.library.records import DeliveryOptions, TextShown, Where
from bot.ui.message import Face
from pipeline.wording import locales
from pipeline.words.event import Event, Queued
from tests.bot.card.events import INTRO_S, PASSAGE_S, TEXTS, tale
from tests.bot.library.samples import wished

LOOKS = [CardStyle(locale, plain) for locale in locales() for plain in (False, True)]
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=400)


def after(events: list[Event], **delivery: object) -> CardState:
    """A card that heard them."""
    state = CardState.of(wished(id="0" * 32, delivery=replace(DeliveryOptions(where=Where.UPLOAD), **delivery)))  # type: ignore[arg-type] # any of its fields
    for event in events:
        state = state.after(event)
    return state


def lines(face: Face) -> int:
    """On a phone."""
    return sum(map(phone_lines, (face.title, face.body, face.footer)))


@given(
    st.integers(0, len(tale())),
    st.sampled_from(LOOKS),
    st.lists(WORDS, min_size=1, max_size=5),
    st.sampled_from(TextShown),
)
@settings(max_examples=200, deadline=None)
def test_a_card_has_at_most_eight_lines_on_a_phone(
    heard: int, look: CardStyle, texts: list[str], text: TextShown
) -> None:
    face = render(after(tale(texts=tuple(texts))[:heard], text=text).paced(0.2, 1.5), look)
    assert lines(face) <= PHONE_LINES
    assert len(face.title) <= 256


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_events_told_twice_or_again_from_the_beginning_change_nothing(data: st.DataObject) -> None:
    events = tale()[:-1]
    heard = data.draw(st.integers(0, len(events)))
    again = [*events[:heard], *events]
    assert after(again) == after(events)


def test_progress_never_falls_and_ends_whole() -> None:
    shares = [after(tale()[:heard]).share for heard in range(len(tale()) + 1)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert max(shares[:-1]) < 1.0


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_everything_is_said_in_words(look: CardStyle) -> None:
    face = render(after(tale()[:-1]), look)
    assert "%" in face.body
    assert {"en": "joy", "pt": "alegria", "es": "alegría", "fr": "joie", "de": "Freude"}[look.locale] in face.body
    assert ("▰" in face.body) is not look.plain
    assert ("🟨" in face.body) is not look.plain


def test_a_place_in_line_comes_with_an_estimate_as_a_range() -> None:
    face = render(after([Queued(2, 20.0, 45.0)]), CardStyle())
    assert "2 before it" in face.body
    assert face.footer == "20 to 45 s"
    assert span(100, 250, "pt-BR") == "2 a 4 min"
    assert [press.verb for press in face.presses] == ["cancel"]


def test_time_left_is_told_as_a_range_and_shrinks() -> None:
    early, late = (after(tale(words=600)[:heard]).paced(0.2, 0.5) for heard in (6, len(tale()) - 2))
    assert early.left_s[0] > late.left_s[0] > 0
    assert render(early, CardStyle()).footer == "2 to 5 min left"
    assert render(early, CardStyle("de")).footer == "noch 2 bis 5 min"
    assert render(after(tale(words=600)[:6]), CardStyle()).footer == "", "nothing was told here yet"
    assert after(tale()).paced(0.2, 0.5).left_s == (0.0, 0.0)


def test_text_comes_sentence_by_sentence_with_the_voice() -> None:
    state = after(tale()[:-1], where=Where.BOTH)
    assert state.paragraphs() == ()
    first = state.heard_to(INTRO_S + 0.1)
    assert first.paragraphs() == ("The keeper lit the lamp.",)
    assert first.heard_to(INTRO_S + 2.0).paragraphs() == (TEXTS[0],)
    assert first.heard_to(INTRO_S + 1.0).heard_to(0.5).paragraphs() == ("The keeper lit the lamp.",)
    whole = first.heard_to(INTRO_S + 4 * PASSAGE_S)
    assert len(whole.paragraphs()) == 2
    assert whole.paragraphs(most=1) == whole.paragraphs()[1:]


def test_without_a_voice_text_comes_as_it_is_finished() -> None:
    written = next(nth for nth, event in enumerate(tale()) if event.kind == "written")
    assert after(tale()[: written + 1]).paragraphs() == ()
    assert after(tale()[: written + 3]).paragraphs() == (TEXTS[0],)
    waiting = after(tale()[:-1], where=Where.BOTH).without_voice("booth_gone", {})
    assert len(waiting.paragraphs()) == 2


@pytest.mark.parametrize(
    ("text", "seen"), [(TextShown.AT_ONCE, True), (TextShown.SPOILER, True), (TextShown.NONE, False)]
)
def test_text_is_shown_as_the_asker_chose(text: TextShown, seen: bool) -> None:
    written = next(nth for nth, event in enumerate(tale()) if event.kind == "written")
    face = render(after(tale()[: written + 1], text=text, where=Where.BOTH), CardStyle())
    assert ("Nobody was on the stairs" in face.body) is seen
    assert face.body.count("||") == (2 if text is TextShown.SPOILER else 0)


def test_nothing_that_comes_after_the_end_changes_a_card() -> None:
    done = after(tale())
    assert done.phase is Phase.DONE
    late = random.Random(1).choice(tale()[:-1])
    assert done.after(late) == done
