"""A player for each server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.library.records import HeardAs, KeptTale, ServerSettings, TaleState, Where
from bot.pools import Pool
from bot.tracker.outputs import Follower
from bot.voice.call import Call
from bot.voice.join import Patience, check_welcome, room_of
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.bookmarks import Bookmark, Bookmarks
from bot.voice.player.buffering import Machine
from bot.voice.player.now_playing import Board, Buttons
from bot.voice.player.player import Booth
from bot.voice.player.queue_item import Follow, LiveTale, QueueItem, Unfollowed
from bot.voice.player.quiet_hours import check_allowed
from bot.voice.player.timings import Around, Manners
from pipeline.artifacts import Artifacts
from pipeline.audio.sum import PathOf
from pipeline.errors import TaleError
from pipeline.road.door import read_answer
from pipeline.words.event import Event, Planned, Stopped
from pipeline.words.tale import Tale
from pipeline.words.timeline import Timeline

if TYPE_CHECKING:
    from bot.library.tales import Tales


Count = Callable[[str, str, HeardAs, frozenset[str]], Coroutine[Any, Any, None]]
"""Counts that members of a server heard a tale so: tale, server, how, members."""


@dataclass(frozen=True)
class _Place:
    """One server's call, player and message."""

    call: Call
    booth: Booth
    board: Board


