"""The library of frames, measured."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from pipeline.places import CHECKOUT
from pipeline.telling.fuse import ReadingContext, fuse
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import STYLES, Lately, Prompt
from pipeline.writing.frames import frames_in
from pipeline.writing.tongue import tongues
from tests.bench._stories import Teller, Wanted, fixed, wishes_in

FRESH = CHECKOUT / "tests" / "bench" / "wishes_read.tsv"
LENGTHS = (60, 150, 450, 1_200)
TALES = 200
TOLERANCE = 0.15
IN_A_ROW, REMEMBERED = 40, 40
WISHES_IN_TONES = 40
RICH = 60
"""Frames that a language has, whose library the promises of tones and rows are for."""
TONES = (Emotion.SADNESS, Emotion.ANGER, Emotion.FEAR, Emotion.JOY)
CALM = Feeling(Mood.pure(Emotion.NEUTRAL))
Figures = dict[str, float | int]


def figures(teller: Teller, seed: int) -> Figures:
    """Frames by language, lengths met, a row of forty, and four tones."""
    by_language: Figures = {f"frames_{code}": len(frames_in(code)) for code in sorted(tongues())}
    return by_language | lengths(teller, seed) | _in_a_row(teller, seed) | _tones(teller, seed)


def lengths(teller: Teller, seed: int) -> Figures:
    """The share of tales within 15 % of the length asked for: every language, every style and none, by turns."""
    wishes, styles = fixed(), (None, *STYLES)
    met: dict[int, list[bool]] = {words: [] for words in LENGTHS}
    for at in range(TALES):
        words, wish, style = LENGTHS[at % len(LENGTHS)], wishes[at % len(wishes)], styles[at % len(styles)]
        plan = teller.planned(Prompt(wish.text, seed + at, words, wish.language, style=style), CALM)
        told = sum(beat.words for beat in plan.beats)
        met[words].append(abs(told - words) <= TOLERANCE * words)
        if not met[words][-1]:
            print(f"{told} for {words}: {plan.recipe} {wish.language} {style} {wish.text}", file=sys.stderr)
    every = [one for found in met.values() for one in found]
    return {"length_within_15": _share(every)} | {f"length_within_15_{w}": _share(found) for w, found in met.items()}


def _in_a_row(teller: Teller, seed: int) -> Figures:
    """How often one frame comes at most, of forty tales that one server asks for."""
    most = 0
    for code, wishes in _by_language(IN_A_ROW).items():
        shapes: list[str] = []
        for at, wish in enumerate(wishes):
            lately = Lately(shapes=tuple(reversed(shapes[-REMEMBERED:])))
            shapes.append(teller.planned(Prompt(wish.text, seed + at, language=code, lately=lately), CALM).recipe)
        most = max(most, *Counter(recipe.split()[0] for recipe in shapes).values())
    return {"frames_in_forty": most}


def _tones(teller: Teller, seed: int) -> Figures:
    """The share of wishes that are four frames when they are said sadly, angrily, fearfully and gladly.

    The words have no feeling of their own, and the voice is as sure as a voice is.
    """
    apart: list[bool] = []
    own: list[bool] = []
    each = _by_language(WISHES_IN_TONES // 2)
    for at, wish in enumerate(wish for wishes in each.values() for wish in wishes):
        plans = [
            teller.planned(Prompt(wish.text, seed + at, language=wish.language), _said(one, wish)) for one in TONES
        ]
        apart.append(len({plan.shape for plan in plans}) == len(TONES))
        own += [plan.chosen[0].fit != "any" for plan in plans]
    return {"tones_apart": _share(apart), "tones_about_the_wish": _share(own)}


def _said(tone: Emotion, wish: Wanted) -> Feeling:
    voice = Mood.of({tone: 0.8, Emotion.NEUTRAL: 0.2}, certainty=0.8)
    return fuse(CALM.mood, voice, ReadingContext(len(wish.text.split()), 4.0))


def _by_language(count: int) -> dict[str, Sequence[Wanted]]:
    """Wishes that no frame was written for, of the languages with a whole library."""
    found = [*fixed(), *wishes_in(FRESH)]
    rich = [code for code in sorted(tongues()) if len(frames_in(code)) >= RICH]
    return {code: [one for one in found if one.language == code][:count] for code in rich}


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 1.0
