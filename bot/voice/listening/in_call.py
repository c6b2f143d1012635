"""A listening in a call, with work beside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from typing import Any, Final

from bot.voice.call import Call, Health
from bot.voice.listening.live_listening import Ended, Listening
from bot.voice.receive.connection import CallConnection, keep_open, renewal
from bot.voice.receive.hearing import Hearing
from bot.voice.receive.speech import MemberUtterance, Silero
from bot.voice.receive.turn_end import TurnEnd
from bot.wording import language_of, said
from pipeline.errors import Refused
from pipeline.wording import sentence

_TO_SPEAKERS: Final[Mapping[str, str]] = {
    "booth_full": "ears_full", "booth_gone": "ears_sit_first", "booth_no_connect": "ears_no_way",
    "booth_no_speak": "ears_no_way", "booth_muted": "ears_silenced", "booth_deafened": "ears_silenced",
    "booth_audience": "ears_silenced", "booth_unanswered": "ears_unanswered",
}  # fmt: skip
"""The player's sentences promise a file instead, which a member who wants to be heard does not wait for."""
_FOR_A_WHILE: Final = {"booth_muted": "muted", "booth_deafened": "deafened", "booth_audience": "audience"}
"""Faults that a moderator may undo: the listening goes on where that happens within a minute."""


def listening_in(
    call: Call,
    silero: Silero,
    hand: Executor,
    clock: Callable[[], float],
    take: Callable[[MemberUtterance], None],
    company: Callable[[], bool],
    turn_end: TurnEnd | None = None,
    written: Callable[[], bool] = lambda: True,
) -> Listening:
    """Return a listening that hears nobody yet."""
    # BROKEN counts as there: the call reconnects by itself, and the hearing follows it.
    return Listening(
        Hearing(CallConnection(call), clock), silero, hand, clock, take,
        there=lambda: call.health not in (Health.AWAY, Health.LOST), company=company, turn_end=turn_end,
        written=written,
    )  # fmt: skip


async def listened(call: Call, listening: Listening, *beside: Coroutine[Any, Any, None]) -> Ended:
    """Run a listening to its end; meanwhile keep the path open and run `beside`."""
    tasks = [asyncio.create_task(work, name="beside a listening") for work in (keep_open(call), *beside)]
    try:
        return await listening.run(renewal(call))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def to_speakers(refused: Refused) -> Refused:
    """Return a call's error as a member who wants to be heard reads it."""
    code = _TO_SPEAKERS.get(refused.code)
    return Refused(code, **refused.fields) if code else refused


def silenced(why: Refused | None) -> bool:
    """Whether it ended because the server kept us silent or deaf."""
    return why is not None and why.code in _FOR_A_WHILE


def trouble_of(why: Refused | None, locale: str) -> str:
    """Return what is wrong with the call as a sentence; "" for nothing."""
    if why is None:
        return ""
    if why.code in _FOR_A_WHILE:
        return said(f"ears.trouble.{_FOR_A_WHILE[why.code]}", locale)
    return sentence(to_speakers(why), language_of(locale))
