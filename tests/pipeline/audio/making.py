"""Small tales made of noise and tones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.artifacts import Artifacts
from pipeline.audio.dress import dress_bed, dress_voice
from pipeline.audio.encode import stem_bytes
from pipeline.audio.room import STUDIO
from pipeline.words.event import CueReady, Done, Event, Narrated
from pipeline.words.score import Cue, Scored, Tempo
from pipeline.words.sound import RATE_HZ, Artifact, Heard, Samples, Spoken, SpokenLine
from pipeline.words.timeline import Timeline

TEMPO = Tempo(tonic=0, mode="ionian", bpm=120.0, metre=4, bars=1)
"""A bar of two seconds."""


def speech(seconds: float, seed: int = 0, level: float = 0.1) -> Samples:
    """Voice-like noise: a buzz with syllables and breaks between words."""
    chance = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    at_s = np.arange(count) / RATE_HZ
    buzz = sum(np.sin(2 * np.pi * 130 * k * at_s + chance.uniform(0, 6)) / k for k in range(1, 24))
    syllables = np.clip(np.sin(2 * np.pi * 2.1 * at_s) + 0.6, 0, None) * (0.7 + 0.3 * np.sin(2 * np.pi * 0.7 * at_s))
    noise = chance.standard_normal(count) * 0.3
    return np.asarray((buzz + noise) * syllables * level, np.float32)


def music(seconds: float, seed: int = 0, level: float = 0.1) -> Samples:
    """A stereo chord with a pluck every half second."""
    chance = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    at_s = np.arange(count) / RATE_HZ
    pad = sum(np.sin(2 * np.pi * hz * at_s + chance.uniform(0, 6)) for hz in (110, 220, 277, 330))
    pluck = np.exp(-6 * (at_s % 0.5)) * np.sin(2 * np.pi * 660 * at_s)
    both = np.stack([pad + pluck, pad + 0.6 * pluck], axis=1) * level / 3
    return np.asarray(both, np.float32)


@dataclass(frozen=True)
class Made:
    """A tale's events with where their stems lie."""

    events: tuple[Event, ...]
    keep: Artifacts

    @property
    def path_of(self) -> Callable[[Artifact], Path]:
        """For the sum."""
        return self.keep.path

    @property
    def timeline(self) -> Timeline:
        """The tale, whole."""
        return self.after(len(self.events))

    def after(self, count: int) -> Timeline:
        """The timeline as it was after so many events."""
        timeline = Timeline()
        for event in self.events[:count]:
            timeline = timeline.after(event)
        return timeline


def made(
    folder: Path,
    lengths_s: Sequence[float] = (4.0, 6.0, 5.0),
    voice: Callable[[float, int], Samples] = speech,
    tail_s: float = 1.0,
    vamp_s: float = 4.0,
) -> Made:
    """A dressed tale: an intro of two seconds, then passages of one line each."""
    keep = Artifacts(folder)
    events: list[Event] = [CueReady(_scored(keep, -1, 2.0, [], tail_s, vamp_s))]
    for at, length_s in enumerate(lengths_s):
        start, end = int(0.2 * RATE_HZ), int(max(0.3, length_s - 0.6) * RATE_HZ)
        stem = dress_voice([(start, voice((end - start) / RATE_HZ, at), 0.0)], int(length_s * RATE_HZ), STUDIO)
        words = tuple(
            Heard(word, 0.2 + nth * (end - start) / RATE_HZ / 4, 0.2 + (nth + 0.9) * (end - start) / RATE_HZ / 4)
            for nth, word in enumerate(("Once", "upon", "a", f"night{at}."))
        )
        line = SpokenLine("narrator", f"Once upon a night{at}.", "any", start, end, words)
        events.append(Narrated(Spoken(at // 2, at, keep(stem_bytes(stem), ".wav"), len(stem), (line,))))
        events.append(CueReady(_scored(keep, at, length_s, [(start, end)], tail_s, vamp_s)))
    events.append(Done(Artifact("0" * 64, ".json", 0)))
    return Made(tuple(events), keep)


def _scored(
    keep: Artifacts, passage: int, length_s: float, lines: list[tuple[int, int]], tail_s: float, vamp_s: float
) -> Scored:
    whole = music(length_s + tail_s, seed=passage + 2)
    ring = np.linspace(1, 0, int(tail_s * RATE_HZ), dtype=np.float32)[:, None]
    cut = int(length_s * RATE_HZ)
    tail = whole[cut : cut + len(ring)] * ring
    vamp = music(vamp_s, seed=99) * 0.5
    dressed = dress_bed(Cue(whole[:cut], np.zeros_like(whole[:cut]), tail, vamp, TEMPO), None, lines, STUDIO)
    bed, rung, again = (keep(stem_bytes(one), ".wav") for one in (dressed.bed, dressed.tail, dressed.vamp))
    return Scored(max(0, passage // 2), passage, bed, rung, again, cut, len(dressed.tail), len(dressed.vamp), TEMPO)
