"""Posts and edits a card's message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, cast

import aiohttp
import discord

from bot.library.records import KeptTale
from bot.ui.message import Face, Press, Style
from pipeline.log import log_of

TOKEN_GOOD_S = 14.5 * 60
"""Seconds: Discord takes an interaction's token for fifteen minutes; half a minute is left for the edit."""
UNREACHED = (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError)
"""Errors of Discord or of the way to it."""
CONTENT_CHARS = 2_000
FOLLOW_UPS_ELSEWHERE = 5
"""Where only who asks has installed the app."""
# Error codes of Discord's documentation, which tell more than the HTTP status.
_NO_MESSAGE, _NO_CHANNEL = 10008, 10003
_DEAD_TOKEN = frozenset({10015, 50027})
_TOO_LARGE_STATUS, _TOO_LARGE_CODE, _TOO_MANY_STATUS = 413, 40005, 429
_STYLES = {
    Style.MAIN: discord.ButtonStyle.primary,
    Style.PLAIN: discord.ButtonStyle.secondary,
    Style.DANGER: discord.ButtonStyle.danger,
}
log = log_of("post")


class Way(StrEnum):
    """How a message is reached."""

    TOKEN = "token"  # noqa: S105 - the interaction's, no secret of ours
    MESSAGE = "message"
    NEW = "new"
    NONE = "none"
    """It or its channel was deleted, or only its token reached it and that is old."""


@dataclass(frozen=True)
class Stands:
    """Ids of a posted message and its channel."""

    message: int
    channel: int


Remember = Callable[[Stands], Awaitable[None]]


class CardMessage:
    """The card's message: the answer to its interaction while the token is good, then a message of the channel."""

    def __init__(self, client: discord.Client, tale: KeptTale, remember: Remember, clock: Callable[[], float]) -> None:
        self._client, self._tale, self._remember, self._clock = client, tale, remember, clock
        self._token = tale.interaction_token
        known = tale.card_message and (tale.card_channel or tale.channel)
        self.stands = Stands(int(tale.card_message), int(known)) if known else None
        self.gone = False
        """It was deleted or forbidden: it is not posted again, and its tale goes on."""
        self._bare = False  # text alone, after a first refusal

    async def show(self, face: Face) -> Stands | None:
        """Show this on the message; None where it can no longer be reached. Raises what UNREACHED names."""
        while (way := self._way()) is not Way.NONE:
            try:
                return await self._shown(way, face)
            except discord.HTTPException as error:
                self._learn(way, error)
        return None

    def _way(self) -> Way:
        if self.gone:
            return Way.NONE
        # However old: whoever asked reads that the bot thinks until this answer is edited, and no other way ends that.
        if self._token and (self.stands is None or self._clock() < self._tale.asked_at + TOKEN_GOOD_S):
            return Way.TOKEN
        if self._tale.delivery.only_me:
            return Way.NONE  # a message of the channel would be seen by all
        return Way.MESSAGE if self.stands else Way.NEW

    def _learn(self, way: Way, error: discord.HTTPException) -> None:
        """Note what an error says about the way; raises it where it says nothing."""
        if way is Way.TOKEN and error.code in _DEAD_TOKEN:
            self._token = ""
        elif error.code in (_NO_MESSAGE, _NO_CHANNEL):
            self.gone = True
            log.info("card_gone", tale=self._tale.id)
        elif isinstance(error, discord.Forbidden) and way is not Way.TOKEN:
            # Most often Embed Links is the missing permission; a second refusal, without embeds, is final.
            self.gone, self._bare = self._bare, True
            log.warning("card_forbidden", tale=self._tale.id, code=error.code)
        elif way is not Way.TOKEN and way_shut(error):
            self.gone = True  # an archived thread, say
            log.warning("card_channel_closed", tale=self._tale.id, code=error.code)
        else:
            raise error

    async def _shown(self, way: Way, face: Face) -> Stands:
        files = files_of(face)
        view, embeds, content = view_of(face.presses), embeds_of(face), face.content or None
        if self._bare and way is not Way.TOKEN:
            embeds, content = [], bare(face)
        if way is Way.TOKEN:
            hook = answer_of(self._client, self._token)
            # Discord's own name for the answer's message, which may not be known yet.
            original = cast(int, "@original")
            return await self._stood(
                await hook.edit_message(original, content=content, embeds=embeds, view=view, attachments=files)
            )
        if self.stands and way is Way.MESSAGE:
            room = self._client.get_partial_messageable(self.stands.channel)
            edited = room.get_partial_message(self.stands.message)
            await edited.edit(content=content, embeds=embeds, view=view, attachments=files)
            return self.stands
        room = self._client.get_partial_messageable(int(self._tale.channel))
        nonce = nonce_of(self._tale.id, "card")
        message = await room.send(content, embeds=embeds, view=cast(discord.ui.View, view), files=files, nonce=nonce)
        stands = await self._stood(message)
        if _says(message.content, message.embeds) != _says(content, embeds):
            # An earlier try had succeeded after all, and for the same nonce Discord returns that message.
            return await self._shown(Way.MESSAGE, face)
        return stands

    async def _stood(self, message: discord.Message) -> Stands:
        stands = Stands(message.id, message.channel.id)
        if stands != self.stands:
            self.stands = stands
            await self._remember(stands)
        return stands


