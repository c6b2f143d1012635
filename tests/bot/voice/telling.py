"""A server's booth with listeners, for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import discord

from bot.actions.player_buttons import buttons_of
from bot.library.records import ServerSettings
from bot.voice.call import Call
from bot.voice.join import Patience
from bot.voice.player.buffering import Machine
from bot.voice.player.player import Booth
from bot.voice.player.players import Booths
from bot.voice.player.queue_item import LiveTale
from bot.voice.player.timings import Manners
from tests.bot.voice.calling import QUICK, settled
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Channel
from tests.pipeline.audio.making import Made

BRISK = Manners(
    breath_s=0.3, alone_s=1.0, idle_s=0.4, paused_s=60.0, vamp_s=30.0, waits_s=60.0, blink_s=0.2, look_s=0.02
)


@dataclass
class Card:
    """Keeps what it was told."""

    heard_s: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def heard_to(self, at_s: float) -> None:
        self.heard_s.append(at_s)

    def without_voice(self, code: str, **fields: object) -> None:
        self.refused.append(code)


@dataclass
class Evening:
    """A server's booth, its rules, and cards of what is told."""

    booths: Booths
    guild: Neighbourhood
    cards: dict[str, Card] = field(default_factory=dict)

    @property
    def booth(self) -> Booth:
        return self.booths.of(self.guild.id)

    @property
    def call(self) -> Call:
        return self.booths.call(self.guild.id)

    def wants(
        self,
        tale: Made,
        member: int,
        name: str = "one",
        channel: Channel | None = None,
        begin_at: int = 0,
        *,
        at_once: bool = False,
    ) -> Callable[[int], None]:
        """Line a tale up; gives what lets so many of its events come."""
        card = self.cards[name] = Card()
        channel_id = (channel or self.guild.voice).id
        self.booth.line_up(
            LiveTale(name, name, member, channel_id, tale.path_of, card, begin_at=begin_at, at_once=at_once)
        )
        told = 0

        def come(count: int) -> None:
            nonlocal told
            for event in tale.events[told:count]:
                self.booth.hear(name, event)
            told = max(told, count)

        return come

    async def telling(self, name: str) -> None:
        """Until it is heard."""
        await settled(lambda: self.booth.now.tale == name and self.booth.now.at_s > 0)


def evening_of(
    client: discord.Client,
    guild: Neighbourhood,
    tale: Made,
    folder: Path,
    rules: ServerSettings | None = None,
    manners: Manners = BRISK,
    patience: Patience = QUICK,
    machine: Machine | None = None,
    able: Callable[[], Awaitable[bool]] | None = None,
) -> Evening:
    """With quick manners."""

    async def decided(_: str) -> ServerSettings:
        return rules or ServerSettings()

    mark = folder / "bookmarks.json"
    booths = Booths(
        client,
        tale.path_of,
        decided,
        mark,
        buttons=buttons_of,
        manners=manners,
        patience=patience,
        machine=machine,
        able=able,
    )
    return Evening(booths, guild)
