"""What plays, drawn."""

from __future__ import annotations

import discord

from bot.ui.escape import shown as cleaned
from bot.voice.player.status import Doing, Now
from bot.wording import said

_STEPS = 12
_DONE, _LEFT = "▰", "▱"
_MOST_FOLLOWING = 3
_COLOUR = 0x5C6F91


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
