"""Buttons and forms for one member."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import discord

from bot.ui.refusals import refuse

OPEN_S = 14 * 60.0
"""Seconds: nearly as long as the token of the interaction that opened it, which its edits need."""


class Panel(discord.ui.View):
    """Buttons that only the member who opened them sees; an error in one is said in a sentence."""

    def __init__(self, origin: discord.Interaction) -> None:
        super().__init__(timeout=OPEN_S)
        self._origin = origin
        self._taken = False

    def button(
        self,
        label: str,
        pressed: Callable[[discord.Interaction], Awaitable[None]],
        row: int | None = None,
        *,
        main: bool = False,
    ) -> None:
        """Add a button; `pressed` answers the interaction."""
        style = discord.ButtonStyle.primary if main else discord.ButtonStyle.secondary
        self.add_item(_Button(label[:80], style, row, pressed))

    def take(self) -> bool:
        """Whether this press is the first: fingers press twice."""
        first, self._taken = not self._taken, True
        return first

    async def gone(self, instead: str) -> None:
        """Remove the buttons and leave one line."""
        self.stop()
        with suppress(discord.HTTPException):
            await self._origin.edit_original_response(content=instead, view=None)

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, _item: discord.ui.Item[Any], /
    ) -> None:
        """Say what went wrong; without this Discord shows that the interaction failed."""
        self._taken = False  # the member may try again
        await refuse(interaction, error)


class Sheet(discord.ui.Modal):
    """Form; an error in it is said in a sentence."""

    async def on_error(  # type: ignore[override] # a modal has no item to name, in discord.py itself too
        self, interaction: discord.Interaction, error: Exception, /
    ) -> None:
        """See Panel."""
        await refuse(interaction, error)


class _Button(discord.ui.Button[Panel]):
    def __init__(
        self,
        label: str,
        style: discord.ButtonStyle,
        row: int | None,
        pressed: Callable[[discord.Interaction], Awaitable[None]],
    ) -> None:
        super().__init__(label=label, style=style, row=row)
        self._pressed = pressed

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand the press to the function that was given."""
        await self._pressed(interaction)
