"""How like two sounds are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.words.sound import Samples

_EVERY = 2
"""Every second sample suffices: a waveform that repeats does so at half the rate, too."""


def likeness(sounds: Sequence[Samples]) -> npt.NDArray[np.float64]:
    """The greatest correlation of every two of them at any delay: 1 for the same waveform, louder or later."""
    plain = [sound[: len(sound) // _EVERY * _EVERY].reshape(-1, _EVERY).mean(axis=1) for sound in sounds]
    size = 1 << (2 * max(map(len, plain)) - 1).bit_length()
    spectra = [np.fft.rfft(one / (np.linalg.norm(one) + 1e-12), size).astype(np.complex64) for one in plain]
    found = [
        float(np.abs(np.fft.irfft(one * other.conj(), size)).max())
        for nth, one in enumerate(spectra)
        for other in spectra[nth + 1 :]
    ]
    return np.array(found)
