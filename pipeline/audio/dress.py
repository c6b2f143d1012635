"""Processes voice and music for the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.audio.colour import convolved, dipped, reverberant
from pipeline.audio.ducking import LINE_LUFS, amplitude, dip_depth, gain_towards, making_way, music_gain
from pipeline.audio.dynamics import limited
from pipeline.audio.loudness import loudness, loudness_ungated
from pipeline.audio.room import Acoustics
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples

BOTH_SIDES_LU = 3.01
"""Levels are those of the stereo sum: a mono voice sounds from both sides, which adds this to its own figure."""
AMBIENCE_LU = 19.5
"""Level of ambience below the lines, always."""
MOST_ACTED_DB = 1.5
"""How far a whisper or a shout may leave the common level, so that the bed stays 10 LU under it."""
LEAST_BED_LU = 10.0 + MOST_ACTED_DB + 1.5
"""Distance below LINE_LUFS of all that is not voice, under any single line."""
VOICE_CEILING = 10 ** (-5.5 / 20)
"""Largest sample of a voice, so that the sum's limiter seldom acts."""
_JOIN_S, _LEAVE_S = 0.4, 1.5
"""Seconds over which ambience crosses into the next passage's, and into silence at the tale's end."""
_EDGE_S = 0.004
_LEAVE_ROOM_S = 0.16
"""Seconds over which a voice's stem ends with its room's answer: less than any pause behind a passage."""
_MOST_RETURNED_DB = 2.0  # more would bring back the very peaks that were held
_INAUDIBLE_LUFS = -65.0
HISS_HZ = 5_000.0
MOST_HISS_DB = -3.0
"""Loudness of an s against all that is not hiss: most voices keep to it by themselves, some whistle 10 dB above."""
MOST_SOFTENED_DB = -12.0
_TAPS = 255
_TICK = RATE_HZ // 400
_NEAR_TICKS = 3
"""Ticks (2.5 ms each) by which the gain is down before the hiss begins, and up again after it."""


@dataclass(frozen=True)
class Dressed:
    """A passage's music, processed for the sum; all stereo."""

    bed: Samples
    """As long as the cue."""
    tail: Samples
    """What rings into the next passage."""
    vamp: Samples
    """Whole bars that may repeat."""


def dress_voice(placed: Sequence[tuple[int, Samples, float]], samples: int, room: Acoustics) -> Samples:
    """Return a passage's mono voice stem from (start, dry line, acted dB): levelled lines in their room."""
    stem = np.zeros(samples, np.float32)
    for start, line, acted_db in placed:
        levelled = _levelled(line, acted_db)[: max(0, samples - start)]
        stem[start : start + len(levelled)] += _edged(levelled)
    said = max((start + len(line) for start, line, _ in placed), default=0)
    return _faded_out(_edged(reverberant(stem, room)), min(_LEAVE_ROOM_S, max(0, samples - said) / RATE_HZ))


def dress_bed(
    cue: Cue,
    ambience: Samples | None,
    spoken: Sequence[tuple[int, int]],
    room: Acoustics,
    *,
    effects: Samples | None = None,
    last: bool = False,
) -> Dressed:
    """Return a passage's stems at their levels; `spoken` are its lines as (start, end) in samples.

    Effects come at their levels; what of them runs past the cue rings in the tail.
    Ambience may run past the cue (what follows gives way in the tail) or short of it (it is then folded back).
    The last passage of a tale leaves neither tail nor vamp behind.
    """
    length = len(cue.bed)
    lines = [(max(0, start), min(length, end)) for start, end in spoken if start < length and end > start]
    depth = dip_depth(lines, length)
    music = dipped(_sound(cue.bed) + _sound(cue.lead), depth)
    gain = music_gain(music, lines, room.lift_db)
    bed = music * gain[:, None]
    tail = _sound(cue.tail) * making_way(gain, len(cue.tail), worded=bool(lines))[:, None]
    vamp = _sound(cue.vamp) * (gain[-1] if length else np.float32(1))
    if ambience is not None and len(ambience) and length:
        around = _folded(_sound(ambience), length + int(_JOIN_S * RATE_HZ))
        around = around * _ambience_gain(around)
        place = _faded_in(dipped(around[:length], depth), _JOIN_S)
        bed += _faded_out(place, _LEAVE_S) if last else place
        tail = _summed(tail, _faded_out(around[length:], _JOIN_S))
        vamp = vamp + _loop(around, len(vamp))
    if effects is not None:
        bed += effects[:length] if not last else _faded_out(effects[:length], _JOIN_S)
        tail = _summed(tail, effects[length:])
    if last:
        tail, vamp = tail[:0], vamp[:0]
    # Last, and on all three stems alike: music and ambience together may be louder than either was allowed to be.
    held = np.float32(amplitude(_too_near_db(bed, lines)))
    return Dressed(*(np.asarray(stem * held, np.float32) for stem in (bed, tail, vamp)))


