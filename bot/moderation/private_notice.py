"""Sends a sentence to one member alone."""

from __future__ import annotations

import discord

from bot.ui.card_message import UNREACHED, answer_of
from pipeline.log import log_of

log = log_of("moderation")


async def tell_alone(client: discord.Client, member: str, text: str, token: str = "") -> bool:
    """Answer under their command while its `token` is good, else in direct messages; False where neither works."""
    try:
        if token:
            await answer_of(client, token).send(text, ephemeral=True)
            return True
    except UNREACHED as error:  # fifteen minutes are over, or the bot's application changed
        log.info("private_notice_expired", why=type(error).__name__)
    try:
        channel = await client.create_dm(discord.Object(int(member)))
        await channel.send(text)
    except UNREACHED as error:
        log.info("member_unreached", why=type(error).__name__)
        return False
    return True
