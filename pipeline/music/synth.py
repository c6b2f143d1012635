"""Notes played by our own oscillators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipeline.music.font import PAN
from pipeline.music.notes import Note, Part
from pipeline.words.sound import RATE_HZ, Samples

_TABLE_BITS = 11
_TABLE = 1 << _TABLE_BITS
_BAND_HZ = 9_000.0
_LEVEL = 0.045


@dataclass(frozen=True)
class Timbre:
    """One sound: its partials and how it comes and goes."""

    partials: tuple[float, ...]
    """Strength of the first, second, third... harmonic."""
    attack_s: float
    release_s: float
    fading_s: float = 0.0
    """Time to fall to a third while it is held; 0 for a sound that stays."""
    level: float = 1.0


_STRINGS = Timbre((1, 0.5, 0.33, 0.24, 0.16, 0.11, 0.07, 0.05), 0.16, 0.35)
_PLUCKED = Timbre((1, 0.6, 0.4, 0.22, 0.15, 0.1, 0.06), 0.004, 0.15, 0.7, 1.5)
_BELL = Timbre((1, 0.05, 0.45, 0.02, 0.2, 0.0, 0.12), 0.002, 0.5, 0.6, 1.2)
_LOW = Timbre((1, 0.7, 0.35, 0.2, 0.1, 0.05), 0.02, 0.2, 2.5, 1.5)
_WIND = Timbre((1, 0.25, 0.3, 0.08, 0.05), 0.05, 0.15, 0.0, 1.2)
_DRUM = Timbre((1, 0.3, 0.1), 0.003, 0.3, 0.35, 2.0)
_WARM_PAD = Timbre((1, 0.35, 0.15, 0.06), 0.5, 0.8)

TEXTURES: dict[str, Timbre] = {
    "warm": Timbre((1, 0.3, 0.12, 0.05), 0.6, 0.9, level=1.2),
    "bright": Timbre((0.6, 1, 0.3, 0.25, 0.1, 0.1), 0.4, 0.7, level=0.7),
    "glass": Timbre((0.3, 1, 0.0, 0.5, 0.0, 0.2), 0.2, 0.9, level=0.7),
    "dark": Timbre((1, 0.15, 0.4, 0.05, 0.15), 0.8, 0.9, level=1.1),
}
"""Pads of our own beneath any font, by the name a palette gives them."""

# First program of each General MIDI family to its nearest kin here; a few stand out of their family.
_FAMILIES = (
    (0, _PLUCKED), (8, _BELL), (16, _WIND), (24, _PLUCKED), (32, _LOW), (40, _STRINGS), (45, _PLUCKED), (47, _DRUM),
    (48, _STRINGS), (56, _WIND), (64, _WIND), (80, _WARM_PAD), (104, _PLUCKED), (112, _DRUM),
)  # fmt: skip


class OwnPlayer:
    """Plays notes without a font: thinner, but on every machine."""

    def play(self, notes: Sequence[Note], programs: Mapping[int, int], samples: int) -> Samples:
        """Stereo, exactly so many samples; the same bytes every time."""
        out = np.zeros((samples, 2), np.float32)
        for note in notes:
            if note.channel == Part.DRUMS:
                _add(out, note, _stroke(note.key), PAN[Part.DRUMS], note.velocity)
            else:
                timbre = _timbre_of(programs.get(note.channel, 0))
                _add(out, note, _tone(note, timbre), PAN[Part(note.channel)], note.velocity)
        return out

    def close(self) -> None:
        """Do nothing: nothing is held."""


def play_texture(notes: Sequence[Note], name: str, samples: int) -> Samples:
    """The texture's notes, spread over the stereo field by turns."""
    out = np.zeros((samples, 2), np.float32)
    for place, note in enumerate(notes):
        _add(out, note, _tone(note, TEXTURES[name]), 0.45 if place % 2 else -0.45, note.velocity)
    return out


def _timbre_of(program: int) -> Timbre:
    return next(timbre for first, timbre in reversed(_FAMILIES) if program >= first)


def _add(out: Samples, note: Note, sound: npt.NDArray[np.float32], pan: float, velocity: int) -> None:
    start = round(note.on_s * RATE_HZ)
    sound = sound[: max(0, len(out) - start)]
    gain = _LEVEL * (velocity / 100) ** 1.5
    out[start : start + len(sound), 0] += sound * np.float32(gain * (1 - pan))
    out[start : start + len(sound), 1] += sound * np.float32(gain * (1 + pan))


def _tone(note: Note, timbre: Timbre) -> npt.NDArray[np.float32]:
    frequency = 440.0 * 2 ** ((note.key - 69) / 12)
    held = max(1, round((note.off_s - note.on_s) * RATE_HZ))
    length = held + round(timbre.release_s * RATE_HZ)
    # A phase of 32 bits wraps by itself and never loses pitch.
    phase = np.arange(length, dtype=np.uint32) * np.uint32(frequency / RATE_HZ * 2**32)
    table = _wave(timbre, max(1, int(_BAND_HZ / frequency)))
    tone: npt.NDArray[np.float32] = table[phase >> np.uint32(32 - _TABLE_BITS)]
    tone *= _envelope(held, length, timbre)
    return tone


@lru_cache(maxsize=256)
def _wave(timbre: Timbre, harmonics: int) -> npt.NDArray[np.float32]:
    turn = np.arange(_TABLE) * (2 * np.pi / _TABLE)
    partials = timbre.partials[:harmonics]
    wave = sum(strength * np.sin((place + 1) * turn) for place, strength in enumerate(partials))
    return np.asarray(wave * (timbre.level / np.sqrt(sum(strength**2 for strength in partials))), np.float32)


def _envelope(held: int, length: int, timbre: Timbre) -> npt.NDArray[np.float32]:
    shape = np.ones(length, np.float32)
    attack = min(held, max(1, round(timbre.attack_s * RATE_HZ)))
    shape[:attack] = np.linspace(0, 1, attack, endpoint=False, dtype=np.float32)
    if timbre.fading_s:
        shape *= np.exp(np.arange(length, dtype=np.float32) * np.float32(-1 / (timbre.fading_s * RATE_HZ)))
    fall = np.linspace(1, 0, length - held, dtype=np.float32)
    shape[held:] *= fall * fall
    return shape


@lru_cache(maxsize=16)
def _stroke(key: int) -> npt.NDArray[np.float32]:
    """A burst of noise, the higher the instrument the shorter and brighter, over a thump for the low ones."""
    rng = np.random.default_rng(key)
    low = key in (35, 36, 41, 45)
    length = round((0.25 if low else 0.08) * RATE_HZ)
    at = np.arange(length, dtype=np.float32) / RATE_HZ
    if low:
        return np.asarray(3.0 * np.sin(2 * np.pi * (55 + 60 * np.exp(-at * 40)) * at) * np.exp(-at * 18), np.float32)
    noise = np.diff(rng.standard_normal(length + 1, dtype=np.float32))
    return np.asarray(0.6 * noise * np.exp(-at * 60), np.float32)
