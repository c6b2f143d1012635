"""Asks what a picture shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from bot.ui.private_panel import Sheet
from bot.wording import said
from pipeline.words.prompt import MAX_PROMPT_CHARS

Answered = Callable[[discord.Interaction, str], Awaitable[None]]
"""Goes on with what was said, in the interaction of the form."""


class PictureQuestion(Sheet):
    """Form with one question; left empty, the words that the picture itself shows are told."""

    def __init__(self, locale: str, answered: Answered) -> None:
        super().__init__(title=said("picture_question.title", locale))
        self._answered = answered
        self._text: discord.ui.TextInput[PictureQuestion] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MAX_PROMPT_CHARS, required=False, custom_id="shows"
        )
        self.add_item(discord.ui.Label(text=said("picture_question.shows", locale), component=self._text))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Ask for the tale."""
        await self._answered(interaction, self._text.value)
