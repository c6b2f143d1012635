"""Small tales made of noise and tones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts import Artifacts
from pipeline.audio.dress import dress_bed, dress_voice
from pipeline.audio.encode import stem_bytes
from pipeline.audio.room import STUDIO
from pipeline.cancelled import Cancelled
from pipeline.music.midi import midi_of
from pipeline.telling.mix import mix
from pipeline.telling.studio import Studio, remembered
from pipeline.words.event import CueReady, Done, Event, Narrated
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.score import Cue, Scored, Tempo
from pipeline.words.sound import RATE_HZ, Artifact, Samples, Spoken, SpokenLine, WordTiming
from pipeline.words.story import Facts, Line, Passage, Person, Plan, Scene, Story
from pipeline.words.tale import Publishable, Rights, Tale
from pipeline.words.timeline import Timeline

TEMPO = Tempo(tonic=0, mode="ionian", bpm=120.0, metre=4, bars=1)
"""A bar of two seconds."""


def speech(seconds: float, seed: int = 0, level: float = 0.1) -> Samples:
    """Voice-like noise: a buzz with syllables and breaks between words."""
    voice = np.tile(_voice(seed % 4), 1 + int(seconds * RATE_HZ) // len(_voice(0)))
    return np.asarray(voice[: int(seconds * RATE_HZ)] * np.float32(level), np.float32)


def music(seconds: float, seed: int = 0, level: float = 0.1) -> Samples:
    """A stereo chord with a pluck every half second."""
    chord = np.tile(_chord(seed % 4), (1 + int(seconds * RATE_HZ) // len(_chord(0)), 1))
    return np.asarray(chord[: int(seconds * RATE_HZ)] * np.float32(level), np.float32)


@cache
def _voice(seed: int) -> Samples:
    chance = np.random.default_rng(seed)
    at_s = np.arange(10 * RATE_HZ) / RATE_HZ
    buzz = sum(np.sin(2 * np.pi * 130 * k * at_s + chance.uniform(0, 6)) / k for k in range(1, 24))
    syllables = np.clip(np.sin(2 * np.pi * 2.1 * at_s) + 0.6, 0, None) * (0.7 + 0.3 * np.sin(2 * np.pi * 0.7 * at_s))
    noise = chance.standard_normal(len(at_s)) * 0.3
    return np.asarray((buzz + noise) * syllables, np.float32)


@cache
def _chord(seed: int) -> Samples:
    chance = np.random.default_rng(seed)
    at_s = np.arange(2 * RATE_HZ) / RATE_HZ
    pad = sum(np.sin(2 * np.pi * hz * at_s + chance.uniform(0, 6)) for hz in (110, 220, 277, 330))
    pluck = np.exp(-6 * (at_s % 0.5)) * np.sin(2 * np.pi * 660 * at_s)
    return np.asarray(np.stack([pad + pluck, pad + 0.6 * pluck], axis=1) / 3, np.float32)


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
    notes: bool = False,
) -> Made:
    """A dressed tale: an intro of two seconds, then passages of one line each."""
    keep = Artifacts(folder)
    events: list[Event] = [CueReady(_scored(keep, -1, 2.0, [], tail_s, vamp_s, notes))]
    for at, length_s in enumerate(lengths_s):
        start, end = int(0.2 * RATE_HZ), int(max(0.3, length_s - 0.6) * RATE_HZ)
        stem = dress_voice([(start, voice((end - start) / RATE_HZ, at), 0.0)], int(length_s * RATE_HZ), STUDIO)
        words = tuple(
            WordTiming(word, 0.2 + nth * (end - start) / RATE_HZ / 4, 0.2 + (nth + 0.9) * (end - start) / RATE_HZ / 4)
            for nth, word in enumerate(("Once", "upon", "a", f"night{at}."))
        )
        line = SpokenLine("narrator", f"Once upon a night{at}.", "any", start, end, words)
        events.append(Narrated(Spoken(at // 2, at, keep(stem_bytes(stem), ".wav"), len(stem), (line,))))
        events.append(CueReady(_scored(keep, at, length_s, [(start, end)], tail_s, vamp_s, notes)))
    events.append(Done(Artifact("0" * 64, ".json", 0)))
    return Made(tuple(events), keep)


def _scored(
    keep: Artifacts,
    passage: int,
    length_s: float,
    lines: list[tuple[int, int]],
    tail_s: float,
    vamp_s: float,
    notes: bool,
) -> Scored:
    whole = music(length_s + tail_s, seed=passage + 2)
    ring = np.linspace(1, 0, int(tail_s * RATE_HZ), dtype=np.float32)[:, None]
    cut = int(length_s * RATE_HZ)
    tail = whole[cut : cut + len(ring)] * ring
    vamp = music(vamp_s, seed=99) * 0.5
    tempo = replace(TEMPO, bars=round(length_s / 2))
    cue = Cue(whole[:cut], np.zeros_like(whole[:cut]), tail, vamp, tempo, ((0.0, 1.0, 0, 60, 80),))
    dressed = dress_bed(cue, None, lines, STUDIO)
    written = keep(midi_of(cue), ".mid") if notes else None
    bed, rung, again = (keep(stem_bytes(one), ".wav") for one in (dressed.bed, dressed.tail, dressed.vamp))
    return Scored(
        max(0, passage // 2), passage, bed, rung, again, cut, len(dressed.tail), len(dressed.vamp), tempo, written
    )


def story(passages: int) -> tuple[Prompt, Plan, Story]:
    """Words to go with so many passages: two a scene, the first scene in the rain."""
    mood, rain = Mood.pure(Emotion.JOY), ("rain",)
    whole = tuple(
        Passage(
            at // 2, at, f"Once upon a night{at}.", (Line(f"Once upon a night{at}."),), mood, ambience=rain[at // 2 :]
        )
        for at in range(passages)
    )
    scenes = tuple(
        Scene(scene, "opening", mood, tuple(one for one in whole if one.scene == scene))
        for scene in sorted({one.scene for one in whole})
    )
    plan = Plan("The night", "en", "any", 7, Feeling(mood), Facts(Person("Mira")), (), 0)
    return Prompt("a night", 7), plan, Story("The night", "A night is told.", "en", scenes)


def studio(tale: Made) -> Studio:
    """A studio that keeps beside the stems and forgets every step."""

    def lend(role: type[Any], **needs: Any) -> AbstractContextManager[Any]:
        raise AssertionError(role)

    def once(stage: str, unit: str, kind: type[Any], work: Callable[[], Any]) -> Any:
        return remembered(kind, work())

    return Studio(lend, tale.keep, once, lambda event: None, Cancelled())


def mixed(tale: Made) -> Tale:
    """The tale, finished."""
    spoken = [placed for placed in tale.timeline.placed if placed.spoken]
    prompt, plan, told = story(len(spoken))
    rights = Rights(Publishable.YES, "MIT", ("Voice: somebody (MIT)",))
    return replace(mix(prompt, plan, told, tale.timeline, studio(tale)), rights=rights)
