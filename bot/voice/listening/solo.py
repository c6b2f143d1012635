"""One member, heard alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.voice.call import Call
from bot.voice.join import Room
from bot.voice.listening.in_call import listened, listening_in, to_speakers
from bot.voice.listening.live_listening import Ended, Listening
from bot.voice.receive.connection import ears_open
from bot.voice.receive.opus import Pcm
from bot.voice.receive.speech import MemberUtterance, Silero
from pipeline.errors import Refused
from pipeline.words.sound import RATE_HZ

MOST_S = 20.0
"""Seconds of a sitting, and of the recording a voice is learnt from."""
HOLDER: Final = "sitting"
"""The sitting's name among the call's holders."""
_APART_S = 0.6
"""Seconds; longer pauses between two utterances are shortened to this."""
_LOOK_S, _LOUD_DB, _LOUD_S = 0.1, -45.0, 1.0
"""Sound above the level for longer than the last, without any speech, is music or noise."""
Ready = Callable[[], Awaitable[object]]


@dataclass
class Sitting:
    """Joins, listens to one member until they have read, and leaves; nobody else's frames are even decrypted."""

    call: Call
    room: Room
    member: int
    silero: Silero
    hand: Executor
    clock: Callable[[], float]
    listening: Listening | None = None
    _loud_s: float = 0.0

    async def hear(self, ready: Ready) -> Pcm:
        """Return what they said, mono at 48 kHz; `ready` is called once they are heard. Raises Refused."""
        try:
            await self.call.enter(self.room.id, HOLDER, ears=True)
        except Refused as error:
            raise to_speakers(error) from error
        said: list[MemberUtterance] = []
        listening = self.listening = self._begun(said.append)
        try:
            with ears_open(self.call, listening.hearing):
                await ready()
                ended = await listened(self.call, listening, self._limit(listening), self._gauge(listening))
        finally:
            await self.call.release(HOLDER)
        if ended in (Ended.PUT_OUT, Ended.EVERYBODY_LEFT):
            raise Refused("cloning_parted")
        if not said:
            raise Refused("reference_music" if self._loud_s > _LOUD_S else "reference_silent")
        return joined(said)

    def _begun(self, take: Callable[[MemberUtterance], None]) -> Listening:
        listening = listening_in(
            self.call, self.silero, self.hand, self.clock, take,
            lambda: self.member in (self.call.room or self.room).voice_states,
        )  # fmt: skip
        listening.hears(frozenset({self.member}))
        return listening

    async def _limit(self, listening: Listening) -> None:
        await asyncio.sleep(MOST_S)
        listening.end(Ended.LIMIT)

    async def _gauge(self, listening: Listening) -> None:
        """Measure how long anything of them sounds, speech or not."""
        while True:
            await asyncio.sleep(_LOOK_S)
            self._loud_s += _LOOK_S * (listening.speakers[self.member].level_db > _LOUD_DB)


def joined(said: Sequence[MemberUtterance]) -> Pcm:
    """Join utterances with short pauses between, at most MOST_S of them."""
    pieces, end_s = [], said[0].start_s
    for one in said:
        gap_s = min(max(0.0, one.start_s - end_s), _APART_S)
        pieces += [np.zeros(round(gap_s * RATE_HZ), np.int16), one.pcm]
        end_s = one.start_s + one.seconds
    whole: Pcm = np.concatenate(pieces)
    return whole[: round(MOST_S * RATE_HZ)]
