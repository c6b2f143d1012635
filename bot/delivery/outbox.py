"""New messages, by whatever way is open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import discord

from bot.card.face import Face
from bot.card.post import TOKEN_GOOD_S, Stands, answer_of, bare, embeds_of, files_of, nonce_of, view_of
from bot.library.kept import KeptTale
from pipeline.log import log_of

TOO_LARGE_STATUS, TOO_LARGE_CODE = 413, 40005
_SHUT = frozenset({10003, 10015, 50001, 50007, 50013, 50027})
"""No such channel or webhook, no access, no direct messages, no permission, no token any more."""
log = log_of("outbox")

Send = Callable[[Face, str], Awaitable[discord.Message]]


class Outbox:
    """Where a tale's messages go: under its card, else by the interaction, else to the asker alone."""

    def __init__(self, client: discord.Client, tale: KeptTale, card: Stands | None, clock: Callable[[], float]) -> None:
        self._client, self._tale, self._card, self._clock = client, tale, card, clock
        self._open: Send | None = None

    async def send(self, face: Face, part: str, thread: int | None = None) -> Stands | None:
        """The message as it was posted, once for each `part`; None where no way is open.

        Raises discord.HTTPException for what another way would not mend, a file too large among it.
        """
        if thread is not None:
            room = self._client.get_partial_messageable(thread)
            return _stands(await self._posted(room, face, part, embeds_of(face), None, answers=False))
        if self._open is not None:
            return _stands(await self._open(face, part))
        async for way in self._ways():
            try:
                message = await way(face, part)
            except discord.HTTPException as error:
                if error.code not in _SHUT:
                    raise
                log.info("way_shut", tale=self._tale.id, code=error.code)
                continue
            self._open = way
            return _stands(message)
        return None

    async def _ways(self) -> AsyncIterator[Send]:
        if not self._tale.delivery.only_me:
            yield self._in_channel
            yield self._in_channel_bare
        if self._tale.interaction_token and self._clock() < self._tale.asked_at + TOKEN_GOOD_S:
            yield self._by_token
        yield self._to_asker

    async def _in_channel(self, face: Face, part: str) -> discord.Message:
        return await self._posted(self._channel(), face, part, embeds_of(face), face.content or None)

    async def _in_channel_bare(self, face: Face, part: str) -> discord.Message:
        """Most often it is Embed Links that lacks."""
        return await self._posted(self._channel(), face, part, [], bare(face))

    async def _to_asker(self, face: Face, part: str) -> discord.Message:
        room = await self._client.create_dm(discord.Object(int(self._tale.member)))
        return await self._posted(room, face, part, embeds_of(face), None, answers=False)

    def _channel(self) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(int(self._card.channel if self._card else self._tale.channel))

    async def _posted(
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
            message_id=card.message, channel_id=card.channel, fail_if_not_exists=False
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


def too_large(error: discord.HTTPException) -> bool:
    """A file, or the request with it, weighs more than Discord takes here."""
    return error.status == TOO_LARGE_STATUS or error.code == TOO_LARGE_CODE


def _mentioned(tale: KeptTale, face: Face) -> discord.AllowedMentions:
    """Nobody, but the asker where they asked to be told."""
    asker = [discord.Object(int(tale.member))] if tale.delivery.tell_me and face.content else []
    return discord.AllowedMentions(everyone=False, roles=False, users=asker, replied_user=False)


def _stands(message: discord.Message) -> Stands:
    return Stands(message.id, message.channel.id)
