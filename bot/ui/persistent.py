"""Buttons and menus that outlive a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self

import discord

from bot.ui.refusals import refuse

Item = discord.ui.Item[Any]
Answer = Callable[[discord.Interaction, str, tuple[str, ...]], Awaitable[None]]
"""What was pressed, as its custom id says, and what was chosen in it."""


class PersistentItem(discord.ui.DynamicItem[Item], template=r"never pressed"):
    """A button or menu whose custom id says all that its answer needs."""

    answer: Answer

    @classmethod
    async def from_custom_id(cls, _interaction: discord.Interaction[Any], item: Item, _match: re.Match[str], /) -> Self:
        """As it stands on the message."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """A failure is one sentence for who pressed."""
        _, _, what = self.custom_id.partition(":")
        data: Any = interaction.data
        try:
            await type(self).answer(interaction, what, tuple(str(one) for one in data.get("values") or ()))
        except Exception as error:  # noqa: BLE001 - discord.py would only log it: the member must hear
            await refuse(interaction, error)


def parts(room: str, answer: Answer) -> type[PersistentItem]:
    """The kind of part whose custom ids begin with `room:`; the client must be told of it once."""

    class OfRoom(PersistentItem, template=rf"{room}:.*"):
        pass

    OfRoom.answer = staticmethod(answer)
    return OfRoom


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
