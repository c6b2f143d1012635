"""The harm head, trained on what we wrote."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.backends.e5.file import E5File
from pipeline.backends.e5.layers import E5
from pipeline.places import DATA
from pipeline.words.prompt import Harm
from pipeline.writing.harm import HEAD, HarmHead, likeness
from tests.mood.reading import weights
from tests.mood.sentences import training as told_sentences

FOLDER = DATA / "harm"
KINDS = list(Harm)
PENALTY = 0.1
"""On every vote: the more of it, the less a single wish says."""
FOLDS = 5
RUN = 8
"""Lines of one kind and language that lie in the same fold."""
TOLD_EVERY = 4
"""Of the mood readers' told sentences and of our own every fourth is learned: fear in stories does no harm."""
REFUSED_AT_MOST = 0.01
"""Share of the harmless wishes, all of them look-alikes, that a head which never saw them may refuse, kind by kind."""
LEAST_SURE = 0.3
SOMEBODY = "Mara"
_FIELD = re.compile(r"\{[^}]*\}")
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Wish:
    """One line of data/harm."""

    harm: Harm
    text: str
    language: str
    told: bool = False
    """A sentence of a story rather than a wish."""


def wishes(part: str) -> list[Wish]:
    """`train`, `test`, or `told`: held-out sentences of stories."""
    lines = [(file.stem, line) for file in sorted((FOLDER / part).glob("*.tsv")) for line in _lines(file)]
    return [Wish(Harm(line.split("\t")[0]), line.split("\t")[1], language) for language, line in lines]


def harmless_told() -> list[Wish]:
    """Sentences of stories, as harmless as stories are, and how our own sentences begin: many are short and strange."""
    told = [Wish(Harm.HARMLESS, one.text, one.language, told=True) for one in told_sentences()]
    return [*told[::TOLD_EVERY], *beginnings()[::TOLD_EVERY]]


def beginnings() -> list[Wish]:
    """Of every sentence that the writer completes, with somebody in it and an open end."""
    files = [file for folder in ("shapes", "starters") for file in sorted((DATA / folder).glob("*.toml"))]
    every = [text for file in files for text in _strings(tomllib.loads(file.read_text("utf-8"))) if "_" in text]
    filled = [_FIELD.sub(SOMEBODY, text).replace("_", "…") for text in every]
    return [Wish(Harm.HARMLESS, text, "", told=True) for text in dict.fromkeys(filled) if len(text.split()) > 2]


def train(file: Path = HEAD, say: Callable[[str], None] = print) -> HarmHead:
    """Write data/harm/head.npz: the same bytes from the same sentences."""
    learned = [*wishes("train"), *harmless_told()]
    head = head_of(rows_of([one.text for one in learned], say), learned)
    np.savez_compressed(
        file, learned=head.learned.astype(np.float16), votes=head.votes.astype(np.float32),
        least=head.least.astype(np.float32),
    )  # fmt: skip
    say(f"{len(learned)} sentences, least shares {dict(zip(KINDS, head.least.round(2).tolist(), strict=True))}")
    return head


def head_of(rows: Array, learned: Sequence[Wish]) -> HarmHead:
    """The head, and how sure it must be, by heads that never saw the sentence at hand."""
    rows = np.asarray(rows.astype(np.float16), np.float64)  # as they are kept
    shares = np.zeros((len(rows), len(KINDS)))
    labels, folds = labels_of(learned), folds_of(learned)
    for fold in range(FOLDS):
        apart = folds == fold
        shares[apart] = likeness(rows[apart], rows[~apart]) @ votes_of(rows[~apart], labels[~apart])
    alike = np.array([one.harm is Harm.HARMLESS and not one.told for one in learned])
    return HarmHead(rows, votes_of(rows, labels), least_of(shares[alike]))


def votes_of(rows: Array, labels: npt.NDArray[np.int64]) -> Array:
    """By kernel ridge regression on the kinds; each harmful kind counts as much as a part of the many harmless."""
    counts = np.bincount(labels, minlength=len(KINDS))
    each = np.where(labels == 0, 1.0, 0.5 * counts[0] / np.maximum(1, counts[labels]) / (len(KINDS) - 1))
    near = likeness(rows, rows) + PENALTY * np.diag(1.0 / each)
    return np.asarray(np.linalg.solve(near, np.eye(len(KINDS))[labels]), np.float64)


def folds_of(learned: Sequence[Wish]) -> npt.NDArray[np.int64]:
    """A line and its translations stand at about the same place of their files: they stay together."""
    places: Counter[tuple[str, Harm]] = Counter()
    folds = []
    for one in learned:
        folds.append(places[one.language, one.harm] // RUN % FOLDS)
        places[one.language, one.harm] += 1
    return np.array(folds)


def least_of(harmless: Array) -> Array:
    """The share above which hardly a harmless wish lies; the harmless kind is never refused."""
    at = np.quantile(harmless, 1.0 - REFUSED_AT_MOST, axis=0)
    least: Array = np.maximum(at, LEAST_SURE)
    least[0] = 2.0
    return least


def rows_of(texts: Sequence[str], say: Callable[[str], None] = print) -> Array:
    """Embeddings as the shelf's embedder gives them; one by one, since company rounds the sums differently."""
    model = _e5()
    say(f"reading {len(texts)} sentences")
    return np.stack([model.means([text], _never)[0] for text in texts]).astype(np.float64)


@cache
def _e5() -> E5:
    """Opened once for all that a process reads."""
    return E5(E5File(weights("e5-small")["model.bin"]), {})


def labels_of(learned: Sequence[Wish]) -> npt.NDArray[np.int64]:
    """Numbers of their kinds."""
    return np.array([KINDS.index(one.harm) for one in learned])


def _strings(table: Any) -> Iterator[str]:
    if isinstance(table, str):
        yield table
        return
    for one in table.values() if isinstance(table, dict) else table if isinstance(table, list) else ():
        yield from _strings(one)


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line]


def _never() -> None:
    return
