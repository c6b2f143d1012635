"""Buttons to object to a tale."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord

from bot.gate.mention_marks import names
from bot.library.records import KeptTale, ServerSettings
from bot.moderation.mod_log import note
from bot.privacy.take_down import take_down
from bot.services import Press
from bot.tracker.tale_tracker import Teller
from bot.ui.message import ButtonAction
from bot.wording import said
from pipeline.errors import Refused
from pipeline.log import log_of

if TYPE_CHECKING:
    from bot.library.library import Library

log = log_of("moderation")


@dataclass(frozen=True)
class Objections:
    """Report a tale, and take away one that names the member: for the table of Services."""

    library: Library
    teller: Teller
    erase: Callable[[Iterable[KeptTale]], Awaitable[object]]
    """Erases tales with all that is kept of them."""

    def table(self) -> Mapping[str, Press]:
        """Return the buttons it answers, by verb."""
        return {ButtonAction.REPORT: self.report, ButtonAction.UNNAME: self.unname}

    async def report(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Send a link to the mod log, and note in the operator's log that there was a report."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        # The operator's log too: many servers have no mod log.
        log.warning("tale_reported", job=tale.id)
        rules = await self.library.servers.of(tale.server)
        link = interaction.message.jump_url if interaction.message else ""
        told = await self._note(interaction, rules, "reported", who=interaction.user.mention, id=tale.id[:8], link=link)
        key = "objections.reported" if told else "objections.reported_nowhere"
        await interaction.followup.send(said(key, interaction.locale.value), ephemeral=True)

    async def unname(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Erase the tale at one press, without a question: the name is theirs. Raises Refused `press_not_named`."""
        if not names(tale, str(interaction.user.id)):
            raise Refused("press_not_named")
        await interaction.response.defer(ephemeral=True, thinking=True)
        # Stopped first: a tale that is still being told would be posted again.
        await self.teller.cancel(tale.id)
        await take_down(interaction.client, [tale])
        await self.erase([tale])
        rules = await self.library.servers.of(tale.server)
        await self._note(interaction, rules, "unnamed", id=tale.id[:8])
        await interaction.followup.send(said("objections.unnamed", interaction.locale.value), ephemeral=True)

    async def _note(self, interaction: discord.Interaction, rules: ServerSettings, what: str, **fields: Any) -> bool:
        locale = (interaction.guild_locale or interaction.locale).value
        return await note(interaction.client, rules, said(f"mod_log.{what}", locale, **fields))
