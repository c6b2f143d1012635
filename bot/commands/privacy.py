"""The command for a member's own data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ui import Button, Select

from bot.actions.clone_job import delete
from bot.library.consents import Given
from bot.library.records import Consent
from bot.momentary import momentary_folder
from bot.privacy.export import exported
from bot.privacy.store import ExportedItem
from bot.privacy.take_down import take_down
from bot.services import services_of
from bot.ui.persistent import Item, parts, show, view_of
from bot.wording import said

ROOM = "privacy"
ANSWER_WITHIN_S = 300.0
"""Longest wait for messages to be taken down before the member gets an answer."""
_SPARE = 0.9
"""Share of the upload limit that an export may use: the request around it counts too."""


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and its buttons to the client."""
    tree.add_command(app_commands.command(name="privacy")(privacy))
    tree.client.add_dynamic_items(PARTS)


async def privacy(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _overview(interaction)


async def _pressed(interaction: discord.Interaction, what: str, values: tuple[str, ...]) -> None:
    match what:
        case "export":
            await _export(interaction)
        case "erase":
            locale = interaction.locale.value
            sure = Button[Any](
                label=said("privacy.erase_sure", locale), style=discord.ButtonStyle.danger, custom_id=f"{ROOM}:erased"
            )
            back = Button[Any](label=said("privacy.back", locale), custom_id=f"{ROOM}:back")
            await show(interaction, said("privacy.sure", locale), view_of([sure, back], PARTS))
        case "erased":
            await _erase(interaction)
        case "withdraw":
            await interaction.response.defer()
            for value in {*values} & {*Consent}:  # a forged request may send what was never offered
                await _withdraw(interaction, Consent(value))
            await _overview(interaction)
        case _:
            await interaction.response.defer()
            await _overview(interaction)


PARTS = parts(ROOM, _pressed)


async def _withdraw(interaction: discord.Interaction, what: Consent) -> None:
    """Withdraw a consent; a learnt voice is erased with the consent to learn it."""
    services, member = services_of(interaction), str(interaction.user.id)
    await services.library.consents.withdraw(member, [what])
    if what is Consent.CLONE:
        await delete(services.library, services.privacy, member)


async def _overview(interaction: discord.Interaction) -> None:
    services, member, locale = services_of(interaction), str(interaction.user.id), interaction.locale.value
    found = await services.privacy.found(member)
    given = await services.library.consents.of_member(member)
    text = "\n".join([f"### {said('privacy.kept', locale)}", *_lines(found, locale), "", said("privacy.why", locale)])
    await show(interaction, text[:2_000], view_of(_items(given, locale), PARTS))


def _lines(found: Mapping[str, Sequence[ExportedItem]], locale: str) -> list[str]:
    """Return a line for each kind of kept thing, with its count; one line where nothing is kept."""
    lines = []
    for thing in found.get("library", ()):
        kind = thing.name.removeprefix("library/").removesuffix(".json")
        lines.append(f"- {said(f'privacy.thing.{kind}', locale, count=thing.rows)}")
    for store in ("road", "sounds"):
        things = found.get(store, ())
        if things:
            rows, size_mb = sum(one.rows for one in things), round(sum(one.size for one in things) / 1e6, 1)
            lines.append(f"- {said(f'privacy.thing.{store}', locale, count=rows, mb=size_mb)}")
    return lines or [said("privacy.nothing", locale)]


def _items(given: Sequence[Given], locale: str) -> Iterator[Item]:
    yield Button(label=said("privacy.export", locale), custom_id=f"{ROOM}:export", row=0)
    style = discord.ButtonStyle.danger
    yield Button(label=said("privacy.erase", locale), style=style, custom_id=f"{ROOM}:erase", row=0)
    kinds = sorted({one.what for one in given})
    if kinds:
        options = [discord.SelectOption(label=said(f"privacy.consent.{kind}", locale), value=kind) for kind in kinds]
        asks = said("privacy.withdraw", locale)
        yield Select(custom_id=f"{ROOM}:withdraw", placeholder=asks, options=options, max_values=len(options), row=1)


async def _export(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, member = services_of(interaction), str(interaction.user.id)
    async with momentary_folder("export") as folder:
        most = int(interaction.filesize_limit * _SPARE)
        file = await exported(services.privacy, member, folder, most)
        data = await asyncio.to_thread(discord.File, file, f"echotales-{member}.zip")
        await interaction.followup.send(said("privacy.exported", interaction.locale.value), file=data, ephemeral=True)


async def _erase(interaction: discord.Interaction) -> None:
    await interaction.response.defer()
    services, member, locale = services_of(interaction), str(interaction.user.id), interaction.locale.value
    gone = await services.privacy.erase_member(member)
    # Thousands of messages take longer than this answer may be given: then it is given before the last of them.
    going_down = asyncio.create_task(take_down(interaction.client, gone), name="take down")
    await asyncio.wait({going_down}, timeout=ANSWER_WITHIN_S)  # unlike wait_for, it does not cancel
    text = said("privacy.erased", locale, count=len(gone))
    await interaction.edit_original_response(content=text, view=None)
    await going_down
