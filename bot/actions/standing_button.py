"""A button in a voice channel's chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

import discord

from bot.actions.listen_buttons import LISTEN, MARK, button
from bot.library.records import KeptTale, ServerSettings, Where
from bot.tracker.outputs import Card, Follower
from bot.ui.card_message import UNREACHED
from bot.voice.join import Room
from bot.wording import said
from pipeline.log import log_of

LOOKED_BACK = 50
"""Latest messages that are searched for the button: where one has it, it is not offered again."""
log = log_of("standing")


class StandingButton(Follower):
    """Follows the tale tracker: a channel where a tale is told aloud gets a button to speak the next one, once."""

    def __init__(self, client: discord.Client, rules: Callable[[str], Awaitable[ServerSettings]]) -> None:
        self._client, self._rules = client, rules
        self._offering: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._offering.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def began(self, tale: KeptTale, _card: Card, sits_in: str) -> None:
        """Offer the button: the bot is about to join."""
        aloud = tale.delivery.where is not Where.UPLOAD and not tale.delivery.only_me
        room = self._client.get_channel(int(sits_in)) if sits_in and aloud else None
        # Two tales that begin together would both find no button and post two.
        if isinstance(room, discord.VoiceChannel | discord.StageChannel) and room.id not in self._offering:
            task = self._offering[room.id] = asyncio.create_task(self._offer(room), name=f"standing {room.id}")
            task.add_done_callback(lambda _: self._offering.pop(room.id, None))

    async def _offer(self, room: Room) -> None:
        rules = await self._rules(str(room.guild.id))
        may = room.permissions_for(room.guild.me)
        wanted = rules.listening and rules.voice_allowed and str(room.id) not in rules.never_here
        # Without the history nothing tells whether the button stands there already.
        if not wanted or not (may.view_channel and may.send_messages and may.read_message_history):
            return
        try:
            if not await _stands(room):
                await _put(room)
        except UNREACHED as error:
            log.info("standing_button_not_sent", server=room.guild.id, why=type(error).__name__)


async def _stands(room: Room) -> bool:
    async for message in room.history(limit=LOOKED_BACK):
        rows = (row for row in message.components if isinstance(row, discord.ActionRow))
        if message.author == room.guild.me and any(_listens(one) for row in rows for one in row.children):
            return True
    return False


def _listens(part: object) -> bool:
    return isinstance(part, discord.Button) and part.custom_id == MARK + LISTEN


async def _put(room: Room) -> None:
    """Post the button silently, so that nobody is notified."""
    locale = room.guild.preferred_locale.value
    view = discord.ui.View(timeout=None)
    view.add_item(button(LISTEN, locale))
    await room.send(said("ears.standing", locale), view=view, silent=True, nonce=f"speak-{room.id}")
    view.stop()  # presses are answered by custom id; a live view would be kept in memory for each channel
