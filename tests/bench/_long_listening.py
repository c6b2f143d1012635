"""Hours of listening in fast time."""

from __future__ import annotations

import gc
import resource
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from discord.opus import OPUS_SILENCE

from bot.voice.receive.hearing import CLIENT_GONE, SESSION, SPEAKING, Hearing
from bot.voice.receive.packet import SAMPLES
from bot.voice.receive.speech import Attention, Silero, Utterances
from pipeline.words.sound import RATE_HZ
from tests.bot.voice.listening.speech import spoken
from tests.discord_double.members.opus import Encoder
from tests.discord_double.voice import rtp
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.sealing import XCHACHA

TALKS_S, PAUSES_S = 4.0, 16.0
"""How each of them talks, by turns, and over one another at the edges."""
SPEAKERS, REFUSING = 3, 1
WARM_S, LOOKS_EVERY_S = 1_800.0, 600.0
"""What is not counted at the beginning, and how often memory is looked at afterwards."""
COMES_BACK_EVERY_S, SERVER_EVERY_S = 900.0, 3_600.0
"""Somebody leaves and comes back under another number; the call moves to another server, with another key."""
_TICK_S, _FRAME_S = 0.1, 0.02
_SILENCES = 5
_NEAR_THE_WRAP = 2**32 - 48_000


@dataclass
class _Talker:
    """A member with a mouth."""

    member: int
    frames: list[bytes]
    ssrc: int = 0
    sequence: int = 65_000
    next_s: float = 0.0
    at: int = 0

    def due(self, until_s: float) -> Iterator[Frame]:
        """Everything sent until then: speech, five frames of silence, and then nothing for a while."""
        while self.next_s < until_s:
            body = self.frames[self.at] if self.at < len(self.frames) else OPUS_SILENCE
            stamp = (_NEAR_THE_WRAP + round(self.next_s * RATE_HZ)) & 0xFFFF_FFFF
            yield Frame(self.ssrc, self.sequence & 0xFFFF, stamp // SAMPLES * SAMPLES, body)
            self.sequence, self.at, self.next_s = self.sequence + 1, self.at + 1, self.next_s + _FRAME_S
            if self.at == len(self.frames) + _SILENCES:
                self.at, self.next_s = 0, self.next_s + PAUSES_S


@dataclass
class _Clear:
    """A call without end-to-end encryption."""

    secret: bytes

    def key(self) -> bytes | None:
        return self.secret

    def own_ssrc(self) -> int | None:
        return None

    def speakers(self) -> Mapping[int, int]:
        return {}

    def decrypt(self, member: int, frame: bytes) -> bytes:
        return frame


@dataclass
class LongEvening:
    """A call that goes on and on."""

    now_s: float = 0.0
    sent: int = 0
    utterances: int = 0
    key: bytes = bytes(32)
    numbers: int = 100
    talkers: list[_Talker] = field(default_factory=list)

    def __post_init__(self) -> None:
        silero = Silero()
        frames = [Encoder().frames(spoken(gender=one)[: round(TALKS_S * RATE_HZ)]) for one in ("m", "f")]
        for at in range(SPEAKERS + REFUSING):
            self.talkers.append(_Talker(at + 1, frames[at % 2], next_s=at * (TALKS_S + PAUSES_S) / SPEAKERS))
        self.hearing = Hearing(_Clear(self.key), lambda: self.now_s)
        self.hearing.hears(frozenset(range(1, SPEAKERS + 1)))
        self.ears = {at + 1: Utterances(at + 1, Attention(silero)) for at in range(SPEAKERS)}
        for talker in self.talkers:
            self._named(talker)

    def lasts(self, seconds: float) -> None:
        """So much of it."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self._happens()
            self.now_s += _TICK_S
            for talker in self.talkers:
                for frame in talker.due(self.now_s):
                    self.sent += 1
                    self.hearing.packet(rtp.pack(frame, XCHACHA, self.key, self.sent & 0xFFFF_FFFF))
            for member, placed in self.hearing.work():
                self.utterances += sum(1 for _ in self.ears[member].take(placed))
            for ear in self.ears.values():
                self.utterances += sum(1 for _ in ear.look(round(self.now_s * RATE_HZ)))

    def _happens(self) -> None:
        if _each(SERVER_EVERY_S, self.now_s):
            self.key = bytes([self.sent % 256]) * 32
            self.hearing.told(SESSION, {"secret_key": list(self.key)})
            for talker in self.talkers:
                self._named(talker)
        elif _each(COMES_BACK_EVERY_S, self.now_s):
            talker = self.talkers[round(self.now_s / COMES_BACK_EVERY_S) % len(self.talkers)]
            self.hearing.told(CLIENT_GONE, {"user_id": str(talker.member)})
            self._named(talker)

    def _named(self, talker: _Talker) -> None:
        self.numbers += 1
        talker.ssrc = self.numbers
        self.hearing.told(SPEAKING, {"ssrc": talker.ssrc, "user_id": str(talker.member)})


def memory_growth_mb(hours: float) -> float:
    """The most resident memory that a later look finds over the first one after the warm-up."""
    evening = LongEvening()
    evening.lasts(min(WARM_S, hours * 1_800))
    first_mb = resident_mb()
    most_mb = first_mb
    while evening.now_s < hours * 3_600:
        evening.lasts(LOOKS_EVERY_S)
        most_mb = max(most_mb, resident_mb())
    assert evening.utterances, "the long listening heard nothing"
    assert not evening.hearing.opened[SPEAKERS + 1], "somebody was heard who had not agreed"
    return most_mb - first_mb


def _each(every_s: float, now_s: float) -> bool:
    return now_s > 1.0 and now_s % every_s < _TICK_S


def resident_mb() -> float:
    """Of this process, once all garbage is collected."""
    gc.collect()
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel's
            return int(file.read().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
