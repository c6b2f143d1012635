"""Struck, rubbed, blown, poured and crumpled things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pipeline.audio.colour import convolved
from pipeline.music.noises import band
from pipeline.words.sound import RATE_HZ, Samples

Rng = np.random.Generator
Span = tuple[float, float]
"""From, to: a figure is drawn between them."""
_ONSET_S = 0.0008
_CLICK_S = (0.002, 0.009)
_GRAIN_S = (0.002, 0.011)
_SIXTY_DB = 6.91
"""Nepers to a thousandth of an amplitude."""
_VIBRATO_HZ = (4.5, 6.5)


class SoundSource(StrEnum):
    """How a thing is made to sound."""

    STRUCK = "struck"
    """Partials that die away behind a click: wood, metal, glass, a skin, and a plucked string."""
    RUBBED = "rubbed"
    """A thing that sticks and slips, many times a second."""
    BLOWN = "blown"
    """Air, with a tone in it or without."""
    POURED = "poured"
    """Bubbles, each rising in pitch."""
    CRUMPLED = "crumpled"
    """Many small breaks: snow, gravel, leaves, straw."""


@dataclass(frozen=True)
class SoundLayer:
    """One thing that sounds in an effect."""

    source: SoundSource
    hz: Span
    """The lowest partial, or the middle of the band."""
    at_s: Span = (0.0, 0.0)
    """From the effect's beginning."""
    times: tuple[int, int] = (1, 1)
    gap_s: Span = (0.2, 0.2)
    """From one beginning to the next, the same within one effect but for `uneven`."""
    uneven: float = 0.08
    fresh: bool = False
    """Whether each time has a pitch of its own."""
    seconds: Span = (0.3, 0.3)
    """How long it is rubbed, blown, poured or crumpled."""
    attack: float = 0.2
    """Share of that in which it grows."""
    partials: tuple[float, ...] = (1.0,)
    """As multiples of the lowest."""
    ring_s: Span = (0.1, 0.1)
    """Until the lowest partial has fallen by 60 dB."""
    dark: float = 0.7
    """How much sooner the higher ones fall."""
    glide: Span = (1.0, 1.0)
    """The pitch at the end against that at the beginning."""
    click: float = 0.4
    """Noise of the contact against the partials, or of the air against the tone."""
    wide: float = 1.0
    """Of a band, in octaves."""
    grains: Span = (60.0, 60.0)
    """Slips, bubbles or breaks a second."""
    db: Span = (0.0, 0.0)


def layer_sound(layer: SoundLayer, rng: Rng) -> Samples:
    """All its times in a row, mono, from the effect's beginning; no two calls are alike."""
    make = _SOURCES[layer.source]
    count, gap_s = int(rng.integers(layer.times[0], layer.times[1] + 1)), rng.uniform(*layer.gap_s)
    at_s, hz = rng.uniform(*layer.at_s), rng.uniform(*layer.hz)
    level, pieces = 10 ** (rng.uniform(*layer.db) / 20), []
    for nth in range(count):
        heard_hz = rng.uniform(*layer.hz) if layer.fresh and nth else hz * rng.uniform(0.985, 1.015)
        force = level * (rng.uniform(0.65, 1.0) if count > 1 else 1.0)
        pieces.append((round(at_s * RATE_HZ), make(layer, heard_hz, rng) * np.float32(force)))
        at_s += gap_s * (1 + layer.uneven * rng.uniform(-1, 1))
    return laid(pieces)


def laid(pieces: list[tuple[int, Samples]]) -> Samples:
    """Pieces from their places on, as one."""
    out = np.zeros(max((at + len(piece) for at, piece in pieces), default=0), np.float32)
    for at, piece in pieces:
        out[at : at + len(piece)] += piece
    return out


def _struck(layer: SoundLayer, hz: float, rng: Rng) -> Samples:
    ring_s = rng.uniform(*layer.ring_s)
    at_s = _along(ring_s)
    turns = at_s + (rng.uniform(*layer.glide) - 1) * np.square(at_s) / (2 * ring_s)
    out = np.zeros(len(at_s))
    for ratio in layer.partials:
        heard_hz = hz * ratio * rng.uniform(0.99, 1.01)
        if heard_hz < 0.4 * RATE_HZ:
            fading = np.exp(-_SIXTY_DB * at_s / ring_s * ratio**layer.dark)
            out += rng.uniform(0.4, 1.0) / ratio**0.5 * fading * np.sin(2 * np.pi * heard_hz * turns)
    out *= np.minimum(1, at_s / _ONSET_S) / np.sqrt(len(layer.partials))
    contact = _band_noise(len(at_s), 3 * hz, 2.0, rng) * np.exp(-at_s / rng.uniform(*_CLICK_S))
    return np.asarray(out + layer.click * contact, np.float32)


