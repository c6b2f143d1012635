"""The voice head, trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.backends.voice_head import HEAD
from pipeline.words.mood import Emotion
from tests.mood.reading import Heard, tones_of
from tests.mood.regression import Array, fitted, odds_of, shares_of, temperature
from tests.mood.voices import BOREDOM, STIRRED, emodb

CLASSES = (*(str(emotion) for emotion in Emotion), BOREDOM)
PENALTY, AROUSAL_PENALTY = 0.05, 0.1
AROUSAL_TONES = 512
"""Arousal looks at the encoder's plain mean alone: loudness by bands does not travel between corpora."""
SPREAD = 20.0
STRANGER = 0.6
"""How much of its certainty a reading keeps whose speaker's usual voice is not known: acted corpora flatter it."""
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Voices:
    """A corpus as numbers."""

    ids: tuple[str, ...]
    tones: Array
    labels: Labels
    """Into CLASSES."""
    speakers: npt.NDArray[np.str_]

    @property
    def stirred(self) -> Labels:
        """1 where the acted feeling is a stirred one."""
        return np.array([int(CLASSES[label] in STIRRED) for label in self.labels])

    def centred(self) -> Voices:
        """The same with every speaker's own mean removed."""
        means = {who: self.tones[self.speakers == who].mean(axis=0) for who in np.unique(self.speakers)}
        moved = self.tones - np.stack([means[who] for who in self.speakers])
        return Voices(self.ids, moved, self.labels, self.speakers)


def voices_of(heard: Sequence[Heard]) -> Voices:
    """A corpus, once heard."""
    ids, speakers, feelings, tones = zip(*heard, strict=True)
    return Voices(ids, np.stack(tones), np.array([CLASSES.index(one) for one in feelings]), np.array(speakers))


def odds_for_strangers(voices: Voices) -> Array:
    """Each clip's odds from a head that never heard its speaker."""
    odds = np.zeros((len(voices.labels), len(CLASSES)))
    for who in np.unique(voices.speakers):
        left = voices.speakers == who
        odds[left] = _odds(voices.tones[~left], voices.labels[~left], voices.tones[left])
    return odds


def arousal_across(learned: Voices, tried: Voices) -> float:
    """Balanced accuracy of stirred against calm, learned on one corpus and tried on the other, own means removed."""
    learned, tried = learned.centred(), tried.centred()
    scale = (learned.tones.std(axis=0) * SPREAD)[:AROUSAL_TONES]
    head = fitted(learned.tones[:, :AROUSAL_TONES] / scale, learned.stirred, 2, AROUSAL_PENALTY)
    read = odds_of(head, tried.tones[:, :AROUSAL_TONES] / scale).argmax(axis=1)
    return float(np.mean([(read[tried.stirred == one] == one).mean() for one in (0, 1)]))


def train(say: Callable[[str], None] = print) -> None:
    """Write data/mood/voice_head.npz from EmoDB, whose licence (CC0) lets a head be given away."""
    voices = voices_of(tones_of("emodb", emodb, say))
    heat = temperature(_ours(odds_for_strangers(voices)), np.where(voices.labels == len(Emotion), 4, voices.labels))
    centre, scale = voices.tones.mean(axis=0), voices.tones.std(axis=0) * SPREAD
    rows = (voices.tones - centre) / scale
    # A bored voice is a calm one: it teaches the neutral class, and is no class of its own.
    labels = np.where(voices.labels == len(Emotion), list(Emotion).index(Emotion.NEUTRAL), voices.labels)
    known = [emotion for number, emotion in enumerate(Emotion) if (labels == number).any()]
    head = fitted(rows, labels, len(Emotion), PENALTY)
    stirred = fitted(rows[:, :AROUSAL_TONES], voices.stirred, 2, AROUSAL_PENALTY)
    stirred = np.insert(stirred, [AROUSAL_TONES] * (rows.shape[1] - AROUSAL_TONES), 0.0, axis=0)
    np.savez(HEAD, centre=centre.astype(np.float32), scale=scale.astype(np.float32), classes=head.astype(np.float32),
             arousal=(stirred[:, 1] - stirred[:, 0]).astype(np.float32), known=np.array([str(one) for one in known]),
             temperature=np.float32(heat), most_certain=np.float32(STRANGER))  # fmt: skip
    say(f"{len(labels)} clips of {len(np.unique(voices.speakers))} speakers, temperature {heat:.2f}: {HEAD}")


def calibrated(odds: Array, labels: Labels, speakers: npt.NDArray[np.str_]) -> Array:
    """Shares under a temperature that is never fitted on the speaker at hand."""
    shares = np.zeros_like(odds)
    for who in np.unique(speakers):
        left = speakers == who
        shares[left] = shares_of(odds[left] / temperature(odds[~left], labels[~left]))
    return shares


def _odds(tones: Array, labels: Labels, tried: Array) -> Array:
    centre, scale = tones.mean(axis=0), tones.std(axis=0) * SPREAD
    present = np.unique(labels)
    head = fitted((tones - centre) / scale, np.searchsorted(present, labels), len(present), PENALTY)
    odds = np.full((len(tried), len(CLASSES)), -30.0)
    odds[:, present] = odds_of(head, (tried - centre) / scale)
    return odds


def _ours(odds: Array) -> Array:
    """Boredom's odds given to neutral."""
    joined = odds[:, : len(Emotion)].copy()
    neutral = list(Emotion).index(Emotion.NEUTRAL)
    joined[:, neutral] = np.logaddexp(odds[:, neutral], odds[:, len(Emotion)])
    return joined
