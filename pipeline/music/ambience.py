"""Sounds of a tale's places."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from pipeline.music.noises import Curve, band, chirp, noise, slow, strew
from pipeline.words.sound import RATE_HZ, Samples

LOOP_S, _SEAM_S = 12.0, 1.0  # a loop, and the crossing of its end into its beginning
_RMS = 0.1  # of every loop, so that the mix levels all places alike
_CALL_LEVEL = 0.5
_LEAST_PAUSE_S = 0.5

# Wind in three bands: lowest and highest Hz, level, spikiness, likeness of the two sides.
_GUSTS = ((60, 250, 0.9, 1, 1.0), (250, 700, 0.5, 3, 0.3), (600, 1_400, 0.22, 4, 0.3))

Rng = np.random.Generator


_ECHO_S, _ECHOES, _ECHO_FADE = 0.09, 6, 0.62  # of a cave: the delay, how many, and what each keeps of the last


class Ambiences:
    """Ambience of one tale: loops made once, calls placed where nobody speaks."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._loops: dict[str, Samples] = {}

    def around(self, kinds: Sequence[str], at: int, samples: int, pauses: Sequence[tuple[int, int]]) -> Samples | None:
        """Return stereo from the tale's sample `at` on, or None; pauses are (start, end) in samples from there."""
        known = [kind for kind in kinds if kind in KINDS]
        if not known:
            return None
        out = np.zeros((samples, 2), np.float32)
        for kind in known:
            loop = self._loop(kind)
            # By the tale's own clock: a place that lasts over a join goes on as if nothing were cut.
            first = at % len(loop)
            repeats = -(-(first + samples) // len(loop))
            out += np.tile(loop, (repeats, 1))[first : first + samples] / np.float32(np.sqrt(len(known)))
            self._call(out, kind, at, pauses)
        return out

    def _loop(self, kind: str) -> Samples:
        if kind not in self._loops:
            seam = int(_SEAM_S * RATE_HZ)
            # Seeded by the kind's name too: a place sounds the same whichever others are heard before it.
            made = KINDS[kind](int((LOOP_S + _SEAM_S) * RATE_HZ), np.random.default_rng([self._seed, *kind.encode()]))
            slope = np.sqrt(np.linspace(0, 1, seam, dtype=np.float32))[:, None]
            loop = made[:-seam].copy()
            loop[:seam] = loop[:seam] * slope + made[-seam:] * slope[::-1]
            self._loops[kind] = loop * np.float32(_RMS / (np.sqrt(np.mean(np.square(loop))) + 1e-9))
        return self._loops[kind]

    def _call(self, out: Samples, kind: str, at: int, pauses: Sequence[tuple[int, int]]) -> None:
        """Place a call in most pauses that can hold it, never reaching into a line."""
        if kind not in CALLS:
            return
        rng = random.Random(f"{self._seed}:{kind}:{at}")
        for start, end in pauses:
            if end - start < _LEAST_PAUSE_S * RATE_HZ or rng.random() < 0.3:
                continue
            sound = call_of(kind, rng)[: end - start]
            place = start + int(rng.random() * (end - start - len(sound)))
            sound = sound[: max(0, len(out) - place)]
            side = 0.2 + 0.6 * rng.random()
            out[place : place + len(sound), 0] += sound * np.float32(_CALL_LEVEL * (1 - side))
            out[place : place + len(sound), 1] += sound * np.float32(_CALL_LEVEL * side)


def _rain(samples: int, rng: Rng) -> Samples:
    out = noise(samples, band(400, 9_000, 1, 0.25), rng, 0.3) * slow(samples, 0.3, rng, 0.8, 1.1) * np.float32(0.1)
    drops = []
    for _ in range(24):
        hz = rng.uniform(1_500, 6_000)
        drops.append(chirp(rng.uniform(0.004, 0.02), hz, 4 * hz, rng.uniform(250, 700)))
    at_s = _times(samples, 180, rng)
    strew(out, drops, at_s, _levels(0.02, 0.12, 3, len(at_s), rng), _anywhere(at_s, rng), rng)
    return out


def _wind(samples: int, rng: Rng) -> Samples:
    out = np.zeros((samples, 2), np.float32)
    # The higher the band, the spikier its gusts.
    for low, high, level, power, likeness in _GUSTS:
        gusts = slow(samples, 0.35, rng) ** power * np.float32(level)
        out += noise(samples, band(low, high, 2), rng, likeness) * gusts
    return out


def _fire(samples: int, rng: Rng) -> Samples:
    out = noise(samples, band(40, 180, 1), rng, 1.0) * slow(samples, 2.5, rng, 0.3) * np.float32(0.08)
    out += noise(samples, band(900, 5_000, 1), rng, 0.3) * slow(samples, 4, rng) ** 3 * np.float32(0.02)
    cracks = [_crack(int(length), rng) for length in rng.integers(30, 700, 20)]
    at_s = _times(samples, 14, rng)
    at_s = np.concatenate([at_s, at_s[::4] + rng.random(len(at_s[::4])) * 0.06], dtype=np.float32)
    strew(out, cracks, at_s, _levels(0.03, 0.3, 5, len(at_s), rng), 0.2 + 0.6 * _anywhere(at_s, rng), rng)
    return out


def _crack(length: int, rng: Rng) -> Curve:
    return np.asarray(rng.standard_normal(length) * np.exp(-np.arange(length) * 7 / length), np.float32)


def _sea(samples: int, rng: Rng) -> Samples:
    # Two swells whose periods divide the loop, so that no wave breaks off at its seam.
    one, other = (_swell(samples, LOOP_S / turns, rng.random()) for turns in (1.5, 1.0))
    low = noise(samples, band(50, 350, 1), rng, 1.0) * (0.3 + 0.5 * one + 0.3 * other) * np.float32(0.09)
    wash = noise(samples, band(700, 7_000, 1), rng, 0.3) * (one**2.5 + 0.5 * other**2.5 + 0.05) * np.float32(0.1)
    return np.asarray(low + wash, np.float32)


def _swell(samples: int, period_s: float, phase: float) -> Curve:
    turn = (np.arange(samples, dtype=np.float32) / np.float32(RATE_HZ * period_s) + np.float32(phase)) % 1
    rising = (turn / 0.38) ** 2.2
    return np.where(turn < 0.38, rising, np.exp(-(turn - 0.38) * 4.2)).astype(np.float32)[:, None]


def _night(samples: int, rng: Rng) -> Samples:
    out = noise(samples, band(200, 1_500, 1, 0.5), rng, 0.3) * np.float32(0.006)
    seconds = samples / RATE_HZ
    for voice in range(4):
        song, rate = _cricket(rng), rng.uniform(1.7, 2.9)
        due_s = np.arange(rng.random() / rate, seconds, 1 / rate)
        due_s += rng.normal(0, 0.012, len(due_s))
        at_s = np.asarray(due_s[(due_s > 0) & (rng.random(len(due_s)) < 0.88)], np.float32)
        strew(out, [song], at_s, np.full_like(at_s, 0.05 / (1 + voice)), np.full_like(at_s, rng.random()), rng)
    return out


def _cricket(rng: Rng) -> Curve:
    """Return a chirp of three or four pulses, each a little louder."""
    hz, pulses, gap = rng.uniform(4_100, 5_200), int(rng.integers(3, 5)), int(RATE_HZ * 0.024)
    at = np.arange(int(RATE_HZ * 0.016)) / RATE_HZ
    pulse = np.sin(2 * np.pi * hz * at) * np.hanning(len(at))
    song = np.zeros(gap * pulses, np.float32)
    for place in range(pulses):
        song[place * gap : place * gap + len(pulse)] += (pulse * (0.6 + 0.4 * place / pulses)).astype(np.float32)
    return song


def _forest(samples: int, rng: Rng) -> Samples:
    return noise(samples, band(150, 3_500, 1, 0.6), rng, 0.3) * slow(samples, 0.4, rng, 0.4) * np.float32(0.02)


def _crowd(samples: int, rng: Rng) -> Samples:
    out = noise(samples, band(150, 2_500, 1, 0.4), rng, 0.5) * np.float32(0.012)
    syllables = [_syllable(rng) for _ in range(20)]
    at_s = _times(samples, 45, rng)
    strew(out, syllables, at_s, _levels(0.004, 0.03, 2, len(at_s), rng), 0.15 + 0.7 * _anywhere(at_s, rng), rng)
    return out


def _syllable(rng: Rng) -> Curve:
    """Return a vowel through two formants, which is no word of anybody."""
    at = np.arange(int(RATE_HZ * rng.uniform(0.09, 0.26))) / RATE_HZ
    hz, first, second = rng.uniform(95, 230), rng.uniform(300, 800), rng.uniform(900, 2_200)
    voice = np.zeros(len(at))
    for harmonic in range(1, int(2_600 / hz)):
        heard = harmonic * hz
        level = 1 / (1 + ((heard - first) / 110) ** 2) + 0.4 / (1 + ((heard - second) / 160) ** 2)
        voice += level * np.sin(2 * np.pi * heard * (1 + rng.uniform(-0.05, 0.05) * at) * at + rng.random() * 6)
    voice *= np.hanning(len(at))
    return np.asarray(voice / np.abs(voice).max(), np.float32)


def _cave(samples: int, rng: Rng) -> Samples:
    return noise(samples, band(30, 220, 1), rng, 1.0) * slow(samples, 0.25, rng, 0.5) * np.float32(0.03)


def _times(samples: int, per_s: float, rng: Rng) -> Curve:
    seconds = samples / RATE_HZ
    return np.sort(rng.random(int(seconds * per_s)) * seconds).astype(np.float32)


def _levels(least: float, most: float, power: int, count: int, rng: Rng) -> Curve:
    """Return levels of which few are loud and many faint."""
    return np.asarray(least + most * rng.random(count) ** power, np.float32)


def _anywhere(at_s: Curve, rng: Rng) -> Curve:
    return np.asarray(rng.random(len(at_s)), np.float32)


KINDS: dict[str, Callable[[int, Rng], Samples]] = {
    "rain": _rain,
    "wind": _wind,
    "fire": _fire,
    "sea": _sea,
    "night": _night,
    "forest": _forest,
    "crowd": _crowd,
    "cave": _cave,
}


def call_of(kind: str, rng: random.Random) -> Curve:
    """Return one call, mono, at most a second and a half long."""
    return CALLS[kind](rng)


def _bird(rng: random.Random) -> Curve:
    """Return two to five notes that glide, with their echo from the trees."""
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
    """Return a drop, with the echo of its cave."""
    hz = rng.uniform(700, 2_200)
    return _with_echo(chirp(0.09, hz, 2.5 * hz, 55) * rng.uniform(0.3, 1.0), _ECHO_S, _ECHO_FADE, _ECHOES)


def _owl(rng: random.Random) -> Curve:
    """Return two soft hoots, the second longer."""
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
