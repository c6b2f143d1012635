"""Creatures that wait for a pause."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from pipeline.music.noises import Curve, chirp
from pipeline.words.sound import RATE_HZ

_ECHO_S, _ECHOES, _ECHO_FADE = 0.09, 6, 0.62


def call_of(kind: str, rng: random.Random) -> Curve:
    """One call, mono, at most a second and a half long."""
    return CALLS[kind](rng)


def _bird(rng: random.Random) -> Curve:
    """Two to five notes that glide and turn, and their echo from the trees."""
    base, notes = rng.uniform(2_200, 5_500), []
    for _ in range(rng.randint(2, 5)):
        share = np.linspace(0, 1, int(RATE_HZ * rng.uniform(0.05, 0.16)))
        vibrato = rng.uniform(0, 0.12) * np.sin(2 * np.pi * share * rng.uniform(1, 6))
        hz = base * (1 + rng.uniform(-0.25, 0.25) * share + vibrato)
        notes.append(np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ) * np.sin(np.pi * share) ** 1.3)
        notes.append(np.zeros(int(RATE_HZ * rng.uniform(0.02, 0.07))))
    song = np.concatenate(notes, dtype=np.float32) * np.float32(10 ** (-rng.uniform(0, 12) / 20))
    return _with_echo(song, 0.11, 0.2, 1)


def _drip(rng: random.Random) -> Curve:
    """A drop, and the cave that answers."""
    hz = rng.uniform(700, 2_200)
    return _with_echo(chirp(0.09, hz, 2.5 * hz, 55) * rng.uniform(0.3, 1.0), _ECHO_S, _ECHO_FADE, _ECHOES)


def _owl(rng: random.Random) -> Curve:
    """Two soft hoots, the second longer."""
    hz = rng.uniform(330, 420)
    hoots = []
    for length_s in (0.18, 0.42):
        share = np.linspace(0, 1, int(RATE_HZ * length_s))
        hoot = np.sin(2 * np.pi * hz * (1 - 0.06 * share) * share * length_s)
        hoots += [hoot * np.sin(np.pi * share) ** 0.8, np.zeros(int(RATE_HZ * 0.12))]
    return _with_echo(np.concatenate(hoots, dtype=np.float32) * np.float32(0.35), 0.16, 0.25, 1)


def _with_echo(sound: Curve, after_s: float, fading: float, count: int) -> Curve:
    gap = int(after_s * RATE_HZ)
    out = np.zeros(len(sound) + gap * count, np.float32)
    for echo in range(count + 1):
        out[echo * gap : echo * gap + len(sound)] += (sound * fading**echo).astype(np.float32)
    return out


CALLS: dict[str, Callable[[random.Random], Curve]] = {"forest": _bird, "cave": _drip, "night": _owl}
