"""Ten example scores, by numbers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pipeline.audio.loudness import loudness
from pipeline.backends.compose_score import ScoreComposer
from pipeline.music.notes import Part
from pipeline.words.mood import Emotion, Mood
from pipeline.words.score import Cue
from tests.bench import _ears as ears
from tests.bench.music import alone, opened

SECONDS = 30.0
KEYS = ("C", "D flat", "D", "E flat", "E", "F", "G flat", "G", "A flat", "A", "B flat", "B")
EXAMPLES: tuple[tuple[str, Mood], ...] = (
    *((str(emotion), Mood.pure(emotion)) for emotion in Emotion),
    ("joy, hushed", Mood.pure(Emotion.JOY, 0.3)),
    ("sadness with some joy", Mood.of({Emotion.SADNESS: 0.6, Emotion.JOY: 0.4})),
    ("all seven at once", Mood.of(dict.fromkeys(Emotion, 1.0))),
)


@dataclass(frozen=True)
class Described:
    """One score, as a reader of numbers may know it."""

    mood: str
    key: str
    mode: str
    bpm: float
    metre: int
    bars: int
    notes: int
    melody_notes: int
    melody_range_semitones: int
    drum_strokes: int
    loudness_lufs: float
    brightness_hz: float
    onsets_per_s: float


def main(argv: Sequence[str]) -> int:
    """Compose ten scores and say what they are."""
    parser = argparse.ArgumentParser(prog="echotales.py bench scores")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--model", default="score")
    args = parser.parse_args(argv)
    composer = opened(args.model)
    told = [described(composer, name, mood, seed) for seed, (name, mood) in enumerate(EXAMPLES)]
    if args.json:
        print(json.dumps([asdict(one) for one in told]))
        return 0
    rows = [list(asdict(one).values()) for one in told]
    names = list(asdict(told[0]))
    print("\n".join("| " + " | ".join(map(str, row)) + " |" for row in (names, ["---"] * len(names), *rows)))
    return 0


def described(composer: ScoreComposer, name: str, mood: Mood, seed: int) -> Described:
    """Half a minute of it."""
    cue = alone(composer, mood, seed, SECONDS)
    heard = dict(zip(ears.FEATURES, ears.heard(cue.bed + cue.lead), strict=True))
    melody = [note[3] for note in cue.notes if note[2] == Part.LEAD]
    return Described(
        mood=name,
        key=KEYS[cue.tempo.tonic],
        mode=cue.tempo.mode,
        bpm=round(cue.tempo.bpm, 1),
        metre=cue.tempo.metre,
        bars=cue.tempo.bars,
        notes=len(cue.notes),
        melody_notes=len(melody),
        melody_range_semitones=max(melody) - min(melody),
        drum_strokes=_strokes(cue),
        loudness_lufs=round(loudness(cue.bed + cue.lead), 1),
        brightness_hz=round(float(heard["brightness_hz"])),
        onsets_per_s=round(float(heard["onsets_per_s"]), 2),
    )


def _strokes(cue: Cue) -> int:
    return sum(note[2] in (Part.DRUMS, Part.TIMPANI) for note in cue.notes)
