"""Erased sounds, told to every machine."""

from __future__ import annotations

import time
from collections.abc import Iterable

import sqlalchemy as sa

from pipeline.artifacts import mark_of
from pipeline.road.ledger import Ledger, erased, spent
from pipeline.words.sound import Artifact

SPENT_KEPT = 5_000
"""Rows of what stages took: a row a stage a tale."""
KEPT_S = 60 * 86_400.0
"""A machine that was away for longer keeps its copies until they go by age."""

_LATE = 2_000
"""Numbers that may still come after a later one."""


def tell(ledger: Ledger, gone: Iterable[Artifact]) -> None:
    """Marks, from which nobody reads what they were."""
    rows = [{"mark": mark, "at": round(time.time())} for mark in sorted({mark_of(one.sha256) for one in gone})]
    for first in range(0, len(rows), 500):
        ledger.write(sa.insert(erased).values(rows[first : first + 500]))


class UnheardErasures:
    """What a machine has not heard yet; from the beginning where it was just started."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._last = ledger, 0
        self._heard: set[int] = set()

    def news(self) -> frozenset[str]:
        """Marks since the last time."""
        # Two who erase at once are given their numbers in turn, and may be seen in another.
        since = sa.select(erased.c.id, erased.c.mark).where(erased.c.id > self._last - _LATE)
        rows = {row[0]: row[1] for row in self._ledger.rows(since)}
        fresh = rows.keys() - self._heard
        self._heard, self._last = set(rows), max(rows, default=self._last)
        return frozenset(rows[one] for one in fresh)


def forget_old(ledger: Ledger, now_s: float) -> None:
    """Marks that every machine has heard, and what stages took so long ago that no estimate asks for it."""
    ledger.write(sa.delete(erased).where(erased.c.at < now_s - KEPT_S))
    last = ledger.rows(sa.select(sa.func.max(spent.c.id)))[0][0] or 0
    ledger.write(sa.delete(spent).where(spent.c.id <= last - SPENT_KEPT))
