"""The message that shows what plays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import discord

from bot.voice.player.player import Booth
from bot.voice.player.status import Doing, Now, shown
from pipeline.log import log_of

EDIT_EVERY_S = 2.0
"""Seconds: Discord takes five edits in five seconds; captions follow lines, which last longer."""
_REFUSED = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
log = log_of("board")
Buttons = Callable[[Now, int], discord.ui.View]
"""What can be pressed while this plays in this guild."""


class Board:
    """One message in the voice channel's own chat, kept up to date while a tale is told, deleted afterwards."""

    def __init__(
        self,
        client: discord.Client,
        guild_id: int,
        booth: Booth,
        buttons: Buttons,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client, self._guild_id, self._booth, self._sleep = client, guild_id, booth, sleep
        self._buttons = buttons
        self._message: discord.Message | None = None
        self._shown: Now | None = None
        self._keeping: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Start showing: something plays, or will soon."""
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep(), name=f"board {self._guild_id}")

    async def close(self) -> None:
        """Delete the message and stop showing."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._take_down()

    async def _keep(self) -> None:
        while self._booth.busy:
            # Looked at, not pushed: between two edits many events come, and only the last state matters.
            now = self._booth.now
            if now.doing is Doing.NOTHING:
                await self._take_down()
            elif self._shown is None or _differ(now, self._shown):
                await self._show(now)
            await self._sleep(EDIT_EVERY_S)
        await self._take_down()

    async def _show(self, now: Now) -> None:
        """Post or edit the message; without permission to write there is none, and nothing else is lost."""
        channel = self._client.get_channel(now.channel_id)
        if not isinstance(channel, discord.VoiceChannel | discord.StageChannel):
            return
        if self._message is not None and self._message.channel.id != channel.id:
            await self._take_down()  # a moderator moved the bot: the message follows it
        embed, view = shown(now), self._buttons(now, self._guild_id)
        # Noted before it is sent: a refused edit is not tried again until something changes.
        self._shown = now
        try:
            if self._message is None:
                self._message = await channel.send(embed=embed, view=view, silent=True)
            else:
                self._message = await self._message.edit(embed=embed, view=view)
        except discord.NotFound:
            self._message = None  # somebody deleted it: the next change posts another
        except _REFUSED as error:
            log.debug("now_playing_not_shown", guild=self._guild_id, why=repr(error)[:200])

    async def _take_down(self) -> None:
        # Cleared before the await: `close` and the loop may both come here.
        message, self._message, self._shown = self._message, None, None
        if message is not None:
            with suppress(*_REFUSED):
                await message.delete()


def _differ(now: Now, shown_then: Now) -> bool:
    """Whether a reader would see a difference; a few seconds are none."""
    return shown(now).to_dict() != shown(shown_then).to_dict() or now.doing is not shown_then.doing
