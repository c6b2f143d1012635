"""Tells a member what went wrong."""

from __future__ import annotations

import uuid
from contextlib import suppress

import discord
from discord import app_commands

from bot.wording import language_of, said
from pipeline.errors import TaleError, Unwell
from pipeline.log import log_of
from pipeline.wording import sentence

_NO_MESSAGE_ANY_MORE = frozenset({10008, 10015, 10062, 50027})
"""Discord's error codes for an interaction or message that is gone: nobody can be told any more."""
NEEDED = ("view_channel", "send_messages", "embed_links", "attach_files")
log = log_of("refusals")


async def refuse(interaction: discord.Interaction, error: BaseException) -> None:
    """Send one sentence to the asker alone; for a fault of the bot with a short id that is in the log."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, discord.HTTPException) and cause.code in _NO_MESSAGE_ANY_MORE:
        log.info("interaction_gone", code=cause.code)
        return
    told = told_of(cause, interaction)
    try:
        await answer_alone(interaction, told)
    except discord.HTTPException as late:
        log.info("refusal_not_sent", code=late.code, status=late.status)


def told_of(error: BaseException, interaction: discord.Interaction) -> str:
    """Return the sentence; a fault of the bot leaves a trace in the log under the id that the sentence names."""
    locale = interaction.locale.value
    if isinstance(error, TaleError):
        log.info("refused", code=error.code, command=_name(interaction))
        return sentence(error, language_of(locale))
    if _is_database_away(error):
        log.warning("database_away", command=_name(interaction), why=(str(error).splitlines() or [""])[0])
        return sentence(Unwell("road_closed", why=type(error).__name__), language_of(locale))
    short = uuid.uuid4().hex[:8]
    log.error("command_broke", id=short, command=_name(interaction), exc_info=error)
    if isinstance(error, discord.Forbidden):
        channel = f"<#{interaction.channel_id}>"
        return said("refusals.forbidden", locale, channel=channel, permissions=lacking(interaction, locale), id=short)
    if isinstance(error, discord.DiscordServerError):
        return said("refusals.discord_unwell", locale, id=short)
    return said("refusals.broke", locale, id=short)


def _is_database_away(error: BaseException) -> bool:
    """Whether the database is away, or too busy for a free connection: it comes back by itself."""
    from sqlalchemy import exc  # as `unsteady` of the teller

    return isinstance(error, exc.InterfaceError | exc.OperationalError | exc.TimeoutError)


def warning_of(interaction: discord.Interaction) -> str:
    """Return a warning of permissions that the bot does not have here; "" where it has all."""
    # Said with the wish: once the interaction's token is old, the bot needs them to post.
    missing, locale = _missing(interaction), interaction.locale.value
    named = ", ".join(said(f"permissions.{name}", locale) for name in missing)
    return said("refusals.lacks", locale, channel=f"<#{interaction.channel_id}>", permissions=named) if missing else ""


def lacking(interaction: discord.Interaction, locale: str) -> str:
    """Return the permissions that a tale needs and the bot does not have, named as in Discord's settings."""
    return ", ".join(said(f"permissions.{name}", locale) for name in _missing(interaction) or NEEDED)


def _missing(interaction: discord.Interaction) -> list[str]:
    """Return missing permissions; none where the bot is no member, since only the interaction lets it answer."""
    if interaction.guild is None or not interaction.is_guild_integration():
        return []
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = ["send_messages_in_threads" if in_thread and name == "send_messages" else name for name in NEEDED]
    return [name for name in needed if not getattr(interaction.app_permissions, name)]


async def answer_alone(interaction: discord.Interaction, text: str) -> None:
    """Answer the asker alone; a deferred answer that all would see is deleted first."""
    if not interaction.response.is_done():
        await interaction.response.send_message(text, ephemeral=True)
        return
    if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        # The first follow-up takes the deferred answer's place, and with it its audience.
        with suppress(discord.HTTPException):
            await interaction.delete_original_response()
    await interaction.followup.send(text, ephemeral=True)


def _name(interaction: discord.Interaction) -> str:
    return interaction.command.qualified_name if interaction.command else str(interaction.type.name)
