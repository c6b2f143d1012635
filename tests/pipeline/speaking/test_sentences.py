"""Text into pieces a narrator can take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.speaking.acting import Played
from pipeline.speaking.cast import SpeakerVoice
from pipeline.speaking.script import breaths_of
from pipeline.speaking.sentences import sentences, within
from pipeline.speaking.tongues import tongue
from pipeline.words.mood import Emotion, Mood

CALM = Mood.pure(Emotion.NEUTRAL)


def breaths(text: str, language: str = "en") -> list[str]:
    return [one.text for one in breaths_of(text, SpeakerVoice("v"), Played(), language, 1, CALM, {})]


def test_an_abbreviation_ends_no_sentence() -> None:
    text = "Mr. Smith met J. R. Reed. They talked... and left. 我回家了。他走了。"
    assert sentences(text, tongue("en").stopped) == (
        "Mr. Smith met J. R. Reed.", "They talked... and left.", "我回家了。", "他走了。",
    )  # fmt: skip


@given(st.text(alphabet="ab ,.!?", max_size=600), st.integers(20, 200))
def test_no_piece_is_too_long_and_no_letter_is_lost(text: str, most: int) -> None:
    pieces = [piece for sentence in sentences(text) for piece in within(sentence, most)]
    assert all(len(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_hundred_thousand_characters_are_cut_within_every_models_reach() -> None:
    made = breaths("word " * 20_000)
    assert max(len(one) for one in made) <= tongue("en").most_chars
    assert sum(len(one.split()) for one in made) == 20_000


def test_three_scripts_at_once_are_three_languages() -> None:
    made = breaths_of("He said 我回家了 and नमस्ते.", SpeakerVoice("v"), Played(), "en", 1, CALM, {})
    assert [one.delivery.language for one in made] == ["en", "zh", "en", "hi"]


def test_a_marked_sound_is_an_interjection_and_never_a_tag() -> None:
    assert breaths("[sigh] I am tired.", "pt") == ["Ah...", "I am tired."]
    assert breaths("[thunderclap] Run!") == ["Run!"]


def test_nothing_speakable_gives_no_breath() -> None:
    assert breaths("😀 … —") == []
