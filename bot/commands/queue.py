"""The command that shows the queue."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.card.state import CardState, Phase
from bot.gate.caller import Asker, asker_of
from bot.gate.visible_tales import viewer_of
from bot.library.records import KeptTale
from bot.services import services_of
from bot.tracker.open_tales import coming
from bot.ui.escape import shown
from bot.wording import said

MOST_SHOWN = 15
_TITLE_CHARS = 60


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree."""
    tree.add_command(app_commands.command(name="queue")(queue))


async def queue(interaction: discord.Interaction) -> None:
    """Show this server's open tales; in direct messages the member's own."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, asker = services_of(interaction), asker_of(interaction)
    open_ones = await services.library.tales.waiting(asker.server, asker.member)
    seen = (await viewer_of(interaction, services.library)).channels
    shown_ones = enumerate(open_ones[:MOST_SHOWN], 1)
    rows = [_row(nth, one, services.now.state_of(one.id), asker, seen) for nth, one in shown_ones]
    said_of_it = [f"**{said('queue.head', asker.locale)}**", *rows] if rows else [said("queue.empty", asker.locale)]
    waits = coming(await services.now.standing(), asker.locale)
    await interaction.followup.send("\n".join([*said_of_it, waits]).strip())


def _row(nth: int, tale: KeptTale, state: CardState | None, asker: Asker, seen: frozenset[str]) -> str:
    """Return a tale's row; one from a channel that the member does not see shows its place without words."""
    title = shown(_short((state.title if state else "") or tale.prompt.text)) or "…"
    if tale.member == asker.member:
        title = said("queue.yours", asker.locale, title=title)
    elif tale.delivery.only_me or tale.channel not in seen:
        title = said("queue.private", asker.locale)
    return said("queue.row", asker.locale, nth=nth, title=title, where=_where(state, asker.locale))


def _where(state: CardState | None, locale: str) -> str:
    if state is None or (state.phase is Phase.WAITING and not state.place):
        return said("queue.first", locale)
    if state.phase is not Phase.WAITING:
        return said("queue.told", locale, percent=round(state.share * 100))
    time = _time(state, locale) if state.most_s else ""
    return said("queue.place", locale, place=state.place) + time


def _time(state: CardState, locale: str) -> str:
    least, most = max(1, round(state.least_s / 60)), max(1, round(state.most_s / 60))
    return said("queue.time", locale, least=least, most=most)


def _short(text: str) -> str:
    return text if len(text) <= _TITLE_CHARS else text[: _TITLE_CHARS - 1].rstrip() + "…"