def answer_of(client: discord.Client, token: str) -> discord.Webhook:
    """Return an interaction's webhook from its token alone: works after a restart, too."""
    # As discord.py makes it for an interaction: this type lets it send buttons.
    hook = discord.Webhook.partial(client.application_id or 0, token, client=client)
    hook.type = discord.WebhookType.application
    return hook


def takes_follow_ups(interaction: discord.Interaction, count: int) -> bool:
    """Whether Discord takes so many answers to one interaction: few where the bot is no member."""
    is_member = interaction.is_guild_integration() or not interaction.is_user_integration()
    return is_member or count <= FOLLOW_UPS_ELSEWHERE


def too_large(error: discord.HTTPException) -> bool:
    """Whether a file, or the request with it, is larger than Discord takes here."""
    return error.status == _TOO_LARGE_STATUS or error.code == _TOO_LARGE_CODE


def way_shut(error: discord.HTTPException) -> bool:
    """Whether Discord refuses this way whenever it is asked, and is not merely unwell itself."""
    return 400 <= error.status < 500 and error.status != _TOO_MANY_STATUS and not too_large(error)


def nonce_of(tale: str, part: str) -> str:
    """Return a nonce, under which Discord posts once, however often it is asked within some minutes."""
    # Discord takes 25 characters.
    return f"{tale[: 24 - len(part)]}-{part}"


class CardLibrary(Protocol):
    """The part of the library that a card needs."""

    async def change(self, tale: str, **fields: Any) -> object:
        """Change these fields and return the tale."""


def card_of(client: discord.Client, tale: KeptTale, tales: CardLibrary, clock: Callable[[], float]) -> CardMessage:
    """Return a tale's card, whose place the library remembers."""

    async def remember(stands: Stands) -> None:
        await tales.change(tale.id, card_message=str(stands.message), card_channel=str(stands.channel))

    return CardMessage(client, tale, remember, clock)


def bare(face: Face) -> str:
    """Return the same as plain text, where embeds are not allowed."""
    title = f"**{face.title}**" if face.title else ""
    words = "\n".join(part for part in (face.content, title, face.body, face.footer) if part)
    return words if len(words) <= CONTENT_CHARS else words[: CONTENT_CHARS - 1] + "…"


def files_of(face: Face) -> list[discord.File]:
    """Open the files, for every try anew: a failed upload has read them to their end."""
    return [discord.File(one.path, one.name, description=one.description or None) for one in face.files]


def embeds_of(face: Face) -> list[discord.Embed]:
    """Return one embed, with title, text, footer and picture."""
    embed = discord.Embed(title=face.title or None, description=face.body or None, colour=face.colour)
    if face.footer:
        embed.set_footer(text=face.footer)
    if face.picture:
        embed.set_image(url=f"attachment://{face.picture}")
    return [embed]


def _says(content: str | None, embeds: Sequence[discord.Embed]) -> list[str | None]:
    return [content or None, *(part for one in embeds for part in (one.title, one.description))]


def view_of(presses: Sequence[Press]) -> discord.ui.View | None:
    """Return buttons that are answered by their ids: discord.py must not keep a view for every message."""
    if not presses:
        return None
    view = discord.ui.View(timeout=None)
    for one in presses:
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            style=_STYLES[one.style], label=one.label, custom_id=one.custom_id, row=one.row
        )
        view.add_item(button)
    view.stop()
    return view
