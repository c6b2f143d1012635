"""multilingual-e5-small in numpy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.backends.e5.file import Array, E5File, Pieces

PREFIX = "query: "
WINDOW = 510
"""Pieces read at once; longer texts are read window by window."""
BATCH_PIECES = 256
LAST = 12
Adapters = Mapping[str, Array]
"""What is added to a weight, by its name: `l7.q.w`."""
SPACE = "\u2581"
_NEVER = -1e30


@dataclass(frozen=True)
class Layer:
    """One block: attention, then the inner layer, each with its norm."""

    queries_keys_values: Array
    """(width, 3 * width), transposed for rows of tokens."""
    qkv_bias: Array
    out: Array
    out_bias: Array
    wide: Array
    wide_bias: Array
    narrow: Array
    narrow_bias: Array
    norms: tuple[Array, Array, Array, Array]
    """Weight and bias after attention, weight and bias after the inner layer."""


class E5:
    """Mean of the last layer's tokens; the same numbers on every machine within rounding."""

    def __init__(self, file: E5File, adapters: Adapters, *, below: E5 | None = None) -> None:
        self._file = file
        self.adapted = frozenset(adapters)
        self._shape = file.shape
        self._cut: Cutter = below._cut if below else Cutter(file.pieces)
        width = file.shape.width
        self._places = file.plain("emb.pos").reshape(-1, width) + file.plain("emb.type")[:width]
        self._norm = (file.plain("emb.ln.w"), file.plain("emb.ln.b"))
        self._layers: list[Layer] = [self._layer(number, adapters, below) for number in range(self._shape.layers)]

    def means(self, texts: Sequence[str], check: Callable[[], None], after: Sequence[int] = (LAST,)) -> Array:
        """Return one row a text: for each of these layers the mean of its tokens, of length one, side by side.

        `check` is called between two layers.
        """
        windows = [(number, window) for number, text in enumerate(texts) for window in self._windows(text)]
        sums = np.zeros((len(texts), len(after), self._shape.width), np.float32)
        for batch in _batches(windows):
            means = self._read([window for _, window in batch], check, after)
            for (number, window), mean in zip(batch, means, strict=True):
                sums[number] += mean * len(window)
        lengths = np.maximum(np.linalg.norm(sums, axis=2, keepdims=True), 1e-6)
        rows: Array = (sums / lengths).reshape(len(texts), -1)
        return rows

    def _windows(self, text: str) -> list[list[int]]:
        pieces = self._cut(PREFIX + text)
        return [pieces[start : start + WINDOW] for start in range(0, len(pieces), WINDOW)]

    def _read(self, windows: Sequence[Sequence[int]], check: Callable[[], None], after: Sequence[int]) -> Array:
        """Return (windows, layers, width): the mean of each window's tokens after each of the layers."""
        marked = [[self._file.pieces.first, *window, self._file.pieces.last] for window in windows]
        # All tokens in one matrix: every weight is fetched from memory once for all windows.
        edges = np.cumsum([len(window) for window in marked])[:-1]
        places = np.concatenate([self._places[: len(window)] for window in marked])
        rows = self._file.rows("emb.word", [piece for window in marked for piece in window]) + places
        rows = _normed(rows, *self._norm, self._shape.epsilon)
        means = {}
        for number, layer in enumerate(self._layers, start=1):
            check()
            rows = self._through(layer, rows, edges)
            if number in after:
                means[number] = [part.mean(axis=0) for part in np.split(rows, edges)]
        return np.stack([means[number] for number in after], axis=1)

    def _through(self, layer: Layer, rows: Array, edges: npt.NDArray[np.intp]) -> Array:
        epsilon = self._shape.epsilon
        mixed: Array = rows @ layer.queries_keys_values + layer.qkv_bias
        attended: Array = np.concatenate([self._attended(part) for part in np.split(mixed, edges)])
        rows = rows + attended @ layer.out + layer.out_bias
        rows = _normed(rows, *layer.norms[:2], epsilon)
        inner = _gelu(rows @ layer.wide + layer.wide_bias)
        rows = rows + inner @ layer.narrow + layer.narrow_bias
        return _normed(rows, *layer.norms[2:], epsilon)

    def _attended(self, mixed: Array) -> Array:
        """Let one window's tokens attend to each other."""
        heads, width = self._shape.heads, self._shape.width
        queries, keys, values = mixed.reshape(len(mixed), 3, heads, -1).transpose(1, 2, 0, 3)
        scores = queries @ keys.transpose(0, 2, 1) / np.float32(np.sqrt(width // heads))
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = powers / powers.sum(axis=-1, keepdims=True)
        attended: Array = (shares @ values).transpose(1, 0, 2).reshape(len(mixed), width)
        return attended

    def _layer(self, number: int, adapters: Adapters, below: E5 | None) -> Layer:
        mine = f"l{number}."
        if below and not any(name.startswith(mine) for name in {*adapters, *below.adapted}):
            return below._layers[number]
        width, inner = self._shape.width, self._shape.inner

        def weight(name: str, rows: int) -> Array:
            kept = self._file.matrix(f"{mine}{name}.w", rows)
            return kept + adapters[f"{mine}{name}.w"] if f"{mine}{name}.w" in adapters else kept

        def bias(name: str) -> Array:
            return self._file.plain(f"{mine}{name}.b")

        return Layer(
            np.ascontiguousarray(np.concatenate([weight(name, width) for name in "qkv"]).T),
            np.concatenate([bias(name) for name in "qkv"]),
            np.ascontiguousarray(weight("ao", width).T),
            bias("ao"),
            np.ascontiguousarray(weight("fi", inner).T),
            bias("fi"),
            np.ascontiguousarray(weight("fo", width).T),
            bias("fo"),
            (self._file.plain(f"{mine}aln.w"), bias("aln"), self._file.plain(f"{mine}oln.w"), bias("oln")),
        )


def _batches(windows: Sequence[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Group windows, few enough that a cancel is seen soon."""
    batch: list[tuple[int, list[int]]] = []
    for window in windows:
        if batch and sum(len(pieces) for _, pieces in [*batch, window]) > BATCH_PIECES:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _normed(rows: Array, weight: Array, bias: Array, epsilon: float) -> Array:
    centred: Array = rows - rows.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    normed: Array = centred / spread * weight + bias
    return normed


def _gelu(values: Array) -> Array:
    # The error function by Abramowitz and Stegun 7.1.26: right to 2e-7, and numpy has none of its own.
    size = np.abs(values) * np.float32(0.70710678)
    t = 1.0 / (1.0 + np.float32(0.3275911) * size)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    erf = np.sign(values) * (1.0 - series * np.exp(-size * size))
    gelu: Array = (0.5 * values * (1.0 + erf)).astype(np.float32)
    return gelu


@dataclass
class _Way:
    """The best cut up to one character."""

    score: float = _NEVER
    piece: int = 0
    start: int = 0


class Cutter:
    """Cuts a text into the likeliest pieces of a unigram vocabulary, as the model was trained."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._scores: list[float] = pieces.scores.tolist()
        self._numbers = _numbers(pieces)
        self._longest = max(map(len, self._numbers))
        self._unknown_score = min(self._scores) - 10.0

    def __call__(self, text: str) -> list[int]:
        """Return the pieces' numbers, without the marks of beginning and end."""
        written = "".join(self._pieces.normal.get(letter, letter) for letter in text)
        written = SPACE + re.sub(" {2,}", " ", written).removeprefix(" ").replace(" ", SPACE)
        ways = [_Way(0.0), *(_Way() for _ in written)]
        for start in range(len(written)):
            self._onward(written, start, ways[start].score, ways)
        return self._back(ways)

    def _onward(self, written: str, start: int, score: float, ways: list[_Way]) -> None:
        unknown = ways[start + 1]
        if score + self._unknown_score > unknown.score:
            unknown.score, unknown.piece, unknown.start = score + self._unknown_score, self._pieces.unknown, start
        for end in range(start + 1, min(len(written), start + self._longest) + 1):
            number = self._numbers.get(written[start:end])
            if number is not None and score + self._scores[number] > ways[end].score:
                ways[end] = _Way(score + self._scores[number], number, start)

    def _back(self, ways: list[_Way]) -> list[int]:
        numbers, at = [], len(ways) - 1
        while at > 0:
            numbers.append(ways[at].piece)
            at = ways[at].start
        return numbers[::-1]


def _numbers(pieces: Pieces) -> dict[str, int]:
    edges = pieces.offsets.tolist()
    texts = (pieces.blob[start:end].decode(errors="surrogateescape") for start, end in pairwise(edges))
    numbers = {text: number for number, text in enumerate(texts) if text}
    return {text: number for text, number in numbers.items() if number != pieces.unknown}
