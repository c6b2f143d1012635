"""Messages of erased tales, taken down."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import discord

from bot.library.kept import KeptTale, posts_of
from pipeline.log import log_of

log = log_of("privacy")


async def take_down(client: discord.Client, tales: Iterable[KeptTale]) -> int:
    """Cards, delivered messages and their threads, where they may still be reached; says how many messages went."""
    gone = 0
    for tale in tales:
        posts = posts_of(tale)
        for channel, message in posts:
            gone += await _gone(client, channel, message)
        # Without leave to manage threads it stays, empty.
        for thread in _threads(tale, posts):
            with suppress(discord.HTTPException):
                await client.http.delete_channel(thread)
    return gone


def _threads(tale: KeptTale, posts: Iterable[tuple[int, int]]) -> set[int]:
    """A thread bears the number of the message it began from; earlier versions did not say what stood in one."""
    begun = {message for _, message in posts}
    first = tale.delivered[0] if tale.server and len(tale.delivered) > 1 else ""
    return ({channel for channel, _ in posts} & begun) | ({int(first)} if first.isdecimal() else set())


async def _gone(client: discord.Client, channel: int, message: int) -> bool:
    try:
        await client.get_partial_messageable(channel).get_partial_message(message).delete()
    except discord.HTTPException as error:
        log.info("message_stays", code=error.code, status=error.status)
        return False
    return True
