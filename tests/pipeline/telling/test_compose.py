"""Music for every passage, in durable steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_stem
from pipeline.backends.compose_score import ScoreComposer, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.music.synth import OwnPlayer
from pipeline.roles import Composer
from pipeline.telling.compose import Cued, compose, intro
from pipeline.telling.narrate import NarratedPassage
from pipeline.telling.studio import Studio
from pipeline.words.event import CueReady, Event, Narrated
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.sound import RATE_HZ, Artifact, Samples, Spoken
from pipeline.words.timeline import Timeline
from tests.pipeline.music.tales import random_tale


@dataclass
class Stage:
    """A studio that remembers finished steps as the road does, and counts what is borrowed."""

    folder: Path
    remembered: dict[str, str] = field(default_factory=dict)
    said: list[Event] = field(default_factory=list)
    borrowed: int = 0
    check: Cancelled = field(default_factory=Cancelled)

    @property
    def studio(self) -> Studio:
        return Studio(self._borrow, Artifacts(self.folder), self._once, self.said.append, self.check)

    @contextmanager
    def _borrow(self, role: type[Any], **needs: Any) -> Iterator[Any]:
        assert role is Composer
        self.borrowed += 1
        yield ScoreComposer(OwnPlayer())

    def _once(self, stage: str, unit: str, kind: type[Any], work: Callable[[], Any]) -> Any:
        key = f"{stage}:{unit}"
        if key not in self.remembered:
            self.remembered[key] = json.dumps(to_json(work(), kind))
        return from_json(kind, json.loads(self.remembered[key]))


def told(seed: int, ambience: tuple[str, ...] = ()) -> tuple[Any, list[NarratedPassage]]:
    plan, pictures = random_tale(seed, scenes=3)
    passages = [
        NarratedPassage(
            replace(one.passage, ambience=ambience),
            Spoken(one.passage.scene, one.passage.index, Artifact("0" * 64, ".wav", 0), one.samples, one.lines),
        )
        for one in pictures
    ]
    return plan, passages


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_every_passage_gets_whole_bars_of_music_around_its_speech(stage: Stage) -> None:
    plan, passages = told(1)
    intro(plan, stage.studio)
    cued = list(compose(plan, passages, stage.studio))
    keep = stage.studio.keep
    for one, given in zip(cued, passages, strict=True):
        assert (one.passage, one.spoken) == (given.passage, given.spoken)
        scored = one.scored
        assert scored.samples >= given.spoken.samples
        bar = 60 / scored.tempo.bpm * scored.tempo.metre * RATE_HZ
        assert scored.samples == pytest.approx(bar * scored.tempo.bars, abs=1)
        assert scored.vamp_samples / bar == pytest.approx(round(scored.vamp_samples / bar), abs=0.001)
        for stem, samples in (
            (scored.bed, scored.samples),
            (scored.tail, scored.tail_samples),
            (scored.vamp, scored.vamp_samples),
        ):
            sound = read_stem(keep.path(stem))
            assert sound.shape == (samples, 2)
            assert np.isfinite(sound).all()


def test_the_intro_comes_first_and_is_short(stage: Stage) -> None:
    plan, passages = told(2)
    scored = intro(plan, stage.studio)
    assert scored.passage == -1
    assert 1.4 <= scored.samples / RATE_HZ <= 2.0
    assert stage.said == [CueReady(scored)]
    timeline = Timeline().after(stage.said[0])
    for one in compose(plan, passages, stage.studio):
        timeline = timeline.after(Narrated(one.spoken)).after(CueReady(one.scored))
    assert [placed.scored.passage for placed in timeline.placed] == list(range(-1, len(passages)))


def test_a_crashed_tale_goes_on_with_the_same_music(stage: Stage, tmp_path: Path) -> None:
    plan, passages = told(8)
    assert len(passages) > 3
    whole = list(compose(plan, passages, stage.studio))
    borrowed = stage.borrowed
    for killed_after in range(len(passages)):
        done = dict(list(stage.remembered.items())[:killed_after])
        again = Stage(tmp_path / str(killed_after), dict(done))
        recovered: list[Cued] = list(compose(plan, passages, again.studio))
        assert recovered == whole
        assert again.borrowed == borrowed - killed_after


def test_said_is_only_what_is_finished(stage: Stage) -> None:
    plan, passages = told(4)
    for place, one in enumerate(compose(plan, passages, stage.studio)):
        assert stage.said[-1] == CueReady(one.scored)
        assert len(stage.remembered) == place + 1


def test_rain_is_heard_beneath_a_silent_scene(stage: Stage, tmp_path: Path) -> None:
    plan, passages = told(5, ambience=("rain",))
    silent = replace(plan, beats=tuple(replace(beat, silent=True) for beat in plan.beats))
    rainy = next(compose(silent, passages, stage.studio)).scored
    airy_stage = Stage(tmp_path / "airy")
    airy = next(compose(silent, told(5)[1], airy_stage.studio)).scored
    rain, air = (read_stem(place.studio.keep.path(one.bed)) for place, one in ((stage, rainy), (airy_stage, airy)))
    assert np.abs(rain).max() > 0.001
    assert np.abs(air).max() > 0.001
    assert _brightness_hz(rain) > 10 * _brightness_hz(air)


def test_a_cancelled_tale_composes_no_further(stage: Stage) -> None:
    plan, passages = told(6)
    cues = compose(plan, passages, stage.studio)
    next(cues)
    stage.check.set()
    with pytest.raises(TaleCancelled):
        next(cues)
    assert len(stage.said) == 1


def test_without_a_font_the_score_is_played_on_our_own_oscillators() -> None:
    composer = open_backend({}, 1)
    plan, passages = told(7)
    cue, carry = composer.compose(
        plan, passages[0].passage, passages[0].spoken.lines, passages[0].spoken.samples, {}, False, Cancelled()
    )
    assert np.abs(cue.bed).max() > 0.005
    assert json.loads(json.dumps(carry)) == carry
    composer.close()


def _brightness_hz(sound: Samples) -> float:
    power = np.square(np.abs(np.fft.rfft(sound[:, 0])))
    return float((power * np.fft.rfftfreq(len(sound), 1 / RATE_HZ)).sum() / power.sum())
