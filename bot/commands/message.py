"""A message, told as a tale."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.library.records import Consent
from bot.request_tale.attachments import draft_of, draft_of_link, is_sound, is_text
from bot.request_tale.options import Draft, TaleOptions
from bot.request_tale.request import begin
from bot.services import Services, services_of
from bot.wording import said
from pipeline.errors import Refused
from pipeline.sources.fetch import is_link
from pipeline.words.prompt import MAX_PROMPT_CHARS


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the menu of messages."""
    tree.add_command(app_commands.context_menu(name=said("commands.tell_this.called"))(tell_this))


async def tell_this(interaction: discord.Interaction, message: discord.Message) -> None:
    """Take a message's words, or its recording, as the wish."""
    await interaction.response.defer(thinking=True)
    author, words = message.author, _words(message)
    # Its author is named: they may take the tale away, though they did not ask for it.
    people = (str(author.id),)
    files = [one for one in message.attachments if is_sound(one)] or ([] if words else message.attachments)
    files = files or [one for one in message.attachments if not is_text(one)]
    if files:
        attached = partial(_read, services_of(interaction), interaction, message, files[0])
        await begin(interaction, Draft(message.content[:MAX_PROMPT_CHARS], people=people), TaleOptions(), attached)
        return
    if not words:
        raise Refused("gate_message_wordless")
    if is_link(words):
        linked = partial(draft_of_link, words)
        await begin(interaction, Draft(words[:MAX_PROMPT_CHARS], people=people), TaleOptions(), linked)
        return
    await begin(
        interaction, Draft(words[:MAX_PROMPT_CHARS], names=(author.display_name,), people=people), TaleOptions()
    )


def _words(message: discord.Message) -> str:
    embedded = "\n".join(one.description for one in message.embeds if one.description)
    return (message.content or embedded).strip()


async def _read(
    services: Services, interaction: discord.Interaction, message: discord.Message, file: discord.Attachment
) -> Draft:
    author = message.author
    read = await draft_of(file, author.display_name, _words(message)[:MAX_PROMPT_CHARS])
    if read.upload is None:
        return replace(read, people=(str(author.id),))
    # Somebody else's feeling is read from their voice only where they agreed to that.
    agreed = author.id == interaction.user.id or await services.library.consents.has(
        str(author.id), Consent.FEELING, str(interaction.guild_id or "")
    )
    return replace(read, text=message.content, read_feeling=agreed, people=(str(author.id),))
