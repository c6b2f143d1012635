"""Scheduled tales, heard before they are posted."""

from __future__ import annotations

import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

import discord

from bot.library.records import KeptTale, TaleState
from bot.library.scheduled import Scheduled
from bot.services import services_of
from bot.tracker.tale_tracker import TaleRequest
from bot.ui.card_message import UNREACHED
from bot.ui.persistent import Interaction, Item, parts, view_of
from bot.wording import said
from pipeline.errors import Missing, Refused
from pipeline.log import log_of

ROOM = "review"
APPROVE, RETELL, SKIP = "approve", "retell", "skip"
_STYLES = {APPROVE: discord.ButtonStyle.success, SKIP: discord.ButtonStyle.danger}
log = log_of("review")


def offering(client: discord.Client) -> Callable[[TaleRequest, Scheduled], Awaitable[None]]:
    """Return what posts the buttons beside a tale that is to be heard first."""

    async def offer(request: TaleRequest, one: Scheduled) -> None:
        await _offer(client, request.channel, request.id, one.channel)

    return offer


async def _offer(client: discord.Client, heard_in: str, tale: str, channel: str) -> None:
    room = client.get_channel(int(heard_in))
    if not isinstance(room, discord.TextChannel | discord.Thread):
        return
    locale = room.guild.preferred_locale.value
    items: list[Item] = [
        discord.ui.Button(
            label=said(f"review.{deed}", locale),
            style=_STYLES.get(deed, discord.ButtonStyle.secondary),
            custom_id=f"{ROOM}:{deed}:{tale}:{channel}",
        )
        for deed in (APPROVE, RETELL, SKIP)
    ]
    try:
        view = view_of(items, PARTS)
        await room.send(said("review.waits", locale, channel=f"<#{channel}>"), view=view, silent=True)
        view.stop()  # presses are answered by their ids
    except UNREACHED as error:
        log.info("review_unsaid", job=tale, why=type(error).__name__)


async def _pressed(interaction: Interaction, what: str, _values: tuple[str, ...]) -> None:
    deed, tale, channel = [*what.split(":"), "", ""][:3]
    if not interaction.permissions.manage_messages:
        raise Refused("press_not_yours")
    services = services_of(interaction)
    kept = await services.library.tales.get(tale)
    if kept is None or kept.server != str(interaction.guild_id):
        raise Missing("tale_gone")
    if deed != SKIP and kept.state is TaleState.OPEN:
        raise Refused("booth_untold")
    who, locale = interaction.user.mention, interaction.locale.value
    line = said(f"review.done.{deed}", locale, who=who, channel=f"<#{channel}>")
    if deed == APPROVE:
        # The same wish with the same seed is the same tale; pressed twice it is asked once.
        await services.teller.begin(_again(kept, uuid.uuid5(uuid.UUID(tale), channel).hex, channel, kept.prompt.seed))
    elif deed == RETELL:
        again = _again(kept, uuid.uuid4().hex, kept.channel, random.getrandbits(31))
        await services.teller.begin(again)
        await _offer(interaction.client, kept.channel, again.id, channel)
    # Last: where it could not be asked, the buttons stay.
    await interaction.response.edit_message(content=line, view=None)


def _again(kept: KeptTale, tale: str, channel: str, seed: int) -> TaleRequest:
    return TaleRequest(tale, kept.server, channel, "", replace(kept.prompt, seed=seed), kept.delivery)


PARTS = parts(ROOM, _pressed)
