"""A listening in a call, and work beside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

from bot.voice.call import Call, Health
from bot.voice.listening.live_listening import Ended, Listening
from bot.voice.receive.connection import Wire, renewal
from bot.voice.receive.hearing import Hearing
from bot.voice.receive.keep_open import keep_open
from bot.voice.receive.silence import Silero
from bot.voice.receive.utterances import Utterance


def listening_in(
    call: Call,
    silero: Silero,
    hand: Executor,
    clock: Callable[[], float],
    take: Callable[[Utterance], None],
    company: Callable[[], bool],
) -> Listening:
    """One that nobody is heard by yet."""
    return Listening(
        Hearing(Wire(call), clock), silero, hand, clock, take,
        there=lambda: call.health not in (Health.AWAY, Health.LOST), company=company,
    )  # fmt: skip


async def listened(call: Call, listening: Listening, *beside: Coroutine[Any, Any, None]) -> Ended:
    """Until it ends; the path is kept open, and `beside` goes on as long."""
    tasks = [asyncio.create_task(work, name="beside a listening") for work in (keep_open(call), *beside)]
    try:
        return await listening.run(renewal(call))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
