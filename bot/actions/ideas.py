"""Ideas for a tale, as buttons."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache, partial

import discord

from bot.actions.listen_buttons import LISTEN, button
from bot.gate.caller import asker_of
from bot.gate.visible_tales import viewer_of
from bot.request_tale.options import Draft, TaleOptions
from bot.request_tale.request import begin
from bot.services import services_of
from bot.ui.private_panel import Panel, Sheet
from bot.wording import language_of, said
from pipeline.tables import by_language
from pipeline.words.prompt import MAX_PROMPT_CHARS

OFFERED, NEAREST = 3, 8


async def offer(interaction: discord.Interaction, chosen: TaleOptions) -> None:
    """Offer three openings, a surprise, and a form for the member's own words."""
    locale = interaction.locale.value
    services = services_of(interaction)
    liked = await services.search.by_taste(await viewer_of(interaction, services.library), openings(locale))
    # Three of the nearest, not the three nearest: they would be the same every time. The surprise is any other.
    ideas = random.sample(liked[:NEAREST], OFFERED)
    ideas.append(random.choice([one for one in liked if one not in ideas]))
    panel = Openings(interaction, chosen, ideas)
    await interaction.response.send_message(said("openings.ask", locale), view=panel, ephemeral=True)


@dataclass(frozen=True)
class _Sentences:
    """The part of data/languages/<code>/sentences.toml that is read here."""

    openings: tuple[str, ...] = ()


@cache
def _openings() -> dict[str, tuple[str, ...]]:
    return {code: one.openings for code, one in by_language("sentences", _Sentences).items()}


def openings(locale: str) -> tuple[str, ...]:
    """Return openings of tales in the member's language."""
    return _openings()[language_of(locale)]


class Openings(Panel):
    """One button for each idea; the last idea is the surprise."""

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
            self.add_item(button(LISTEN, locale))  # a member in a call may speak their tale

    async def _tell(self, idea: str, pressed: discord.Interaction) -> None:
        if not self.take():
            await pressed.response.defer()
            return  # another idea of this panel was taken already
        await tell(pressed, Draft(idea), self._chosen)
        await self.gone(said("openings.taken", pressed.locale.value, idea=idea))

    async def _own_words(self, pressed: discord.Interaction) -> None:
        await pressed.response.send_modal(OwnWords(pressed.locale.value, self._chosen))


class OwnWords(Sheet):
    """Form for a long prompt."""

    def __init__(self, locale: str, chosen: TaleOptions) -> None:
        super().__init__(title=said("openings.sheet", locale))
        self._chosen = chosen
        self._text: discord.ui.TextInput[OwnWords] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MAX_PROMPT_CHARS, custom_id="prompt"
        )
        self.add_item(discord.ui.Label(text=said("openings.about", locale), component=self._text))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Ask for the tale."""
        await tell(interaction, Draft(self._text.value), self._chosen)


async def tell(interaction: discord.Interaction, draft: Draft, chosen: TaleOptions) -> None:
    """Answer the interaction, then ask for the tale: Discord waits three seconds, the gate may take longer."""
    await interaction.response.defer(thinking=True, ephemeral=chosen.only_me)
    await begin(interaction, draft, chosen)
