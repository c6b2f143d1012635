"""Our side of the gateway."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.commands import sync_commands
from bot.commands.welcome import BUTTONS, welcome
from bot.services import Services, services_of
from bot.tracker.metrics import Metrics
from bot.ui.refusals import refuse
from bot.ui.translator import Lettering
from bot.voice.discord_inside import come_back_soon, hold_presses
from pipeline.errors import Refused
from pipeline.log import log_of

TYPING = "typing"
"""Counted for itself: a client asks for suggestions at every letter."""
_SWITCH_S = 0.0005
"""For so long another thread may keep the interpreter from the loop; Python's own 5 ms count once for each thread."""
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
BY_ANYBODY = app_commands.AppInstallationType(guild=True, user=True)
log = log_of("client")


async def in_time(interaction: discord.Interaction[Any]) -> bool:
    """False for who is too quick: they are told when to come back, and while they only type, nothing.

    Commands, suggestions, presses, choices and sent forms all come by here, once, before anything looks at them.
    """
    typing = interaction.type is discord.InteractionType.autocomplete
    services = services_of(interaction)
    try:
        services.gate.floods.hold(f"{interaction.user.id}{TYPING if typing else ''}", services.clock())
    except Refused as error:
        if not typing:
            await refuse(interaction, error)
        return False
    return True


@contextmanager
def attentive() -> Iterator[None]:
    """While the block lasts, whoever works beside the loop gives way to it soon."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def settled() -> None:
    """All that is here stays: each look through thousands of servers for rubbish would hold the loop."""
    gc.freeze()


def unsettled() -> None:
    """What stood may go again."""
    gc.unfreeze()


class Tree(app_commands.CommandTree["TaleBot"]):
    """Every command that fails ends in one sentence for the member."""

    async def interaction_check(self, interaction: discord.Interaction[TaleBot], /) -> bool:
        """Whatever is invoked or typed; what is pressed or sent comes by the store of `hold_presses`."""
        return await in_time(interaction)

    async def on_error(self, interaction: discord.Interaction[TaleBot], error: app_commands.AppCommandError, /) -> None:
        """A member reads what happened; an operator finds the trace."""
        await refuse(interaction, error)


class TaleBot(discord.AutoShardedClient):
    """Application commands only, no privileged intent; remembers no members but those in voice."""

    def __init__(
        self,
        furnish: Callable[[TaleBot], AbstractAsyncContextManager[Services]],
        commands: Iterable[Callable[[app_commands.CommandTree[TaleBot]], None]],
        token: str,
        *,
        connector: aiohttp.BaseConnector | None = None,
        shards: int = 0,
    ) -> None:
        self.metrics = Metrics()
        come_back_soon()
        super().__init__(
            intents=discord.Intents(guilds=True, voice_states=True),
            member_cache_flags=discord.MemberCacheFlags(voice=True, joined=False),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            connector=connector,
            shard_count=shards or None,
            http_trace=self.metrics.trace(),
        )
        hold_presses(self, in_time)
        self.tree = Tree(self, allowed_contexts=EVERYWHERE, allowed_installs=BY_ANYBODY)
        self.services: Services
        self._token = token
        self._furnish, self._commands = furnish, commands
        self._rooms = AsyncExitStack()
        self._taken_up = False

    async def serve(self) -> None:
        """Log in and stay, until closed."""
        with attentive():
            await self.start(self._token)

    async def setup_hook(self) -> None:
        """The rooms are opened once the token is known to be good."""
        self.services = await self._rooms.enter_async_context(self._furnish(self))
        for add_to in self._commands:
            add_to(self.tree)
        self.add_dynamic_items(BUTTONS)
        await self.tree.set_translator(Lettering())
        await sync_commands.keep_true(self.tree)

    async def on_ready(self) -> None:
        """Guilds are known: what an earlier bot left open goes on. Discord says so again after a lost session."""
        left = await self.services.teller.resume()
        if not self._taken_up:
            self._taken_up = True
            await self.services.watch.resume()
            at = self.services
            await at.booths.resume(at.library.tales, at.artifacts, at.pools.files)
            settled()
            log.info("ready", guilds=len(self.guilds), tales_taken_up=left)

    async def on_resumed(self) -> None:
        """The gateway was away for a moment, and perhaps more than the gateway."""
        await self.services.teller.resume()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """A server invited us."""
        log.info("server_joined", server=guild.id, welcomed=await welcome(guild))

    async def close(self) -> None:
        """Rooms close while the connection still stands, so that cards may say their last word."""
        await self._rooms.aclose()
        await super().close()
        unsettled()
