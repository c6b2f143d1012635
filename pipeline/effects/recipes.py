"""How things that happen sound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.effects.sources import Rng, SoundLayer, laid, layer_sound
from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.sound import RATE_HZ, Samples

MOST_S = 2.6
"""However many times it was struck, no effect is longer."""
_LEAVE_S = 0.12
_WINDOW = RATE_HZ // 50
_BODY_DB = -24.0


@dataclass(frozen=True)
class Recipe:
    """One effect of data/effects.toml."""

    layers: tuple[SoundLayer, ...]
    db: float = 0.0
    """Beside the other effects."""


@cache
def recipes() -> dict[str, Recipe]:
    """Read all effects, by kind."""
    return read_table(DATA / "effects.toml", dict[str, Recipe])


def effect_sound(kind: str, rng: Rng) -> Samples:
    """One such sound, mono, its loudest fiftieth of a second at the recipe's level; never the same one twice."""
    recipe = recipes()[kind]
    sound = laid([(0, layer_sound(layer, rng)) for layer in recipe.layers])[: round(MOST_S * RATE_HZ)]
    leave = min(round(_LEAVE_S * RATE_HZ), len(sound))
    sound[len(sound) - leave :] *= np.linspace(1, 0, leave, dtype=np.float32)
    loudest = float(_levels(sound).max(initial=0.0))
    return np.asarray(sound * (10 ** (recipe.db / 20) / max(loudest, 1e-9)), np.float32)


def body_samples(sound: Samples) -> int:
    """Until it only rings: how much of it a pause must hold."""
    levels = _levels(sound)
    loud = np.flatnonzero(levels > levels.max(initial=0.0) * 10 ** (_BODY_DB / 20))
    return min(len(sound), (int(loud[-1]) + 1) * _WINDOW) if len(loud) else 0


def _levels(sound: Samples) -> Samples:
    whole = len(sound) // _WINDOW * _WINDOW
    return np.asarray(np.sqrt(np.square(sound[:whole]).reshape(-1, _WINDOW).mean(axis=1)), np.float32)
