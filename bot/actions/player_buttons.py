"""Buttons of a tale that plays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.gate.caller import asker_of
from bot.gate.gate import hold_unblocked
from bot.library.records import ServerSettings
from bot.services import services_of
from bot.ui.persistent import persistent
from bot.voice.player.status import Doing, Now
from bot.voice.player.vote_skip import By, PlayerAction, Vote
from bot.wording import said
from pipeline.audio.sum import Gains
from pipeline.errors import Missing, Refused
from pipeline.wording import sentence

LOUDEST = 1.5  # times the level as mixed
_STEP = 0.25
_FIRST = (PlayerAction.BACK, PlayerAction.PAUSE, PlayerAction.SKIP, PlayerAction.REPLAY, PlayerAction.STOP)
_SOFTER_MUSIC, _LOUDER_MUSIC, _SOFTER_VOICE, _LOUDER_VOICE = "music_down", "music_up", "voice_down", "voice_up"
_VOLUMES = (_SOFTER_MUSIC, _LOUDER_MUSIC, _SOFTER_VOICE, _LOUDER_VOICE)
_BARE = {one.value for one in PlayerAction} - {PlayerAction.VOLUME}
"""Actions that need no more than their name."""


def buttons_of(now: Now, guild_id: int) -> discord.ui.View:
    """Return two rows of buttons: for the tale, and for its volumes."""
    view = discord.ui.View(timeout=None)
    stopped = now.doing is Doing.PAUSED
    for verb in _FIRST:
        one = PlayerAction.GO_ON if verb is PlayerAction.PAUSE and stopped else verb
        view.add_item(_button(one.value, guild_id, now.locale, row=0))
    for name in _VOLUMES:
        view.add_item(_button(name, guild_id, now.locale, row=1))
    return view


def _button(verb: str, guild_id: int, locale: str, row: int) -> discord.ui.Item[Any]:
    label = said(f"booth.press_{verb}", locale)
    return PlayerButton(discord.ui.Button(label=label, custom_id=f"booth:{verb}:{guild_id}", row=row))


async def _pressed(interaction: discord.Interaction, groups: Mapping[str, str], _chosen: tuple[str, ...]) -> None:
    await steered(interaction, groups["verb"])


PlayerButton = persistent(r"booth:(?P<verb>[a-z_]+):(?P<guild>[0-9]+)", _pressed)


async def steered(interaction: discord.Interaction, verb: str) -> None:
    """Do what was pressed, as far as this member may, and report it to them alone."""
    locale = str(interaction.locale)
    try:
        vote = await _wished(interaction, verb)
        told = _answer(verb, vote, locale)
    except Refused as refused:
        told = sentence(refused, locale.partition("-")[0])
    await interaction.response.send_message(told, ephemeral=True, delete_after=15)


async def _wished(interaction: discord.Interaction, verb: str) -> Vote:
    booths = services_of(interaction).booths
    guild_id = interaction.guild_id or 0
    booth = booths.of(guild_id)
    rules, asker = await booths.rules(guild_id), asker_of(interaction)
    # A blocked member still sees the message: Discord cannot hide a button from one person.
    hold_unblocked(asker.member, asker.roles, rules)
    by = by_of(interaction.user, rules)
    if verb in _VOLUMES:
        return booth.wish(PlayerAction.VOLUME, by, _turned(booth.now.gains, verb))
    if verb not in _BARE:
        raise Missing("tale_gone")  # the bot never made such a button: a forged id
    return booth.wish(PlayerAction(verb), by)


def by_of(user: discord.User | discord.Member, rules: ServerSettings) -> By:
    """Return who pressed; moderators steer, and so do members with one of the server's narrator roles."""
    if not isinstance(user, discord.Member):
        return By(user.id)
    may = user.guild_permissions
    narrator = any(str(role.id) in rules.voice_roles for role in user.roles)
    return By(user.id, narrator or may.manage_guild or may.move_members or may.mute_members)


def _turned(gains: Gains, verb: str) -> Gains:
    def by(level: float, step: float) -> float:
        return min(LOUDEST, max(0.0, level + step))

    step = _STEP if verb.endswith("up") else -_STEP
    if verb in (_SOFTER_MUSIC, _LOUDER_MUSIC):
        return Gains(gains.voice, by(gains.music, step))
    return Gains(by(gains.voice, step), gains.music)


def _answer(verb: str, vote: Vote, locale: str) -> str:
    if not vote.carried:
        return said("booth.vote", locale, have=vote.have, need=vote.need)
    return said(f"booth.done_{verb}", locale)