def _levelled(line: Samples, acted_db: float) -> Samples:
    """Bring a line to its loudness with its peaks held, and give back the loudness that this costs a spiky voice."""
    line = softened(_sound(line))
    heard = loudness(line) + BOTH_SIDES_LU
    if heard < _INAUDIBLE_LUFS:
        return line  # raised to a line's level, silence would be noise
    wanted = LINE_LUFS + max(-MOST_ACTED_DB, min(MOST_ACTED_DB, acted_db))
    held = limited(line * np.float32(amplitude(wanted - heard)), VOICE_CEILING)
    lost = wanted - loudness(held) - BOTH_SIDES_LU
    return limited(held * np.float32(amplitude(min(_MOST_RETURNED_DB, lost))), VOICE_CEILING) if lost > 0 else held


def _ambience_gain(around: Samples) -> np.float32:
    return np.float32(amplitude(gain_towards(LINE_LUFS - AMBIENCE_LU, loudness_ungated(around))))


def _too_near_db(bed: Samples, lines: Sequence[tuple[int, int]]) -> float:
    """Return how much the bed must fall, in dB, so that its loudest line keeps its distance; 0 where it does."""
    loudest = max((loudness_ungated(bed[start:end]) for start, end in lines), default=_INAUDIBLE_LUFS)
    return min(0.0, LINE_LUFS - LEAST_BED_LU - loudest)


def _folded(sound: Samples, length: int) -> Samples:
    """Return it as long as asked: cut, or played back and forth, which leaves no edge."""
    if len(sound) >= length:
        return sound[:length]
    there_and_back = np.concatenate([sound, sound[::-1]])
    return np.tile(there_and_back, (-(-length // len(there_and_back)), 1))[:length]


def _loop(sound: Samples, length: int) -> Samples:
    """Return a stretch whose end leads into its beginning."""
    blend = min(int(_JOIN_S * RATE_HZ), length // 2)
    stretch = _folded(sound, length + blend)
    if not blend:
        return stretch[:length]
    out = stretch[:length].copy()
    # Equal power, since end and beginning are unlike: a straight line would dip in between.
    slope = np.sqrt(np.linspace(0, 1, blend, dtype=np.float32))[:, None]
    out[:blend] = out[:blend] * slope + stretch[length:] * slope[::-1]
    return out


def _faded_in(sound: Samples, over_s: float) -> Samples:
    """Fade in linearly: where the same ambience goes on, the two sides of a join add up to itself."""
    fade = min(int(over_s * RATE_HZ), len(sound))
    out = sound.copy()
    slope = np.linspace(0, 1, fade, dtype=np.float32)
    out[:fade] *= slope if sound.ndim == 1 else slope[:, None]
    return out


def _faded_out(sound: Samples, over_s: float) -> Samples:
    return _faded_in(sound[::-1], over_s)[::-1]


def _summed(one: Samples, other: Samples) -> Samples:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    out = longer.copy()
    out[: len(shorter)] += shorter
    return out


def _edged(sound: Samples) -> Samples:
    """Fade both ends within a few milliseconds, so that no cut clicks."""
    edge = min(int(_EDGE_S * RATE_HZ), len(sound) // 2)
    out = sound.copy()
    if edge:
        slope = np.linspace(0, 1, edge, dtype=np.float32)
        out[:edge] *= slope
        out[-edge:] *= slope[::-1]
    return out


def _sound(samples: Samples) -> Samples:
    """Return a model's samples without NaN and infinity, which would silence the whole sum."""
    return samples if np.isfinite(samples).all() else np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)


def softened(line: Samples) -> Samples:
    """Return a mono line with each s softened that is too loud; the same array where none is."""
    ticks = len(line) // _TICK
    if ticks < 2:
        return line
    hiss = convolved(line, _above())[_TAPS // 2 :][: len(line)]
    most = float(np.sqrt(np.square(line - hiss).mean())) * 10 ** (MOST_HISS_DB / 20)
    levels = np.sqrt(np.square(hiss[: ticks * _TICK]).reshape(ticks, _TICK).mean(axis=1))
    if levels.max() <= most:
        return line
    wanted = np.clip(most / np.maximum(levels, 1e-9), 10 ** (MOST_SOFTENED_DB / 20), 1.0)
    gains = np.interp(np.arange(len(line)), (np.arange(ticks) + 0.5) * _TICK, _eased(wanted))
    return np.asarray(line - hiss * (1 - gains), np.float32)


def _eased(wanted: Samples) -> Samples:
    """Return the lowest gain wanted near each tick, with slopes instead of steps."""
    width = 2 * _NEAR_TICKS + 1
    lowest = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, _NEAR_TICKS, mode="edge"), width).min(axis=1)
    smooth = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(lowest, _NEAR_TICKS, mode="edge"), smooth / smooth.sum(), "valid")


@cache
def _above() -> Samples:
    """Return a filter of all above HISS_HZ, symmetric, so that it delays nothing against the rest."""
    at = np.arange(_TAPS) - _TAPS // 2
    below = np.sinc(2 * HISS_HZ / RATE_HZ * at) * np.blackman(_TAPS)
    taps = -below / below.sum()
    taps[_TAPS // 2] += 1
    return np.asarray(taps, np.float32)
