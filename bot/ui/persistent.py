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
"""Takes the named groups of the custom id, "" for those that are missing, and what was chosen in a menu."""
RoomAnswer = Callable[[Interaction, str, tuple[str, ...]], Awaitable[None]]
"""The same for ids of the form `room:what`."""


class PersistentItem(discord.ui.DynamicItem[Item], template=r"never pressed"):
    """A button or menu whose custom id says all that its answer needs, so that it works after a restart."""

    answer: Answer

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, item: Item, _match: re.Match[str], /) -> Self:
        """As it stands on the message."""
        return cls(item)

    async def callback(self, interaction: Interaction) -> None:
        """Answer the press; a failure is one sentence for who pressed."""
        match = self.template.fullmatch(self.custom_id)
        data: Any = interaction.data
        chosen = tuple(str(one) for one in data.get("values") or ())
        try:
            await type(self).answer(interaction, match.groupdict("") if match else {}, chosen)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it: the member must hear
            await refuse(interaction, error)


def persistent(pattern: str, answer: Answer) -> type[PersistentItem]:
    """The kind of item whose custom ids match `pattern`; the client must be told of it once."""

    class OfPattern(PersistentItem, template=pattern):
        pass

    OfPattern.answer = staticmethod(answer)
    return OfPattern


def parts(room: str, answer: RoomAnswer) -> type[PersistentItem]:
    """The same for all custom ids that begin with `room:`."""

    async def answered(interaction: Interaction, groups: Mapping[str, str], chosen: tuple[str, ...]) -> None:
        await answer(interaction, groups["what"], chosen)

    return persistent(rf"{room}:(?P<what>.*)", answered)


def view_of(items: Iterable[Item], kind: type[PersistentItem]) -> discord.ui.View:
    """Links stay as they are; all else is answered by its custom id, so nothing of it is remembered."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(kind(item) if item.is_dispatchable() else item)
    return view


async def show(interaction: discord.Interaction, text: str, view: discord.ui.View) -> None:
    """To this member alone: a new message after a command, the same one after a press."""
    pressed = interaction.type is discord.InteractionType.component or interaction.message is not None
    if interaction.response.is_done():
        await interaction.edit_original_response(content=text, view=view)
    elif pressed:
        await interaction.response.edit_message(content=text, view=view)
    else:
        await interaction.response.send_message(text, view=view, ephemeral=True)
