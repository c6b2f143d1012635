"""Choices by the seed alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def number(seed: int, key: str) -> int:
    """A number that only the seed and the key decide."""
    mixed = zlib.crc32(f"{seed}:{key}".encode())
    return zlib.crc32(f"{mixed}:{key}:{seed}".encode())


def choice(options: Sequence[T], seed: int, key: str) -> T:
    """One of them."""
    return options[number(seed, key) % len(options)]


def shuffled(options: Sequence[T], seed: int, key: str) -> list[T]:
    """All of them, in the seed's order."""
    order = sorted(range(len(options)), key=lambda at: (number(seed, f"{key}:{at}"), at))
    return [options[at] for at in order]
