"""The text head, trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.backends.text_e5 import HEAD
from pipeline.words.mood import Emotion
from tests.mood.reading import AFTER, means_of
from tests.mood.regression import fitted, odds_of, temperature
from tests.mood.sentences import Sentence, calibration, goemotions, training

CLASSES = list(Emotion)
PENALTY = 0.3
PUBLIC_SHARE, PUBLIC_MOST = 0.1, 900
"""How much a public sentence weighs beside one of ours, and how many are taken of each class."""
SPREAD = 20.0
"""Features have this inverse spread, so that one penalty suits them all."""


def labels_of(sentences: Sequence[Sentence]) -> npt.NDArray[np.int64]:
    """Numbers of their classes."""
    return np.array([CLASSES.index(one.emotion) for one in sentences])


def public_sentences() -> list[Sentence]:
    """The first so many of each class of GoEmotions' training part; none where it is not on this machine."""
    counts = dict.fromkeys(CLASSES, 0)
    taken = []
    for one in goemotions("train") or ():
        if counts[one.emotion] < PUBLIC_MOST:
            counts[one.emotion] += 1
            taken.append(one)
    return taken


def train(say: Callable[[str], None] = print) -> None:
    """Write data/mood/text_head.npz: the same bytes from the same sentences on the same machine."""
    ours, public = training(), public_sentences()
    sentences = [*ours, *public]
    rows, labels = means_of([one.text for one in sentences], say), labels_of(sentences)
    each = np.array([1.0] * len(ours) + [PUBLIC_SHARE] * len(public))
    centre, scale = rows[: len(ours)].mean(axis=0), rows[: len(ours)].std(axis=0) * SPREAD
    scaled = (rows - centre) / scale
    head = fitted(scaled, labels, len(CLASSES), PENALTY, each)
    # The adapters have seen every training sentence: certainties are set by sentences that nothing has seen.
    asked = calibration()
    odds = odds_of(head, (means_of([one.text for one in asked], say) - centre) / scale)
    heat = temperature(odds, labels_of(asked))
    # The scale is folded into the weights, so that the reader only subtracts and multiplies.
    classes = np.vstack([head[:-1] / scale[:, None], head[-1:]])
    np.savez(HEAD, after=np.array(AFTER), centre=centre.astype(np.float32), classes=classes.astype(np.float32),
             temperature=np.float32(heat))  # fmt: skip
    say(f"{len(ours)} sentences of ours, {len(public)} public ones, temperature {heat:.2f}: {HEAD}")
