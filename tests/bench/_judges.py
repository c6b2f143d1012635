"""Judges of speech from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from pipeline.words.sound import RATE_HZ, Samples
from tests.mood.reading import weights

JUDGED_HZ = 16_000
_PIECE_S, _HOP_S = 9.01, 1
_SIGNAL, _NOISE, _OVERALL = (
    (-0.08397278, 1.22083953, 0.0052439),
    (-0.13166888, 1.60915514, -0.39604546),
    (-0.06766283, 1.11546468, 0.04602535),
)
"""From the net's figures to mean opinions, by the authors of DNSMOS P.835."""
_RATERS = 15
Sound = npt.NDArray[np.float32]


class Dnsmos:
    """Mean opinions of one to five: how clean the speech is, how quiet the rest, and both together."""

    def __init__(self) -> None:
        self._net = _net(weights("dnsmos")["sig_bak_ovr.onnx"])

    def __call__(self, sound: Samples) -> dict[str, float]:
        """Of mono or stereo at 48 kHz, by pieces of nine seconds; what is shorter is repeated, as the authors do."""
        heard = _at_16_khz(sound)
        length = int(_PIECE_S * JUDGED_HZ)
        heard = np.tile(heard, -(-length // max(1, len(heard))))[: max(length, len(heard))]
        starts = range(0, len(heard) - length + 1, _HOP_S * JUDGED_HZ)
        raw = np.stack([self._net.run(None, {"input_1": heard[None, at : at + length]})[0][0] for at in starts])
        told = [np.polyval(curve, raw[:, nth]) for nth, curve in enumerate((_SIGNAL, _NOISE, _OVERALL))]
        return {name: float(np.mean(one)) for name, one in zip(("sig", "bak", "ovr"), told, strict=True)}


class Plcmos:
    """One to five: how well lost packets were hidden."""

    def __init__(self) -> None:
        self._net = _net(weights("plcmos")["plcmos_v2.onnx"])

    def __call__(self, sound: Samples) -> float:
        """Of mono or stereo at 48 kHz; the mean of fifteen imagined raters, always the same ones."""
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(_at_16_khz(sound), (256, 512)), 512)[::256]
        power = np.square(np.abs(np.fft.rfft(frames * np.hamming(513)[:-1])))
        levels = np.log(np.maximum(power, power[power > 0].min(initial=1.0) * 10**-12.0)) / 20.0
        raters = np.random.default_rng(1).normal(size=(_RATERS, 1, 64)).astype(np.float32)
        degraded = levels[None, None].astype(np.float32)
        told = [self._net.run(None, {"degraded_audio": degraded, "rater_embed": rater})[0] for rater in raters]
        return float(np.mean(told))


def _at_16_khz(sound: Samples) -> Sound:
    mono = sound if sound.ndim == 1 else sound.mean(axis=1)
    return np.asarray(np.clip(soxr.resample(mono, RATE_HZ, JUDGED_HZ), -1, 1), np.float32)


def _net(file: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
