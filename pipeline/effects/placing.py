"""Where an effect falls among the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.effects.mentions import Mention, mentions
from pipeline.effects.recipes import body_samples, effect_sound
from pipeline.words.score import Effect
from pipeline.words.sound import RATE_HZ, Samples, Spoken, SpokenLine, WordTiming
from pipeline.words.story import NARRATOR

MOST_A_MINUTE, MOST_ALIKE = 8, 3
"""Effects, and effects of one kind, within a minute: what a listener bears, however often a tale knocks."""
MINUTE = 60 * RATE_HZ
_LEAST_GAP_S, _INTO_S = 0.15, 0.05
"""Shorter silences between words are none; an effect begins so far into one, or behind its own word."""
_MOST_LATE_S, _MOST_EARLY_S = 3.5, 2.5
_SPILLED = 0.8
"""What a second of an effect under other words costs, in seconds of distance from its own."""
_EARLY_COSTS, _AT_ONCE_COSTS = 0.4, 0.3
_APART_S, _MOST_ALONE_S, _SAME_AGAIN_S = 0.1, 0.8, 3.0
_MOST_ASIDE = 0.45
"""How far from the middle it is heard: 1 would be one side alone."""
_OPENERS, _SPACED_OPENER = ('"', "“", "„", "‘", "‚", "»", "「"), "«"
"""Before words that somebody speaks of whom nobody knows who it is: the narrator lends them a voice."""

_Span = tuple[float, float]


@dataclass(frozen=True)
class PlacedEffect:
    """An effect with its sound, in its passage."""

    effect: Effect
    sound: Samples
    """Mono and dry."""
    aside: float
    """-1 is left, 1 is right."""


@dataclass(frozen=True)
class Stage:
    """What placing must know of the tale."""

    language: str
    frame: str
    seed: int


def placed_effects(
    spoken: Spoken, text: str, length: int, stage: Stage, before: Sequence[Effect], start: int
) -> list[PlacedEffect]:
    """A passage's effects in order; `before` are those so far with their places in the tale, `start` is its own."""
    gaps = list(_gaps(spoken.lines, length / RATE_HZ))
    found: list[PlacedEffect] = []
    for line in spoken.lines:
        for one in _mentioned(line, text, stage):
            rng = np.random.default_rng([stage.seed, spoken.passage, one.first, line.start, *one.kind.encode()])
            sound = effect_sound(one.kind, rng)
            body_s = body_samples(sound) / RATE_HZ
            named = line.words[one.first : one.last + 1]
            free_s = max((_free_s(other) for other in found), default=0.0)
            at_s = _onset_s((named[0].start_s, named[-1].end_s), body_s, gaps, free_s)
            heard = [*before, *(_moved(other.effect, start) for other in found)]
            if at_s is None or not _bearable(one.kind, start + round(at_s * RATE_HZ), heard):
                continue
            word = " ".join(word.text for word in named)
            effect = Effect(one.kind, word, round(at_s * RATE_HZ), round(body_s * RATE_HZ))
            found.append(PlacedEffect(effect, sound, float(rng.uniform(-_MOST_ASIDE, _MOST_ASIDE))))
    return found


def in_tale(effects: Sequence[Effect], start: int) -> list[Effect]:
    """A passage's effects with their places in the tale."""
    return [_moved(one, start) for one in effects]


def _mentioned(line: SpokenLine, text: str, stage: Stage) -> list[Mention]:
    """Only the narrator says what happens: what the others speak of may be long ago."""
    before = text[: max(0, text.find(line.text))]
    if line.speaker != NARRATOR or before.endswith(_OPENERS) or before.rstrip().endswith(_SPACED_OPENER):
        return []
    return mentions([word.text for word in line.words], stage.language, stage.frame)


def _gaps(lines: Sequence[SpokenLine], length_s: float) -> Iterator[_Span]:
    """Silences between the words, and around them."""
    words: list[WordTiming] = [word for line in lines for word in line.words]
    starts = [0.0, *(word.end_s for word in words)]
    ends = [*(word.start_s for word in words), length_s]
    yield from ((start, end) for start, end in zip(starts, ends, strict=True) if end - start >= _LEAST_GAP_S)


def _onset_s(named: _Span, body_s: float, gaps: Sequence[_Span], free_s: float) -> float | None:
    """Behind its words or before them, where it covers the fewest others; None where something sounds already."""
    places = [one for one in _places(named, body_s, gaps) if one[1] >= free_s]
    return min(places)[1] if places else None


def _places(named: _Span, body_s: float, gaps: Sequence[_Span]) -> Iterator[tuple[float, float]]:
    """(what it costs, when) of every place."""
    for start, end in gaps:
        late_s = start + _INTO_S - named[1]
        if -_INTO_S < late_s <= _MOST_LATE_S:
            yield late_s + _SPILLED * max(0.0, start + _INTO_S + body_s - end), start + _INTO_S
        at_s = max(start + _INTO_S, end - body_s - _INTO_S)
        early_s = named[0] - at_s - body_s
        if 0 <= early_s <= _MOST_EARLY_S:
            yield _EARLY_COSTS + early_s + _SPILLED * max(0.0, at_s + body_s - end), at_s
    quiet_s = sum(max(0.0, min(end, named[1] + body_s) - max(start, named[1])) for start, end in gaps)
    yield _AT_ONCE_COSTS + _SPILLED * (body_s - quiet_s), named[1] + _INTO_S


def _bearable(kind: str, at: int, heard: Sequence[Effect]) -> bool:
    lately = [one for one in heard if at - one.start < MINUTE]
    alike = [one for one in lately if one.kind == kind]
    near = any(at - one.start - one.samples < _SAME_AGAIN_S * RATE_HZ for one in alike)
    return len(lately) < MOST_A_MINUTE and len(alike) < MOST_ALIKE and not near


def _moved(effect: Effect, start: int) -> Effect:
    return replace(effect, start=effect.start + start)


def _free_s(one: PlacedEffect) -> float:
    """When another may begin: a bell may ring on while a door opens."""
    return one.effect.start / RATE_HZ + min(_MOST_ALONE_S, one.effect.samples / RATE_HZ + _APART_S)
