"""The command that tells a tale."""

from __future__ import annotations

import random
import uuid
from typing import Any

import discord
from discord import app_commands

from bot.library.kept import Delivery, Where
from bot.services import place_of, services_of
from bot.teller import Wish
from pipeline.words.prompt import MAX_PROMPT_CHARS, Prompt


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Put it on the list."""
    tree.add_command(app_commands.command(name="tale")(tale))


async def tale(interaction: discord.Interaction, prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARS]) -> None:
    await interaction.response.defer(thinking=True)
    server, channel = place_of(interaction)
    delivery = Delivery(Where.UPLOAD, locale=interaction.locale.value)
    wish = Prompt(prompt, random.getrandbits(31))
    job = uuid.uuid4().hex
    await services_of(interaction).teller.begin(
        Wish(job, server, channel, str(interaction.user.id), wish, delivery, interaction.token)
    )
