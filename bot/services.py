"""What commands and buttons may touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

import discord

from bot.gate.gate import Gate
from bot.library.records import KeptTale, Page, Viewer
from bot.maintenance.writer_switch import WriterSwitch
from bot.moderation.story_review import StoryReview
from bot.newsroom import Newsroom
from bot.pools import Pools
from bot.tracker.open_tales import ToldNow
from bot.tracker.tale_tracker import Teller
from bot.uploads import Uploads
from bot.voice.listening.manager import Earshot
from bot.voice.player.players import Booths
from bot.voice.player.scores import Scores
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing
from pipeline.road.door import Door, read_answer
from pipeline.settings import Settings
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.library import Library
    from bot.privacy.privacy import Privacy

Press = Callable[[discord.Interaction, KeptTale, str], Awaitable[None]]
"""Answers a button under a tale; the text is the button's detail, a mood for `again`."""


class TaleSearch(Protocol):
    """Finds tales by what they mean."""

    @property
    def ready(self) -> bool:
        """Whether anything was placed by its meaning; without, words alone are looked for, at once."""

    async def found(self, viewer: Viewer, words: str, number: int) -> tuple[Page, dict[str, int]]:
        """Return a page of what answers best, and for each tale the scene that does."""

    async def by_taste(self, viewer: Viewer, texts: tuple[str, ...]) -> list[str]:
        """Return texts with what the viewer may like first; by chance where nothing is known of them."""

    async def for_you(self, viewer: Viewer, number: int) -> Page:
        """Return a page of tales that the viewer did not hear yet, what they may like first."""


@dataclass(frozen=True)
class Services:
    """All services of the bot: built once in app.py, reached as `services_of(interaction)`."""

    door: Door
    artifacts: Artifacts
    library: Library
    teller: Teller
    gate: Gate
    settings: Settings
    clock: Callable[[], float]
    """Seconds since the epoch."""
    booths: Booths
    ears: Earshot
    now: ToldNow
    privacy: Privacy
    watch: StoryReview
    pools: Pools
    uploads: Uploads
    writer: WriterSwitch
    newsroom: Newsroom
    search: TaleSearch
    scores: Scores
    presses: Mapping[str, Press] = field(default_factory=dict)
    """Answers to the buttons under a tale, by verb: `again`, `share`, `play`, `delete` ..."""

    async def story(self, tale: KeptTale) -> Tale:
        """Read what was told; raises Missing `tale_gone` where nothing was, or `artifact_gone`."""
        if tale.artifact is None:
            raise Missing("tale_gone")
        return await self.pools.files.run(read_answer, tale.artifact, Tale, self.artifacts)


class Serving(Protocol):
    """Client that has services; every interaction comes from one."""

    services: Services


def services_of(interaction: discord.Interaction) -> Services:
    """Return the services of the bot behind this interaction."""
    return cast(Serving, interaction.client).services


def one_table(*tables: Mapping[str, Press]) -> Mapping[str, Press]:
    """Join tables of answers; raises ValueError where two answer one verb."""
    verbs = Counter(verb for table in tables for verb in table)
    if twice := sorted(verb for verb, count in verbs.items() if count > 1):
        raise ValueError(f"answered twice: {', '.join(twice)}")
    return {verb: press for table in tables for verb, press in table.items()}
