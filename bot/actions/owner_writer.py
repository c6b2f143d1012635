"""A better writer, offered to the bot's owner."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord.ui import Button

from bot.maintenance.writer_switch import DEFAULT
from bot.services import services_of
from bot.ui.persistent import Item
from bot.wording import said
from pipeline.errors import Refused
from pipeline.words.standing import BetterWriter

WRITER = "writer"
TAKE, NEVER, BACK = "take", "never", "back"


def is_owner(interaction: discord.Interaction) -> bool:
    """Whether the bot is this member's: their machine, their disk, their decision."""
    bot = interaction.client.application
    if bot is None:
        return False
    owners = bot.team.members if bot.team else [bot.owner]
    return interaction.user.id in {one.id for one in owners}


async def offer_of(interaction: discord.Interaction) -> BetterWriter | None:
    """Return what fits this machine and was neither taken up nor declined."""
    services = services_of(interaction)
    standing = await services.now.standing()
    better = standing.better if standing else None
    if better is None or await services.writer.wanted() or await services.writer.declined(better.model):
        return None
    return better


async def writer_panel(interaction: discord.Interaction, room: str) -> tuple[str, Sequence[Item]]:
    """Return one line, and a button for each answer to it; raises Refused `settings_owner_only`."""
    _check_owner(interaction)
    locale = interaction.locale.value

    def button(name: str, style: discord.ButtonStyle) -> Item:
        label = said(f"settings.writer.{name}", locale)[:80]
        return Button(label=label, style=style, custom_id=f"{room}:{WRITER}:{name}")

    wanted, better = await services_of(interaction).writer.wanted(), await offer_of(interaction)
    if wanted:
        told = said("settings.writer.wanted", locale, model=wanted)
        return told, [button(BACK, discord.ButtonStyle.secondary)]
    if better is None:
        return said("settings.writer.none", locale), []
    tale = f"{better.tale_s:.0f} s" if better.tale_s else said("settings.writer.untried", locale)
    size = f"{better.fetch_bytes / 1e9:.1f} GB"
    told = said("settings.writer.offer", locale, model=better.model, size=size, tale=tale, licence=better.licence)
    return told, [button(TAKE, discord.ButtonStyle.success), button(NEVER, discord.ButtonStyle.secondary)]


async def decide(interaction: discord.Interaction, answer: str) -> None:
    """Take it up, never offer it again, or go back to the writer before; raises what the verb refuses."""
    _check_owner(interaction)
    await interaction.response.defer()  # the verb starts a Python of its own, which may take longer than Discord waits
    writer, better = services_of(interaction).writer, await offer_of(interaction)
    if answer == BACK:
        await writer.use(DEFAULT)
    elif better is None:
        return  # decided meanwhile, on another screen
    elif answer == TAKE:
        await writer.use(better.model)
    elif answer == NEVER:
        await writer.decline(better.model)


def _check_owner(interaction: discord.Interaction) -> None:
    if not is_owner(interaction):
        raise Refused("settings_owner_only")
