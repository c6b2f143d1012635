"""Buttons and menus that outlive a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Self

import discord

from bot.ui.refusals import refuse

Item = discord.ui.Item[Any]
Interaction = discord.Interaction[Any]
Answer = Callable[[Interaction, Mapping[str, str], tuple[str, ...]], Awaitable[None]]
"""Called with the named groups of the custom id, "" for missing ones, and what was chosen in a menu."""
RoomAnswer = Callable[[Interaction, str, tuple[str, ...]], Awaitable[None]]
"""The same for ids of the form `room:what`."""


class PersistentItem(discord.ui.DynamicItem[Item], template=r"never pressed"):
    """Button or menu whose custom id holds all that its answer needs, so that it works after a restart."""

    answer: Answer

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, item: Item, _match: re.Match[str], /) -> Self:
        """Return the item as it is on the message."""
        return cls(item)

    async def callback(self, interaction: Interaction) -> None:
        """Answer the press; a failure is one sentence for the member who pressed."""
        match = self.template.fullmatch(self.custom_id)
        data: Any = interaction.data
        chosen = tuple(str(one) for one in data.get("values") or ())
        try:
            await type(self).answer(interaction, match.groupdict("") if match else {}, chosen)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it: the member must hear
            await refuse(interaction, error)


def persistent(pattern: str, answer: Answer) -> type[PersistentItem]:
    """Return the kind of item whose custom ids match `pattern`; it must be added to the client once."""

    # A class for each: discord.py finds a DynamicItem by its class and takes the template at its definition.
    class OfPattern(PersistentItem, template=pattern):
        pass

    OfPattern.answer = staticmethod(answer)
    return OfPattern


def parts(room: str, answer: RoomAnswer) -> type[PersistentItem]:
    """Return the same for all custom ids that begin with `room:`."""

    async def answered(interaction: Interaction, groups: Mapping[str, str], chosen: tuple[str, ...]) -> None:
        await answer(interaction, groups["what"], chosen)

    return persistent(rf"{room}:(?P<what>.*)", answered)


def view_of(items: Iterable[Item], kind: type[PersistentItem]) -> discord.ui.View:
    """Return a view whose items are answered by their custom ids, so that nothing is remembered; links stay."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(kind(item) if item.is_dispatchable() else item)
    return view


async def show(interaction: discord.Interaction, text: str, view: discord.ui.View) -> None:
    """Show it to this member alone: as a new message after a command, on the same one after a press."""
    # A form that was opened by a press has its message, too.
    pressed = interaction.type is discord.InteractionType.component or interaction.message is not None
    if interaction.response.is_done():
        await interaction.edit_original_response(content=text, view=view)
    elif pressed:
        await interaction.response.edit_message(content=text, view=view)
    else:
        await interaction.response.send_message(text, view=view, ephemeral=True)
