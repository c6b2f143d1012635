"""The text head, trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.backends.text_e5 import HEAD
from pipeline.words.mood import Emotion
from tests.mood.folds import folds_of
from tests.mood.likeness import learned_from
from tests.mood.reading import AFTER, means_of
from tests.mood.regression import Array, fitted, temperature
from tests.mood.sentences import CORPORA, GOEMOTIONS, Sentence, calibration, goemotions, training

CLASSES = list(Emotion)
PENALTY = 1.0
PUBLIC_MOST = 700
"""So many public sentences are taken of each class."""
PRIOR = 0.5
"""How far the remarks' classes keep to how often people feel so: 0 not at all, 1 wholly."""
SPREAD = 20.0
"""Features have this inverse spread, so that one penalty suits them all."""
FOLDS = 6
Labels = npt.NDArray[np.int64]


def train(say: Callable[[str], None] = print, file: Path = HEAD) -> None:
    """Write data/mood/text_head.npz: the same bytes from the same sentences on the same machine."""
    public = goemotions("train")
    if public is None:
        raise SystemExit(f"{GOEMOTIONS} is not in the folder that {CORPORA} names, and the head learns from it.")
    train_on(training(), calibration(), public, file, say)
    say(f"wrote {file}")


def train_on(
    ours: Sequence[Sentence], asked: Sequence[Sentence], public: Sequence[Sentence], file: Path,
    say: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """The head from these sentences, and how certain it may be from heads that never saw the sentence at hand."""
    remarks = evened(public)
    told = [*ours, *asked]
    rows, said_rows = (means_of([one.text for one in part], say) for part in (told, remarks))
    tales = learned_from(rows, labels_of(told), len(CLASSES))
    scale = rows.std(axis=0) * SPREAD
    scaled, said = (rows - tales.centre) / scale, (said_rows - tales.centre) / scale
    remark = fitted(said, labels_of(remarks), len(CLASSES), PENALTY)
    remark[-1] += PRIOR * _usual(public, remarks)
    which = np.repeat([0, 1], [len(scaled), len(said)])
    gate = fitted(np.vstack([scaled, said]), which, 2, PENALTY)
    heat = temperature(odds_unlearned(rows, told), labels_of(told))
    # The scale is folded into the weights, so that the reader only subtracts and multiplies.
    over = np.append(scale, 1.0)
    folded: dict[str, Any] = {"remarks": remark / over[:, None], "remark": (gate[:, 1] - gate[:, 0]) / over}
    parts: dict[str, Any] = {"turn": tales.turn, "learned": tales.learned, "votes": tales.votes}
    np.savez_compressed(
        file, after=np.array(AFTER), centre=tales.centre.astype(np.float32), temperature=np.float32(heat),
        **{name: part.astype(np.float32) for name, part in folded.items()},
        **{name: part.astype(np.float16) for name, part in parts.items()},
    )  # fmt: skip
    say(f"{len(told)} sentences of ours, {len(remarks)} public ones, temperature {heat:.2f}")


def odds_unlearned(rows: Array, sentences: Sequence[Sentence]) -> Array:
    """Each sentence's odds from a head that learned neither it nor its like."""
    folds, labels = folds_of(rows, [one.language for one in sentences], FOLDS), labels_of(sentences)
    odds = np.zeros((len(rows), len(CLASSES)))
    for fold in range(FOLDS):
        apart = folds == fold
        odds[apart] = learned_from(rows[~apart], labels[~apart], len(CLASSES)).odds(rows[apart])
    return odds


def evened(public: Sequence[Sentence], most: int = PUBLIC_MOST) -> list[Sentence]:
    """The first so many of each class."""
    counts: Counter[Emotion] = Counter()
    taken = []
    for one in public:
        counts[one.emotion] += 1
        if counts[one.emotion] <= most:
            taken.append(one)
    return taken


def labels_of(sentences: Sequence[Sentence]) -> Labels:
    """Numbers of their classes."""
    return np.array([CLASSES.index(one.emotion) for one in sentences])


def _usual(public: Sequence[Sentence], taken: Sequence[Sentence]) -> Array:
    """What evening out took from the common classes, as odds."""
    before, after = (np.bincount(labels_of(part), minlength=len(CLASSES)) for part in (public, taken))
    usual: Array = np.log(np.maximum(before, 1) / np.maximum(after, 1))
    return usual
