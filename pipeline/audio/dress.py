"""Voice and music made ready for the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.audio.colour import dipped, reverberant
from pipeline.audio.dynamics import limited
from pipeline.audio.loudness import loudness, loudness_ungated
from pipeline.audio.room import Room
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples

# Levels are those of the finished stereo sum. A mono voice sounds from both sides, which adds 3 LU to its own figure.
LINE_LUFS = -17.0
BOTH_SIDES_LU = 3.01
MUSIC_UNDER_LU, MUSIC_PAUSE_LU, MUSIC_ALONE_LU, AMBIENCE_LU = 14.0, 9.0, 7.0, 18.0
"""Below LINE_LUFS: music under words, in a pause, in a passage without words, and ambience always."""
LEAST_UNDER_LU = 12.5
"""No single line may come closer to its music than this, whatever its group's mean."""
MOST_ACTED_DB = 2.0
"""How far a whisper or a shout may leave the common level, so that the bed stays 10 LU under it."""
VOICE_CEILING = 10 ** (-5 / 20)
"""Voice peaks are held here, so that the sum seldom has to."""
ATTACK_S, RELEASE_S = 0.18, 0.45
"""Music is down when the word begins; afterwards it takes its time."""
SAME_BREATH_S = 0.7
"""Shorter gaps count as speech: no pumping between sentences."""
_JOIN_S = 0.15
"""Ambience of one passage gives way to the next over this."""
_EDGE_S = 0.004
_TICK = RATE_HZ // 1_000
_INAUDIBLE_LUFS, _MOST_BOOST_DB = -65.0, 18.0

Curve = npt.NDArray[np.float32]
"""One value per sample."""


@dataclass(frozen=True)
class Dressed:
    """One passage's music ready for the sum, all stereo."""

    bed: Samples
    """As long as the cue."""
    tail: Samples
    """Rings into the next passage."""
    vamp: Samples
    """Whole bars that may repeat."""


def dress_voice(placed: Sequence[tuple[int, Samples, float]], samples: int, room: Room) -> Samples:
    """A passage's mono voice stem from (start, dry line, acted dB): each line at LINE_LUFS, held in peak, in its room."""
    stem = np.zeros(samples, np.float32)
    for start, line, acted_db in placed:
        levelled = _levelled(line, acted_db)[: max(0, samples - start)]
        stem[start : start + len(levelled)] += _edged(levelled)
    return _edged(reverberant(stem, room))


def dress_bed(cue: Cue, ambience: Samples | None, spoken: Sequence[tuple[int, int]], room: Room) -> Dressed:
    """A passage's stems under their levels; `spoken` are its lines as (start, end) in samples.

    Ambience may run past the cue (what follows gives way in the tail) or short of it (it is then folded back).
    """
    length = len(cue.bed)
    lines = [(max(0, start), min(length, end)) for start, end in spoken if start < length and end > start]
    depth = _depth(lines, length)
    music = dipped(_sound(cue.bed) + _sound(cue.lead), depth)
    gain = _music_gain(music, lines, room.lift_db)
    bed = music * gain[:, None]
    last = gain[-1] if length else np.float32(1)
    tail, vamp = _sound(cue.tail) * last, _sound(cue.vamp) * last
    if ambience is not None and len(ambience) and length:
        level = _ambience_gain(ambience)
        around = _folded(_sound(ambience), length + int(_JOIN_S * RATE_HZ)) * level
        bed += _faded_in(dipped(around[:length], depth))
        tail = _summed(tail, _faded_in(around[length:][::-1])[::-1])
        vamp = vamp + _loop(around, len(vamp))
    return Dressed(bed.astype(np.float32), tail.astype(np.float32), vamp.astype(np.float32))


def _levelled(line: Samples, acted_db: float) -> Samples:
    line = _sound(line)
    heard = loudness(line) + BOTH_SIDES_LU
    if heard < _INAUDIBLE_LUFS:
        return line
    acted = max(-MOST_ACTED_DB, min(MOST_ACTED_DB, acted_db))
    return limited(line * np.float32(_amplitude(LINE_LUFS + acted - heard)), VOICE_CEILING)


def _music_gain(music: Samples, lines: Sequence[tuple[int, int]], lift_db: float) -> Curve:
    """The gain of every sample: down before each group of lines begins, up again where a true pause follows."""
    lift = max(-2.0, min(2.0, lift_db))
    groups = _breaths(lines, len(music))
    if not groups:
        alone = _towards(LINE_LUFS - MUSIC_ALONE_LU + lift, loudness_ungated(music))
        return np.full(len(music), _amplitude(alone), np.float32)
    pauses = _between(groups, len(music))
    under = [_under(music, group, lines, lift) for group in groups]
    quiet = [loudness_ungated(music[start:end]) for start, end in pauses]
    pause = _towards(LINE_LUFS - MUSIC_PAUSE_LU + lift, max(quiet)) if quiet else max(under)
    # In the pause the music opens; it neither leaps nor sinks below what it was under the words.
    pause = max(max(under), min(pause, max(under) + MUSIC_UNDER_LU - MUSIC_PAUSE_LU))
    points, values = [0.0], [under[0] if groups[0][0] == 0 else pause]
    for (start, end), level in zip(groups, under, strict=True):
        if start > 0:
            points += [max(points[-1], start - ATTACK_S * RATE_HZ), start]
            values += [pause, level]
        points.append(end)
        values.append(level)
        if end < len(music):
            following = min([begin for begin, _ in groups if begin >= end] + [len(music)])
            points.append(min(end + RELEASE_S * RATE_HZ, max(end, following - ATTACK_S * RATE_HZ)))
            values.append(pause)
    ticks = np.arange(0, len(music) + _TICK, _TICK)
    drawn = np.power(10, np.interp(ticks, points, values) / 20)
    return np.interp(np.arange(len(music)), ticks, drawn).astype(np.float32)


