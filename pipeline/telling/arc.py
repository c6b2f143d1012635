"""The course of feeling through a tale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.words.mood import Emotion, Mood

NEIGHBOURS = 0.25
"""How much of a scene's mood its neighbours on either side lend it."""
LEAST_TURN = 0.45
"""How far a mood must move, on valence and arousal together, to be a turning point."""


@dataclass(frozen=True)
class Arc:
    """Every scene's mood in the light of its neighbours."""

    moods: tuple[Mood, ...]
    turns: tuple[int, ...]
    """The scenes with which the feeling turns."""


def arc_of(felt: Sequence[Mood]) -> Arc:
    """Smoothed, so that one odd sentence does not throw the music about; a true turn stays where it is."""
    turns = tuple(at for at in range(1, len(felt)) if _moved(felt[at - 1], felt[at]) >= LEAST_TURN)
    return Arc(tuple(_smoothed(felt, at, turns) for at in range(len(felt))), turns)


def next_mood(told: Sequence[Mood], felt: Mood) -> Mood:
    """The mood to go on with while the tale is still being told: what was felt now, leaning on what came before."""
    if not told or _moved(told[-1], felt) >= LEAST_TURN:
        return felt
    return _mixed([(felt, 1 - NEIGHBOURS), (told[-1], NEIGHBOURS)])


def _smoothed(felt: Sequence[Mood], at: int, turns: Sequence[int]) -> Mood:
    parts = [(felt[at], 1.0)]
    if at > 0 and at not in turns:
        parts.append((felt[at - 1], NEIGHBOURS))
    if at + 1 < len(felt) and at + 1 not in turns:
        parts.append((felt[at + 1], NEIGHBOURS))
    return _mixed(parts)


def _mixed(parts: Sequence[tuple[Mood, float]]) -> Mood:
    whole = sum(share for _, share in parts)
    weights = {
        emotion: sum(mood.weights.get(emotion, 0.0) * share for mood, share in parts) / whole for emotion in Emotion
    }
    certainty = sum(mood.certainty * share for mood, share in parts) / whole
    arousal = sum(mood.arousal * share for mood, share in parts) / whole
    return Mood.of(weights, certainty, arousal)


def _moved(one: Mood, other: Mood) -> float:
    return abs(other.valence - one.valence) / 2 + abs(other.arousal - one.arousal)
