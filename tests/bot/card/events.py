"""Events of a small tale, in order."""

from __future__ import annotations

from pipeline.words.event import (
    CueReady,
    Done,
    Event,
    Felt,
    Narrated,
    Planned,
    Queued,
    SceneFelt,
    StageFinished,
    StageStarted,
    Written,
)  # fmt: skip
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.score import Scored, Tempo
from pipeline.words.sound import RATE_HZ, Artifact, Spoken, SpokenLine
from pipeline.words.story import Beat, Facts, Line, Passage, Person, Plan

NOTHING = Artifact("0" * 64, ".wav", 0)
WHOLE = Artifact("1" * 64, ".json", 9)
TEXTS = (
    "The keeper lit the lamp. Nobody was on the stairs.",
    "A storm came by and sat down.",
    "“I am afraid of the dark,” it said. The keeper laughed.",
    "They talked until the morning.",
)
MOODS = (Emotion.NEUTRAL, Emotion.NEUTRAL, Emotion.JOY, Emotion.JOY)
PASSAGE_S = 4.0
INTRO_S = 2.0


def tale(words: int = 30, texts: tuple[str, ...] = TEXTS) -> list[Event]:
    """From the queue to the end; passages of four seconds, two a scene."""
    events: list[Event] = [Queued(2, 20.0, 45.0), Queued(0), StageStarted("hear"), StageFinished("hear")]
    events += [Felt(Feeling(Mood.pure(Emotion.FEAR))), Planned(_plan(words)), CueReady(_scored(-1, INTRO_S))]
    for index, text in enumerate(texts):
        events += [Written(passage(index, text)), Narrated(_spoken(index, text)), CueReady(_scored(index, PASSAGE_S))]
    return [*events, SceneFelt(1, Mood.pure(Emotion.JOY)), Done(WHOLE)]


def passage(index: int, text: str) -> Passage:
    """Its words."""
    return Passage(index // 2, index, text, (Line(text),), Mood.pure(MOODS[index % len(MOODS)]))


def _plan(words: int) -> Plan:
    feeling = Feeling(Mood.pure(Emotion.FEAR))
    beat = Beat(0, "opening", feeling.mood, words)
    return Plan("The Lamp", "en", "fable", 7, feeling, Facts(Person("Mira")), (beat,), 0)


def _spoken(index: int, text: str) -> Spoken:
    line = SpokenLine("narrator", text, "any", 0, int((PASSAGE_S - 1) * RATE_HZ))
    return Spoken(index // 2, index, NOTHING, int(PASSAGE_S * RATE_HZ), (line,))


def _scored(index: int, seconds: float) -> Scored:
    tempo, samples = Tempo(0, "ionian", 60.0, 4, 1), int(seconds * RATE_HZ)
    return Scored(max(0, index // 2), index, NOTHING, NOTHING, NOTHING, samples, 0, samples, tempo)