def _under(music: Samples, group: tuple[int, int], lines: Sequence[tuple[int, int]], lift: float) -> float:
    """Gain in dB for one group of lines, by its mean and by its loudest line."""
    inside = [line for line in lines if line[0] >= group[0] and line[1] <= group[1]]
    mean = loudness_ungated(music[group[0] : group[1]])
    loudest = max(loudness_ungated(music[start:end]) for start, end in inside)
    return min(
        _towards(LINE_LUFS - MUSIC_UNDER_LU + lift, mean), _towards(LINE_LUFS - LEAST_UNDER_LU + max(0.0, lift), loudest)
    )


def _towards(target_lufs: float, heard_lufs: float) -> float:
    """The gain in dB from one to the other; silence is left alone."""
    return min(_MOST_BOOST_DB, target_lufs - heard_lufs) if heard_lufs > _INAUDIBLE_LUFS else 0.0


def _breaths(lines: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Lines merged over short gaps; the passage's edges count as speech where they are as near."""
    near = SAME_BREATH_S * RATE_HZ
    groups: list[tuple[int, int]] = []
    for start, end in sorted(lines):
        if groups and start - groups[-1][1] < near:
            groups[-1] = (groups[-1][0], max(end, groups[-1][1]))
        else:
            groups.append((0 if start < near and not groups else start, end))
    if groups and length - groups[-1][1] < near:
        groups[-1] = (groups[-1][0], length)
    return groups


def _between(groups: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    edges = [0, *(edge for group in groups for edge in group), length]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]


def _depth(lines: Sequence[tuple[int, int]], length: int) -> Curve:
    """1 while a line sounds, 0 elsewhere, with short slopes outside the lines."""
    depth = np.zeros(length, np.float32)
    rise, fall = int(0.06 * RATE_HZ), int(0.15 * RATE_HZ)
    at = np.arange(length, dtype=np.float32)
    for start, end in lines:
        near = slice(max(0, start - rise), min(length, end + fall))
        slope = np.interp(at[near], [start - rise, start, end, end + fall], [0, 1, 1, 0])
        depth[near] = np.maximum(depth[near], slope)
    return depth


def _ambience_gain(ambience: Samples) -> np.float32:
    return np.float32(_amplitude(_towards(LINE_LUFS - AMBIENCE_LU, loudness_ungated(ambience))))


def _folded(sound: Samples, length: int) -> Samples:
    """As long as asked: cut, or walked back and forth, which leaves no edge."""
    if len(sound) >= length:
        return sound[:length]
    there_and_back = np.concatenate([sound, sound[::-1]])
    return np.tile(there_and_back, (-(-length // len(there_and_back)), 1))[:length]


def _loop(sound: Samples, length: int) -> Samples:
    """A stretch whose end leads into its beginning."""
    blend = min(int(_JOIN_S * RATE_HZ), length // 2)
    stretch = _folded(sound, length + blend)
    if not blend:
        return stretch[:length]
    out = stretch[:length].copy()
    slope = np.sqrt(np.linspace(0, 1, blend, dtype=np.float32))[:, None]
    out[:blend] = out[:blend] * slope + stretch[length:] * slope[::-1]
    return out


def _faded_in(sound: Samples) -> Samples:
    fade = min(int(_JOIN_S * RATE_HZ), len(sound))
    out = sound.copy()
    out[:fade] *= np.sqrt(np.linspace(0, 1, fade, dtype=np.float32))[:, None]
    return out


def _summed(one: Samples, other: Samples) -> Samples:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    out = longer.copy()
    out[: len(shorter)] += shorter
    return out


def _edged(sound: Samples) -> Samples:
    """Both ends brought to nothing within a few milliseconds, so that no cut clicks."""
    edge = min(int(_EDGE_S * RATE_HZ), len(sound) // 2)
    out = sound.copy()
    if edge:
        slope = np.linspace(0, 1, edge, dtype=np.float32)
        out[:edge] *= slope
        out[-edge:] *= slope[::-1]
    return out


def _sound(samples: Samples) -> Samples:
    """What a model gave, without what is no number."""
    return samples if np.isfinite(samples).all() else np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)


def _amplitude(db: float) -> float:
    return float(10 ** (db / 20))
