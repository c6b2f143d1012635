"""Bars that fit a passage."""

from __future__ import annotations

import math

from pipeline.music.notes import samples_of
from pipeline.words.score import Tempo
from pipeline.words.sound import RATE_HZ

METRES = (4, 3, 2, 5, 7)
"""Beats a bar may have, the most usual first: a film composer's bar of five hits the cut."""
_ODDNESS_S = {4: 0.0, 3: 0.08, 2: 0.05, 5: 0.12, 7: 0.16}
"""What an unusual bar costs, as seconds of waiting."""
_USUAL_METRE, _LONGEST_ODD_BAR_S = 4, 4.5
"""Who waits at a join waits by whole bars: an unusual bar must not be longer than the usual slow one."""
_TRIALS = 16
# What a listener minds: a tempo bent by an eleventh as much as 0.6 s of waiting.
_BEND_COST = 11.0**2 * 0.6


def fit_bars(samples: int, metre: int, bpm: tuple[float, float, float], steady_bpm: float | None = None) -> Tempo:
    """The fewest whole bars that last at least `samples`, near the steady tempo and inside (least, wanted, most).

    All bars of a passage are alike; where those of `metre` do not fit, others of METRES do.
    """
    least, wanted, most = bpm
    aim = min(max(steady_bpm or wanted, least), most)
    seconds = max(samples, 1) / RATE_HZ
    first, last = max(2, math.ceil(seconds * least / 60)), max(2, math.ceil(seconds * most / 60)) + 2
    trials = [
        (tried[0] + bar[0], beats, tried[1], bar[1])
        for beats in range(first, last + 1)
        if (bar := _bar_of(beats, metre))[1]
        for tried in _tempos(beats, seconds, aim, bpm)
        if bar[1] <= _USUAL_METRE or bar[1] * 60 / tried[1] <= _LONGEST_ODD_BAR_S
    ]
    _, beats, tempo, bar_beats = min(trials)
    return _at_least(samples, Tempo(0, "ionian", math.floor(tempo * 1000) / 1000, bar_beats, beats // bar_beats))


def _bar_of(beats: int, metre: int) -> tuple[float, int]:
    """The cost and the length of the bars that so many beats fall into; (0, 0) where none does."""
    if beats % metre == 0:
        return 0.0, metre
    return next(((_ODDNESS_S[bar], bar) for bar in METRES if beats % bar == 0), (0.0, 0))


def _tempos(beats: int, seconds: float, aim: float, bpm: tuple[float, float, float]) -> list[tuple[float, float]]:
    """(cost, tempo) for tempos at which so many beats are long enough."""
    least, _, most = bpm
    fastest = min(most, beats * 60 / seconds)
    if fastest < least:
        return []
    steps = [least + (fastest - least) * step / _TRIALS for step in range(_TRIALS + 1)]
    tried = [*steps, aim] if aim <= fastest else steps
    return [(beats * 60 / one - seconds + _BEND_COST * math.log(one / aim) ** 2, one) for one in tried]


def _at_least(samples: int, tempo: Tempo) -> Tempo:
    """Rounding never steals a sample of speech."""
    while samples_of(tempo, tempo.bars) < samples:
        tempo = Tempo(tempo.tonic, tempo.mode, tempo.bpm - 0.001, tempo.metre, tempo.bars)
    return tempo
