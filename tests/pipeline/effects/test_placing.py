"""Effects fall beside their words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio.ducking import LINE_LUFS
from pipeline.audio.loudness import loudness_ungated
from pipeline.audio.room import STUDIO, Acoustics, room_of
from pipeline.effects.dress import dressed_effects
from pipeline.effects.placing import MINUTE, MOST_A_MINUTE, MOST_ALIKE, PlacedEffect, Stage, in_tale, placed_effects
from pipeline.words.score import Effect
from pipeline.words.sound import RATE_HZ, Artifact, Spoken, SpokenLine, WordTiming
from pipeline.words.story import NARRATOR

STAGE = Stage("en", "", 7)
WORDS = (
    "She knocked on the door.",
    "The bell rang over the town.",
    "He struck a match and closed the gate.",
    "Rain fell.",
)


def said(text: str, pauses_s: float = 0.0, speaker: str = NARRATOR, passage: int = 0) -> Spoken:
    """Words of a third of a second, with this pause after every mark."""
    at_s, words = 0.1, []
    for word in text.split():
        words.append(WordTiming(word, at_s, at_s + 0.33))
        at_s += 0.33 + (pauses_s if word[-1] in ",." else 0.0)
    end = round(words[-1].end_s * RATE_HZ)
    line = SpokenLine(speaker, text, "any", round(0.1 * RATE_HZ), end, tuple(words))
    return Spoken(0, passage, Artifact("0" * 64, ".wav", 0), end + RATE_HZ // 3, (line,))


def placed(spoken: Spoken, length: int = 0, before: tuple[Effect, ...] = (), start: int = 0) -> list[PlacedEffect]:
    text = " ".join(line.text for line in spoken.lines)
    return placed_effects(spoken, text, length or spoken.samples + RATE_HZ, STAGE, before, start)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), st.floats(0, 1.2))
@settings(max_examples=40, deadline=None)
def test_no_effect_sounds_on_its_own_words(sentences: list[str], pauses_s: float) -> None:
    spoken = said(" ".join(sentences), pauses_s)
    for one in placed(spoken):
        words = [word for word in spoken.lines[0].words if word.text in one.effect.word.split()]
        start_s, end_s = one.effect.start / RATE_HZ, (one.effect.start + one.effect.samples) / RATE_HZ
        named = [word for word in words if abs(word.start_s - start_s) < 4]
        assert any(start_s >= word.end_s - 0.06 or end_s <= word.start_s + 0.01 for word in named)


def test_a_pause_is_chosen_before_other_words_are_covered() -> None:
    spoken = said("At last the bell rang, and all was well.", pauses_s=2.5)
    (bell,) = placed(spoken)
    after = spoken.lines[0].words[4]
    assert after.text == "rang,"
    assert after.end_s <= bell.effect.start / RATE_HZ <= after.end_s + 0.2


def test_what_somebody_says_happened_is_not_heard_now() -> None:
    assert placed(said("The bell rang.", speaker="Mira")) == []
    spoken = said("The bell rang.")
    assert placed_effects(spoken, "“The bell rang.”", spoken.samples, STAGE, (), 0) == []


def test_forty_knocks_are_heard_as_a_few() -> None:
    happened: list[Effect] = []
    at = 0
    for passage in range(40):
        spoken = said("He knocked again, and waited.", pauses_s=0.5, passage=passage)
        happened += in_tale([one.effect for one in placed(spoken, 0, tuple(happened), at)], at)
        at += spoken.samples + RATE_HZ
    assert len(happened) >= MOST_ALIKE
    for one in happened:
        minute = [other for other in happened if 0 <= one.start - other.start < MINUTE]
        assert len(minute) <= min(MOST_ALIKE, MOST_A_MINUTE)


def test_the_same_tale_has_the_same_effects_and_another_seed_others() -> None:
    spoken = said("She knocked on the door.", 0.5)
    (one,), (again,) = placed(spoken), placed(spoken)
    assert one.effect == again.effect
    assert (one.sound == again.sound).all()
    (other,) = placed_effects(spoken, "", spoken.samples + RATE_HZ, replace(STAGE, seed=8), (), 0)
    assert len(other.sound) != len(one.sound) or (other.sound != one.sound).any()


@pytest.mark.parametrize("room", [STUDIO, room_of(("cave",)), room_of(("hall",))])
def test_under_a_line_effects_stay_far_below_it_and_lose_nothing_in_mono(room: Acoustics) -> None:
    text = "The thunder crashed and the door slammed and the bell rang and he hammered and the glass shattered."
    spoken = said(text)
    lines = [(line.start, line.end) for line in spoken.lines]
    happens = placed(spoken)
    assert len(happens) >= 3
    sound = dressed_effects(happens, lines, spoken.samples, room)
    for start, end in lines:
        assert loudness_ungated(sound[start:end]) <= LINE_LUFS - 15
    stereo, mono = np.square(sound).sum(), np.square(sound.mean(axis=1)).sum() * 2
    assert mono > 0.5 * stereo
    assert np.abs(sound[-1]).max() < 1e-4, "what rings on ends in nothing"
