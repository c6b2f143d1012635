"""Music alone plays until it is stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import numpy as np

from bot.voice.call import Health
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.score_source import ScorePart, ScoreSource
from bot.voice.player.scores import LEVELS, Scores, ScoreWish
from bot.voice.player.tale_source import FRAME
from pipeline.artifacts import Artifacts
from pipeline.audio.encode import stem_bytes
from pipeline.words.answer import Underscored
from pipeline.words.mood import Emotion, Mood
from pipeline.words.request import Underscore
from pipeline.words.sound import RATE_HZ, Artifact
from tests.faults.stage import eventually

CALM = Mood.pure(Emotion.NEUTRAL)
SECOND = RATE_HZ


def _track(keep: Artifacts, level: float, samples: int) -> Artifact:
    return keep(stem_bytes(np.full((samples, 2), level, np.float32)), ".wav")


def _source(keep: Artifacts, *levels: float) -> ScoreSource:
    return ScoreSource(keep.path, Blocks(), levels)


def test_parts_follow_each_other_without_a_gap_and_ring_into_the_next(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    source = _source(keep, 1.0, 0.0, 0.0, 0.0)
    ringing = _track(keep, 0.1, SECOND + 100)
    for nth in range(2):
        source.add(ScorePart((ringing,) * 4, nth * SECOND, SECOND))
    sound = source.mixed(2 * SECOND)[:, 0]
    assert sound.min() > 0.1
    assert np.isclose(sound[SECOND + 50], 2 * sound[10], rtol=1e-4)
    assert np.isclose(sound[SECOND + 150], sound[10], rtol=1e-4)


def test_each_track_has_its_slider_and_no_slider_clicks(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    source = _source(keep, 1.0, 1.0, 1.0, 1.0)
    source.add(ScorePart(tuple(_track(keep, 0.01 * 2**nth, 4 * SECOND) for nth in range(4)), 0, 4 * SECOND))
    whole = source.mixed(FRAME)[0, 0]
    source.slide((1.0, 1.0, 1.0, 0.0))
    turning = source.mixed(5 * FRAME)[:, 0]
    after = source.mixed(FRAME)[0, 0]
    assert np.isclose(after / whole, 7 / 15, rtol=1e-3)
    assert np.abs(np.diff(turning)).max() < 1e-3


def test_it_ends_in_a_fade_and_counts_what_it_missed(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    source = _source(keep, *LEVELS)
    source.add(ScorePart((_track(keep, 0.1, 4 * SECOND),) * 4, 0, 4 * SECOND))
    source.make()
    _read_all(source)
    source.read()
    assert source.underruns == 1
    source.finish()
    for _ in range(100):
        source.make()
    _read_all(source)
    assert source.read() == b""


def _read_all(source: ScoreSource) -> None:
    for _ in range(source.ahead):
        assert source.read()


class _Hall:
    """A call with one listener."""

    health, listeners = Health.WELL, frozenset({1})

    def __init__(self) -> None:
        self.left = self.entered = 0
        self.plays: Any = None

    async def enter(self, _channel: int, _who: str) -> None:
        self.entered += 1

    async def release(self, _who: str) -> None:
        self.left += 1

    def play(self, source: object) -> None:
        self.plays = source


async def test_parts_are_asked_ahead_with_the_mood_that_was_read_and_erased_when_it_stops(tmp_path: Path) -> None:
    keep, asked = Artifacts(tmp_path), list[Underscore]()

    async def ask(_job: str, wish: Underscore) -> Underscored:
        asked.append(wish)
        return Underscored((_track(keep, 0.1 + wish.part / 100, 30 * SECOND),) * 4, 30 * SECOND, CALM, {"n": wish.part})

    blocks, hall = Blocks(), _Hall()
    scores = Scores(ask, keep, blocks, lambda _guild: False)
    await scores.play(1, cast(Any, hall), 7, ScoreWish("tense, rain", "en", 5))
    await eventually(lambda: len(asked) >= 2 and hall.plays is not None, within_s=20.0)
    assert (asked[0].mood, asked[1].mood, asked[1].carry, asked[1].at) == (None, CALM, {"n": 0}, 30 * SECOND)
    scores.slide(1, 3, 0.25)
    assert scores.levels(1)[3] == 0.25
    await scores.stop(1, cast(Any, hall))
    blocks.close()
    assert hall.left == 1
    assert scores.wish(1) is None
    assert not await asyncio.to_thread(lambda: list(tmp_path.rglob("*.wav")))
