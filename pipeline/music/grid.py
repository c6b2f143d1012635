"""Bars that fit a passage."""

from __future__ import annotations

import math

from pipeline.music.notes import samples_of
from pipeline.words.score import Tempo
from pipeline.words.sound import RATE_HZ

_TRIALS = 16
# What a listener minds: a second of waiting as much as a tempo bent by a fourteenth.
_BEND_COST = 14.0**2 * 0.6


def fit_bars(samples: int, metre: int, bpm: tuple[float, float, float], steady_bpm: float | None = None) -> Tempo:
    """The fewest whole bars that last at least `samples`, near the steady tempo and inside (least, wanted, most)."""
    least, wanted, most = bpm
    aim = min(max(steady_bpm or wanted, least), most)
    seconds = max(samples, 1) / RATE_HZ
    unit = 2 if metre == 4 else metre
    first = max(1, math.ceil(seconds * least / 60 / unit))
    last = max(first, math.ceil(seconds * most / 60 / unit))
    counts = range(first * unit, (last + 1) * unit, unit)
    trials = [(beats, tried) for beats in counts for tried in _tempos(beats, seconds, aim, bpm)]
    _, beats, tempo = min((_cost(beats, tried, seconds, aim), beats, tried) for beats, tried in trials)
    bar = metre if beats % metre == 0 else unit
    return _at_least(samples, Tempo(0, "ionian", math.floor(tempo * 1000) / 1000, bar, beats // bar))


def _tempos(beats: int, seconds: float, aim: float, bpm: tuple[float, float, float]) -> list[float]:
    """Tempos at which so many beats are long enough."""
    least, _, most = bpm
    fastest = min(most, beats * 60 / seconds)
    if fastest < least:
        return []
    steps = [least + (fastest - least) * step / _TRIALS for step in range(_TRIALS + 1)]
    return [*steps, aim] if aim <= fastest else steps


def _cost(beats: int, bpm: float, seconds: float, aim: float) -> float:
    return beats * 60 / bpm - seconds + _BEND_COST * math.log(bpm / aim) ** 2


def _at_least(samples: int, tempo: Tempo) -> Tempo:
    """Rounding never steals a sample of speech."""
    while samples_of(tempo, tempo.bars) < samples:
        tempo = Tempo(tempo.tonic, tempo.mode, tempo.bpm - 0.001, tempo.metre, tempo.bars)
    return tempo
