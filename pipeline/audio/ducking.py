"""The curves that make way for words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.audio.loudness import loudness_ungated
from pipeline.words.sound import RATE_HZ, Samples

LINE_LUFS = -17.0
"""Loudness of every spoken line in the finished stereo sum; all other levels are relative to it."""
MUSIC_UNDER_LU, MUSIC_PAUSE_LU, MUSIC_ALONE_LU = 14.8, 9.0, 7.0
"""Music below LINE_LUFS: under words, in a pause, in a passage without words."""
LEAST_UNDER_LU = 13.0
"""Least distance of music to any single line, whatever its group's mean and the scene's lift."""
ATTACK_S, RELEASE_S = 0.18, 0.45
"""Seconds in which music goes down before a word, and up again after it."""
_TAIL_UNDER_LU = 4.0
"""What rings from the passage before is this far below the bed it joins."""
SAME_BREATH_S = 0.7
"""Shorter gaps count as speech, so that the music does not pump between sentences."""
MOST_LIFT_DB = 2.0
_DIP_RISE_S, _DIP_FALL_S = 0.06, 0.15
_TICK = RATE_HZ // 1_000
_INAUDIBLE_LUFS, _MOST_BOOST_DB = -65.0, 18.0

Curve = npt.NDArray[np.float32]
"""One value per sample."""
Lines = Sequence[tuple[int, int]]
"""(start, end) in samples."""


def music_gain(music: Samples, lines: Lines, lift_db: float) -> Curve:
    """Return the gain of every sample: down before each group of lines, up again in a true pause."""
    lift = max(-MOST_LIFT_DB, min(MOST_LIFT_DB, lift_db))
    groups = _breaths(lines, len(music))
    if not groups:
        alone = gain_towards(LINE_LUFS - MUSIC_ALONE_LU + lift, loudness_ungated(music))
        return np.full(len(music), amplitude(alone), np.float32)
    pauses = _between(groups, len(music))
    under = [_under(music, group, lines, lift) for group in groups]
    quiet = [loudness_ungated(music[start:end]) for start, end in pauses]
    pause = gain_towards(LINE_LUFS - MUSIC_PAUSE_LU + lift, max(quiet)) if quiet else max(under)
    # In the pause the music opens; it neither leaps nor sinks below what it was under the words.
    pause = max(*under, min(pause, max(under) + MUSIC_UNDER_LU - MUSIC_PAUSE_LU))
    points, values = _drawn(groups, under, pause, len(music))
    # Straight in dB from corner to corner, as the ear hears it; the power only for each millisecond, for speed.
    ticks = np.arange(0, len(music) + _TICK, _TICK)
    amplitudes = np.power(10, np.interp(ticks, points, values) / 20)
    return np.interp(np.arange(len(music)), ticks, amplitudes).astype(np.float32)


def making_way(gain: Curve, samples: int, *, worded: bool) -> Curve:
    """Return a tail's gain: from where its passage left it to well under the words that the next begins with."""
    if not len(gain):
        return np.ones(samples, np.float32)
    under = gain.min() if worded else gain[-1] * amplitude(MUSIC_ALONE_LU - MUSIC_UNDER_LU)
    ends = [float(gain[-1]), float(under) * amplitude(-_TAIL_UNDER_LU)]
    return np.interp(np.arange(samples), [0, ATTACK_S * RATE_HZ], ends).astype(np.float32)


def dip_depth(lines: Lines, length: int) -> Curve:
    """Return 1 while a line sounds, 0 elsewhere, with short slopes outside the lines."""
    depth = np.zeros(length, np.float32)
    rise, fall = int(_DIP_RISE_S * RATE_HZ), int(_DIP_FALL_S * RATE_HZ)
    at = np.arange(length, dtype=np.float32)
    for start, end in lines:
        near = slice(max(0, start - rise), min(length, end + fall))
        slope = np.interp(at[near], [start - rise, start, end, end + fall], [0, 1, 1, 0])
        depth[near] = np.maximum(depth[near], slope)
    return depth


def gain_towards(target_lufs: float, heard_lufs: float) -> float:
    """Return the gain in dB from one to the other; silence is left alone."""
    return min(_MOST_BOOST_DB, target_lufs - heard_lufs) if heard_lufs > _INAUDIBLE_LUFS else 0.0


def amplitude(db: float) -> float:
    """Return a level as a factor."""
    return float(10 ** (db / 20))


def _breaths(lines: Lines, length: int) -> list[tuple[int, int]]:
    """Merge lines over short gaps; the passage's edges count as speech where they are as near."""
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


def _between(groups: Lines, length: int) -> list[tuple[int, int]]:
    edges = [0, *(edge for group in groups for edge in group), length]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]


def _under(music: Samples, group: tuple[int, int], lines: Lines, lift: float) -> float:
    """Return the gain in dB for one group of lines, by its mean and by its loudest line."""
    inside = [line for line in lines if line[0] >= group[0] and line[1] <= group[1]]
    mean = loudness_ungated(music[group[0] : group[1]])
    loudest = max(loudness_ungated(music[start:end]) for start, end in inside)
    by_mean = gain_towards(LINE_LUFS - MUSIC_UNDER_LU + lift, mean)
    return min(by_mean, gain_towards(LINE_LUFS - LEAST_UNDER_LU, loudest))


def _drawn(groups: Lines, under: Sequence[float], pause: float, length: int) -> tuple[list[float], list[float]]:
    """Return the corners of the gain's line: places in samples, and dB."""
    points, values = [0.0], [under[0] if groups[0][0] == 0 else pause]
    nexts = [start for start, _ in groups[1:]] + [length + ATTACK_S * RATE_HZ]
    for (start, end), level, following in zip(groups, under, nexts, strict=True):
        if start > 0:
            points += [max(points[-1], start - ATTACK_S * RATE_HZ), start]
            values += [pause, level]
        points.append(end)
        values.append(level)
        if end < length:
            points.append(min(end + RELEASE_S * RATE_HZ, following - ATTACK_S * RATE_HZ))
            values.append(pause)
    return points, values
