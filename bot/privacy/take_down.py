"""Messages of erased tales, taken down."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import discord

from bot.library.kept import KeptTale
from pipeline.log import log_of

log = log_of("privacy")


async def take_down(client: discord.Client, tales: Iterable[KeptTale]) -> int:
    """Cards and delivered messages, where they still stand and may be reached; says how many went."""
    gone = 0
    for tale in tales:
        for channel, message in dict.fromkeys(map(partial(_place, tale), (*tale.delivered, tale.card_message))):
            if message.isdecimal() and channel.isdecimal():
                gone += await _gone(client, int(channel), int(message))
    return gone


def _place(tale: KeptTale, delivered: str) -> tuple[str, str]:
    """Channel and message; while a tale is being delivered, each part says which channel it stands in."""
    _, _, rest = delivered.partition(":")
    channel, _, message = rest.partition(":")
    return (channel, message) if message else (tale.card_channel or tale.channel, delivered)


async def _gone(client: discord.Client, channel: int, message: int) -> bool:
    try:
        await client.get_partial_messageable(channel).get_partial_message(message).delete()
    except discord.HTTPException as error:
        log.info("message_stays", code=error.code, status=error.status)
        return False
    return True
