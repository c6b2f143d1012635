"""Buttons under a tale, for years."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Self

import discord

from bot.gate.caller import asker_of
from bot.library.records import KeptTale, TaleState
from bot.services import Press, Services, services_of
from bot.ui.message import ButtonAction
from bot.ui.refusals import refuse
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing, Refused
from pipeline.road.door import read_answer
from pipeline.words.tale import Tale

TEMPLATE = r"echo:(?P<verb>[a-z]+):(?P<tale>[0-9a-f]{32})(?::(?P<detail>[A-Za-z0-9_-]{0,40}))?"


NEED_SOUND = frozenset(
    {ButtonAction.PLAY, ButtonAction.SHARE, ButtonAction.TRANSCRIPT, ButtonAction.FILES, ButtonAction.WHY}
)
"""What cannot be done once a tale's files went to make room: then it is told again."""
LOOK_S = 1.0
"""A press must be answered within three."""


class TaleButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """Any of them: the id says what it does and to which tale, so a bot that knows nothing else can answer."""

    def __init__(self, item: discord.ui.Button[Any], verb: str, tale: str, detail: str) -> None:
        super().__init__(item)
        self._verb, self._tale, self._detail = verb, tale, detail

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read off the pressed button."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["verb"], match["tale"], match["detail"] or "")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Looked up in the table of Services; whatever fails is said to who pressed."""
        services = services_of(interaction)
        try:
            tale = await services.library.tales.get(self._tale)
            press = services.presses.get(self._verb)
            if tale is None or tale.state is TaleState.ERASED or press is None:
                raise Missing("tale_gone")
            _hold_to_place(interaction, tale)
            if self._verb in NEED_SOUND and not await _may_sound(tale, services):
                await _told_again(interaction, tale, services.presses)
                return
            await press(interaction, tale, self._detail)
        except Exception as error:  # noqa: BLE001 - the last floor of a press: refuse logs what is our fault
            await refuse(interaction, error)


def _hold_to_place(interaction: discord.Interaction, tale: KeptTale) -> None:
    """In the tale's own server, or the conversation where it was told; its asker in direct messages, too.

    Raises Refused `press_elsewhere`, or `press_not_yours` for what was meant for one member alone.
    """
    asker = asker_of(interaction)
    theirs = tale.member == asker.member
    here = asker.server == tale.server and (tale.server or asker.channel in (tale.channel, tale.card_channel))
    if not here and not (theirs and "" in (asker.server, tale.server)):
        raise Refused("press_elsewhere")
    if tale.delivery.only_me and not theirs:
        raise Refused("press_not_yours")


async def _may_sound(tale: KeptTale, services: Services) -> bool:
    """False where its sound is known to be gone; a store that takes long to say is asked after the answer."""
    try:
        async with asyncio.timeout(LOOK_S):
            return await services.pools.files.run(_sounds, tale, services.artifacts)
    except TimeoutError:
        return True


def _sounds(tale: KeptTale, artifacts: Artifacts) -> bool:
    """Whether its sound is still kept."""
    try:
        story = read_answer(tale.artifact, Tale, artifacts) if tale.artifact else None
        return story is not None and artifacts.path(story.master.audio).exists()
    except Missing:
        return False


async def _told_again(interaction: discord.Interaction, tale: KeptTale, presses: Mapping[str, Press]) -> None:
    """The same wish with the same seed is the same tale."""
    await presses[ButtonAction.RETRY](interaction, tale, "")
    await interaction.followup.send(said("delivery.expired", interaction.locale.value), ephemeral=True)


def register(client: discord.Client) -> None:
    """Old messages' buttons are answered from now on."""
    client.add_dynamic_items(TaleButton)
