"""A button of a listening, pressed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import discord

from bot.actions.listen_buttons import LISTEN, MARK, button
from bot.actions.start_listening import open_ears
from bot.services import services_of
from bot.ui.refusals import refuse
from bot.voice.listening.consent import forget_consent
from bot.voice.listening.live_listening import Ended
from bot.voice.listening.private_view import answer_alone
from bot.voice.listening.session import Session
from bot.wording import said

LONG = ("mine", "revoke")
"""These work after the listening too."""
Press = discord.Interaction[Any]
Deed = Callable[[Press, Session], Awaitable[None]]


class Pressed(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=MARK + r"(?P<deed>[a-z]+)"):
    """Works after a restart too; then it says that the listening is over."""

    def __init__(self, deed: str) -> None:
        super().__init__(button(deed, "en"))
        self.deed = deed

    @classmethod
    async def from_custom_id(cls, _: Any, __: Any, match: re.Match[str], /) -> Self:
        """As Discord sends it back."""
        return cls(match["deed"])

    async def callback(self, interaction: Press) -> None:
        """A failure is one sentence for who pressed."""
        try:
            await self._done(interaction)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it: the member must hear
            await refuse(interaction, error)

    async def _done(self, interaction: Press) -> None:
        """Consent counts for who pressed, and for nobody else."""
        if self.deed == LISTEN:
            await open_ears(interaction)
            return
        ears = services_of(interaction).ears
        server = interaction.guild_id or 0
        session = ears.lately(server) if self.deed in LONG else ears.of(server)
        if session is None and self.deed == "revoke":
            await forget_consent(services_of(interaction).library.consents, interaction.user.id, server)
            await _answer(interaction, "revoked")
            return
        if session is None or self.deed not in DEEDS:
            await _answer(interaction, "over")
            return
        await DEEDS[self.deed](interaction, session)


async def _consent(interaction: Press, session: Session, *, always: bool = False) -> None:
    if not session.sits_here(interaction.user.id):
        await _answer(interaction, "come_in", channel=f"<#{session.room.id}>")
        return
    await session.consent(interaction.user.id, always=always)
    await _answer(interaction, "consented_always" if always else "consented")


async def _always(interaction: Press, session: Session) -> None:
    await _consent(interaction, session, always=True)


async def _revoke(interaction: Press, session: Session) -> None:
    told = any(turn.member == interaction.user.id for turn in session.scribe.handed_over)
    await session.revoke(interaction.user.id)
    if not told:
        await _answer(interaction, "revoked")
        return
    unname, delete = (said(f"card.press.{verb}", interaction.locale.value) for verb in ("unname", "delete"))
    await _answer(interaction, "revoked_late", button=unname, delete=delete)


async def _finish(interaction: Press, session: Session, why: Ended = Ended.FINISHED) -> None:
    if not isinstance(interaction.user, discord.Member) or not session.may_end(interaction.user):
        await _answer(interaction, "not_yours")
        return
    session.end(why)
    await interaction.response.defer()


async def _discard(interaction: Press, session: Session) -> None:
    await _finish(interaction, session, Ended.THROWN_AWAY)


async def _mine(interaction: Press, session: Session) -> None:
    turns = session.scribe.of_member(interaction.user.id)
    services = services_of(interaction)
    await answer_alone(interaction, turns, services.artifacts, services.pools)


async def _answer(interaction: Press, key: str, **fields: object) -> None:
    text = said(f"ears.answer.{key}", interaction.locale.value, **fields)
    await interaction.response.send_message(text, ephemeral=True)


DEEDS: Mapping[str, Deed] = {
    "consent": _consent, "always": _always, "revoke": _revoke, "finish": _finish, "discard": _discard, "mine": _mine,
}  # fmt: skip
