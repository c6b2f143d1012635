"""Feelings, read or wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Emotion(StrEnum):
    """The seven classes that every reader, composer and narrator shares."""

    ANGER = "anger"
    DISGUST = "disgust"
    FEAR = "fear"
    JOY = "joy"
    NEUTRAL = "neutral"
    SADNESS = "sadness"
    SURPRISE = "surprise"


# Where each feeling lies: (valence -1..1, arousal 0..1); a mixed mood is the weighted mean.
AFFECT: dict[Emotion, tuple[float, float]] = {
    Emotion.ANGER: (-0.7, 0.9),
    Emotion.DISGUST: (-0.7, 0.5),
    Emotion.FEAR: (-0.7, 0.75),
    Emotion.JOY: (0.8, 0.65),
    Emotion.NEUTRAL: (0.1, 0.3),
    Emotion.SADNESS: (-0.7, 0.15),
    Emotion.SURPRISE: (0.3, 0.8),
}


@dataclass(frozen=True)
class Mood:
    """A mixture of the seven, with how sure the reader is."""

    weights: dict[Emotion, float]
    """Share of each feeling; sums to one, a missing feeling weighs nothing."""
    certainty: float = 1.0
    """0..1: the calibrated chance that the leading feeling is right."""
    arousal: float = 0.3
    """0..1: calm to stirred."""
    valence: float = 0.1
    """-1..1: dark to bright."""

    @property
    def emotion(self) -> Emotion:
        """The feeling with the largest share; neutral where it shares the first place."""
        return max(Emotion, key=lambda emotion: (self.weights.get(emotion, 0.0), emotion == Emotion.NEUTRAL))

    @staticmethod
    def of(weights: dict[Emotion, float], certainty: float = 1.0, arousal: float | None = None) -> Mood:
        """A mood of these weights, normalised; its place on the two axes follows from them unless arousal is given."""
        total = sum(weights.values()) or 1.0
        shares = {emotion: value / total for emotion, value in weights.items() if value > 0}
        shares = shares or {Emotion.NEUTRAL: 1.0}
        valence = sum(share * AFFECT[emotion][0] for emotion, share in shares.items())
        stirred = sum(share * AFFECT[emotion][1] for emotion, share in shares.items())
        return Mood(shares, certainty, stirred if arousal is None else arousal, valence)

    @staticmethod
    def pure(emotion: Emotion, arousal: float | None = None) -> Mood:
        """One feeling alone, asked for rather than read."""
        return Mood.of({emotion: 1.0}, arousal=arousal)


@dataclass(frozen=True)
class Evidence:
    """What moved a reading: a word of the prompt or a stretch of the voice."""

    kind: str
    """`word` or `voice`."""
    what: str
    """The word itself, or the feature that stood out."""
    emotion: Emotion
    weight: float
    """How far the class's score falls without it; may be negative."""
    start_s: float | None = None
    """Where in the recording it begins, in seconds; None for a word."""
    end_s: float | None = None
    """Where it ends, in seconds."""


@dataclass(frozen=True)
class Feeling:
    """What `feel` found: the mood that counts, where it came from, and why."""

    mood: Mood
    words: Mood | None = None
    """What the words alone say."""
    voice: Mood | None = None
    """What the voice alone says; None where nobody spoke or feeling may not be read."""
    rule: str = "words"
    """Which rule of the fusion table decided: `words`, `voice`, `agree`, `quarrel_...`, `asked`."""
    evidence: tuple[Evidence, ...] = field(default=())


ASKED_SHARE = 0.4
"""Of a scene's mood, where the tale was asked or felt to be in one."""


def target_of(scene: Emotion, mood: Mood) -> Mood:
    """A scene's own feeling, coloured by the one that was asked for."""
    asked = 0.0 if mood.emotion is Emotion.NEUTRAL else ASKED_SHARE * mood.certainty
    weights = {scene: 1 - asked}
    for emotion, share in mood.weights.items():
        weights[emotion] = weights.get(emotion, 0.0) + asked * share
    return Mood.of(weights)
