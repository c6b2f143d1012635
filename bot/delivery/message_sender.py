"""Posts messages by whatever way Discord allows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar, cast

import discord

from bot.library.posts import posted
from bot.library.records import KeptTale
from bot.ui.card_message import TOKEN_GOOD_S, Stands, answer_of, bare, embeds_of, files_of, nonce_of, view_of, way_shut
from bot.ui.message import Face
from pipeline.log import log_of

_BEGUN = "begun "
"""Before a part that is about to be posted."""
_LOOKED_THROUGH = 500
"""Messages since the card: a busy channel's hour."""
log = log_of("outbox")

T = TypeVar("T")
Send = Callable[[Face, str], Awaitable[discord.Message]]
Remember = Callable[[tuple[str, ...]], Awaitable[object]]
"""Keeps which part became which message, as `part:channel:message`."""


class _WayShut(Exception):
    """Discord refused this way; another may be open."""


class Outbox:
    """Sends a tale's messages: under its card, else by the interaction, else to the asker alone."""

    def __init__(
        self,
        client: discord.Client,
        tale: KeptTale,
        card: Stands | None,
        clock: Callable[[], float],
        remember: Remember | None = None,
    ) -> None:
        self._client, self._tale, self._card, self._clock = client, tale, card, clock
        self._remember = remember
        self._open: Send | None = None  # the way that worked last: later parts follow the first
        self._posted = dict(map(_part_of, filter(_of_a_part, tale.delivered)))
        self._begun = {entry.removeprefix(_BEGUN) for entry in tale.delivered if entry.startswith(_BEGUN)}

    async def send(self, face: Face, part: str, thread: int | None = None) -> Stands | None:
        """Post a message once for each `part` and return it; None where no way is open.

        Raises discord.HTTPException for what no other way would help: a file too large, or Discord's own trouble.
        """
        if (known := self.posted(part)) is not None:
            return known
        if not await self.begin(part) and (found := await self._found(face, thread)) is not None:
            return await self.noted(part, found)
        message = await self._sent(face, part, thread)
        return None if message is None else await self.noted(part, _stands(message))

    def posted(self, part: str) -> Stands | None:
        """Return where an earlier try posted this part."""
        return self._posted.get(part)

    def delivered(self) -> tuple[str, ...]:
        """Return all that was posted, by this try and earlier ones, as a finished tale's row keeps it."""
        return tuple(posted(at.channel, at.message) for at in self._posted.values())

    async def noted(self, part: str, stands: Stands) -> Stands:
        """Note that a part was posted, so that no later delivery posts it again."""
        self._posted[part] = stands
        # After each part: Discord remembers a nonce for minutes only, and a bot may be back after that.
        await self._write_down()
        return stands

    async def begin(self, part: str) -> bool:
        """Note that a part is about to be posted; False where it was before, by a bot that may have posted it."""
        if part in self._begun:
            return False
        self._begun.add(part)
        await self._write_down()
        return True

    async def _write_down(self) -> None:
        if self._remember is not None:
            whole = [f"{one}:{at.channel}:{at.message}" for one, at in self._posted.items()]
            begun = [f"{_BEGUN}{one}" for one in sorted(self._begun - self._posted.keys())]
            await self._remember((*whole, *begun))

    async def _found(self, face: Face, thread: int | None) -> Stands | None:
        """Return the message that shows just this, where an earlier bot posted it; Discord tells nobody a nonce."""
        async for room in self._rooms(thread):
            with suppress(_WayShut):
                if (found := await self._tried(self._found_in(room, face))) is not None:
                    return _stands(found)
        return None

    async def _found_in(self, room: discord.abc.Messageable, face: Face) -> discord.Message | None:
        known = {at.message for at in self._posted.values()}
        async for message in room.history(limit=_LOOKED_THROUGH, after=self._before_it()):
            if message.author == self._client.user and message.id not in known and _shows(message, face):
                return message
        return None

    async def _rooms(self, thread: int | None) -> AsyncIterator[discord.abc.Messageable]:
        if thread is not None:
            yield self._client.get_partial_messageable(thread)
        if not self._tale.delivery.only_me:
            yield self._channel()
        with suppress(discord.HTTPException):  # who takes no direct message has none of ours
            yield await self._client.create_dm(discord.Object(int(self._tale.member)))

    def _before_it(self) -> discord.Object:
        asked = datetime.fromtimestamp(self._tale.asked_at, UTC)
        return discord.Object(self._card.message - 1 if self._card else discord.utils.time_snowflake(asked))

    async def _sent(self, face: Face, part: str, thread: int | None) -> discord.Message | None:
        if thread is not None:
            room = self._client.get_partial_messageable(thread)
            with suppress(_WayShut):
                return await self._tried(self._posted_in(room, face, part, embeds_of(face), None, answers=False))
        if self._open is not None:
            with suppress(_WayShut):
                return await self._tried(self._open(face, part))
        async for way in self._ways():
            with suppress(_WayShut):
                message = await self._tried(way(face, part))
                self._open = way
                return message
        return None

    async def _tried(self, asking: Awaitable[T]) -> T:
        try:
            return await asking
        except discord.HTTPException as error:
            if not way_shut(error):
                raise
            log.info("channel_closed", tale=self._tale.id, code=error.code)
            raise _WayShut from error

    async def _ways(self) -> AsyncIterator[Send]:
        # From the best to the last; only for the member's eyes is no way that others could read.
        if not self._tale.delivery.only_me:
            yield self._in_channel
            if self._card is not None:
                yield self._beside_card
            yield self._in_channel_bare
        if self._tale.interaction_token and self._clock() < self._tale.asked_at + TOKEN_GOOD_S:
            yield self._by_token
        yield self._to_asker

    async def _in_channel(self, face: Face, part: str) -> discord.Message:
        return await self._posted_in(self._channel(), face, part, embeds_of(face), face.content or None)

    async def _beside_card(self, face: Face, part: str) -> discord.Message:
        """Post without a reply: a bot without Read Message History may not answer a message."""
        content = face.content or None
        return await self._posted_in(self._channel(), face, part, embeds_of(face), content, answers=False)

    async def _in_channel_bare(self, face: Face, part: str) -> discord.Message:
        """Post as plain text: most often Embed Links is the missing permission."""
        return await self._posted_in(self._channel(), face, part, [], bare(face), answers=False)

    async def _to_asker(self, face: Face, part: str) -> discord.Message:
        room = await self._client.create_dm(discord.Object(int(self._tale.member)))
        return await self._posted_in(room, face, part, embeds_of(face), None, answers=False)

    def _channel(self) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(int(self._card.channel if self._card else self._tale.channel))

    async def _posted_in(
        self,
        room: discord.abc.Messageable,
        face: Face,
        part: str,
        embeds: list[discord.Embed],
        content: str | None,
        answers: bool = True,
    ) -> discord.Message:
        card = self._card if answers and face.presses else None
        under = card and discord.MessageReference(
            message_id=card.message,
            channel_id=card.channel,
            fail_if_not_exists=False,  # somebody deleted the card
        )
        # The annotations of `send` know no None for these two, though it is their default.
        return await room.send(
            content, embeds=embeds, files=files_of(face), view=cast(discord.ui.View, view_of(face.presses)),
            reference=cast(discord.MessageReference, under), nonce=nonce_of(self._tale.id, part),
            allowed_mentions=_mentioned(self._tale, face), mention_author=False,
        )  # fmt: skip

    async def _by_token(self, face: Face, _: str) -> discord.Message:
        hook = answer_of(self._client, self._tale.interaction_token)
        view = view_of(face.presses) or discord.utils.MISSING
        return await hook.send(
            face.content, embeds=embeds_of(face), files=files_of(face), view=view,
            ephemeral=self._tale.delivery.only_me, allowed_mentions=_mentioned(self._tale, face), wait=True,
        )  # fmt: skip


def _mentioned(tale: KeptTale, face: Face) -> discord.AllowedMentions:
    """Mention nobody, but the asker where they asked to be notified."""
    asker = [discord.Object(int(tale.member))] if tale.delivery.tell_me and face.content else []
    return discord.AllowedMentions(everyone=False, roles=False, users=asker, replied_user=False)


def _shows(message: discord.Message, face: Face) -> bool:
    """Whether a message of ours is this one: by its buttons, which name the tale, else by its words."""
    if face.presses:
        rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
        there = {getattr(part, "custom_id", None) for row in rows for part in row.children}
        return {press.custom_id for press in face.presses} <= there
    words = {(one.title or "", one.description or "") for one in message.embeds}
    return (face.title, face.body) in words or message.content == bare(face)


def _of_a_part(entry: str) -> bool:
    # A finished tale's entries have no part: channel and message alone.
    return entry.count(":") == 2


def _part_of(entry: str) -> tuple[str, Stands]:
    part, channel, message = entry.split(":")
    return part, Stands(int(message), int(channel))


def _stands(message: discord.Message) -> Stands:
    return Stands(message.id, message.channel.id)
