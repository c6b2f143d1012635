"""Every frame that ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Refused
from pipeline.tables import language_file
from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Lately
from pipeline.writing.cast_tale import Casting
from pipeline.writing.choose_frame import INDEX, FrameQuery, choose, digest, examples, read_index
from pipeline.writing.fill import BLANK, END, NotThere, Scope, filled
from pipeline.writing.frame_faults import faults_of
from pipeline.writing.frames import ANY, KIND, FramePart, TaleFrame, frames_in, read_frame
from pipeline.writing.lexicon import KINDS, lexicon_of
from pipeline.writing.readings import WishReading
from pipeline.writing.tongue import tongues

LANGUAGES = sorted(tongues())
FRAMES = [frame for language in LANGUAGES for frame in frames_in(language).values()]
HEROES = {
    "de": ("ein Drache", "ein Mädchen", "Mara", "zwei Schwestern", "der König", "ein alter Roboter"),
    "es": ("un dragón", "una niña", "Mara", "dos hermanas", "el rey", "un robot viejo"),
    "fr": ("un dragon", "une fille", "Mara", "deux sœurs", "le roi", "un vieux robot"),
    "it": ("un drago", "una bambina", "Mara", "due sorelle", "il re", "un vecchio robot"),
    "en": ("a dragon", "a girl", "Mara", "two sisters", "the king", "an old robot"),
    "pt": ("um dragão", "uma menina", "Mara", "duas irmãs", "o rei", "um robô velho"),
}
NEVER = "{deed.none}"
"""What a set for one tag alone says where the tag is missing: it is then passed over."""
TRAITS = {"en": "lazy", "pt": "tímido", "es": "tímido", "fr": "timide", "it": "timido", "de": "scheue"}
DEEDS = {
    "de": "verkauft Brot an Statuen",
    "es": "vende pan a las estatuas",
    "fr": "vend du pain aux statues",
    "it": "vende il pane alle statue",
    "en": "sells bread to statues",
    "pt": "vende pão para estátuas",
}


def _ids(frame: TaleFrame) -> str:
    return f"{frame.id}-{frame.language}"


@pytest.mark.parametrize("frame", FRAMES, ids=_ids)
def test_a_frame_lacks_nothing_that_the_recipe_asks_for(frame: TaleFrame) -> None:
    assert not list(faults_of(frame))


@pytest.mark.parametrize("frame", FRAMES, ids=_ids)
def test_every_sentence_of_a_frame_can_be_told_and_is_whole(frame: TaleFrame) -> None:
    told = 0
    for scope in _scopes(frame):
        for place, text in _said(frame, scope):
            assert not re.search(r"[{}\[\]|_#]", text), f"{place}: {text}"
            assert "  " not in text, f"{place}: {text}"
            told += 1
    assert told > 20


def _scopes(frame: TaleFrame) -> Iterator[Scope]:
    """Heroes of every sort, each with a thing that some set of the frame is about."""
    lexicon = lexicon_of(frame.language)
    by_kind = {noun.kind: noun.names[0] for noun in reversed(list(lexicon.rows.values()))}
    heroes = HEROES[frame.language]
    for at, set_ in enumerate(frame.sets):
        hero = heroes[at % len(heroes)]
        if not frame.about.plural and hero.startswith(("two", "d", "zwei")):
            hero = heroes[0]
        if "{A}" in str(set_.words):
            hero = heroes[3]
        kinds = [word.removeprefix(KIND) for word in set_.fits if word.startswith(KIND)]
        words = [word.rstrip("*") for word in set_.fits if ":" not in word and word != ANY]
        thing = (
            next((noun.names[0] for word in words if (noun := lexicon.find(word))), "") or by_kind[(kinds or KINDS)[0]]
        )
        other = next(by_kind[kind] for kind in KINDS[at % len(KINDS) :] + KINDS if by_kind[kind] != thing)
        place = f"{lexicon.language} {lexicon.being(by_kind['building']).the}"
        reading = WishReading(who=hero, deed=DEEDS.get(frame.language, ""), thing=thing, other=other, place=place)
        if frame.about.matter == "hero":
            reading = replace(reading, who=thing)
        scope = Casting(frame.language, at).scope(reading, frame)
        scope = replace(scope, own={"trait": TRAITS.get(frame.language, "x"), **scope.own})
        yield _with_set(frame, scope, set_, at)


def _with_set(frame: TaleFrame, scope: Scope, set_: FramePart, at: int) -> Scope:
    alternative = frame.alternatives[at % len(frame.alternatives)]
    words = {**frame.turns, **alternative.words, **set_.words}
    figures = {**frame.figures, **alternative.figures, **set_.figures}
    return replace(scope, values=words, blanks=frame.blanks).with_figures(figures)


def _said(frame: TaleFrame, scope: Scope) -> Iterator[tuple[str, str]]:
    """Every variant of every turn that this scope holds."""
    turns = {turn.rstrip("?") for order in (*frame.orders, frame.brief) for scene in order for turn in scene.turns}
    for turn in sorted(turns):
        words = scope.values[turn]
        variants = (words,) if isinstance(words, str) else words
        texts = []
        for variant in variants:
            try:
                texts.append(filled(variant, scope))
            except NotThere:
                continue
        for_a_tag = all(variant == NEVER for variant in variants) and any(f"{turn}_" in key for key in scope.values)
        assert texts or for_a_tag or turn + "?" in str(frame.orders), (
            f"{frame.id} {frame.language} {turn}: none can be told"
        )
        yield from ((f"{frame.id} {frame.language} {turn}", _plain(text)) for text in texts)


def _plain(text: str) -> str:
    return re.sub(r"@[A-Z](\([^)]*\))?\s*(?=“)", "", text.replace(BLANK, "").replace(END, ""))


def test_a_slot_behind_a_question_begins_a_sentence_unless_somebody_asked_it() -> None:
    scope = Casting("en", 1).scope(WishReading(who="the king"), frames_in("en")["afraid"])
    assert filled("@N “Who?” {N} looked up.", scope) == "@N “Who?” The king looked up."
    assert filled("@N “Who?” {N} asked.", scope) == "@N “Who?” the king asked."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_tell_any_wish(language: str) -> None:
    needs = [frame.about.needs for frame in frames_in(language).values()]
    assert any(not {"deed", "two"} & {*one} for one in needs)


def test_a_frame_that_lacks_a_turn_is_refused_with_file_and_key(tmp_path: Path) -> None:
    file = tmp_path / "en" / "tales" / "find.toml"
    file.parent.mkdir(parents=True)
    text = language_file("en", "tales/find").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^brief = \[", 'brief = ["=x joy", "nobody_says_this", ', text)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match="table_invalid") as refused:
        read_frame(file)
    assert refused.value.fields["key"].startswith("nobody_says_this")
    assert refused.value.fields["file"].endswith("en/tales/find.toml")


def test_the_index_was_made_from_the_wishes_that_ship() -> None:
    index = read_index()
    assert index is not None
    assert set(index.frames) == {frame for frame, _ in examples()}
    assert index.digest == digest(examples()), f"python3 echotales.py frames index: {INDEX.name} is old"


def test_a_wish_far_from_every_frame_is_told_by_one_that_carries_any_deed() -> None:
    frames = frames_in("en")
    wish = WishReading(who="a judge", deed="sentenced a storm", thing="a storm")
    query = FrameQuery(wish, several=False, mood=Mood.pure(Emotion.NEUTRAL), style=None, lately=Lately(), seed=1)
    best = choose(dict.fromkeys(frames, 0.05), replace(query, verb="sentence"), frames)[0]
    assert frames[best.frame].about.carries


def test_a_deed_that_is_not_done_is_left_to_frames_that_say_so() -> None:
    frames = frames_in("en")
    wish = WishReading(who="a cloud", deed="can't rain")
    query = FrameQuery(wish, several=False, mood=Mood.pure(Emotion.NEUTRAL), style=None, lately=Lately(), seed=1)
    refusing = {name for name, frame in frames.items() if "not" in frame.about.without}
    assert refusing
    assert choose(dict.fromkeys(frames, 0.05), replace(query, verb="rain"), frames)[0].frame in refusing
    assert (
        choose(dict.fromkeys(frames, 0.05), replace(query, verb="rain", negated=True), frames)[0].frame not in refusing
    )
