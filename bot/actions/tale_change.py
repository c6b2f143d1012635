"""The button that changes a told tale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import discord

from bot.gate.caller import asker_of
from bot.library.records import KeptTale, Where
from bot.request_tale.edit import HOWS, MOST_OWN_CHARS, Editing, EditWish, earlier_version, edit_of
from bot.services import Press, services_of
from bot.ui.card_message import view_of
from bot.ui.message import ButtonAction
from bot.ui.message import Press as Button
from bot.ui.private_panel import Sheet
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing, Refused
from pipeline.road.door import read_answer
from pipeline.words.tale import Tale

UNDO = "undo"
IN_A_ROW = 5
_WHERE = re.compile(r"\s*(\d{1,4})(?:\s*[.,:]\s*(\d{1,4}))?\s*")
"""A scene, or a scene and one of its lines, counted from 1: `2`, `2.3`."""
_NEED_TEXT = ("words", "voice")


@dataclass(frozen=True)
class Changing:
    """Changes a line or a scene, for its asker and for moderators: for the table of Services."""

    artifacts: Artifacts

    def table(self) -> Mapping[str, Press]:
        """Return the button it answers."""
        return {ButtonAction.CHANGE: self.change}

    async def change(self, interaction: discord.Interaction, tale: KeptTale, how: str) -> None:
        """Ask how, then where; undo needs no more to be asked."""
        if tale.member != str(interaction.user.id) and not (
            interaction.guild and interaction.permissions.manage_messages
        ):
            raise Refused("press_not_yours")
        locale = interaction.locale.value
        if how == UNDO:
            await earlier_version(services_of(interaction).library, tale)
            await interaction.response.send_message(said("web.words.undone", locale), ephemeral=True)
        elif how in HOWS:
            story = await self._story(interaction, tale)
            await interaction.response.send_modal(_Where(locale, self, tale, story, how))
        else:
            view = cast(discord.ui.View, view_of(_choices(tale.id, locale)))
            await interaction.response.send_message(said("change.how", locale), view=view, ephemeral=True)

    async def begin(self, interaction: discord.Interaction, tale: KeptTale, story: Tale, wish: EditWish) -> None:
        """Ask for the changed version; it is posted as a tale of its own."""
        services, asker = services_of(interaction), asker_of(interaction)
        await interaction.response.defer(thinking=True, ephemeral=tale.delivery.only_me)
        at = Editing(services.library, services.gate, services.pools.words)
        asked = await edit_of(at, asker, tale, story, wish)
        where = tale.delivery.where if tale.prompt.words_only else Where.UPLOAD
        delivery = replace(asked.delivery, where=where, limit_bytes=asker.upload_limit)
        await services.teller.begin(replace(asked, delivery=delivery, interaction_token=interaction.token))

    async def _story(self, interaction: discord.Interaction, tale: KeptTale) -> Tale:
        if tale.artifact is None:
            raise Missing("tale_gone")
        return await services_of(interaction).pools.files.run(read_answer, tale.artifact, Tale, self.artifacts)


class _Where(Sheet):
    def __init__(self, locale: str, changing: Changing, tale: KeptTale, story: Tale, how: str) -> None:
        super().__init__(title=said(f"web.words.how_{how}", locale)[:45])
        self._changing, self._tale, self._story, self._how = changing, tale, story, how
        scenes = len(story.story.scenes)
        self._where: discord.ui.TextInput[_Where] = discord.ui.TextInput(max_length=12, custom_id="where", default="1")
        self.add_item(discord.ui.Label(text=said("change.where", locale, scenes=scenes)[:45], component=self._where))
        self._text: discord.ui.TextInput[_Where] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MOST_OWN_CHARS, custom_id="text"
        )
        if how in _NEED_TEXT:
            label = said("web.words.my_words" if how == "words" else "change.voice", locale)
            self.add_item(discord.ui.Label(text=label[:45], component=self._text))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Ask for the version."""
        line, scene = _place(self._where.value, self._story)
        text = self._text.value or "" if self._how in _NEED_TEXT else ""
        words, voice = (text, "") if self._how == "words" else ("", text.strip())
        wish = EditWish(self._how, line, scene, words, voice)
        await self._changing.begin(interaction, self._tale, self._story, wish)


def _place(text: str, story: Tale) -> tuple[int | None, int | None]:
    """Return the passage or the scene that is meant. Raises Refused `edit_nowhere`."""
    found, scenes = _WHERE.fullmatch(text), story.story.scenes
    nowhere = Refused("edit_nowhere", last=len(story.story.passages) - 1)
    if found is None or not 0 < int(found[1]) <= len(scenes):
        raise nowhere
    scene = scenes[int(found[1]) - 1]
    if found[2] is None:
        return None, scene.index
    if not 0 < int(found[2]) <= len(scene.passages):
        raise nowhere
    return scene.passages[int(found[2]) - 1].index, None


def _choices(tale: str, locale: str) -> tuple[Button, ...]:
    hows = [(one, said(f"web.words.how_{one}", locale)) for one in HOWS if one != "angrier"]
    every = [*hows, (UNDO, said("web.words.undo", locale))]
    return tuple(
        Button(ButtonAction.CHANGE, tale, label, detail=how, row=nth // IN_A_ROW)
        for nth, (how, label) in enumerate(every)
    )
