"""A card that follows its tale."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.card.render import CardStyle, render
from bot.card.state import CardState, Phase
from bot.ui.card_message import UNREACHED, CardMessage
from bot.ui.message import Face
from pipeline.log import log_of
from pipeline.words.event import Event
from pipeline.words.sound import Jsonable

EDIT_EVERY_S = 1.5
"""Seconds between two edits: Discord takes five in five seconds; a reader takes fewer."""
AFTER_FAULT_S = 5.0
"""Seconds more after an edit that failed."""
STILL_S = 20.0
"""Seconds without progress after which the voice counts as stopped."""
_LAST_TRIES = 4
_LAST_WAIT_S = 2.0  # times the number of tries so far
log = log_of("card")


class LiveCard:
    """Card that takes events at any pace and edits its message on news, never more often than it may."""

    def __init__(
        self,
        post: CardMessage,
        state: CardState,
        look: CardStyle,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.post = post
        self._state, self._look, self._sleep, self._clock = state, look, sleep, clock
        self._news = asyncio.Event()
        self._face: Face | None = None
        self._at_s = float("-inf")
        self._keeping: asyncio.Task[None] | None = None
        self._hearing_out = False

    @property
    def state(self) -> CardState:
        """What all events so far amount to."""
        return self._state

    async def start(self) -> None:
        """Post the card; after a restart it stands already, and is edited at the first news."""
        if self.post.stands is None:
            await self._edit()
        self._keeping = asyncio.create_task(self._keep(), name=f"card {self._state.tale}")

    def feed(self, event: Event) -> None:
        """Take an event; never waits."""
        self._changed(self._state.after(event))

    def heard_to(self, at_s: float) -> None:
        """Note how far the voice has come in the tale; never waits."""
        self._changed(self._state.heard_to(at_s))

    def paced(self, least_s: float, most_s: float) -> None:
        """Note how many seconds a word of a tale takes here; never waits."""
        self._changed(self._state.paced(least_s, most_s))

    def without_voice(self, code: str, **fields: object) -> None:
        """Note that it, or a part of it, cannot be told in voice: the card says why, and shows all its text."""
        told: Jsonable = dict(fields)
        self._changed(self._state.without_voice(code, told))

    async def heard_out(self) -> None:
        """Let the text follow the voice to its last word; returns then, or when the voice stands still."""
        self._hearing_out, still_s, heard_s = True, 0.0, -1.0
        while self._state.awaits_voice and still_s < STILL_S:
            still_s = still_s + 1.0 if self._state.heard_s == heard_s else 0.0
            heard_s = self._state.heard_s
            await self._sleep(1.0)
        self._hearing_out = False

    async def close(self) -> None:
        """Show the last state, as far as Discord allows, and stop."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        for attempt in range(_LAST_TRIES):
            if attempt:
                await self._sleep(_LAST_WAIT_S * attempt)
            if await self._edit():
                return

    def _changed(self, state: CardState) -> None:
        if state != self._state:
            self._state = state
            self._news.set()

    async def _keep(self) -> None:
        while True:
            await self._news.wait()
            # News of this pause join the same edit, so it is cleared only afterwards.
            await self._sleep(max(0.0, self._at_s + EDIT_EVERY_S - self._clock()))
            self._news.clear()
            if not await self._edit():
                self._at_s += AFTER_FAULT_S
                self._news.set()

    async def _edit(self) -> bool:
        """Edit the message; returns whether it shows all that is known. The delivery shows a tale's last state."""
        face = render(self._state, self._look)
        # An edit that came after the delivery's would put the card back to half a tale.
        if face == self._face or (self._state.phase is Phase.DONE and not self._hearing_out):
            return True
        self._at_s = self._clock()
        try:
            await self.post.show(face)
        except UNREACHED as error:
            log.warning("card_not_shown", tale=self._state.tale, why=repr(error)[:200])
            return False
        self._face = face
        return True
