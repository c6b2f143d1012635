"""The hall the players sit in."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipeline.words.sound import RATE_HZ, Samples

DECAY_S = 1.1
"""Until the answer has fallen by 60 dB."""
_WET = 0.22
_GAP_S = 0.018
_DARK_HZ, _CLEAR_HZ = 4_200.0, 180.0
_WALL_HZ = RATE_HZ // 2
_BLOCKS = (65_536, 98_304, 131_072, 196_608, 262_144, 393_216)

Mono = npt.NDArray[np.float32]


def in_hall(dry: Samples) -> Samples:
    """Stereo with its answer added, as long as it was; each side has its own answer, so mono instruments widen."""
    # What goes to the walls is mono, and dark enough for half the rate: one short transform forth, two back.
    even = len(dry) & ~1
    sent = (dry[0:even:2, 0] + dry[1:even:2, 0] + dry[0:even:2, 1] + dry[1:even:2, 1]) * np.float32(0.25)
    size = _block(len(sent))
    step = size - int(DECAY_S * _WALL_HZ)
    out = dry.copy()
    wet = np.zeros((2, len(sent) + size), np.float32)
    for at in range(0, len(sent), step):
        spectrum = np.fft.rfft(sent[at : at + step], size)
        for side, answer in enumerate(_answers(size)):
            wet[side, at : at + size] += np.fft.irfft(spectrum * answer, size)
    for side in (0, 1):
        _add_doubled(out[:even, side], wet[side, : len(sent)])
    return out


def _add_doubled(out: Mono, wet: Mono) -> None:
    """Back at the full rate: between two samples lies their mean."""
    out[0::2] += wet
    out[1:-1:2] += (wet[:-1] + wet[1:]) * np.float32(0.5)
    out[-1:] += wet[-1:]


def _block(samples: int) -> int:
    """A transform that takes all at once where that is not too long."""
    wanted = samples + int(DECAY_S * _WALL_HZ)
    return next((size for size in _BLOCKS if size >= wanted), _BLOCKS[-1])


@lru_cache(maxsize=8)
def _answers(size: int) -> tuple[npt.NDArray[np.complex64], npt.NDArray[np.complex64]]:
    length = int(DECAY_S * _WALL_HZ)
    chance = np.random.default_rng(7)
    decay = np.exp(-6.9 * np.arange(length, dtype=np.float32) / length)
    hz = np.fft.rfftfreq(size, 1 / _WALL_HZ)
    colour = hz / (hz + _CLEAR_HZ) / (1 + (hz / _DARK_HZ) ** 2)
    sides = []
    for _ in range(2):
        answer = chance.standard_normal(length).astype(np.float32) * decay
        answer[: int(_GAP_S * _WALL_HZ)] = 0
        answer *= _WET * 1.4 / np.sqrt(np.square(answer).sum())
        sides.append((np.fft.rfft(answer, size) * colour).astype(np.complex64))
    return sides[0], sides[1]
