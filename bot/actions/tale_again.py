"""Buttons that ask for another tale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import discord

from bot.actions.debounce import Debounce
from bot.library.records import KeptTale, Where
from bot.request_tale.options import Draft, ProsodyOptions, TaleOptions
from bot.request_tale.request import begin
from bot.services import Press, services_of
from bot.tracker.tale_tracker import Teller
from bot.ui.card_message import view_of
from bot.ui.message import ButtonAction
from bot.ui.mood_style import mood_buttons
from bot.ui.private_panel import Sheet
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.errors import Refused
from pipeline.words.mood import Emotion
from pipeline.words.prompt import MAX_PROMPT_CHARS
from pipeline.words.tale import before_of


@dataclass(frozen=True)
class Retelling:
    """Again, continue, retry, cancel: for the table of Services."""

    teller: Teller
    artifacts: Artifacts
    once: Debounce = field(default_factory=Debounce)

    def table(self) -> Mapping[str, Press]:
        """Return the buttons it answers, by verb."""
        return {
            ButtonAction.AGAIN: self.again,
            ButtonAction.CONTINUE: self.go_on,
            ButtonAction.RETRY: self.retry,
            ButtonAction.CANCEL: self.cancel,
        }

    async def again(self, interaction: discord.Interaction, tale: KeptTale, mood: str) -> None:
        """Ask for a mood, then for the tale in it."""
        _hold_secret(interaction, tale)
        if mood not in tuple(Emotion):  # not chosen yet, or a forged id
            locale = interaction.locale.value
            view = cast(discord.ui.View, view_of(mood_buttons(tale.id, locale)))
            await interaction.response.send_message(said("retelling.mood", locale), view=view, ephemeral=True)
            return
        if not await self.once.pressed(interaction, tale, mood):
            return
        await interaction.response.defer(thinking=True, ephemeral=tale.delivery.only_me)
        await begin(interaction, _draft(tale), _chosen(tale, Emotion(mood)))

    async def retry(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Ask for exactly the same wish, seed included: what was lost is told again."""
        _hold_secret(interaction, tale)
        if not await self.once.pressed(interaction, tale, ButtonAction.RETRY):
            return
        await interaction.response.defer(thinking=True, ephemeral=tale.delivery.only_me)
        await begin(interaction, replace(_draft(tale), again=tale.prompt), _chosen(tale, tale.prompt.mood))

    async def go_on(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Ask what happens next, in a form that may stay empty."""
        _hold_secret(interaction, tale)
        await interaction.response.send_modal(_Onward(interaction.locale.value, self, tale))

    async def continued(self, interaction: discord.Interaction, tale: KeptTale, wish: str) -> None:
        """Ask for a tale that continues this one, with the same people."""
        await interaction.response.defer(thinking=True, ephemeral=tale.delivery.only_me)
        await begin(
            interaction, Draft(wish, before=before_of(await services_of(interaction).story(tale))), _chosen(tale, None)
        )

    async def cancel(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Stop a tale, for its asker or a moderator; pressed twice it is stopped once."""
        if tale.member != str(interaction.user.id) and not interaction.permissions.manage_messages:
            raise Refused("press_not_yours")
        await interaction.response.defer()
        await self.teller.cancel(tale.id)


class _Onward(Sheet):
    def __init__(self, locale: str, retelling: Retelling, tale: KeptTale) -> None:
        super().__init__(title=said("retelling.onward", locale))
        self._retelling, self._tale = retelling, tale
        self._wish: discord.ui.TextInput[_Onward] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MAX_PROMPT_CHARS, required=False, custom_id="wish"
        )
        self.add_item(discord.ui.Label(text=said("retelling.next", locale), component=self._wish))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Ask for the next tale; an empty wish leaves its deed to the writer."""
        await self._retelling.continued(interaction, self._tale, self._wish.value)


def _draft(tale: KeptTale) -> Draft:
    old = tale.prompt
    return Draft(
        old.text,
        as_written=old.as_written,
        recording=old.recording,
        said=old.said,
        read_feeling=old.read_feeling,
        before=old.before,
        names=old.names,
        source=old.source,
    )


def _chosen(tale: KeptTale, mood: Emotion | None) -> TaleOptions:
    """Return the options as they were chosen, but told where the member who pressed sits."""
    old = tale.prompt
    return TaleOptions(
        words=old.words,
        style=old.style or "",
        mood=mood,
        language=old.language or "",
        voice=old.voice or "",
        only_me=tale.delivery.only_me,
        text=tale.delivery.text,
        where=Where.WORDS if old.words_only else None,
        manner=ProsodyOptions.of(old.speaking),
        effects=old.effects,
    )


def _hold_secret(interaction: discord.Interaction, tale: KeptTale) -> None:
    """Raise Refused `press_not_yours` where the tale is for its asker alone."""
    if tale.delivery.only_me and tale.member != str(interaction.user.id):
        raise Refused("press_not_yours")
