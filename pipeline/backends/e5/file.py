"""The packed file of multilingual-e5-small."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.errors import Unwell

Array = npt.NDArray[np.float32]
MAGIC = b"E5S1"
_HEADER = struct.Struct("<4sI7ifi")
_PIECES = struct.Struct("<5iQ")
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
"""Bytes of 32 weights: a half float as scale and 4 bits each, the first sixteen in the low halves."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the model."""

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float


@dataclass(frozen=True)
class Pieces:
    """The vocabulary and its normalisation."""

    offsets: npt.NDArray[np.uint32]
    scores: Array
    """Log probability of each piece."""
    blob: bytes
    unknown: int
    first: int
    last: int
    normal: dict[str, str]
    """Characters that are written another way before they are cut."""


class E5File:
    """Weights by name, unpacked when asked for; raises Unwell `model_unreadable` on another kind of file."""

    def __init__(self, path: Path) -> None:
        self._data = np.memmap(path, dtype=np.uint8, mode="r")
        head = self._data[: _HEADER.size].tobytes()
        if len(head) < _HEADER.size or head[:4] != MAGIC:
            raise Unwell("model_unreadable", model=path.name, why="not a packed e5 file")
        _, _, width, layers, heads, inner, _, positions, _, epsilon, _ = _HEADER.unpack(head)
        self.shape = Shape(width, layers, heads, inner, positions, epsilon)
        self.pieces, directory = self._read_pieces(_HEADER.size)
        self._places = self._read_directory(directory)

    def plain(self, name: str) -> Array:
        """Return a vector or table that is stored in full."""
        offset, size = self._places[name]
        return self._data[offset : offset + size].view("<f4").astype(np.float32)

    def matrix(self, name: str, rows: int) -> Array:
        """Return a 4-bit matrix as floats, (rows, inputs)."""
        offset, size = self._places[name]
        return _unpacked(self._data[offset : offset + size].view(_BLOCK)).reshape(rows, -1)

    def rows(self, name: str, numbers: list[int]) -> Array:
        """Return some rows of a 4-bit table of the model's width."""
        offset, size = self._places[name]
        blocks = self._data[offset : offset + size].view(_BLOCK).reshape(-1, self.shape.width // 32)
        return _unpacked(blocks[numbers].reshape(-1)).reshape(len(numbers), -1)

    def _read_pieces(self, at: int) -> tuple[Pieces, int]:
        count, first, last, _, unknown, blob_size = _PIECES.unpack(self._bytes(at, _PIECES.size))
        at += _PIECES.size
        offsets = np.frombuffer(self._bytes(at, 4 * (count + 1)), "<u4")
        at += 4 * (count + 1)
        scores = np.frombuffer(self._bytes(at, 4 * count), "<f4")
        at += 4 * count
        blob = self._bytes(at, blob_size)
        at += blob_size
        entries, normal_size = struct.unpack("<iI", self._bytes(at, 8))
        normal = _normal(self._bytes(at + 8, normal_size), entries)
        return Pieces(offsets, scores, blob, unknown, first, last, normal), at + 8 + normal_size

    def _read_directory(self, at: int) -> dict[str, tuple[int, int]]:
        (count,) = struct.unpack("<i", self._bytes(at, 4))
        at += 4
        places = {}
        for _ in range(count):
            (length,) = struct.unpack("<H", self._bytes(at, 2))
            name = self._bytes(at + 2, length).decode()
            _, _, offset, size = struct.unpack("<BIQQ", self._bytes(at + 2 + length, 21))
            places[name] = (offset, size)
            at += 2 + length + 21
        return places

    def _bytes(self, at: int, size: int) -> bytes:
        return self._data[at : at + size].tobytes()


def _normal(packed: bytes, entries: int) -> dict[str, str]:
    normal, at = {}, 0
    for _ in range(entries):
        character, length = struct.unpack_from("<IB", packed, at)
        others = struct.unpack_from(f"<{length}I", packed, at + 5)
        normal[chr(character)] = "".join(map(chr, others))
        at += 5 + 4 * length
    return normal


def _unpacked(blocks: npt.NDArray[np.void]) -> Array:
    nibbles = blocks["nibbles"]
    low, high = (nibbles & 15).astype(np.float32), (nibbles >> 4).astype(np.float32)
    weights = (np.concatenate([low, high], axis=1) - 8.0) * blocks["scale"].astype(np.float32)[:, None]
    return weights.astype(np.float32)
