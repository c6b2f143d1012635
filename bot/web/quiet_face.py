"""A tale without a message."""

from __future__ import annotations

from bot.card.state import CardState
from bot.library.records import KeptTale
from bot.moderation.story_review import Withdrawing
from pipeline.errors import Refused
from pipeline.log import log_of
from pipeline.words.event import Event

log = log_of("web")


class QuietCard:
    """Keeps the state of a tale that is asked for through the open door, and posts nothing."""

    def __init__(self, tale: KeptTale) -> None:
        self.state = CardState.of(tale)

    async def start(self) -> None:
        """See Card."""

    def feed(self, event: Event) -> None:
        """See Card."""
        self.state = self.state.after(event)

    def paced(self, least_s: float, most_s: float) -> None:
        """See Card."""
        self.state = self.state.paced(least_s, most_s)

    async def heard_out(self) -> None:
        """See Card."""

    async def close(self) -> None:
        """See Card."""


class Withdrawal(Withdrawing):
    """Withdraws a tale that must not be told: see Undo. Its asker hears of it as its last event."""

    async def tell(self, tale: KeptTale, why: Refused) -> None:
        """See Undo; whoever follows the tale is told it was stopped, the operator's log why."""
        log.info("tale_withdrawn", job=tale.id, code=why.code)

    async def erase(self, tale: KeptTale) -> None:
        """See Undo."""
        await self.erase_tales([await self.library.tales.get(tale.id) or tale])
