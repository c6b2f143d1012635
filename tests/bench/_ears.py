"""Ears that know nothing of the score."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.audio.loudness import loudness
from pipeline.words.sound import RATE_HZ, Samples

Array = npt.NDArray[np.float64]

FEATURES = ("mode", "tempo_bpm", "brightness_hz", "loudness_lufs", "loudness_spread_db", "onsets_per_s")
_HOP, _WINDOW = 480, 2_048
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_BANDS_PER_OCTAVE, _LOWEST_HZ, _BANDS, _NEAR = 24, 30.0, 216, 3
_STEADY_RMS = 0.1


def heard(stereo: Samples) -> Array:
    """What one clip sounds like, in the order of FEATURES."""
    mono = stereo.mean(axis=1)
    spectrum: Array = _spectrum(mono * np.float32(_STEADY_RMS / (np.sqrt(np.mean(np.square(mono))) + 1e-9)))
    hz = np.asarray(np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ), np.float64)
    flux = _flux(spectrum, hz)
    power = np.square(spectrum)
    brightness = float((power * hz).sum() / (power.sum() + 1e-12))
    levels = _levels_db(mono)
    rate = _onsets_per_s(flux, len(mono) / RATE_HZ)
    return np.array([_major_or_minor(mono), _tempo(flux), brightness, loudness(stereo), float(levels.std()), rate])


def told_apart(rows: Array, labels: Array) -> float:
    """Share of rows that linear discriminants, learnt from all the others, put where they belong."""
    scaled = (rows - rows.mean(0)) / (rows.std(0) + 1e-9)
    hits = 0
    for left_out in range(len(rows)):
        kept = np.arange(len(rows)) != left_out
        hits += _nearest(scaled[kept], labels[kept], scaled[left_out]) == labels[left_out]
    return hits / len(rows)


def spearman(one: Array, other: Array) -> float:
    """Rank correlation."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Array) -> Array:
    """Ties share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], np.float64)


def _nearest(rows: Array, labels: Array, row: Array) -> float:
    classes = np.unique(labels)
    means = np.stack([rows[labels == one].mean(0) for one in classes])
    centred = rows - means[np.searchsorted(classes, labels)]
    within = centred.T @ centred / (len(rows) - len(classes)) + 1e-3 * np.eye(rows.shape[1])
    away = row - means
    return float(classes[np.argmin(np.einsum("ij,ij->i", away @ np.linalg.inv(within), away))])


def _spectrum(mono: Samples) -> Array:
    frames = np.lib.stride_tricks.sliding_window_view(mono, _WINDOW)[::_HOP]
    return np.asarray(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW))), np.float64)


def _flux(spectrum: Array, hz: Array) -> Array:
    """SuperFlux: rises of each quarter-tone band over those near it three frames ago, deaf to vibrato."""
    edges = _LOWEST_HZ * 2 ** (np.arange(_BANDS + 1) / _BANDS_PER_OCTAVE)
    bands = np.searchsorted(edges, hz)
    energy = np.stack([spectrum[:, bands == band].sum(1) for band in range(1, _BANDS + 1) if (bands == band).any()], 1)
    loud = np.log10(1 + energy)
    widened = np.max([np.roll(loud, shift, 1) for shift in range(-_NEAR, _NEAR + 1)], axis=0)
    rises: Array = np.maximum(0, loud[_NEAR:] - widened[:-_NEAR]).sum(1)
    return rises


def _onsets_per_s(flux: Array, seconds: float) -> float:
    """Local peaks that stand clear of their surroundings, at most one in 50 ms."""
    around = np.convolve(flux, np.ones(21) / 21, "same") + 1.0 + 0.1 * np.percentile(flux, 98)
    highest = np.max([np.roll(flux, shift) for shift in range(-3, 4)], axis=0)
    peaks = np.flatnonzero((flux == highest) & (flux > around))
    return float((np.diff(peaks, prepend=-10) > 4).sum() / seconds)


def _tempo(flux: Array) -> float:
    """The lag that repeats best, with a gentle wish for the middle of the road."""
    centred = flux - flux.mean()
    size = 1 << (2 * len(centred) - 1).bit_length()
    power = np.square(np.abs(np.fft.rfft(centred, size)))
    again = np.fft.irfft(power, size)[: len(centred)]
    lags = np.arange(30, 120)
    bpm = 60 * RATE_HZ / _HOP / lags
    wish = np.exp(-0.5 * np.square(np.log2(bpm / 100) / 0.9))
    return float(bpm[np.argmax(again[lags] * wish)])


def _major_or_minor(mono: Samples) -> float:
    """How much better the best major key fits than the best minor one."""
    size = 1 << 15
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[:: size // 2]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32)))).sum(0)
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    inside = (hz > 60) & (hz < 2_000)
    pitch = np.round(12 * np.log2(hz[inside] / 440) + 69).astype(int) % 12
    chroma = np.sqrt(np.bincount(pitch, power[inside], 12))
    fits = [max(np.corrcoef(np.roll(profile, key), chroma)[0, 1] for key in range(12)) for profile in (_MAJOR, _MINOR)]
    return float(fits[0] - fits[1])


def _levels_db(mono: Samples) -> Array:
    blocks = mono[: len(mono) // 4_800 * 4_800].reshape(-1, 4_800)
    levels = 20 * np.log10(np.sqrt(np.mean(np.square(blocks), 1)) + 1e-6)
    return np.asarray(levels[levels > levels.max() - 40], np.float64)
