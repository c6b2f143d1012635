"""A tale as a film, on request."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import cast

import discord

from bot.actions.debounce import Debounce, OneEach
from bot.actions.errands import Errands
from bot.library.records import KeptTale
from bot.services import services_of
from bot.ui.message import ButtonAction
from bot.wording import said
from pipeline.errors import Refused, Unwell
from pipeline.road.door import read_answer
from pipeline.wording import note
from pipeline.words.answer import Filmed
from pipeline.words.folding import slug
from pipeline.words.request import Asked, Film
from pipeline.words.sound import RATE_HZ, Artifact
from pipeline.words.tale import Tale

WITHIN_S = 14 * 60.0
"""Seconds: an interaction can be answered for fifteen minutes."""
CORE_SHARE = 0.6
"""Of a second of one core, for a second of film; with room for who else wants the core."""


@dataclass(frozen=True)
class Filming:
    """Films by a job on the road; the film and the job's rows are erased once it is sent."""

    errands: Errands
    once: Debounce = field(default_factory=Debounce)
    one_each: OneEach = field(default_factory=OneEach)
    """A tale's films are one file: the next is made when the last was sent and erased."""

    async def film(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Send the film to the member alone, after saying how long it takes."""
        rules = await services_of(interaction).library.servers.of(tale.server)
        if rules.words_only or tale.prompt.words_only:
            raise Refused("film_without_sound")
        if not await self.once.pressed(interaction, tale, ButtonAction.FILM):
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        whole, locale = cast(Artifact, tale.artifact), interaction.locale.value  # FILM is one of NEED_SOUND
        story = await self.errands.files.run(read_answer, whole, Tale, self.errands.artifacts)
        about_s = round(10 + story.master.samples / RATE_HZ * CORE_SHARE)
        await interaction.edit_original_response(content=said("delivery.filming", locale, seconds=about_s))
        asked = Asked(uuid.uuid4().hex, Film(whole, interaction.filesize_limit), tale.server, str(interaction.user.id))
        try:
            async with self.one_each.turn(int(tale.id, 16)), self.errands.under_way(asked.job):
                async with asyncio.timeout(WITHIN_S):
                    made = await self.errands.door.answered(asked, Filmed, self.errands.artifacts)
                try:
                    await self._send(interaction, tale, made)
                finally:
                    # Shielded, and within the errand: a bot that stops must not leave a film that nobody has.
                    await asyncio.shield(self.errands.files.run(self.errands.artifacts.erase, [made.film]))
        except TimeoutError as error:
            raise Unwell("film_late") from error

    async def _send(self, interaction: discord.Interaction, tale: KeptTale, made: Filmed) -> None:
        locale = interaction.locale.value
        path = await self.errands.files.run(self.errands.artifacts.path, made.film)
        file = discord.File(path, f"{slug(tale.title)}{made.film.suffix}")
        notes = "\n".join(note(code, locale) for code in made.notes)
        told = said("delivery.film", locale)
        await interaction.edit_original_response(content=f"{told}\n{notes}".strip(), attachments=[file])
