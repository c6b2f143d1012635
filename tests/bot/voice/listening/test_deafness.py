"""Joined but deaf is noticed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bot.voice.listening.level import DEAF_S, LOCKED_MOST, Deafness
from bot.voice.receive.hearing import SPEAKING, Hearing
from tests.discord_double.voice import rtp
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.sealing import XCHACHA

KEY = bytes(range(32))
ANA, SSRC = 1, 7


class Locked:
    """A call whose end-to-end key never comes."""

    opens = False

    def key(self) -> bytes | None:
        return KEY

    def own_ssrc(self) -> int | None:
        return None

    def speakers(self) -> Mapping[int, int]:
        return {}

    def decrypt(self, member: int, frame: bytes) -> bytes:
        if not self.opens:
            raise ValueError("Failed to decrypt: NoDecryptorForUser")
        return b"\xf8\xff\xfe"


class Call:
    """A hearing, and who speaks into it."""

    def __init__(self) -> None:
        self.now_s, self.sent = 0.0, 0
        self.wire = Locked()
        self.hearing = Hearing(self.wire, lambda: self.now_s)
        self.hearing.hears(frozenset({ANA}))
        self.watch = Deafness()
        self.noticed: Counter[bool] = Counter()

    def named(self) -> None:
        self.hearing.told(SPEAKING, {"ssrc": SSRC, "user_id": str(ANA)})

    def lasts(self, seconds: float, *, speaking: bool) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            if speaking:
                self.sent += 1
                frame = Frame(SSRC, self.sent, self.sent * 960, b"sealed twice")
                self.hearing.packet(rtp.pack(frame, XCHACHA, KEY, self.sent))
            self.now_s += 0.02
            self.hearing.work()
            self.noticed[self.watch.newly(self.hearing, self.now_s)] += 1


def test_silence_is_no_deafness() -> None:
    call = Call()
    call.lasts(3 * DEAF_S, speaking=False)
    assert not call.noticed[True]


def test_who_is_said_to_speak_and_is_never_heard_is_noticed_once() -> None:
    call = Call()
    call.named()
    call.lasts(3 * DEAF_S, speaking=False)
    assert call.noticed[True] == 1
    assert call.watch.deaf


def test_frames_that_cannot_be_opened_are_noticed_and_the_first_that_can_ends_it() -> None:
    call = Call()
    call.named()
    call.lasts(DEAF_S + LOCKED_MOST * 0.02 + 1.0, speaking=True)
    assert call.noticed[True] == 1
    assert call.watch.deaf
    call.wire.opens = True
    call.lasts(1.0, speaking=True)
    assert not call.watch.deaf


def test_a_moment_without_a_key_is_no_deafness() -> None:
    call = Call()
    call.named()
    call.lasts(DEAF_S / 2, speaking=True)
    call.wire.opens = True
    call.lasts(2 * DEAF_S, speaking=True)
    assert not call.noticed[True]
