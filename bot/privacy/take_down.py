"""Messages of erased tales, taken down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import discord

from bot.library.records import KeptTale, posts_of
from pipeline.log import log_of

log = log_of("privacy")


async def take_down(client: discord.Client, tales: Iterable[KeptTale]) -> int:
    """Cards, delivered messages and their threads, where they may still be reached; says how many messages went."""
    gone = 0
    for tale in tales:
        posts = (*posts_of(tale), *_paged_before(tale))
        for channel, message in posts:
            gone += await _gone(client, channel, message)
        # A thread bears the number of the message it began from. Without leave to manage threads it stays, empty.
        for thread in {channel for channel, _ in posts} & {message for _, message in posts}:
            with suppress(discord.HTTPException):
                await client.http.delete_channel(thread)
    return gone


def _paged_before(tale: KeptTale) -> Iterator[tuple[int, int]]:
    """Earlier versions did not say which messages stood in the thread that began from the first."""
    first, *others = tale.delivered or ("",)
    if tale.server and first.isdecimal():
        yield from ((int(first), int(one)) for one in others if one.isdecimal())


async def _gone(client: discord.Client, channel: int, message: int) -> bool:
    try:
        await client.get_partial_messageable(channel).get_partial_message(message).delete()
    except discord.HTTPException as error:
        log.info("message_stays", code=error.code, status=error.status)
        return False
    return True
