"""The channel in which managers see what happened."""

from __future__ import annotations

import discord

from bot.library.records import ServerSettings
from pipeline.log import log_of

log = log_of("mod_log")


async def note(client: discord.Client, settings: ServerSettings, text: str) -> bool:
    """One line in the server's mod log; False where there is none or it cannot be written."""
    if not settings.mod_log.isdecimal():
        return False
    channel = client.get_channel(int(settings.mod_log))
    if not isinstance(channel, discord.abc.Messageable):
        return False
    try:
        await channel.send(text, allowed_mentions=discord.AllowedMentions.none(), silent=True)
    except discord.HTTPException as error:
        log.info("mod_log_unwritten", channel=settings.mod_log, code=error.code)
        return False
    return True
