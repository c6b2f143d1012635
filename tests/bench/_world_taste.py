"""Listeners with tastes of their own, simulated."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np

from bot.library.records import HeardAs
from bot.library.taste import WEIGHTS, Array, HeardTale, ranked_for
from tests.bench._world_tales import WorldTale

LISTENERS, HEARD_EACH, HELD_OUT = 60, 24, 0.25
AT = 5
_DAY_S = 86_400.0


def hit_rates(told: Sequence[WorldTale], centres: Mapping[str, Array], seed: int) -> dict[str, float]:
    """Hit rate@5 of what each liked in the last quarter of the time, of our ranking and of most-loved-first.

    A listener likes some kinds of heroes, some turns of tales and some moods, by a lot of their own, and is never sure;
    what a tale's words or places are plays no part in it.
    """
    dice = random.Random(seed)
    names = list(centres)
    tales = dict(zip(names, told, strict=False))
    events, later = _evening(dice, names, tales)
    ours = [_hit(ranked_for(member, events, centres), liked) for member, liked in later.items()]
    loved = _most_loved(names, events)
    heard = {(one.member, one.tale) for one in events}
    most_loved = [
        _hit([tale for tale in loved if (member, tale) not in heard], liked) for member, liked in later.items()
    ]
    chance = [
        _hit(dice.sample([t for t in names if (member, t) not in heard], AT), liked) for member, liked in later.items()
    ]
    return {
        "taste_hit_rate": float(np.mean(ours)),
        "most_loved_hit_rate": float(np.mean(most_loved)),
        "chance_hit_rate": float(np.mean(chance)),
        "listeners": len(later),
    }


def _evening(
    dice: random.Random, names: Sequence[str], tales: Mapping[str, WorldTale]
) -> tuple[list[HeardTale], dict[str, set[str]]]:
    frames = sorted({one.plan.shape for one in tales.values()})
    figures = sorted({one.plan.facts.hero.kind for one in tales.values()})
    events: list[HeardTale] = []
    later: dict[str, set[str]] = {}
    good = {name: dice.gauss(0, 0.5) for name in names}
    for nth in range(LISTENERS):
        member = f"m{nth}"
        likes = {*dice.sample(frames, max(1, len(frames) // 6)), *dice.sample(figures, 2)}
        heard = dice.sample(names, HEARD_EACH)
        for at, name in enumerate(heard):
            plan = tales[name].plan
            worth = (
                1.2 * (plan.shape in likes) + 0.8 * (plan.facts.hero.kind in likes) + good[name] + dice.gauss(0, 0.4)
            )
            liked = worth > 0.9
            if at < HEARD_EACH * (1 - HELD_OUT):
                how = (HeardAs.HEARTED if worth > 1.8 else HeardAs.FINISHED) if liked else HeardAs.SKIPPED
                events.append(HeardTale(member, name, WEIGHTS[how], at * _DAY_S))
            elif liked:
                later.setdefault(member, set()).add(name)
    return events, later


def _most_loved(names: Sequence[str], events: Sequence[HeardTale]) -> list[str]:
    loved = dict.fromkeys(names, 0.0)
    for one in events:
        loved[one.tale] += max(0.0, one.weight)
    return sorted(names, key=lambda name: -loved[name])


def _hit(ranked: Sequence[str], liked: set[str]) -> bool:
    return bool(set(ranked[:AT]) & liked)
