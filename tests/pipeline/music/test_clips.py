"""Generated clips laid under a passage."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from pipeline.cancelled import Cancelled
from pipeline.music.clips import ClipComposer, ClipRequest
from pipeline.music.noises import band, noise
from pipeline.music.palette import read_palettes
from pipeline.words.score import Carry, Cue
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.music.tales import random_tale

CHECK = Cancelled()


class Hiss:
    """The simplest model that makes sound from words."""

    def __init__(self, seconds: float = 5.12) -> None:
        self.wishes: list[ClipRequest] = []
        self._samples = round(seconds * RATE_HZ)

    def clip(self, wish: ClipRequest, check: Cancelled) -> Samples:
        check()
        self.wishes.append(wish)
        return noise(self._samples, band(200, 2_000, 1), np.random.default_rng(wish.seed + wish.step), 0.3)

    def close(self) -> None:
        self.wishes.clear()


def scored(clips: Hiss, seed: int, silent: tuple[int, ...] = ()) -> list[Cue]:
    plan, pictures = random_tale(seed, silent=silent)
    composer, cues = ClipComposer(clips, read_palettes()), []
    carry: Carry = {}
    for one in pictures:
        cue, carry = composer.compose(plan, one.passage, one.lines, one.samples, carry, one.last, CHECK)
        carry = json.loads(json.dumps(carry))
        assert len(cue.bed) >= one.samples
        cues.append(cue)
    return cues


@pytest.mark.parametrize("seconds", [0.4, 5.12, 30.0])
def test_clips_of_any_length_fill_whole_bars_and_fade_at_the_joins(seconds: float) -> None:
    cues = scored(Hiss(seconds), 3)
    assert [bool(len(cue.vamp)) for cue in cues] == [True] * (len(cues) - 1) + [False]
    for cue in cues:
        bar = 60 / cue.tempo.bpm * cue.tempo.metre * RATE_HZ
        assert len(cue.bed) == pytest.approx(bar * cue.tempo.bars, abs=1)
        assert np.abs(cue.bed[0]).max() < 0.01
        assert not len(cue.tail) or np.abs(cue.tail[-1]).max() < 0.01
        assert np.isfinite(cue.bed).all()
        assert np.isfinite(cue.vamp).all()


def test_loudness_holds_through_a_join() -> None:
    cues = scored(Hiss(), 3)[:-1]
    for one, other in pairwise(cues):
        joined = other.bed[: len(one.tail)].copy()
        joined += one.tail[: len(joined)]
        assert float(np.sqrt(np.mean(np.square(joined)))) == pytest.approx(1.0, rel=0.25)


def test_a_scene_goes_on_from_its_own_clip_and_the_words_name_mood_key_and_tempo() -> None:
    hiss = Hiss()
    scored(hiss, 3)
    steps: dict[int, list[int]] = {}
    for wish in hiss.wishes:
        steps.setdefault(wish.seed, []).append(wish.step)
        assert "bpm" in wish.prompt
        assert "key" in wish.prompt
    assert all(of_scene == list(range(len(of_scene))) for of_scene in steps.values())
    assert len(steps) == 4


def test_a_passages_own_tempo_begins_no_new_chain_of_clips() -> None:
    hiss = Hiss()
    cues = scored(hiss, 3)
    tempos = {round(cue.tempo.bpm) for cue in cues}
    told = {
        seed: {wish.prompt.rpartition(",")[2] for wish in hiss.wishes if wish.seed == seed} for seed in _seeds(hiss)
    }
    assert len(tempos) > len(told), "passages differ in tempo"
    assert all(len(named) == 1 for named in told.values()), "a model that goes on from its last clip goes on"


def _seeds(hiss: Hiss) -> set[int]:
    return {wish.seed for wish in hiss.wishes}


def test_a_silent_scene_asks_for_no_clip() -> None:
    hiss = Hiss()
    cues = scored(hiss, 3, silent=(0, 1, 2, 3))
    assert not hiss.wishes
    assert all(np.abs(cue.bed).max() == 0 for cue in cues)


def test_the_tale_ends_in_silence() -> None:
    last = scored(Hiss(), 5)[-1]
    assert np.abs(last.bed[-10:]).max() < 1e-3
    assert not len(last.tail)
    assert not len(last.vamp)


def test_the_intro_is_the_first_scenes_clip() -> None:
    plan, _ = random_tale(3)
    cue, carry = ClipComposer(Hiss(), read_palettes()).intro(plan, 2.0, CHECK)
    assert len(cue.bed) >= 2 * RATE_HZ
    assert carry["step"] == 1
