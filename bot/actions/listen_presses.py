"""Answers the buttons of a listening."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import discord

from bot.actions.listen_buttons import LISTEN, MARK
from bot.actions.start_listening import open_ears
from bot.services import services_of
from bot.ui.persistent import Interaction, persistent
from bot.voice.listening.consent import forget_consent
from bot.voice.listening.live_listening import Ended
from bot.voice.listening.private_view import answer_alone
from bot.voice.listening.session import Session
from bot.wording import said

LONG = ("mine", "revoke")
"""Actions that work after the listening too."""
Deed = Callable[[Interaction, Session], Awaitable[None]]


async def _pressed(interaction: Interaction, groups: Mapping[str, str], _chosen: tuple[str, ...]) -> None:
    """Do what was pressed, for the member who pressed it; after a restart the listening is over."""
    deed = groups["deed"]
    if deed == LISTEN:
        await open_ears(interaction)
        return
    ears = services_of(interaction).ears
    server = interaction.guild_id or 0
    session = ears.lately(server) if deed in LONG else ears.of(server)
    if deed == "revoke":  # its erase waits for readers of an older state of the library: over three seconds
        await interaction.response.defer(ephemeral=True, thinking=True)
    if session is None and deed == "revoke":
        # The panel outlives the listening: its button must still withdraw what "always" remembered.
        await forget_consent(services_of(interaction).library.consents, interaction.user.id, server)
        await _answer(interaction, "revoked")
        return
    if session is None or deed not in DEEDS:
        await _answer(interaction, "over")
        return
    await DEEDS[deed](interaction, session)


ListenButton = persistent(MARK + r"(?P<deed>[a-z]+)", _pressed)


async def _consent(interaction: Interaction, session: Session, *, always: bool = False) -> None:
    if not session.sits_here(interaction.user.id):
        await _answer(interaction, "come_in", channel=f"<#{session.room.id}>")
        return
    await session.consent(interaction.user.id, always=always)
    await _answer(interaction, "consented_always" if always else "consented")


async def _always(interaction: Interaction, session: Session) -> None:
    await _consent(interaction, session, always=True)


async def _revoke(interaction: Interaction, session: Session) -> None:
    # Looked at before: once revoked, nothing tells any more that their words are in a tale already.
    told = any(turn.member == interaction.user.id for turn in session.scribe.handed_over)
    await session.revoke(interaction.user.id)
    if not told:
        await _answer(interaction, "revoked")
        return
    unname, delete = (said(f"card.press.{verb}", interaction.locale.value) for verb in ("unname", "delete"))
    await _answer(interaction, "revoked_late", button=unname, delete=delete)


async def _finish(interaction: Interaction, session: Session, why: Ended = Ended.FINISHED) -> None:
    if not isinstance(interaction.user, discord.Member) or not session.may_end(interaction.user):
        await _answer(interaction, "not_yours")
        return
    session.end(why)
    await interaction.response.defer()


async def _discard(interaction: Interaction, session: Session) -> None:
    await _finish(interaction, session, Ended.THROWN_AWAY)


async def _mine(interaction: Interaction, session: Session) -> None:
    turns = session.scribe.of_member(interaction.user.id)
    services = services_of(interaction)
    await answer_alone(interaction, turns, services.artifacts, services.pools)


async def _answer(interaction: Interaction, key: str, **fields: object) -> None:
    text = said(f"ears.answer.{key}", interaction.locale.value, **fields)
    if interaction.response.is_done():
        await interaction.followup.send(text, ephemeral=True)
    else:
        await interaction.response.send_message(text, ephemeral=True)


DEEDS: Mapping[str, Deed] = {
    "consent": _consent, "always": _always, "revoke": _revoke, "finish": _finish, "discard": _discard, "mine": _mine,
}  # fmt: skip
