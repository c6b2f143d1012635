"""What is said before consent stays sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.voice.receive.hearing import SPEAKING, WAITING_MOST, Hearing
from tests.discord_double.members import opus
from tests.discord_double.voice import rtp
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.sealing import XCHACHA

KEY = bytes(range(32))
EVA, SSRC = 7, 70


@dataclass
class Wire:
    """A call without a lock of its own; who speaks under which number is told as it comes."""

    now_s: float = 0.0
    asked_for: list[int] = field(default_factory=list)
    borrowed: int = 0
    """So many frames are asked for while the session is somebody else's."""

    def key(self) -> bytes | None:
        return KEY

    def own_ssrc(self) -> int | None:
        return 1

    def speakers(self) -> Mapping[int, int]:
        return {}

    def decrypt(self, member: int, frame: bytes) -> bytes:
        self.asked_for.append(member)
        if self.borrowed:
            self.borrowed -= 1
            raise RuntimeError("Already mutably borrowed")
        return frame


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    opus.load()


def says(hearing: Hearing, wire: Wire, at_s: float, first: int = 0, frames: int = 60) -> None:
    for nth, sound in enumerate(opus.Encoder().frames(opus.tone(440, 2.0))[:frames], first):
        wire.now_s = at_s + nth * rtp.FRAME_S
        hearing.packet(rtp.pack(Frame(SSRC, nth, nth * rtp.FRAME_SAMPLES, sound), XCHACHA, KEY, nth))


def named(hearing: Hearing) -> None:
    hearing.told(SPEAKING, {"user_id": str(EVA), "ssrc": SSRC, "speaking": 1})


@pytest.mark.parametrize("consents_after_s", [1.3, 600.0])
def test_what_somebody_said_before_they_were_named_and_consented_is_never_opened(consents_after_s: float) -> None:
    wire = Wire()
    hearing = Hearing(wire, lambda: wire.now_s)
    says(hearing, wire, 0.0)
    hearing.work()
    wire.now_s = consents_after_s
    hearing.hears(frozenset({EVA}))
    wire.now_s += 0.2
    named(hearing)
    hearing.work()
    assert hearing.opened[EVA] == 0
    assert not wire.asked_for


def test_nor_is_what_still_waits_for_work_when_they_consent() -> None:
    wire = Wire()
    hearing = Hearing(wire, lambda: wire.now_s)
    named(hearing)
    says(hearing, wire, 0.0)
    wire.now_s = 2.0
    hearing.hears(frozenset({EVA}))
    hearing.work()
    assert not wire.asked_for


def test_a_name_that_comes_late_costs_who_consented_no_word() -> None:
    wire = Wire()
    hearing = Hearing(wire, lambda: wire.now_s)
    hearing.hears(frozenset({EVA}))
    wire.now_s = 600.0
    says(hearing, wire, 600.0, frames=5)
    named(hearing)
    hearing.work()
    assert hearing.opened[EVA] == 5


def test_consent_given_anew_begins_anew() -> None:
    wire = Wire()
    hearing = Hearing(wire, lambda: wire.now_s)
    named(hearing)
    hearing.hears(frozenset({EVA}))
    hearing.hears(frozenset())
    says(hearing, wire, 1.0)
    wire.now_s = 5.0
    hearing.hears(frozenset({EVA}))
    hearing.work()
    assert not wire.asked_for


def test_a_session_that_is_changed_this_very_moment_costs_no_word() -> None:
    wire = Wire(borrowed=2)
    hearing = Hearing(wire, lambda: wire.now_s)
    hearing.hears(frozenset({EVA}))
    named(hearing)
    says(hearing, wire, 0.0, frames=5)
    hearing.work()
    assert hearing.opened[EVA] == 5


def test_a_flood_loses_nobodys_name() -> None:
    wire = Wire()
    hearing = Hearing(wire, lambda: wire.now_s)
    hearing.hears(frozenset({EVA}))
    named(hearing)
    for _ in range(2 * WAITING_MOST):
        hearing.packet(b"rubbish")
    hearing.work()
    says(hearing, wire, 0.0, frames=5)
    hearing.work()
    assert hearing.opened[EVA] == 5


STEPS = ("speaks", "speaks", "speaks", "named", "consents", "takes it back", "works", "waits")
FRAME = b"\xfc\xff\xfe"


@dataclass
class Witness(Wire):
    """Knows when each frame came, and since when there was consent as it was opened."""

    came_s: dict[bytes, float] = field(default_factory=dict)
    consents_since_s: float | None = None
    opened: int = 0

    def decrypt(self, member: int, frame: bytes) -> bytes:
        assert self.consents_since_s is not None, "opened without consent"
        assert self.came_s[frame] >= self.consents_since_s, "older than its consent"
        self.opened += 1
        return FRAME


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(STEPS), min_size=4, max_size=80))
def test_whatever_comes_in_whatever_order_nothing_opened_is_older_than_its_consent(steps: list[str]) -> None:
    wire = Witness()
    hearing = Hearing(wire, lambda: wire.now_s)
    for nth, step in enumerate(steps):
        wire.now_s += rtp.FRAME_S
        if step == "speaks":
            frame = FRAME + nth.to_bytes(2, "big")
            wire.came_s[frame] = wire.now_s
            hearing.packet(rtp.pack(Frame(SSRC, nth, nth * rtp.FRAME_SAMPLES, frame), XCHACHA, KEY, nth))
        elif step == "named":
            named(hearing)
        elif step == "consents":
            wire.consents_since_s = wire.now_s if wire.consents_since_s is None else wire.consents_since_s
            hearing.hears(frozenset({EVA}))
        elif step == "takes it back":
            hearing.hears(frozenset())
            wire.consents_since_s = None
        elif step == "works":
            hearing.work()
        else:
            wire.now_s += 1.5
    hearing.work()
