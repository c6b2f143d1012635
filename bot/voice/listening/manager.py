"""All listenings of the bot."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import discord

from bot.pools import Pool
from bot.ui.card_message import UNREACHED
from bot.voice.call import Call
from bot.voice.join import Room
from bot.voice.listening.cleanup import Unfinished
from bot.voice.listening.consent import Agreed
from bot.voice.listening.in_call import to_speakers
from bot.voice.listening.live_listening import Ended
from bot.voice.listening.notice import Notice
from bot.voice.listening.session import HOLDER, Buttons, Session, Tell, Terms
from bot.voice.listening.solo import Ready, Sitting
from bot.voice.listening.transcription import Scribe
from bot.voice.listening.transcription_job import by_road, tidied
from bot.voice.receive.opus import Pcm
from bot.voice.receive.speech import Silero
from bot.voice.receive.turn_end import TurnEnd, opened
from bot.wording import language_of
from pipeline.artifacts import Artifacts
from pipeline.errors import Refused, TaleError
from pipeline.log import log_of
from pipeline.road.door import Door
from pipeline.wording import sentence

if TYPE_CHECKING:
    from bot.library.consents import Consents
    from bot.library.voices import Voices

T = TypeVar("T")
REMEMBERED_S = 900.0
"""How long a speaker may still look at what was heard of them after a listening."""
GOES_WITHIN_S = 6.0
"""How long a stopping bot waits for listenings to hand over what was said."""
log = log_of("earshot")


@dataclass
class Earshot:
    """At most one listening in each server; the speech model is loaded with the first."""

    door: Door
    artifacts: Artifacts
    consents: Consents
    voices: Voices
    call_of: Callable[[int], Call]
    """Returns a server's call, which the player shares."""
    unfinished: Unfinished
    files: Pool
    """Threads that read and write kept files."""
    turn_end_file: Path | None = None
    """Smart Turn's file, where it may lie; without it silence ends a wish."""
    clock: Callable[[], float] = time.monotonic
    notice: Notice = field(init=False)
    _sessions: dict[int, Session] = field(default_factory=dict)
    _past: dict[int, Session] = field(default_factory=dict)
    _alone: dict[int, Sitting] = field(default_factory=dict)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _hand: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="ears"))
    _silero: Silero | None = None
    _turn_end: TurnEnd | None = None

    def __post_init__(self) -> None:
        self.notice = Notice(self.door, self.artifacts, self.files)

    async def __aenter__(self) -> Self:
        # What a killed bot left of voices goes before anybody is heard again.
        left = await asyncio.to_thread(self.unfinished.left)
        for errand in left.errands:
            with contextlib.suppress(TaleError):  # the road is away, and keeps no job for longer than a week
                await tidied(self.door, self.artifacts, self.files, errand)
        await self.files.run(self.artifacts.erase, left.recordings)
        await self.door.tell_erased(left.recordings)
        await asyncio.to_thread(self.unfinished.put_away)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all listenings; tales of what was said are asked for, so that the next bot brings them."""
        for session in self._sessions.values():
            session.end(Ended.GOING)
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=GOES_WITHIN_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._hand.shutdown(wait=True)

    def of(self, server: int) -> Session | None:
        """Return the listening of this server, where there is one."""
        return self._sessions.get(server)

    def lately(self, server: int) -> Session | None:
        """Return the listening of this server, or its last one for a while: speakers may look at what is theirs."""
        return self._sessions.get(server) or self._past.get(server)

    async def begin(
        self,
        room: Room,
        place: discord.abc.Messageable,
        terms: Terms,
        buttons: Buttons,
        tell: Tell,
        over: Callable[[], Awaitable[object]] | None = None,
    ) -> Session:
        """Join and listen; `over` is called when that ended.

        Raises Refused `ears_busy`, `ears_playing`, or why the call cannot be joined.
        """
        # Loaded before `_free`: between that check and the entry in `_sessions` nothing may await.
        silero = self._silero = self._silero or await self._loaded()
        server, call = room.guild.id, self._free(room)
        agreed = Agreed(self.consents, self.voices, server, terms.words_only)
        write_down = by_road(self.door, self.artifacts, agreed, self.unfinished, self.files)
        scribe = Scribe(self.artifacts, write_down, self.unfinished, self.files)
        session = self._sessions[server] = Session(
            call, room, place, terms, agreed, scribe, silero, self._turn_end, self._hand,
            self.clock, buttons, tell, lambda line: self.notice.say(line, terms.locale),
        )  # fmt: skip
        try:
            await call.enter(room.id, HOLDER)
        except BaseException as error:  # cancelled too: the server would count as listening for ever
            del self._sessions[server]
            if isinstance(error, Refused):
                raise to_speakers(error) from error
            raise
        self._own(asyncio.create_task(self._held(session, over), name=f"listening in {server}"))
        return session

    async def hear_alone(self, room: Room, member: int, ready: Ready) -> Pcm:
        """Hear one member alone, whoever else consented before; raises Refused as `begin` and Sitting do."""
        silero = self._silero = self._silero or await self._loaded()
        server, call = room.guild.id, self._free(room)
        sitting = self._alone[server] = Sitting(call, room, member, silero, self._hand, self.clock)
        try:
            return await self._own(asyncio.create_task(sitting.hear(ready), name=f"sitting in {server}"))
        finally:
            del self._alone[server]

    def alone(self, server: int) -> Sitting | None:
        """Return the sitting in this server, where there is one."""
        return self._alone.get(server)

    def _free(self, room: Room) -> Call:
        """Return the call, where nobody listens in this server and nothing plays; raises Refused."""
        other = self._sessions.get(room.guild.id) or self._alone.get(room.guild.id)
        if other is not None:
            raise Refused("ears_busy", channel=f"<#{other.room.id}>")
        call = self.call_of(room.guild.id)
        if call.voice is not None and (call.voice.is_playing() or call.voice.channel.id != room.id):
            raise Refused("ears_playing", channel=f"<#{call.voice.channel.id}>")
        return call

    def _own(self, task: asyncio.Task[T]) -> asyncio.Task[T]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _loaded(self) -> Silero:
        loop = asyncio.get_running_loop()
        self._turn_end = await loop.run_in_executor(self._hand, opened, self.turn_end_file)
        return await loop.run_in_executor(self._hand, Silero)

    async def _held(self, session: Session, over: Callable[[], Awaitable[object]] | None) -> None:
        server = session.room.guild.id
        try:
            await session.hold()
        except TaleError as error:
            log.info("listening_refused", code=error.code)
            with contextlib.suppress(*UNREACHED):
                await session.place.send(sentence(error, language_of(session.terms.locale)))
        except UNREACHED:
            log.warning("listening_broke", exc_info=True)
        finally:
            # Freed first: what follows waits for disks and Discord, and may be cut off by a stop.
            del self._sessions[server]
            await session.scribe.close()
            await session.call.release(HOLDER)
            self._remember(server, session)
            if over is not None:
                await over()

    def _remember(self, server: int, session: Session) -> None:
        """Keep a session for a quarter of an hour, or until the next."""
        self._past[server] = session

        def forget() -> None:
            if self._past.get(server) is session:  # not a later one, whose own quarter of an hour runs
                del self._past[server]

        asyncio.get_running_loop().call_later(REMEMBERED_S, forget)
