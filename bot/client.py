"""The bot's Discord client."""

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
"""Counts apart from presses: a client asks for suggestions at every letter."""
_SWITCH_S = 0.0005
"""How long another thread may keep the interpreter from the loop; Python's own 5 ms add up over the threads."""
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
BY_ANYBODY = app_commands.AppInstallationType(guild=True, user=True)
log = log_of("client")


async def in_time(interaction: discord.Interaction[Any]) -> bool:
    """Whether a member is within the rate limit; who is not is told when to try again, or nothing while typing.

    Commands, suggestions, presses, choices and sent forms all pass here, once, before anything looks at them.
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
    """Let threads give way to the event loop soon, while the block lasts."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def settled() -> None:
    """Take all objects of the start out of garbage collection, whose walk through them would hold the loop."""
    gc.freeze()  # discord.py keeps objects for each of thousands of servers, all alive


def unsettled() -> None:
    """Undo `settled`: several bots in one process, as in the tests, would never be freed."""
    gc.unfreeze()


class Tree(app_commands.CommandTree["TaleBot"]):
    """Command tree in which every failure ends in one sentence for the member."""

    async def interaction_check(self, interaction: discord.Interaction[TaleBot], /) -> bool:
        """Check commands and suggestions; presses and forms are checked by the store of `hold_presses`."""
        return await in_time(interaction)

    async def on_error(self, interaction: discord.Interaction[TaleBot], error: app_commands.AppCommandError, /) -> None:
        """Tell the member what happened; the trace goes to the log."""
        await refuse(interaction, error)


class TaleBot(discord.AutoShardedClient):
    """Client with application commands only and no privileged intent; caches no members but those in voice."""

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
        come_back_soon()  # before super(): each shard takes its backoff when it is made
        super().__init__(
            intents=discord.Intents(guilds=True, voice_states=True),
            member_cache_flags=discord.MemberCacheFlags(voice=True, joined=False),
            chunk_guilds_at_startup=False,
            max_messages=None,  # no cache of what members write
            allowed_mentions=discord.AllowedMentions.none(),
            connector=connector,
            shard_count=shards or None,
            http_trace=self.metrics.trace(),
        )
        hold_presses(self, in_time)
        self.tree = Tree(self, allowed_contexts=EVERYWHERE, allowed_installs=BY_ANYBODY)
        self.services: Services  # there from `setup_hook` on
        self._token = token
        self._furnish, self._commands = furnish, commands
        self._rooms = AsyncExitStack()
        self._taken_up = False

    async def serve(self) -> None:
        """Log in and run until closed."""
        with attentive():
            await self.start(self._token)

    async def setup_hook(self) -> None:
        """Open stores and services; discord.py calls this once the token is known to be good."""
        self.services = await self._rooms.enter_async_context(self._furnish(self))
        for add_to in self._commands:
            add_to(self.tree)
        self.add_dynamic_items(BUTTONS)
        await self.tree.set_translator(Lettering())
        await sync_commands.keep_true(self.tree)

    async def on_ready(self) -> None:
        """Take up what an earlier bot left open, now that guilds are known; called again after a lost session."""
        left = await self.services.teller.resume()
        if not self._taken_up:
            self._taken_up = True  # before the awaits: Discord may say READY again meanwhile
            await self.services.watch.resume()
            at = self.services
            await at.booths.resume(at.library.tales, at.artifacts, at.pools.files)
            settled()
            log.info("ready", guilds=len(self.guilds), tales_taken_up=left)

    async def on_resumed(self) -> None:
        """Take up tales that a lost connection left: more than the gateway may have been away."""
        await self.services.teller.resume()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a server that invited the bot."""
        log.info("server_joined", server=guild.id, welcomed=await welcome(guild))

    async def close(self) -> None:
        """Close services while the connection still stands, so that cards can show their last state."""
        await self._rooms.aclose()
        await super().close()
        unsettled()
