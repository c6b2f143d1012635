"""The parts of the double, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from tests.discord_double.faults import Faults
from tests.discord_double.interactions import Interactions
from tests.discord_double.limits import Limits
from tests.discord_double.post import Post
from tests.discord_double.voice.hall import Hall
from tests.discord_double.world import World


@dataclass(frozen=True)
class House:
    """What the routes may touch."""

    world: World
    post: Post
    interactions: Interactions
    limits: Limits
    faults: Faults
    hall: Hall
