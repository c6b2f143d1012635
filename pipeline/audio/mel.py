"""Sound in mel bands."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
_LINEAR_TO_HZ, _LINEAR_STEP_HZ, _LOG_STEP = 1_000.0, 200 / 3, np.log(6.4) / 27
"""Slaney's scale: even steps up to a thousand hertz, even ratios above."""


def mel_power(
    samples: Matrix, rate_hz: int, bands: int, window: int, hop: int, pad: Literal["reflect", "constant"] = "reflect"
) -> Matrix:
    """Power in each band, one row a hop; the first frame is centred on the first sample."""
    padded = np.pad(np.asarray(samples, np.float32), window // 2, mode=pad)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    spectrum = np.fft.rfft(frames * _hann(window), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(power @ _filters(rate_hz, window, bands).T, np.float32)


@cache
def _hann(window: int) -> Matrix:
    return np.hanning(window + 1)[:-1].astype(np.float32)


@cache
def _filters(rate_hz: int, window: int, bands: int) -> Matrix:
    """Triangles of equal area, each from its lower neighbour's top to its upper neighbour's."""
    tops = _hz(np.linspace(0.0, _mel(rate_hz / 2), bands + 2))
    bins = np.linspace(0.0, rate_hz / 2, window // 2 + 1)
    steps = np.diff(tops)[:, None]
    slopes = tops[:, None] - bins[None]
    triangles = np.maximum(0.0, np.minimum(-slopes[:-2] / steps[:-1], slopes[2:] / steps[1:]))
    return np.asarray(triangles * (2.0 / (tops[2:] - tops[:-2]))[:, None], np.float32)


def _mel(hz: float) -> float:
    if hz < _LINEAR_TO_HZ:
        return hz / _LINEAR_STEP_HZ
    return float(_LINEAR_TO_HZ / _LINEAR_STEP_HZ + np.log(hz / _LINEAR_TO_HZ) / _LOG_STEP)


def _hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    edge = _LINEAR_TO_HZ / _LINEAR_STEP_HZ
    return np.where(mels < edge, mels * _LINEAR_STEP_HZ, _LINEAR_TO_HZ * np.exp(_LOG_STEP * (mels - edge)))
