"""Deletes the messages of erased tales."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import discord

from bot.discord_rest import delete_thread
from bot.library.posts import posts_of
from bot.library.records import KeptTale
from pipeline.log import log_of

log = log_of("privacy")


async def take_down(client: discord.Client, tales: Iterable[KeptTale]) -> int:
    """Delete cards, delivered messages and their threads, where Discord allows; returns how many messages."""
    gone = 0
    for tale in tales:
        posts = (*posts_of(tale), *_paged_before(tale))
        for channel, message in posts:
            gone += await _gone(client, channel, message)
        # A thread has the id of the message it began from. Without permission to manage threads it stays, empty.
        for thread in {channel for channel, _ in posts} & {message for _, message in posts}:
            with suppress(discord.HTTPException):
                await delete_thread(client, thread)
    return gone


def _paged_before(tale: KeptTale) -> Iterator[tuple[int, int]]:
    """Give messages that earlier versions posted in a thread without noting which."""
    first, *others = tale.delivered or ("",)
    if tale.server and first.isdecimal():
        yield from ((int(first), int(one)) for one in others if one.isdecimal())


async def _gone(client: discord.Client, channel: int, message: int) -> bool:
    try:
        await client.get_partial_messageable(channel).get_partial_message(message).delete()
    except discord.HTTPException as error:
        log.info("message_not_deleted", code=error.code, status=error.status)
        return False
    return True
