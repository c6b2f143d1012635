"""The room a scene sounds in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.words.sound import RATE_HZ, Samples

_SOUND_M_PER_S = 343.0
_FROM_MICROPHONE_M = 0.9
"""A narrator sits near; the walls are heard behind the voice."""
_ORDERS, _LAST_EARLY_S = 2, 0.08
_VELVET_HZ = 2_400.0
"""Pulses a second of the tail: from about 2,000 on nobody hears them singly."""
_TREES = 14
_Wave = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Acoustics:
    """How much the walls answer, and how loud the scene's music stands."""

    reverb_s: float = 0.25
    """Until the answer has fallen by 60 dB."""
    wet_db: float = -24.0
    """Energy of the answer against the voice."""
    size_m: tuple[float, float, float] = (3.6, 2.9, 2.4)
    """Length, width and height; out of doors how far the things stand that answer."""
    early: float = 0.6
    """Share of the answer's energy that comes from single walls."""
    dark_hz: float = 6_000.0
    """Above it the walls swallow."""
    open_air: bool = False
    """Only things that stand about answer, and the ground."""
    lift_db: float = 0.0
    """Music above or below its designed level, for stirred or still scenes; kept within 2 dB."""


STUDIO = Acoustics()
"""Where a scene names no place: a small treated room."""
# By what a scene mentions, the most telling first. Walls more than tails: a judge of speech takes a tail for noise.
ROOMS: dict[str, Acoustics] = {
    "cave": Acoustics(0.9, -20.0, (13.0, 9.0, 6.0), 0.9, 3_500.0),
    "hall": Acoustics(1.1, -22.5, (24.0, 14.0, 9.0), 0.85, 4_500.0),
    "crowd": Acoustics(0.5, -20.0, (12.0, 9.0, 4.0), 0.7, 5_000.0),
    "room": Acoustics(0.35, -18.5, (4.8, 3.7, 2.5), 0.6, 5_500.0),
    "fire": Acoustics(0.3, -18.5, (5.2, 4.1, 2.4), 0.6, 4_000.0),
    "forest": Acoustics(0.35, -22.0, (24.0, 24.0, 0.0), 0.75, 3_000.0, open_air=True),
    "sea": Acoustics(0.15, -26.0, (40.0, 40.0, 0.0), 0.9, 3_000.0, open_air=True),
    "wind": Acoustics(0.15, -26.0, (40.0, 40.0, 0.0), 0.9, 3_000.0, open_air=True),
    "rain": Acoustics(0.25, -22.0, (9.0, 7.0, 0.0), 0.7, 5_000.0, open_air=True),
    "night": Acoustics(0.3, -23.0, (16.0, 16.0, 0.0), 0.7, 4_000.0, open_air=True),
}


def room_of(places: Sequence[str], lift_db: float = 0.0) -> Acoustics:
    """The room for what a passage mentions, with its music lifted by `lift_db`."""
    base = next((room for name, room in ROOMS.items() if name in places), STUDIO)
    return replace(base, lift_db=max(-2.0, min(2.0, lift_db)))


@cache
def answer(room: Acoustics) -> Samples:
    """The room's response without the direct sound: early reflections, then a dense, darkening tail; mono."""
    length = int(room.reverb_s * RATE_HZ)
    if length <= 0:
        return np.zeros(0, np.float32)
    chance = np.random.default_rng(7)
    early, tail = _early(room, length, chance), _tail(room, length, chance)
    shares = (room.early, 1 - room.early)
    whole = sum(
        _softened(part, room.dark_hz, np.sqrt(share)) for part, share in zip((early, tail), shares, strict=True)
    )
    return np.asarray(whole * (10 ** (room.wet_db / 20) / np.sqrt(np.square(whole).sum())), np.float32)


def _early(room: Acoustics, length: int, chance: np.random.Generator) -> _Wave:
    """One pulse for every path by a wall or two; out of doors for everything that stands there."""
    paths_m, bounces = _scattered(room, chance) if room.open_air else _mirrored(room)
    out = np.zeros(length)
    places = ((paths_m - _FROM_MICROPHONE_M) / _SOUND_M_PER_S * RATE_HZ).astype(int)
    inside = (places > 0) & (places < min(length, int(_LAST_EARLY_S * RATE_HZ)))
    # Eyring: what the walls must give back of each bounce for the sound to last as long as it does.
    span_m = float(np.mean([side for side in room.size_m if side])) * 2 / 3
    kept = np.exp(-6.91 * span_m / (_SOUND_M_PER_S * room.reverb_s))
    heights = kept ** bounces[inside] * _FROM_MICROPHONE_M / paths_m[inside]
    np.add.at(out, places[inside], heights * chance.choice([-1.0, 1.0], len(heights)))
    return out


def _mirrored(room: Acoustics) -> tuple[_Wave, _Wave]:
    """Lengths and bounces of all paths in a box, by the images of the speaker behind its walls."""
    size = np.array(room.size_m)
    ear = size * (0.42, 0.55, 0.5)
    mouth = ear + np.array([_FROM_MICROPHONE_M, 0.0, 0.0])
    order = np.arange(-_ORDERS, _ORDERS + 1)
    turns = np.stack(np.meshgrid(order, order, order, indexing="ij"), -1).reshape(-1, 3)
    images = np.where(turns % 2 == 0, turns * size + mouth, (turns + 1) * size - mouth)
    return np.linalg.norm(images - ear, axis=1), np.abs(turns).sum(axis=1).astype(float)


def _scattered(room: Acoustics, chance: np.random.Generator) -> tuple[_Wave, _Wave]:
    """The ground, and a few things as far away as the place is wide."""
    away_m = np.concatenate([[1.6], room.size_m[0] * np.sqrt(chance.uniform(0.02, 1.0, _TREES))])
    return _FROM_MICROPHONE_M + 2 * away_m, np.ones(len(away_m))


def _tail(room: Acoustics, length: int, chance: np.random.Generator) -> _Wave:
    """Velvet noise: one pulse in every step, up or down, under the room's decay."""
    step = int(RATE_HZ / _VELVET_HZ)
    places = np.arange(0, length - step, step)
    places = places + chance.integers(0, step, len(places))
    out = np.zeros(length)
    out[places] = chance.choice([-1.0, 1.0], len(places))
    at_s = np.arange(length) / RATE_HZ
    grown = np.minimum(1, at_s / (2 * max(room.size_m) / _SOUND_M_PER_S))
    return np.asarray(out * grown * 10 ** (-3 * at_s / room.reverb_s))


def _softened(part: _Wave, dark_hz: float, height: float) -> _Wave:
    """Walls swallow treble: a moving mean that a cosine edge keeps free of whistles."""
    width = max(3, int(RATE_HZ / dark_hz / 2))
    soft = np.convolve(part, np.hanning(width + 2)[1:-1], "same")
    return np.asarray(soft * (height / (np.sqrt(np.square(soft).sum()) + 1e-12)))
