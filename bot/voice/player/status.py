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
from pipeline.tables import FALLBACK

_STEPS = 12
_DONE, _LEFT = "▰", "▱"
_MOST_FOLLOWING = 3
_COLOUR = 0x5C6F91


class Doing(StrEnum):
    """What a player does at the moment."""

    NOTHING = "nothing"
    GATHERING = "gathering"
    """It buffers until the tale can be told without a gap."""
    TELLING = "telling"
    PAUSED = "paused"
    WAITING = "waiting"
    """For a passage that is not made yet."""
    MENDING = "mending"
    """The call is broken and being reconnected."""
    SILENCED = "silenced"
    """The server muted the bot."""


@dataclass(frozen=True)
class Now:
    """Status of a player, enough to draw it."""

    doing: Doing = Doing.NOTHING
    tale: str = ""
    """Its id."""
    title: str = ""
    member: int = 0
    """Discord id of who asked."""
    channel_id: int = 0
    line: str = ""
    """Words that are being said."""
    at_s: float = 0.0
    """Place on the tale's timeline."""
    seconds: float = 0.0
    """Length of the tale; estimated while it is being made."""
    wait_s: float = 0.0
    """How long it still buffers."""
    following: tuple[str, ...] = ()
    """Titles of the tales that wait."""
    gains: Gains = EVEN
    """The listeners' volumes."""
    locale: str = FALLBACK


def now_of(
    turn: QueueItem | None, health: Health, channel_id: int, following: tuple[str, ...], gains: Gains, wait_s: float
) -> Now:
    """Return the status of a player whose turn this is."""
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
    """Draw it in at most eight lines: the title, the line that is heard, how far it is, what comes next."""
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
    # In steps of five seconds: every change is an edit, and Discord limits them.
    whole = int(seconds) // 5 * 5
    return f"{whole // 60}:{whole % 60:02d}"
