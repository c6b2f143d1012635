"""Delivers a finished tale to its asker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot.card.render import CardStyle
from bot.delivery.fit import MOST_TRIES, SoundFile, fitted, smaller
from bot.delivery.message_layout import TaleMessages, scene_files, told
from bot.delivery.message_sender import Outbox
from bot.library.records import KeptTale
from bot.momentary import momentary_folder
from bot.pools import Pools
from bot.ui.card_message import UNREACHED, CardMessage, Stands, card_of, too_large
from bot.ui.message import Face
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing, Refused
from pipeline.log import log_of
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.library import Library

A_MINUTE_S = 60.0
"""A tale that took longer comes as a new message: nobody looks at the card any more, and an edit notifies nobody."""
_NAME_CHARS = 100  # Discord's limit for the name of a thread
_HAS_THREAD = 160004  # Discord's error code: an earlier try made the thread
log = log_of("delivery")


@dataclass(frozen=True)
class Courier:
    """Delivers tales; one for the whole bot."""

    client: discord.Client
    artifacts: Artifacts
    library: Library
    clock: Callable[[], float]
    """Seconds since the epoch."""
    pools: Pools = field(default_factory=Pools)

    async def bring(self, tale: KeptTale, story: Tale) -> tuple[str, ...]:
        """Post a tale and return its messages; none where Discord refuses every way, and then it waits in /tales.

        The card's last state is shown here. Raises discord.HTTPException where Discord itself fails; a tale that
        is delivered again posts nothing twice.
        """
        card = card_of(self.client, tale, self.library.tales, self.clock)
        rules = await self.library.servers.of(tale.server)
        look = CardStyle(tale.delivery.locale, tale.delivery.plain or rules.plain)
        limit = self._limit_bytes(tale)
        picture = None if look.plain else await self.pools.files.run(self._picture, story)
        scenes = () if look.plain else await self.pools.files.run(scene_files, story, self.artifacts)
        async with momentary_folder("delivery") as folder:
            for _ in range(MOST_TRIES):
                parts = [] if rules.words_only or story.silent else await self._parts(story, folder, limit)
                page = await self.pools.files.run(told, tale, story, parts, picture, look, rules.text_in_thread, scenes)
                taken = await self._taken(tale, page, card, look)
                if taken is not None:
                    return taken
                # Tried, since no figure is right: a server loses boosts, and Discord counts the form around a file.
                limit = smaller(parts, limit)
                log.info("sound_refused", tale=tale.id, next_limit=limit)
        # However small, Discord took no sound: the words come all the same.
        page = told(tale, story, [], picture, look, rules.text_in_thread, scenes)
        return await self._posted(tale, page, card, look)

    async def _taken(
        self, tale: KeptTale, page: TaleMessages, card: CardMessage, look: CardStyle
    ) -> tuple[str, ...] | None:
        """Return the messages, or None where Discord finds their files too large."""
        try:
            return await self._posted(tale, page, card, look)
        except discord.HTTPException as error:
            if too_large(error):
                return None
            raise

    def _limit_bytes(self, tale: KeptTale) -> int:
        """Return the interaction's own limit while its answer is edited; else the server's present one."""
        if self._quick(tale) and tale.interaction_token and tale.delivery.limit_bytes:
            return tale.delivery.limit_bytes
        guild = self.client.get_guild(int(tale.server)) if tale.server else None
        return guild.filesize_limit if guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES

    def _quick(self, tale: KeptTale) -> bool:
        return self.clock() <= tale.asked_at + A_MINUTE_S

    async def _parts(self, story: Tale, folder: Path, limit_bytes: int) -> list[SoundFile]:
        """Return the sound's files; none where it is no longer kept, or fits nowhere."""
        try:
            # On the threads for files first: a slow store must not hold the one thread that encodes.
            await self.pools.files.run(self._files, story)
            return await self.pools.sounds.run(self._fitted, story, folder, limit_bytes)
        except (Missing, Refused) as error:
            log.warning("sound_not_delivered", code=error.code)
            return []

    def _fitted(self, story: Tale, folder: Path, limit_bytes: int) -> list[SoundFile]:
        """Encode the tale; its files are opened again, since they may have gone while others were encoded."""
        master, cover = self._files(story)
        return fitted(story, master, folder, limit_bytes, cover=cover)

    def _files(self, story: Tale) -> tuple[Path, Path | None]:
        """Return sound and picture, fetched and decrypted where needed."""
        return self.artifacts.path(story.master.audio), self._picture(story)

    def _picture(self, story: Tale) -> Path | None:
        try:
            return self.artifacts.path(story.picture)
        except Missing:
            return None

    async def _posted(self, tale: KeptTale, page: TaleMessages, card: CardMessage, look: CardStyle) -> tuple[str, ...]:
        async def remember(parts: tuple[str, ...]) -> None:
            await self.library.tales.change(tale.id, delivered=parts)

        outbox = Outbox(self.client, tale, card.stands, self.clock, remember)
        first = await self._first(tale, page.first, card, look, outbox)
        if first is None:
            log.warning("tale_undelivered", tale=tale.id)
            return ()
        for nth, face in enumerate(page.more_sound):
            await outbox.send(face, f"sound{nth}")
        thread = await self._thread(tale, first, page) if page.in_thread else None
        for nth, face in enumerate(page.rest):
            await outbox.send(face, f"page{nth}", thread)
        return outbox.delivered()

    async def _first(
        self, tale: KeptTale, page: Face, card: CardMessage, look: CardStyle, outbox: Outbox
    ) -> Stands | None:
        """Return the first message: the card itself while somebody looks at it, else one that the card points to."""
        if (known := outbox.posted("tale")) is not None:
            return known
        if self._quick(tale):
            await outbox.begin("tale")  # a later bot, too late for the card, must know that this one may have shown it
            if (shown := await card.show(page)) is not None:
                return await outbox.noted("tale", shown)
        # In the content: a mention within an embed notifies nobody.
        call = f"<@{tale.member}>" if tale.delivery.tell_me else ""
        first = await outbox.send(replace(page, content=call), "tale")
        if first is not None and first != card.stands:
            await self._point(tale, card, page, first, look)
        return first

    async def _point(self, tale: KeptTale, card: CardMessage, page: Face, first: Stands, look: CardStyle) -> None:
        """Let the card link to the tale; a card that cannot be edited is no error."""
        link = f"https://discord.com/channels/{tale.server or '@me'}/{first.channel}/{first.message}"
        with suppress(*UNREACHED):
            await card.show(Face(page.title, said("card.told_here", look.locale, link=link), page.colour))

    async def _thread(self, tale: KeptTale, first: Stands, page: TaleMessages) -> int | None:
        """Return the thread's channel; None where threads are not allowed, and then the pages stand below."""
        room = self.client.get_partial_messageable(first.channel, guild_id=int(tale.server) if tale.server else None)
        try:
            return (await room.get_partial_message(first.message).create_thread(name=page.first.title[:_NAME_CHARS])).id
        except discord.HTTPException as error:
            # A thread has the number of the message it began from.
            return first.message if error.code == _HAS_THREAD else None
        except ValueError:
            return None  # discord.py's own refusal where the channel is no text channel of a server
