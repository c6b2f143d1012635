"""Wild input becomes a clean tale."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_upload
from pipeline.audio.dress import dress_bed, dress_voice
from pipeline.audio.dynamics import true_peak
from pipeline.audio.encode import stem_bytes
from pipeline.audio.loudness import loudness
from pipeline.audio.master import master
from pipeline.audio.room import STUDIO
from pipeline.audio.sum import Sum
from pipeline.music.figures import read_figures
from pipeline.music.memory import Memory
from pipeline.music.palette import read_palettes
from pipeline.music.perform import perform
from pipeline.music.piece import Score
from pipeline.music.synth import OwnPlayer
from pipeline.words.event import CueReady, Done, Narrated
from pipeline.words.mood import Emotion, Mood
from pipeline.words.score import Scored
from pipeline.words.sound import RATE_HZ, Artifact, Samples, Spoken, SpokenLine
from pipeline.words.story import Passage
from pipeline.words.timeline import Timeline
from tests.pipeline.audio.making import speech
from tests.pipeline.music.tales import plan_of

SCORE = Score(read_palettes(), read_figures())
SEVEN = Mood.of(dict.fromkeys(Emotion, 1.0))
Lines = Sequence[tuple[float, float]]
"""(start, end) in seconds from the passage's first sample."""


def told(folder: Path, passages: Sequence[Lines], mood: Mood, voice: Samples | None = None) -> tuple[Samples, Timeline]:
    """A tale of these passages, each a scene, told, scored, dressed and summed as the product does it."""
    keep, plan = Artifacts(folder), plan_of([mood] * len(passages), 4)
    timeline, memory = Timeline(), Memory()
    for index, spans in enumerate(passages):
        lines = tuple(
            SpokenLine("narrator", "", "", round(start * RATE_HZ), round(end * RATE_HZ)) for start, end in spans
        )
        samples, last = max((line.end for line in lines), default=RATE_HZ // 2), index == len(passages) - 1
        placed = [(line.start, spoken(line, voice), 0.0) for line in lines]
        stem = keep(stem_bytes(dress_voice(placed, samples, STUDIO)), ".wav")
        timeline = timeline.after(Narrated(Spoken(index, index, stem, samples, lines)))
        passage = Passage(index, index, "", (), mood, True, last)
        piece, memory = SCORE.passage(plan, passage, lines, samples, memory, last=last)
        cue = perform(piece, OwnPlayer())
        dressed = dress_bed(cue, None, [(line.start, line.end) for line in lines], STUDIO, last=last)
        bed, tail, vamp = (keep(stem_bytes(one), ".wav") for one in (dressed.bed, dressed.tail, dressed.vamp))
        lengths = (len(dressed.bed), len(dressed.tail), len(dressed.vamp))
        timeline = timeline.after(CueReady(Scored(index, index, bed, tail, vamp, *lengths, cue.tempo)))
    timeline = timeline.after(Done(Artifact("0" * 64, ".json", 0)))
    whole = Sum(keep.path)
    whole.grow(timeline)
    done = master(whole, folder / "tale.flac", lambda: None)
    assert done.true_peak_dbtp <= -1.0
    return whole.block(0, whole.samples), timeline


def spoken(line: SpokenLine, voice: Samples | None) -> Samples:
    length = line.end - line.start
    return speech(length / RATE_HZ) if voice is None else np.resize(voice, length)


def steps_at_joins(sound: Samples, timeline: Timeline) -> tuple[float, float]:
    """The largest leap from sample to sample at the joins and at the end, and anywhere else."""
    leaps = np.abs(np.diff(sound, axis=0, append=0)).max(axis=1)
    at_joins = np.zeros(len(leaps), bool)
    for end in (*(placed.end for placed in timeline.placed), len(sound)):
        at_joins[max(0, end - 3) : end + 3] = True
    return float(leaps[at_joins].max()), float(leaps[~at_joins].max())


TALES: dict[str, Sequence[Lines]] = {
    "half a second a scene": [[(0.0, 0.5)]] * 5,
    "one line": [[(0.04, 3.0)]],
    "no pause": [[(0.0, 4.0), (4.0, 7.5)]] * 3,
    "no word": [[], []],
    "lines over each other": [[(0.0, 3.0), (2.0, 5.0), (2.5, 2.6)]] * 2,
}


@pytest.mark.parametrize("mood", [SEVEN, Mood.pure(Emotion.ANGER, 1.0)], ids=["all seven", "anger"])
@pytest.mark.parametrize("tale", TALES)
def test_a_strange_tale_has_no_click_and_no_nan(tmp_path: Path, tale: str, mood: Mood) -> None:
    sound, timeline = told(tmp_path, TALES[tale], mood)
    assert np.isfinite(sound).all()
    assert sound.any()
    joins, elsewhere = steps_at_joins(sound, timeline)
    assert joins <= max(0.05, elsewhere)
    assert np.abs(sound[-1]).max() < 1e-3


NARRATIONS = {
    "96 kHz": (96_000, 2, 1, 1.0),
    "8 bit": (22_050, 1, 1, 1.0),
    "clipped": (48_000, 2, 1, 30.0),
    "stereo and clipped 8 bit": (44_100, 1, 2, 30.0),
    "faint": (16_000, 2, 1, 0.01),
}


@pytest.mark.parametrize("kind", NARRATIONS)
def test_a_wild_narration_is_told_at_the_usual_loudness(tmp_path: Path, kind: str) -> None:
    voice = read_upload(narration(*NARRATIONS[kind]), RATE_HZ)
    sound, timeline = told(tmp_path, [[(0.1, 5.0)], [(0.1, 5.0)], [(0.1, 5.0)]], SEVEN, voice)
    assert np.isfinite(sound).all()
    assert loudness(sound) == pytest.approx(-16.0, abs=2.0)
    assert true_peak(sound) < 1.0
    joins, elsewhere = steps_at_joins(sound, timeline)
    assert joins <= max(0.05, elsewhere)


def narration(rate_hz: int, width: int, channels: int, level: float) -> bytes:
    seconds = 5.0
    at = np.arange(int(seconds * rate_hz)) * RATE_HZ / rate_hz
    sound = np.clip(np.interp(at, np.arange(int(seconds * RATE_HZ)), speech(seconds)) * level, -1, 1)
    frames = np.repeat(sound[:, None], channels, axis=1)
    coded = np.round(frames * 127 + 128).astype(np.uint8) if width == 1 else np.round(frames * 32_767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(coded.tobytes())
    return out.getvalue()
