"""The channel in which managers see what happened."""

from __future__ import annotations

import discord

from bot.gate.word_filter import DANGER
from bot.library.records import KeptTale, ServerSettings
from bot.ui.persistent import Interaction
from bot.wording import language_of, said
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.wording import sentence

log = log_of("mod_log")


async def note(client: discord.Client, settings: ServerSettings, text: str) -> bool:
    """Write a line in the server's mod log; False where there is none or it cannot be written."""
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


async def note_asked(interaction: Interaction, rules: ServerSettings, tale: KeptTale) -> None:
    """Note who asked and where, without their words: an erase does not reach the mod log."""
    locale, channel = _locale(interaction), f"<#{tale.channel}>"
    line = said("mod_log.asked", locale, who=interaction.user.mention, channel=channel, id=tale.id[:8])
    await note(interaction.client, rules, line)


async def note_refused(interaction: Interaction, rules: ServerSettings, error: TaleError) -> None:
    """Note a refusal with its reason; never of somebody in danger."""
    if error.code == DANGER:
        return
    locale, channel = _locale(interaction), f"<#{interaction.channel_id}>"
    why = sentence(error, language_of(locale))
    line = said("mod_log.refused", locale, who=interaction.user.mention, channel=channel, why=why)
    await note(interaction.client, rules, line)


async def note_undone(client: discord.Client, rules: ServerSettings, tale: KeptTale, why: TaleError) -> None:
    """Note a tale that was refused while it was told; never of somebody in danger."""
    if why.code == DANGER:
        return
    guild = client.get_guild(int(tale.server)) if tale.server else None
    locale = guild.preferred_locale.value if guild else tale.delivery.locale
    who, channel, reason = f"<@{tale.member}>", f"<#{tale.channel}>", sentence(why, language_of(locale))
    await note(client, rules, said("mod_log.refused", locale, who=who, channel=channel, why=reason))


async def note_listening(interaction: Interaction, rules: ServerSettings, room: int, what: str) -> None:
    """Note that a listening `began` or `ended`."""
    line = said(f"mod_log.listening.{what}", _locale(interaction), who=interaction.user.mention, channel=f"<#{room}>")
    await note(interaction.client, rules, line)


def _locale(interaction: Interaction) -> str:
    return (interaction.guild_locale or interaction.locale).value
