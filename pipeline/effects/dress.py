"""Effects made ready for the sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.audio.colour import dipped, ringing
from pipeline.audio.ducking import LINE_LUFS, Lines, amplitude, dip_depth, gain_towards
from pipeline.audio.loudness import loudness_ungated
from pipeline.audio.room import Acoustics
from pipeline.effects.placing import PlacedEffect
from pipeline.effects.recipes import recipes
from pipeline.words.sound import RATE_HZ, Samples

PAUSE_LU, UNDER_LU = 9.0, 17.0
"""Below LINE_LUFS: an effect's loudest moment in a pause, and the same under words."""
LEAST_LINE_LU = 18.0
"""All effects together under any one line."""
RING_S = 1.0
"""How far they ring into the next passage, falling to nothing."""
_MOMENT = RATE_HZ * 4 // 10


def dressed_effects(placed: Sequence[PlacedEffect], lines: Lines, length: int, room: Acoustics) -> Samples:
    """A passage's effects in stereo, in its room and under its words; what lies behind `length` rings on."""
    out = np.zeros((length + round(RING_S * RATE_HZ), 2), np.float32)
    for one in placed:
        heard = ringing(one.sound, room)[: max(0, len(out) - one.effect.start)]
        wanted = LINE_LUFS - PAUSE_LU + recipes()[one.effect.kind].db
        level = amplitude(gain_towards(wanted, _loudest(one.sound)))
        # Both sides carry the same sound: nothing is lost where they are heard as one.
        sides = np.sqrt([(1 - one.aside) / 2, (1 + one.aside) / 2], dtype=np.float32) * np.float32(level)
        out[one.effect.start : one.effect.start + len(heard)] += heard[:, None] * sides
    # The next passage begins with words, for all that is known here.
    depth = dip_depth([*lines, (length, len(out))], len(out))
    out = dipped(out, depth) * np.power(np.float32(amplitude(PAUSE_LU - UNDER_LU)), depth)[:, None]
    out[length:] *= np.linspace(1, 0, len(out) - length, dtype=np.float32)[:, None]
    loudest = max((loudness_ungated(out[start:end]) for start, end in lines), default=-np.inf)
    return np.asarray(out * np.float32(amplitude(min(0.0, LINE_LUFS - LEAST_LINE_LU - loudest))), np.float32)


def _loudest(sound: Samples) -> float:
    """Loudness of its loudest moment."""
    hop = _MOMENT // 4
    energies = np.square(np.concatenate([sound, np.zeros(_MOMENT + hop, np.float32)]))
    sums = np.add.reduceat(energies, np.arange(0, len(energies) - _MOMENT, hop))
    shared = np.convolve(sums, np.ones(4), "valid")
    start = int(np.argmax(shared)) * hop if len(shared) else 0
    moment = sound[start : start + _MOMENT]
    return loudness_ungated(np.concatenate([moment, np.zeros(_MOMENT - len(moment), np.float32)]))
