"""For somebody who has no idea yet."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache, partial

import discord

from bot.actions.listen_buttons import LISTEN, button
from bot.gate.caller import asker_of
from bot.request_tale.options import Draft, TaleOptions
from bot.request_tale.request import begin
from bot.ui.private_panel import Panel, Sheet
from bot.wording import language_of, said
from pipeline.tables import by_language
from pipeline.words.prompt import MAX_PROMPT_CHARS

OFFERED = 3


async def offer(interaction: discord.Interaction, chosen: TaleOptions) -> None:
    """Three openings, a surprise, and room for words of one's own."""
    locale = interaction.locale.value
    ideas = random.sample(openings(locale), OFFERED + 1)
    panel = Openings(interaction, chosen, ideas)
    await interaction.response.send_message(said("openings.ask", locale), view=panel, ephemeral=True)


@dataclass(frozen=True)
class _Sentences:
    """Of a file data/languages/<code>/sentences.toml."""

    openings: tuple[str, ...] = ()


@cache
def _openings() -> dict[str, tuple[str, ...]]:
    return {code: one.openings for code, one in by_language("sentences", _Sentences).items()}


def openings(locale: str) -> tuple[str, ...]:
    """Beginnings of tales in the member's language."""
    return _openings()[language_of(locale)]


class Openings(Panel):
    """One button an idea; the last one is kept for who wants to be surprised."""

    def __init__(self, origin: discord.Interaction, chosen: TaleOptions, ideas: list[str]) -> None:
        super().__init__(origin)
        self._chosen = chosen
        locale = origin.locale.value
        for row, idea in enumerate(ideas[:OFFERED]):
            self.button(idea, partial(self._tell, idea), row=row)
        surprise = ideas[OFFERED]
        self.button(said("openings.surprise", locale), partial(self._tell, surprise), row=3, main=True)
        self.button(said("openings.own", locale), self._own_words, row=3)
        if asker_of(origin).sits_in:
            self.add_item(button(LISTEN, locale))  # whoever sits in a call may speak their tale

    async def _tell(self, idea: str, pressed: discord.Interaction) -> None:
        if not self.take():
            await pressed.response.defer()
            return
        await tell(pressed, Draft(idea), self._chosen)
        await self.gone(said("openings.taken", pressed.locale.value, idea=idea))

    async def _own_words(self, pressed: discord.Interaction) -> None:
        await pressed.response.send_modal(OwnWords(pressed.locale.value, self._chosen))


class OwnWords(Sheet):
    """A long prompt, on a sheet."""

    def __init__(self, locale: str, chosen: TaleOptions) -> None:
        super().__init__(title=said("openings.sheet", locale))
        self._chosen = chosen
        self._text: discord.ui.TextInput[OwnWords] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MAX_PROMPT_CHARS, custom_id="prompt"
        )
        self.add_item(discord.ui.Label(text=said("openings.about", locale), component=self._text))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """It is told at once."""
        await tell(interaction, Draft(self._text.value), self._chosen)


async def tell(interaction: discord.Interaction, draft: Draft, chosen: TaleOptions) -> None:
    """Answered first, then asked."""
    await interaction.response.defer(thinking=True, ephemeral=chosen.only_me)
    await begin(interaction, draft, chosen)
