"""The hero's motif, which returns varied."""

from __future__ import annotations

import random
from typing import NamedTuple

_STABLE = (0, 2, 4, 7)
_LOWEST, _HIGHEST = -3, 9


class Motif(NamedTuple):
    """A tune in steps of the scale, free of key and mode."""

    degrees: tuple[int, ...]
    """0 is the tonic above the mood's octave, 7 the next one."""
    lengths: tuple[int, ...]
    """In eighths; one for each degree."""


def motif_of(seed: str) -> Motif:
    """Five to eight notes: steps, one leap that turns back, a stable end."""
    rng = random.Random(f"motif:{seed}")
    count = rng.choice((5, 6, 7, 8))
    leap = rng.randrange(1, count - 1)
    degrees = [rng.choice((0, 2, 4))]
    while len(degrees) < count:
        degrees.append(max(_LOWEST, min(_HIGHEST, degrees[-1] + _step(rng, degrees, leap))))
    last = degrees[-2]
    degrees[-1] = min(_STABLE, key=lambda stable: (abs(stable - last), stable == last, stable))
    lengths = [rng.choice((1, 1, 2, 2, 3)) for _ in range(count - 1)]
    return Motif(tuple(degrees), (*lengths, 4))


def _step(rng: random.Random, degrees: list[int], leap: int) -> int:
    if len(degrees) == leap:
        return rng.choice((-4, -3, 3, 4, 5))
    if len(degrees) == leap + 1:
        return -1 if degrees[-1] > degrees[-2] else 1
    return rng.choice((-2, -1, -1, 1, 1, 2))


def varied(motif: Motif, returns: int) -> Motif:
    """Its returns-th coming: as is, higher, mirrored, with a turn; never twice alike in a row."""
    degrees, lengths = motif
    match returns % 4:
        case 1:
            return Motif(tuple(degree + 2 for degree in degrees), lengths)
        case 2:
            mirrored = [2 * degrees[0] - degree for degree in degrees]
            lift = 7 if min(mirrored) < _LOWEST - 1 else 0
            return Motif(tuple(degree + lift for degree in mirrored), lengths)
        case 3:
            return Motif((*degrees[:-1], degrees[-1] + 1, degrees[-1]), (*lengths[:-1], 1, 3))
        case _:
            return motif


def head(motif: Motif, eighths: float) -> Motif:
    """As much of its beginning as fits."""
    degrees, lengths = motif
    while len(degrees) > 1 and sum(lengths) > eighths:
        degrees, lengths = degrees[:-1], lengths[:-1]
    return Motif(degrees, lengths)
