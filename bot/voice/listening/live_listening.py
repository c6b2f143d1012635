"""One listening, from first to last word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from bot.voice.listening.level import Deafness, Fault, fault_of
from bot.voice.receive.hearing import Hearing
from bot.voice.receive.opus import Pcm
from bot.voice.receive.speech import Attention, MemberUtterance, Silero, Utterances
from bot.voice.receive.turn_end import TurnEnd
from pipeline.log import log_of
from pipeline.words.sound import RATE_HZ

LOOK_S = 0.1
QUIET_S = 4.0
"""Seconds without speech after which all is said."""
DONE_S, DONE_TOGETHER_S = 1.3, 2.0
"""The same where the last speaker sounded done: one who speaks alone, and several, of whom another may go on."""
NOTHING_S = 60.0
"""Seconds without a consent, or without a word."""
MOST_S = 300.0
"""Seconds: a prompt holds no more words than are spoken in five minutes."""
ALONE_S = 5.0
"""Seconds without members: they left, and were not only moved."""
FLOOR_DB = -90.0
"""The level shown for silence, in dB under full scale."""
log = log_of("ears")


class Ended(StrEnum):
    """Why a listening ended."""

    QUIET = "quiet"
    FINISHED = "finished"
    """Somebody pressed the button."""
    THROWN_AWAY = "thrown_away"
    LIMIT = "limit"
    NOBODY_CONSENTED = "nobody_consented"
    NOBODY_SPOKE = "nobody_spoke"
    DEAF = "deaf"
    PUT_OUT = "put_out"
    """The bot was moved out of the call, or the call is gone."""
    EVERYBODY_LEFT = "everybody_left"
    GOING = "going"
    """The bot itself is being stopped."""
    SILENCED = "silenced"
    """The server muted or deafened the bot, and did not undo it in time."""
    WORDLESS = "wordless"
    """Something sounded, but it held no words."""


@dataclass
class Speaker:
    """A consenting member, as the meter shows them."""

    member: int
    utterances: Utterances
    level_db: float = FLOOR_DB
    """Level of the last moment, in dB under full scale."""
    fault: Fault = Fault.NONE
    """Fault of their last utterance."""

    @property
    def speaking(self) -> bool:
        """Whether they are in the middle of saying something."""
        return self.utterances.speaking


@dataclass
class Listening:
    """Cuts what the hearing gives into utterances until there is a reason to end."""

    hearing: Hearing
    silero: Silero
    hand: Executor
    """Thread on which the work is done, off the event loop."""
    clock: Callable[[], float]
    take: Callable[[MemberUtterance], None]
    """Called with each utterance, on the event loop."""
    there: Callable[[], bool]
    """Whether the bot is still in the call."""
    company: Callable[[], bool]
    """Whether anybody else is."""
    turn_end: TurnEnd | None = None
    """Hears from a voice that all is said; without it, and where somebody reads aloud, silence alone tells."""
    written: Callable[[], bool] = lambda: True
    """Whether all that was said is written down: until then who goes on is heard on, at no cost of time."""
    speakers: dict[int, Speaker] = field(default_factory=dict)
    ended: Ended | None = None
    said_anything: bool = False
    last: int = 0
    """Who spoke last."""
    deafness: Deafness = field(default_factory=Deafness)
    _quiet_since_s: float = 0.0
    _consented_s: float = 0.0
    _company_s: float = 0.0

    def hears(self, members: frozenset[int]) -> None:
        """Set who consents from now on; drop what is held of members who no longer do."""
        if members and not self.speakers:  # silence counts from the first consent on
            self._consented_s = self.clock()
        self.hearing.hears(members)
        kept = {member: speaker for member, speaker in self.speakers.items() if member in members}
        new = {one: self._speaker(one) for one in members - kept.keys()}
        self.speakers = kept | new  # replaced, never changed: the working thread may be walking through it

    def _speaker(self, member: int) -> Speaker:
        return Speaker(member, Utterances(member, Attention(self.silero), self.turn_end))

    def end(self, why: Ended) -> None:
        """Stop at the next look; the first reason stands."""
        self.ended = self.ended or why

    async def run(self, mend: Callable[[], object]) -> Ended:
        """Listen until it ends; `mend` is called once where the bot is joined but deaf."""
        loop = asyncio.get_running_loop()
        self._quiet_since_s = self._consented_s = self._company_s = self.clock()
        while self.ended is None:
            await asyncio.sleep(LOOK_S)
            for utterance in await loop.run_in_executor(self.hand, self._work):
                self._took(utterance)
            self._look()
            if self.deafness.newly(self.hearing, self.clock()):
                mend()
        if self.ended is not Ended.THROWN_AWAY:
            # Words that are still under way: whoever presses Finish does so in the middle of the last one.
            for utterance in await loop.run_in_executor(self.hand, self._rest):
                self._took(utterance)
        log.info("listened", why=self.ended, seconds=round(self.seconds), counts=dict(self.hearing.counts))
        return self.ended

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return self.clock() - self.hearing.began_s

    def _took(self, utterance: MemberUtterance) -> None:
        # A consent may have been withdrawn while the thread worked.
        if utterance.member in self.speakers:
            self.said_anything = True
            self.last = utterance.member
            self.take(utterance)

    def _work(self) -> list[MemberUtterance]:
        """Work through what came since the last look; on the working thread."""
        speakers = self.speakers  # one state for all of this look
        done: list[MemberUtterance] = []
        talking = {one.member for one in speakers.values() if one.speaking}
        for speaker in speakers.values():
            speaker.level_db = FLOOR_DB
            speaker.utterances.alone = not talking - {speaker.member}
        for member, placed in self.hearing.work():
            if (one := speakers.get(member)) is not None:
                one.level_db = max(one.level_db, _level_db(placed.pcm))
                done += one.utterances.take(placed)
        now = round(self.seconds * RATE_HZ)
        for speaker in speakers.values():
            done += speaker.utterances.look(now)
        return self._judged(done)

    def _judged(self, done: list[MemberUtterance]) -> list[MemberUtterance]:
        for one in done:
            if (speaker := self.speakers.get(one.member)) is not None:
                speaker.fault = fault_of(one.pcm)
        return done

    def _rest(self) -> list[MemberUtterance]:
        done: list[MemberUtterance] = []
        for member, placed in self.hearing.finish():
            if (one := self.speakers.get(member)) is not None:
                done += one.utterances.take(placed)
        for speaker in self.speakers.values():
            done += speaker.utterances.close()
        return done

    def _look(self) -> None:
        now_s = self.clock()
        if any(speaker.speaking for speaker in self.speakers.values()):
            self._quiet_since_s = now_s
            self.said_anything = True
        if self.company():
            self._company_s = now_s
        silent_s = now_s - max(self._quiet_since_s, self._consented_s)
        # In this order: `end` keeps the first reason, and being put out explains every silence after it.
        waits_in_vain = bool(self.speakers) and not self.said_anything and silent_s > NOTHING_S
        for holds, why in (
            (not self.there(), Ended.PUT_OUT),
            (now_s - self._company_s > ALONE_S, Ended.EVERYBODY_LEFT),
            (self.seconds > MOST_S, Ended.LIMIT),
            (self.said_anything and silent_s > self._quiet_s(), Ended.QUIET),
            (not self.speakers and self.seconds > NOTHING_S, Ended.NOBODY_CONSENTED),
            (waits_in_vain, Ended.DEAF if self.deafness.deaf else Ended.NOBODY_SPOKE),
        ):
            if holds:
                self.end(why)

    def _quiet_s(self) -> float:
        """How long nobody must speak for all to be said."""
        speaker = self.speakers.get(self.last)
        if speaker is None or not speaker.utterances.done or not self.written():
            return QUIET_S
        return DONE_S if len(self.speakers) == 1 else DONE_TOGETHER_S


def _level_db(pcm: Pcm) -> float:
    power = float(np.mean(np.square(pcm, dtype=np.float32))) if len(pcm) else 0.0
    return max(FLOOR_DB, 10 * float(np.log10(power / 32_768**2 + 1e-12)))
