"""What plays in a call, drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.ui.escape import shown as cleaned
from bot.voice.call import Health
from bot.voice.player.queue_item import QueueItem
from bot.wording import said
from pipeline.audio.sum import EVEN, Gains

_STEPS = 12
_DONE, _LEFT = "▰", "▱"
_MOST_FOLLOWING = 3
_COLOUR = 0x5C6F91


class Doing(StrEnum):
    """What a booth does at the moment."""

    NOTHING = "nothing"
    GATHERING = "gathering"
    """It waits until the tale can be told without a gap."""
    TELLING = "telling"
    PAUSED = "paused"
    WAITING = "waiting"
    """For a passage that is not made yet."""
    MENDING = "mending"
    """The call is broken."""
    SILENCED = "silenced"
    """The server muted us."""


@dataclass(frozen=True)
class Now:
    """Enough to draw it."""

    doing: Doing = Doing.NOTHING
    tale: str = ""
    """Its id."""
    title: str = ""
    member: int = 0
    """Who asked."""
    channel_id: int = 0
    line: str = ""
    """What is being said."""
    at_s: float = 0.0
    seconds: float = 0.0
    """How long the tale is, or will be as far as one can tell."""
    wait_s: float = 0.0
    """How long it is still gathered."""
    following: tuple[str, ...] = ()
    """Titles of what waits in line."""
    gains: Gains = EVEN
    locale: str = "en"


def now_of(
    turn: QueueItem | None, health: Health, channel_id: int, following: tuple[str, ...], gains: Gains, wait_s: float
) -> Now:
    """The status of a player whose turn this is."""
    if turn is None:
        return Now(channel_id=channel_id)
    return Now(
        _doing(turn, health, wait_s),
        turn.tale.id,
        turn.title,
        turn.tale.member,
        channel_id or turn.tale.channel_id,
        turn.line,
        turn.at_s,
        turn.seconds,
        wait_s,
        following,
        gains,
        turn.tale.locale,
    )


def _doing(turn: QueueItem, health: Health, wait_s: float) -> Doing:
    if turn.mouth is None:
        return Doing.GATHERING if wait_s else Doing.NOTHING
    if health in (Health.BROKEN, Health.LOST):
        return Doing.MENDING
    if health is Health.SILENCED:
        return Doing.SILENCED
    if turn.held:
        return Doing.WAITING
    return Doing.PAUSED if turn.mouth.paused else Doing.TELLING


def shown(now: Now) -> discord.Embed:
    """At most eight lines: the title, the line that is heard, how far it is, what comes next."""
    lines = [_state(now), f"> {cleaned(now.line)}" if now.line else "", _bar(now), _following(now)]
    text = "\n".join(line for line in lines if line)
    return discord.Embed(title=cleaned(now.title)[:200] or None, description=text, colour=_COLOUR)


def _state(now: Now) -> str:
    if now.doing is Doing.GATHERING:
        return said("booth.gathering", now.locale, seconds=max(1, round(now.wait_s)))
    return said(f"booth.{now.doing.value}", now.locale)


def _bar(now: Now) -> str:
    if not now.seconds or now.doing is Doing.GATHERING:
        return ""
    share = min(1.0, now.at_s / now.seconds)
    done = round(share * _STEPS)
    return f"{_DONE * done}{_LEFT * (_STEPS - done)}  {_clock(share * now.seconds)} / {_clock(now.seconds)}"


def _following(now: Now) -> str:
    if not now.following:
        return ""
    titles = ", ".join(cleaned(title)[:60] for title in now.following[:_MOST_FOLLOWING])
    more = len(now.following) - _MOST_FOLLOWING
    return said("booth.following", now.locale, titles=titles) + (f" +{more}" if more > 0 else "")


def _clock(seconds: float) -> str:
    # In steps of five: a board is no stopwatch, and every change is an edit.
    whole = int(seconds) // 5 * 5
    return f"{whole // 60}:{whole % 60:02d}"
