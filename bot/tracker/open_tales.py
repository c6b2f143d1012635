"""Open tales, for /queue."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from bot.card.state import CardState
from bot.library.records import KeptTale
from bot.tracker.outputs import Card, Follower
from bot.wording import said
from pipeline.places import STANDING
from pipeline.words.jsonable import from_json
from pipeline.words.standing import ExecutorInfo


class ToldNow(Follower):
    """Follows the tale tracker: keeps each open tale's card."""

    def __init__(self, state_folder: Path) -> None:
        self._file = state_folder / STANDING
        self._cards: dict[str, Card] = {}

    def began(self, tale: KeptTale, card: Card, _sits_in: str) -> None:
        """Remember the card of an open tale."""
        self._cards[tale.id] = card

    def ended(self, tale: KeptTale) -> None:
        """Forget the card of a tale that ended, or is left to the next bot."""
        self._cards.pop(tale.id, None)

    def state_of(self, tale: str) -> CardState | None:
        """Return a tale's state, where it is followed here."""
        card = self._cards.get(tale)
        return card.state if card else None

    async def standing(self) -> ExecutorInfo | None:
        """Return what this machine's executor reports of itself; None where none has run yet."""
        return await asyncio.to_thread(self._read)

    async def able(self) -> bool:
        """Whether all weights are here, as far as this machine knows."""
        standing = await self.standing()
        return standing is None or standing.all_here

    def _read(self) -> ExecutorInfo | None:
        try:
            return from_json(ExecutorInfo, json.loads(self._file.read_bytes()))
        except (OSError, ValueError):
            return None


def coming(standing: ExecutorInfo | None, locale: str) -> str:
    """Return how far missing weights are downloaded, as a sentence; "" where all are here."""
    if standing is None or standing.all_here:
        return ""
    gb = f"{standing.wanted_bytes / 1e9:.1f}"
    return said("queue.coming", locale, percent=round(standing.share * 100), gb=gb)