def _rubbed(layer: SoundLayer, hz: float, rng: Rng) -> Samples:
    length = _along(rng.uniform(*layer.seconds))
    rate = rng.uniform(*layer.grains) * np.linspace(1, rng.uniform(*layer.glide), len(length))
    phase = np.cumsum(rate / RATE_HZ)
    slips = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    slips = np.clip(slips + (rng.normal(0, 0.1, len(slips)) * RATE_HZ / rate[slips]).astype(int), 0, len(length) - 1)
    pulses = np.zeros(len(length), np.float32)
    pulses[slips] = rng.uniform(0.4, 1.0, len(slips)) * _swell(len(length), layer.attack)[slips]
    return convolved(pulses, _struck(layer, hz, rng))


def _blown(layer: SoundLayer, hz: float, rng: Rng) -> Samples:
    length = len(_along(rng.uniform(*layer.seconds)))
    glide = rng.uniform(*layer.glide)
    over = np.linspace(0, 1, length, dtype=np.float32)
    air = _band_noise(length, hz, layer.wide, rng) * np.sqrt(1 - over)
    air += _band_noise(length, hz * glide, layer.wide, rng) * np.sqrt(over)
    if len(layer.partials) > 1:
        heard_hz = (
            hz * glide ** (over**0.5) * (1 + 0.004 * np.sin(rng.uniform(*_VIBRATO_HZ) * 6.28 * over * length / RATE_HZ))
        )
        phase = 2 * np.pi * np.cumsum(heard_hz) / RATE_HZ
        tone = sum(rng.uniform(0.7, 1.0) / ratio * np.sin(ratio * phase) for ratio in layer.partials)
        air = layer.click * air + tone
    return np.asarray(air * _swell(length, layer.attack), np.float32)


def _poured(layer: SoundLayer, hz: float, rng: Rng) -> Samples:
    seconds = rng.uniform(*layer.seconds)
    length = len(_along(seconds))
    swell, pieces = _swell(length, layer.attack), [(0, np.zeros(length, np.float32))]
    for place in rng.integers(0, length, rng.poisson(rng.uniform(*layer.grains) * seconds)):
        at_s = _along(rng.uniform(0.015, 0.06))
        own_hz = hz * 2 ** rng.uniform(-layer.wide / 2, layer.wide / 2)
        bubble = np.sin(2 * np.pi * own_hz * at_s * (1 + 3 * at_s)) * np.exp(-at_s * rng.uniform(60, 130))
        pieces.append((int(place), (bubble * swell[place] * rng.random() ** 2).astype(np.float32)))
    hiss = _band_noise(length, 3 * hz, 2.0, rng) * swell
    return laid([*pieces, (0, np.asarray(0.1 * layer.click * hiss, np.float32))])


def _crumpled(layer: SoundLayer, hz: float, rng: Rng) -> Samples:
    seconds = rng.uniform(*layer.seconds)
    length = len(_along(seconds))
    breaks = np.zeros(length)
    places = rng.integers(0, length, rng.poisson(rng.uniform(*layer.grains) * seconds))
    np.add.at(breaks, places, rng.random(len(places)) ** 3)
    fading = np.exp(-_along(_GRAIN_S[1]) / rng.uniform(*_GRAIN_S) * 3)
    powers = convolved(breaks.astype(np.float32), fading.astype(np.float32))[:length]
    return np.asarray(powers * _band_noise(length, hz, layer.wide, rng) * _swell(length, layer.attack), np.float32)


def _along(seconds: float) -> npt.NDArray[np.float64]:
    return np.arange(max(64, int(seconds * RATE_HZ))) / RATE_HZ


def _swell(length: int, attack: float) -> Samples:
    """Up over its share, then down to nothing."""
    over = np.linspace(0, 1, length)
    return np.asarray(np.interp(over, [0, attack, 1], [0, 1, 0]) ** 1.5, np.float32)


def _band_noise(length: int, hz: float, octaves: float, rng: Rng) -> Samples:
    """New noise of unit power every time: what is turned from a pool would repeat itself."""
    half = 2 ** (octaves / 2)
    shape = band(hz / half, min(hz * half, 0.42 * RATE_HZ), 2)
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size)) * shape(np.fft.rfftfreq(size, 1 / RATE_HZ).astype(np.float32))
    heard = np.fft.irfft(spectrum, size)[:length]
    return np.asarray(heard / (np.sqrt(np.square(heard).mean()) + 1e-9), np.float32)


_SOURCES: dict[SoundSource, Callable[[SoundLayer, float, Rng], Samples]] = {
    SoundSource.STRUCK: _struck,
    SoundSource.RUBBED: _rubbed,
    SoundSource.BLOWN: _blown,
    SoundSource.POURED: _poured,
    SoundSource.CRUMPLED: _crumpled,
}
