"""A tale stands still for a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.voice.call import Health
from bot.voice.player.interruptions import Cause, Interruptions
from bot.voice.player.timings import Manners
from pipeline.errors import Refused

MANNERS = Manners(alone_s=60.0, paused_s=900.0, vamp_s=45.0, waits_s=600.0)
LONGEST_S = {Cause.ALONE: 60.0, Cause.PAUSED: 900.0, Cause.STARVED: 600.0}


@dataclass
class Wire:
    """As much of a call as is asked for."""

    health: Health = Health.WELL
    listeners: tuple[int, ...] = (1,)
    why: None = None
    room_name: str = "Fireside"

    def hush(self) -> None:
        """Nothing sounds here anyway."""


@dataclass
class Voice:
    """A mouth that only remembers whether it stands still."""

    at: int = 0
    paused: bool = False

    def pause(self) -> None:
        self.paused = True

    def go_on(self) -> None:
        self.paused = False

    def seek(self, at: int) -> None:
        self.at = at


@dataclass
class Heard:
    """How much of the tale is made."""

    samples: int = 10
    whole: bool = False


@dataclass
class Told:
    """As much of a turn as is asked for."""

    timeline: Heard = field(default_factory=Heard)
    line_start: int = 0
    cut_at: int | None = None
    held: bool = False


STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.1, 30.0, 61.0, 500.0])),
    st.tuples(st.just("health"), st.sampled_from([Health.WELL, Health.BROKEN, Health.SILENCED])),
    st.tuples(st.just("listeners"), st.sampled_from([(), (1,)])),
    st.tuples(st.just("at"), st.sampled_from([0, 10])),
    st.tuples(st.just("press"), st.sampled_from(["pause", "go_on"])),
)


@given(st.lists(STEPS, max_size=30))
def test_a_tale_stands_still_only_for_a_cause_and_ends_only_when_one_lasts_too_long(steps: list[Any]) -> None:
    call, mouth, turn, now_s = Wire(), Voice(), Told(), 0.0
    parts: Any = (call, mouth, turn)
    held = Interruptions(parts[0], MANNERS)
    begun_s: dict[Cause, float] = {}
    for what, value in steps:
        match what:
            case "wait":
                now_s += value
            case "press" if value == "pause":
                held.pause(parts[1], now_s)
                begun_s[Cause.PAUSED] = now_s
            case "press":
                held.go_on(parts[1])
            case "at":
                mouth.at = value
            case _:
                setattr(call, what, value)
        try:
            if held.heard(parts[2], parts[1], now_s):
                held.starved(parts[2], parts[1], now_s)
        except Refused:
            lasted = {cause: now_s - begun_s.get(cause, now_s) for cause in held.causes()}
            assert [cause for cause, s in lasted.items() if s > LONGEST_S.get(cause, now_s)]
            return
        begun_s = {cause: begun_s.get(cause, now_s) for cause in held.causes()}
        assert (Cause.BROKEN in held.causes()) is (call.health is not Health.WELL)
        assert mouth.paused or Cause.PAUSED not in held.causes()
        assert held.causes() or not mouth.paused
        assert turn.held is (Cause.STARVED in held.causes())
