"""Tales to compose for."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.music.memory import Memory, memory_of
from pipeline.music.notes import Note, Part, PassageScore
from pipeline.music.piece import Score
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.sound import RATE_HZ, SpokenLine
from pipeline.words.story import Beat, Facts, Passage, Person, Plan


@dataclass(frozen=True)
class Picture:
    """One passage, locked."""

    passage: Passage
    lines: tuple[SpokenLine, ...]
    samples: int
    last: bool


def plan_of(moods: list[Mood], seed: int, hero: str = "Mira", silent: tuple[int, ...] = ()) -> Plan:
    beats = tuple(Beat(scene, "beat", mood, 40, silent=scene in silent) for scene, mood in enumerate(moods))
    return Plan("A tale", "en", "shape", seed, Feeling(moods[0]), Facts(Person(hero, "hero")), beats, seed % 12)


def random_tale(seed: int, scenes: int = 4, silent: tuple[int, ...] = ()) -> tuple[Plan, list[Picture]]:
    """Scenes of one to three passages with the timings of a narrator who breathes."""
    rng = random.Random(f"tale:{seed}")
    moods = [Mood.pure(rng.choice(list(Emotion))) for _ in range(scenes)]
    counts = [rng.randint(1, 3) for _ in moods]
    pictures: list[Picture] = []
    for scene, count in enumerate(counts):
        for place in range(count):
            closes = place == count - 1
            last = closes and scene == scenes - 1
            passage = Passage(scene, len(pictures), "", (), moods[scene], closes, last)
            lines, samples = spoken(rng)
            pictures.append(Picture(passage, lines, samples, last))
    return plan_of(moods, seed, silent=silent), pictures


def spoken(rng: random.Random) -> tuple[tuple[SpokenLine, ...], int]:
    at_s, lines = rng.uniform(0.0, 0.3), []
    for _ in range(rng.randint(1, 3)):
        long_s = rng.uniform(0.4, 3.5)
        lines.append(line(at_s, at_s + long_s))
        at_s += long_s + rng.uniform(0.2, 1.6)
    return tuple(lines), lines[-1].end + round(rng.uniform(0.3, 0.8) * RATE_HZ)


def line(start_s: float, end_s: float) -> SpokenLine:
    return SpokenLine("narrator", "", "", round(start_s * RATE_HZ), round(end_s * RATE_HZ))


def composed(
    score: Score, plan: Plan, pictures: list[Picture], *, through_json: bool = False
) -> Iterator[PassageScore]:
    """Passage by passage; through JSON as a durable step would carry it."""
    memory = Memory()
    for one in pictures:
        piece, memory = score.passage(plan, one.passage, one.lines, one.samples, memory, last=one.last)
        if through_json:
            memory = memory_of(json.loads(json.dumps(memory.to_carry())))
        yield piece


def alone(score: Score, mood: Mood, seed: int, seconds: float = 30.0) -> PassageScore:
    """One passage without a word."""
    passage = Passage(0, 0, "", (), mood, closes_scene=True, closes_tale=True)
    return score.passage(plan_of([mood], seed), passage, (), round(seconds * RATE_HZ), Memory(), last=True)[0]


def onsets(notes: tuple[Note, ...], lines: tuple[SpokenLine, ...]) -> tuple[list[Note], list[Note]]:
    """What begins beneath a line and what begins in a pause; pad and texture, which are always there, left out."""
    moving = [note for note in notes if note.channel not in (Part.PAD, Part.TEXTURE)]
    under = [note for note in moving if any(one.start <= note.on_s * RATE_HZ < one.end for one in lines)]
    return under, [note for note in moving if note not in under]
