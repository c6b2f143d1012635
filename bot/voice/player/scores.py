"""Plays music alone in calls, until stopped."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from bot.voice.call import Call, Health
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.score_source import TRACKS, ScorePart, ScoreSource
from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.words.answer import Underscored
from pipeline.words.mood import Mood
from pipeline.words.request import Underscore
from pipeline.words.score import Carry

WHO = "score"
PART_S = 30.0
AHEAD_S = 45.0
"""Seconds of sound below which the next part is asked for: a part is made in a second or two."""
ALONE_S = 120.0
"""Without a listener, before it stops."""
LOOK_S = 0.25
LEVELS = (0.8, 0.7, 0.7, 0.5)
log = log_of("score")

Ask = Callable[[str, Underscore], Awaitable[Underscored]]
"""Asks the executor for a part; nothing of the job stays."""


@dataclass(frozen=True)
class ScoreWish:
    """What is to be played."""

    words: str
    language: str
    seed: int
    mood: Mood | None = None
    """Asked for; None to read it from the words."""


@dataclass
class _Playing:
    wish: ScoreWish
    source: ScoreSource
    levels: tuple[float, ...] = LEVELS
    part: int = 0
    end: int = 0
    carry: Carry = field(default_factory=dict)
    mood: Mood | None = None
    """As it was read, so that every part has the same."""
    task: asyncio.Task[None] | None = None
    underruns: int = 0


class Scores:
    """One piece of music a server, made part by part while it plays."""

    def __init__(self, ask: Ask, artifacts: Artifacts, blocks: Blocks, busy: Callable[[int], bool]) -> None:
        self._ask, self._artifacts, self._blocks, self._busy = ask, artifacts, blocks, busy
        self._playing: dict[int, _Playing] = {}

    def levels(self, guild_id: int) -> tuple[float, ...]:
        """Return the four levels; as they begin where nothing plays."""
        playing = self._playing.get(guild_id)
        return playing.levels if playing else LEVELS

    def wish(self, guild_id: int) -> ScoreWish | None:
        """Return what plays there."""
        playing = self._playing.get(guild_id)
        return playing.wish if playing else None

    async def play(self, guild_id: int, call: Call, channel_id: int, wish: ScoreWish) -> None:
        """Play this from now on, in place of what plays; raises Refused where the bot may not enter."""
        await call.enter(channel_id, WHO)
        old = self._playing.get(guild_id)
        levels = old.levels if old else LEVELS
        await self.stop(guild_id, call, leave=False)
        source = ScoreSource(self._artifacts.path, self._blocks, levels)
        playing = _Playing(wish, source, levels)
        self._playing[guild_id] = playing
        self._blocks.add(source)
        playing.task = asyncio.create_task(self._go_on(guild_id, call, playing), name=f"score {guild_id}")

    def slide(self, guild_id: int, track: int, level: float) -> None:
        """Set one slider."""
        if (playing := self._playing.get(guild_id)) is not None and 0 <= track < len(TRACKS):
            playing.levels = tuple(level if nth == track else old for nth, old in enumerate(playing.levels))
            playing.source.slide(playing.levels)

    async def stop(self, guild_id: int, call: Call, *, leave: bool = True) -> None:
        """Fade and stop."""
        playing = self._playing.pop(guild_id, None)
        if playing is not None and playing.task is not None:
            playing.source.finish()
            playing.task.cancel()
            await asyncio.gather(playing.task, return_exceptions=True)
            await self._forget(playing)
        if leave:
            await call.release(WHO)

    async def close(self) -> None:
        """End all of them at once."""
        for playing in self._playing.values():
            if playing.task is not None:
                playing.task.cancel()
            self._blocks.remove(playing.source)
        await asyncio.gather(*(one.task for one in self._playing.values() if one.task), return_exceptions=True)

    async def _go_on(self, guild_id: int, call: Call, playing: _Playing) -> None:
        alone_s = 0.0
        while alone_s < ALONE_S and call.health is not Health.LOST:
            if playing.source.left_s < AHEAD_S:
                await self._next(playing)
            if not self._busy(guild_id):  # a tale comes first; the music waits where it is
                call.play(playing.source)
            if gone := playing.source.gone():
                await asyncio.to_thread(self._artifacts.erase, gone)
            alone_s = 0.0 if call.listeners else alone_s + LOOK_S
            await asyncio.sleep(LOOK_S)
        log.info("score_left_alone", guild=guild_id)
        self._playing.pop(guild_id, None)
        await self._forget(playing)
        await call.release(WHO)

    async def _next(self, playing: _Playing) -> None:
        wish = playing.wish
        asked = Underscore(
            wish.words,
            wish.language,
            wish.seed,
            playing.part,
            playing.end,
            PART_S,
            playing.mood or wish.mood,
            playing.carry,
        )
        try:
            made = await self._ask(uuid.uuid4().hex, asked)
        except (TaleError, TimeoutError) as error:
            log.warning("part_missing", why=repr(error)[:200])
            await asyncio.sleep(LOOK_S * 8)
            return
        playing.source.add(ScorePart(made.tracks, playing.end, made.samples))
        playing.part, playing.end = playing.part + 1, playing.end + made.samples
        playing.carry, playing.mood = made.carry, made.mood

    async def _forget(self, playing: _Playing) -> None:
        """Let the last fade sound, and erase all of its files."""
        for _ in range(20):
            if playing.source.ended or not playing.source.left_s:
                break
            await asyncio.sleep(LOOK_S)
        self._blocks.remove(playing.source)
        tracks = [track for part in playing.source.parts for track in part.tracks]
        with suppress(TaleError, OSError):
            await asyncio.to_thread(self._artifacts.erase, tracks)
