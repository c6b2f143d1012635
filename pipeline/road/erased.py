"""Tells every worker which sounds were erased."""

from __future__ import annotations

import time
from collections.abc import Iterable

import sqlalchemy as sa

from pipeline.artifacts import mark_of
from pipeline.road.ledger import Ledger, erased, spent
from pipeline.words.sound import Artifact

SPENT_KEPT = 5_000
"""How many rows of stages' times are kept: one for each stage of each tale."""
KEPT_S = 60 * 86_400.0
"""How long a mark is kept; a worker that was off for longer keeps its copies until they are removed for their age."""

_LATE = 2_000
"""How far back numbers are read again: an entry may be seen after a later one."""


def tell(ledger: Ledger, gone: Iterable[Artifact]) -> None:
    """Write marks of erased artifacts; a mark does not say what the artifact was."""
    rows = [{"mark": mark, "at": round(time.time())} for mark in sorted({mark_of(one.sha256) for one in gone})]
    for first in range(0, len(rows), 500):
        ledger.write(sa.insert(erased).values(rows[first : first + 500]))


class UnheardErasures:
    """Reads the marks that this worker has not read yet; all of them after a start."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._last = ledger, 0
        self._heard: set[int] = set()

    def news(self) -> frozenset[str]:
        """Return the marks written since the last call."""
        # Two who erase at once are given their numbers in turn, and may be seen in another.
        since = sa.select(erased.c.id, erased.c.mark).where(erased.c.id > self._last - _LATE)
        rows = {row[0]: row[1] for row in self._ledger.rows(since)}
        fresh = rows.keys() - self._heard
        self._heard, self._last = set(rows), max(rows, default=self._last)
        return frozenset(rows[one] for one in fresh)


def forget_old(ledger: Ledger, now_s: float) -> None:
    """Remove marks that every worker has read, and times too old for any estimate."""
    ledger.write(sa.delete(erased).where(erased.c.at < now_s - KEPT_S))
    last = ledger.rows(sa.select(sa.func.max(spent.c.id)))[0][0] or 0
    ledger.write(sa.delete(spent).where(spent.c.id <= last - SPENT_KEPT))