class Booths(Follower):
    """Follows the tale tracker: each tale that is told aloud goes to its server's player."""

    def __init__(
        self,
        client: discord.Client,
        path_of: PathOf,
        rules: Callable[[str], Awaitable[ServerSettings]],
        bookmarks: Path,
        *,
        buttons: Buttons,
        manners: Manners | None = None,
        patience: Patience | None = None,
        machine: Machine | None = None,
        able: Callable[[], Awaitable[bool]] | None = None,
        count: Count | None = None,
    ) -> None:
        self._client, self._path_of, self._rules = client, path_of, rules
        self._buttons = buttons
        self._bookmarks = Bookmarks(bookmarks)
        self._count, self._counting = count, set[asyncio.Task[None]]()
        self._manners, self._patience = manners or Manners(), patience
        self._blocks, self._machine, self._able = Blocks(), machine or Machine(), able or _always
        self._places: dict[int, _Place] = {}
        self._open: set[str] = set()
        """Ids of tales that are being made, told aloud or not."""

    @property
    def blocks(self) -> Blocks:
        """What makes all calls' sound; music alone, too."""
        return self._blocks

    def of(self, guild_id: int) -> Booth:
        """The player of this server."""
        return self._place(guild_id).booth

    def call(self, guild_id: int) -> Call:
        """The call of this server, which listening shares."""
        return self._place(guild_id).call

    async def rules(self, guild_id: int) -> ServerSettings:
        """Return a server's settings."""
        return await self._rules(str(guild_id))

    def check(self, guild_id: int, channel_id: int, rules: ServerSettings) -> None:
        """Raise Refused where nothing may be told there now, or where the bot could not enter."""
        room = room_of(self._client, channel_id)
        check_allowed(rules, channel_id, room.name, datetime.now(UTC))
        if room.guild.id == guild_id:
            check_welcome(room)

    def began(self, tale: KeptTale, card: object, sits_in: str) -> None:
        """Follow a tale from now on: where it is to be told aloud, it joins the queue."""
        mark = self._bookmarks.of(tale.id)
        # Nothing before it on the device: its first line is near, so the bot may join already.
        alone = self._open <= {tale.id}
        self._open.add(tale.id)
        # A bookmark stands in for a member who sat in the call when an earlier bot began it.
        silent = tale.prompt.words_only or tale.delivery.where is Where.UPLOAD or tale.delivery.only_me
        if silent or not tale.server or not (sits_in or mark):
            return
        live = LiveTale(
            tale.id,
            tale.title or tale.prompt.text[:80],
            int(tale.member),
            mark.channel_id if mark else int(sits_in),
            self._path_of,
            card if isinstance(card, Follow) else Unfollowed(),
            tale.prompt.words,
            mark.at if mark else 0,
            tale.delivery.locale,
            alone,
        )
        self._line_up(int(tale.server), live)

    def heard(self, tale: KeptTale, event: Event) -> None:
        """Hand an event to the player of its server; never waits."""
        place = self._places.get(int(tale.server or 0))
        if place is None:
            return
        if isinstance(event, Planned):
            place.booth.named(tale.id, event.plan.title)
        place.booth.hear(tale.id, event)

    def ended(self, tale: KeptTale) -> None:
        """Note that it is made; it may still play for minutes."""
        self._open.discard(tale.id)

    def again(
        self, tale: KeptTale, story: Tale, channel_id: int, member: int, guild_id: int, begin_at: int = 0
    ) -> None:
        """Play a finished tale in a channel, from its beginning or from a sample of it."""
        locale = tale.delivery.locale
        live = LiveTale(tale.id, tale.title, member, channel_id, self._path_of, begin_at=begin_at, locale=locale)
        self._line_up(guild_id, live, replace(story.timeline, whole=True))

    def silence(self, tales: Iterable[str]) -> None:
        """Stop playing these tales in every server: they are about to be erased."""
        for tale in tales:
            for place in self._places.values():
                place.booth.hear(tale, Stopped())

    async def resume(self, tales: Tales, artifacts: Artifacts, files: Pool) -> None:
        """Go on at the line where an earlier bot stopped; the tracker brings tales that are still being made."""
        for id_ in self._bookmarks.every():
            kept, mark = await tales.get(id_), self._bookmarks.of(id_)
            if kept is not None and kept.state is TaleState.OPEN:
                continue
            if kept is None or mark is None or kept.artifact is None or kept.state is not TaleState.DONE:
                self._bookmarks.forget(id_)
                continue
            try:
                story = await files.run(read_answer, kept.artifact, Tale, artifacts)
                # Counts as used just now: a trim of old files must not take what is about to play.
                await files.run(artifacts.use, story.timeline.stems)
            except (TaleError, OSError, ValueError):
                self._bookmarks.forget(id_)
                continue
            locale = kept.delivery.locale
            live = LiveTale(
                id_, kept.title, int(kept.member), mark.channel_id, self._path_of, begin_at=mark.at, locale=locale
            )
            self._line_up(mark.guild_id, live, replace(story.timeline, whole=True))

    async def close(self) -> None:
        """Fall silent at once; what was being told is remembered."""
        for place in self._places.values():
            await place.board.close()
            await place.booth.close()
        with suppress(RuntimeError):  # the loop's own threads may be gone while the process ends
            await asyncio.to_thread(self._blocks.close)
            await asyncio.to_thread(self._bookmarks.close)

    def _counted(self, guild_id: int, tale: str, what: HeardAs, listeners: frozenset[int]) -> None:
        """Count who heard it, where somebody counts; the player does not wait for the library."""
        if self._count is None or not listeners:
            return
        task = asyncio.create_task(self._count(tale, str(guild_id), what, frozenset(map(str, listeners))))
        self._counting.add(task)
        task.add_done_callback(self._counting.discard)

    def _line_up(self, guild_id: int, live: LiveTale, timeline: Timeline | None = None) -> None:
        place = self._place(guild_id)
        # Before its turn comes: a tale that only waited is queued again after a restart, too.
        self._bookmarks.keep(live.id, Bookmark(guild_id, live.channel_id, live.begin_at))
        place.booth.line_up(live, timeline)
        place.board.wake()

    def _place(self, guild_id: int) -> _Place:
        if guild_id not in self._places:
            call = Call(self._client, self._patience)

            def noted(turn: QueueItem) -> None:
                room = call.room
                channel_id = room.id if room is not None else turn.tale.channel_id
                self._bookmarks.keep(turn.tale.id, Bookmark(guild_id, channel_id, turn.line_start))

            around = Around(
                self._blocks,
                self._machine,
                lambda: self._rules(str(guild_id)),
                noted,
                self._bookmarks.forget,
                partial(self._counted, guild_id),
                self._able,
            )
            booth = Booth(call, around, self._manners)
            self._places[guild_id] = _Place(call, booth, Board(self._client, guild_id, booth, self._buttons))
        return self._places[guild_id]


async def _always() -> bool:
    return True
