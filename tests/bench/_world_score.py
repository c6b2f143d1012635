"""An hour of music alone, searched for repeats."""

from __future__ import annotations

from functools import partial

from pipeline.music.figures import read_figures
from pipeline.music.memory import Memory
from pipeline.music.notes import Part, PassageScore
from pipeline.music.palette import read_palettes
from pipeline.music.piece import Score
from pipeline.music.repeats import BARS, Bar, bars_of, first_fresh
from pipeline.telling.underscore import passage_of, plan_of
from pipeline.words.mood import Emotion, Mood
from pipeline.words.request import Underscore
from pipeline.words.sound import RATE_HZ

HOUR_S, PART_S = 3_600.0, 30.0


def repeats_in_an_hour(seed: int) -> dict[str, float | int]:
    """How many eight bars come again within an hour, in each mood: with all voices, and of the accompaniment alone."""
    score = Score(read_palettes(), read_figures())
    bars, again, chords = 0, 0, 0
    for mood in map(Mood.pure, Emotion):
        whole: list[Bar] = []
        memory, at_s, part, marks = Memory(), 0.0, 0, list[str]()
        while at_s < HOUR_S:
            wish = Underscore("", "en", seed, part, seconds=PART_S)
            made = partial(_made, score, wish, mood, memory)
            (piece, memory, bars_here), marks = first_fresh(made, marks)
            whole += bars_here
            at_s, part = at_s + piece.samples / RATE_HZ, part + 1
        bars += len(whole)
        again += _again(whole)
        chords += _again([frozenset(one for one in bar if one[0] != Part.LEAD) for bar in whole])
    return {"score_bars": bars, "score_eight_bars_again": again, "score_eight_bars_of_bed_again": chords}


def _again(bars: list[Bar]) -> int:
    seen = [tuple(bars[at : at + BARS]) for at in range(len(bars) - BARS)]
    return len(seen) - len(set(seen))


def _made(
    score: Score, wish: Underscore, mood: Mood, memory: Memory, nth: int
) -> tuple[tuple[PassageScore, Memory, list[Bar]], list[Bar]]:
    plan, passage = plan_of(wish, mood, nth), passage_of(wish, mood)
    piece, after = score.passage(plan, passage, (), round(PART_S * RATE_HZ), memory, last=False)
    notes = [(one.on_s, one.off_s, int(one.channel), one.key, one.velocity) for one in (*piece.bed, *piece.lead)]
    bars = bars_of(notes, piece.tempo.bpm, piece.tempo.metre, piece.tempo.bars)
    return (piece, after, bars), bars
