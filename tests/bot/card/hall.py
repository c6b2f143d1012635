"""A client that asks and waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import discord
from discord import app_commands

from bot.card.live import LiveCard
from bot.card.render import CardStyle
from bot.card.state import CardState
from bot.library.records import DeliveryOptions, KeptTale
from bot.ui.card_message import CardMessage, Stands
from tests.bot.library.samples import wished
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running


class Client(discord.Client):
    """Takes /tale and thinks."""

    def __init__(self, double: LoopbackDiscord, only_me: bool) -> None:
        none = discord.AllowedMentions.none()
        super().__init__(intents=discord.Intents.default(), connector=double.connector(), allowed_mentions=none)
        self.tree = app_commands.CommandTree(self)
        self.asked: asyncio.Queue[discord.Interaction] = asyncio.Queue()
        self._only_me = only_me

    async def setup_hook(self) -> None:
        @self.tree.command(name="tale", description="Tells")
        async def tale(interaction: discord.Interaction, prompt: str) -> None:
            await interaction.response.defer(thinking=True, ephemeral=self._only_me)
            self.asked.put_nowait(interaction)

        await self.tree.sync()


@dataclass
class Hall:
    """One member, one tale, its message."""

    double: LoopbackDiscord
    guild: Neighbourhood
    ana: Person
    client: Client
    reply: Reply
    tale: KeptTale
    stood: list[Stands] = field(default_factory=list)

    def post(self, **tale: Any) -> CardMessage:
        """The card's message, remembered in `stood`."""

        async def remember(stands: Stands) -> None:
            self.stood.append(stands)

        return CardMessage(self.client, replace(self.tale, **tale), remember, self.double.clock.now_s)

    def card(self, post: CardMessage | None = None, state: CardState | None = None) -> LiveCard:
        """Alive by the double's clock."""
        clock = self.double.clock
        state = state or CardState.of(self.tale)
        return LiveCard(post or self.post(), state, CardStyle(), sleep=clock.sleep, clock=clock.now_s)

    def known(self) -> dict[str, str]:
        """What the library would know of the message."""
        return {"card_message": str(self.stood[-1].message), "card_channel": str(self.stood[-1].channel)}

    @property
    def screen(self) -> list[Shown]:
        """What stands in the channel."""
        return [seen for seen in self.ana.screen() if not seen.deleted]


@asynccontextmanager
async def hall(prompt: str = "a lighthouse", **delivery: Any) -> AsyncIterator[Hall]:
    """Ana asked, and the bot thinks."""
    async with LoopbackDiscord() as double:
        guild = double.guild()
        ana = guild.member("Ana")
        async with running(double, Client(double, bool(delivery.get("only_me")))) as client:
            reply = await ana.tale(prompt)
            asked = await client.asked.get()
            tale = wished(
                server=str(guild.id), channel=str(guild.text.id), member=str(ana.id), interaction_token=asked.token,
                asked_at=double.clock.now_s(), delivery=DeliveryOptions(**delivery),
            )  # fmt: skip
            yield Hall(double, guild, ana, client, reply, tale)
