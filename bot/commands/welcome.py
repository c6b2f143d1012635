"""One message for a new server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import discord

from bot.commands.privacy import privacy
from bot.commands.server_settings import settings
from bot.ui.escape import shown
from bot.ui.persistent import parts
from bot.wording import language_of, said
from pipeline.errors import Missing, Refused
from pipeline.log import log_of
from pipeline.places import DATA
from pipeline.tables import FALLBACK

EXAMPLES = DATA / "examples" / "to_hear"
ROOM = "welcome"
_COLOUR = 0xE0A840
log = log_of("welcome")


@dataclass(frozen=True)
class Example:
    """A finished tale that ships with the project."""

    title: str
    language: str
    sound: Path


async def welcome(guild: discord.Guild) -> bool:
    """Post one message to a new server; returns whether the bot may."""
    room = room_of(guild)
    if room is None:
        return False
    locale = guild.preferred_locale.value
    page = discord.Embed(title=said("welcome.head", locale), description=said("welcome.what", locale), colour=_COLOUR)
    try:
        # The nonce: Discord drops a second one where the gateway reports the same server twice.
        await room.send(embed=page, view=_buttons(locale), nonce=f"hello-{guild.id}")
    except discord.HTTPException as error:
        log.info("welcome_not_sent", server=guild.id, code=error.code)
        return False
    return True


def room_of(guild: discord.Guild) -> discord.TextChannel | None:
    """Return where the server greets newcomers, else the first channel where the bot may write."""
    rooms = [room for room in (guild.system_channel, *guild.text_channels) if room is not None]
    allowed = ((room, room.permissions_for(guild.me)) for room in rooms)
    return next((room for room, may in allowed if may.view_channel and may.send_messages and may.embed_links), None)


async def _example(interaction: discord.Interaction) -> None:
    """Send a tale from disk at once, without any model; in the member's language where there is one."""
    locale = interaction.locale.value
    every = await asyncio.to_thread(examples)
    one = next((each for each in every if each.language == language_of(locale)), every[0])
    file = discord.File(one.sound, f"{one.sound.parent.name}.ogg")
    await interaction.followup.send(said("welcome.example", locale, title=shown(one.title)), file=file)


@cache
def examples() -> tuple[Example, ...]:
    """Return the tales of data/examples, the fallback language's first."""
    told = ((json.loads(file.read_text(encoding="utf-8")), file.parent) for file in EXAMPLES.glob("*/tale.json"))
    found = [Example(tale["title"], tale["language"], folder / "tale.opus") for tale, folder in told]
    return tuple(sorted(found, key=lambda one: (one.language != FALLBACK, one.title)))


async def _pressed(interaction: discord.Interaction, what: str, _values: tuple[str, ...]) -> None:
    if what not in _ANSWERS:
        raise Missing("tale_gone")  # the bot never made such a button: a forged id
    if what == "settings" and not interaction.permissions.manage_guild:
        raise Refused("gate_manager")
    # To this member alone: the message stays as it is for all others.
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _ANSWERS[what](interaction)


_ANSWERS = {"hear": _example, "settings": settings, "privacy": privacy}


BUTTONS = parts(ROOM, _pressed)
"""Added to the client once, so that they outlive a restart."""


def _buttons(locale: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for name in ("hear", "settings", "privacy"):
        view.add_item(discord.ui.Button(label=said(f"welcome.{name}", locale), custom_id=f"{ROOM}:{name}"))
    view.stop()
    return view
