"""Answers the buttons under a tale."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import discord

from bot.gate.caller import asker_of
from bot.library.records import KeptTale, TaleState
from bot.services import Press, Services, services_of
from bot.ui.message import ButtonAction
from bot.ui.persistent import persistent
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing, Refused
from pipeline.road.door import read_answer
from pipeline.words.tale import Tale

# Old messages keep their ids for years: this may grow, but what it matches now it must always match.
TEMPLATE = r"echo:(?P<verb>[a-z]+):(?P<tale>[0-9a-f]{32})(?::(?P<detail>[A-Za-z0-9_-]{0,40}))?"
NEED_SOUND = frozenset(
    {
        ButtonAction.PLAY,
        ButtonAction.CHANGE,
        ButtonAction.SHARE,
        ButtonAction.TRANSCRIPT,
        ButtonAction.FILES,
        ButtonAction.FILM,
        ButtonAction.WHY,
    }
)
"""Actions that need the tale's files; once those went to make room, the tale is told again."""
LOOK_S = 1.0
"""Seconds for a look whether the files are there: a press must be answered within three."""


async def _pressed(interaction: discord.Interaction, groups: Mapping[str, str], _chosen: tuple[str, ...]) -> None:
    """Look the verb up in the table of Services: after a restart the custom id is all that is known."""
    services = services_of(interaction)
    tale = await services.library.tales.get(groups["tale"])
    press = services.presses.get(groups["verb"])
    if tale is None or tale.state is TaleState.ERASED or press is None:
        raise Missing("tale_gone")
    _hold_to_place(interaction, tale)
    if groups["verb"] in NEED_SOUND and not await _may_sound(tale, services):
        await _told_again(interaction, tale, services.presses)
        return
    await press(interaction, tale, groups["detail"])


TaleButton = persistent(TEMPLATE, _pressed)


def _hold_to_place(interaction: discord.Interaction, tale: KeptTale) -> None:
    """Check that the press comes from the tale's server or conversation, or from its asker's direct messages.

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
    """Whether its sound may be there; a store that takes long to say is asked after the interaction's answer."""
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
    """Tell the tale again: the same wish with the same seed is the same tale."""
    await presses[ButtonAction.RETRY](interaction, tale, "")
    await interaction.followup.send(said("delivery.expired", interaction.locale.value), ephemeral=True)
