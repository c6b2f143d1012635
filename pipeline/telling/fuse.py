"""Fuses words and voice into one mood."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.words.mood import Emotion, Evidence, Feeling, Mood

SURE = 0.5
"""Certainty that both need before a rule decides their disagreement."""
ENOUGH_WORDS, ENOUGH_S = 6, 3.0
"""Words, and seconds of voice, below which a reading is trusted less."""
LEAST_SHARE = 0.02
"""Least share of a feeling: no reader rules one out, least of all one that it never learned."""
BRIGHT = frozenset({Emotion.JOY})
DARK = frozenset({Emotion.ANGER, Emotion.DISGUST, Emotion.FEAR, Emotion.SADNESS})
PLAIN = frozenset({Emotion.NEUTRAL})
ANY = frozenset(Emotion)


@dataclass(frozen=True)
class ReadingContext:
    """The circumstances of a reading."""

    words: int = ENOUGH_WORDS
    """Number of words read."""
    voice_s: float = ENOUGH_S
    """Length of the speech read."""
    clarity: float = 1.0
    """Certainty of the transcript, 0..1: noise lowers it."""


@dataclass(frozen=True)
class Rule:
    """What happens when words and voice disagree."""

    name: str
    words: frozenset[Emotion]
    """Leading feelings of the words."""
    voice: frozenset[Emotion]
    """Leading feelings of the voice."""
    words_share: float
    """0: the voice leads alone; 1: the words do. The arousal is always the voice's."""


# The first that fits decides. Words are chosen, a voice is harder to command: where both are sure it leads,
# except that a calm voice does not make threatening words harmless.
RULES: tuple[Rule, ...] = (
    Rule("quarrel_cold", DARK, PLAIN, 0.85),
    Rule("quarrel_irony", BRIGHT, frozenset({Emotion.ANGER, Emotion.DISGUST}), 0.15),
    Rule("quarrel_brave_face", BRIGHT, DARK, 0.25),
    Rule("quarrel_laughing", DARK, BRIGHT, 0.3),
    Rule("quarrel_flat", BRIGHT, PLAIN, 0.6),
    Rule("quarrel_voice_tells", PLAIN, ANY, 0.2),
    Rule("quarrel_of_shades", DARK, DARK, 0.6),
    Rule("quarrel_mixed", ANY, ANY, 0.55),
)


def fuse(
    words: Mood | None,
    voice: Mood | None,
    heard: ReadingContext = ReadingContext(),
    evidence: tuple[Evidence, ...] = (),
) -> Feeling:
    """Return the mood that counts, with the rule that decided; either reading may be missing."""
    if words is None and voice is None:
        return Feeling(Mood.of({Emotion.NEUTRAL: 1.0}, certainty=0.0), rule="nothing")
    if words is None or voice is None:
        only = words or voice
        assert only is not None
        return Feeling(only, words, voice, "words" if words else "voice", evidence)
    mood, rule = _decided(words, voice, heard)
    return Feeling(mood, words, voice, rule, evidence)


def _decided(words: Mood, voice: Mood, heard: ReadingContext) -> tuple[Mood, str]:
    # The square root: half the words tell more than half of what all of them tell.
    words_trust = min(1.0, math.sqrt(heard.words / ENOUGH_WORDS)) * heard.clarity
    voice_trust = min(1.0, math.sqrt(heard.voice_s / ENOUGH_S))
    if words.emotion is voice.emotion:
        return _pooled(words, words_trust, voice, voice_trust), "agree"
    if min(words.certainty * words_trust, voice.certainty * voice_trust) >= SURE:
        rule = next(one for one in RULES if words.emotion in one.words and voice.emotion in one.voice)
        return _blended(words, voice, rule.words_share), rule.name
    return _pooled(words, words_trust, voice, voice_trust), "weighed"


def _pooled(words: Mood, words_trust: float, voice: Mood, voice_trust: float) -> Mood:
    """Combine both as evidence: calibrated shares multiply, each to the power of its trust."""
    odds = {
        emotion: _share(words, emotion) ** words_trust * _share(voice, emotion) ** voice_trust for emotion in Emotion
    }
    shares = {emotion: value / sum(odds.values()) for emotion, value in odds.items()}
    sure = max(shares.values()) * max(words.certainty / _peak(words), voice.certainty / _peak(voice), 0.0)
    # Twice: how excited somebody is, a voice tells better than its words.
    arousal = _between(words.arousal, words_trust, voice.arousal, 2 * voice_trust)
    return Mood.of(shares, certainty=min(1.0, sure), arousal=arousal)


def _blended(words: Mood, voice: Mood, words_share: float) -> Mood:
    shares = {
        emotion: words_share * words.weights.get(emotion, 0.0) + (1 - words_share) * voice.weights.get(emotion, 0.0)
        for emotion in Emotion
    }
    # A quarrel is never certain: what leads is at most as sure as its own reader was, less the other's doubt.
    leading = words if words_share >= 0.5 else voice
    return Mood.of(shares, certainty=leading.certainty * max(words_share, 1 - words_share), arousal=voice.arousal)


def _share(mood: Mood, emotion: Emotion) -> float:
    """Return a feeling's share, drawn towards an even share where the reader is uncertain."""
    sure = min(1.0, mood.certainty / _peak(mood))
    return max(LEAST_SHARE, sure * mood.weights.get(emotion, 0.0) + (1 - sure) / len(Emotion))


def _peak(mood: Mood) -> float:
    return max(mood.weights.values(), default=1.0) or 1.0


def _between(one: float, one_trust: float, other: float, other_trust: float) -> float:
    trust = one_trust + other_trust
    return (one * one_trust + other * other_trust) / trust if trust else (one + other) / 2
