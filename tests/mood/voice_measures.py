"""What the voice reader reaches."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.words.mood import Emotion, Mood
from tests.mood.measures import mood_of
from tests.mood.reading import tones_of
from tests.mood.regression import Array
from tests.mood.scores import calibration_error, unweighted_recall
from tests.mood.voice_training import CLASSES, Voices, arousal_across, calibrated, odds_for_strangers, voices_of
from tests.mood.voices import EMODB, RAVDESS, emodb, present, ravdess


def voice_figures(say: Callable[[str], None] = print) -> tuple[dict[str, float], dict[str, list[Mood]]]:
    """Figures, and EmoDB's clips as heads read them that never heard their speakers; nothing without the corpus."""
    if not present(EMODB):
        return {}, {}
    german = voices_of(tones_of("emodb", emodb, say))
    odds = odds_for_strangers(german)
    shares = calibrated(odds, german.labels, german.speakers)
    figures = {
        "emodb_uar": unweighted_recall(german.labels, odds.argmax(axis=1)),
        "voice_ece": calibration_error(shares, german.labels),
    }
    if present(RAVDESS):
        english = voices_of(tones_of("ravdess", ravdess, say))
        figures["ravdess_uar"] = unweighted_recall(english.labels, odds_for_strangers(english).argmax(axis=1))
        figures["arousal_cross"] = (arousal_across(german, english) + arousal_across(english, german)) / 2
    return figures, _by_feeling(german, shares)


def _by_feeling(voices: Voices, shares: Array) -> dict[str, list[Mood]]:
    ours = _ours(shares)
    told: dict[str, list[Mood]] = {}
    for label, row in zip(voices.labels, ours, strict=True):
        told.setdefault(CLASSES[label], []).append(mood_of(row))
    return {feeling: moods for feeling, moods in told.items() if feeling in set(Emotion)}


def _ours(shares: Array) -> Array:
    """Boredom's share given to neutral."""
    joined = shares[:, : len(Emotion)].copy()
    joined[:, list(Emotion).index(Emotion.NEUTRAL)] += shares[:, len(Emotion)]
    return joined
