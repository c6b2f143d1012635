"""What listeners heard, and what they may like."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.library.database import writing
from bot.library.records import HeardAs, Viewer
from bot.library.scenes import Scenes
from bot.library.tables import HEARD, HEARTS, TALES
from bot.library.tales import is_told, visible

Array = npt.NDArray[np.float32]


WEIGHTS: Mapping[str, float] = {
    HeardAs.HEARTED: 2.0, HeardAs.AGAIN: 1.5, HeardAs.FINISHED: 1.0, HeardAs.SKIPPED: -1.0
}  # fmt: skip
HALF_S = 60 * 86_400.0
"""Seconds after which what was heard counts half."""
LEAST_KNOWN = 2
"""Liked tales below which nothing is guessed of a member's taste."""
LIKENESS, COMPANY, LOVED = 1.0, 0.7, 0.5
"""What it weighs that a tale is like those liked, that others who liked those liked it, and that it is loved here."""
NEAREST = 3
"""Liked tales whose nearness counts: somebody may like two kinds of tales that are nothing alike."""


@dataclass(frozen=True)
class HeardTale:
    """One tale heard by one member."""

    member: str
    tale: str
    weight: float
    at: float = 0.0


def ranked_for(member: str, events: Sequence[HeardTale], centres: Mapping[str, Array], now: float = 0.0) -> list[str]:
    """Return the tales of `centres` that the member has not heard, what they may like first.

    With too little known of them, what is loved here comes first: the same for everybody, and honestly so.
    """
    tales = [*centres]
    if not tales:
        return []
    mine = _summed(one for one in events if one.member == member)
    loved = _loved(tales, events, now)
    liked = {tale: weight for tale, weight in mine.items() if weight > 0 and tale in centres}
    if len(liked) < LEAST_KNOWN:
        score = loved
    else:
        near = _like(tales, centres, mine)
        score = (
            LIKENESS * _even(near) + COMPANY * _even(_in_company(tales, events, member, liked)) + LOVED * _even(loved)
        )
    return [tales[nth] for nth in np.argsort(-score, kind="stable") if tales[nth] not in mine]


def _summed(events: Iterable[HeardTale]) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in events:
        found[one.tale] = found.get(one.tale, 0.0) + one.weight
    return found


def _loved(tales: Sequence[str], events: Sequence[HeardTale], now: float) -> Array:
    """Return how much each tale is liked by all, lately more than long ago."""
    sums = _summed(replace(one, weight=one.weight * 0.5 ** (max(0.0, now - one.at) / HALF_S)) for one in events)
    return np.array([sums.get(tale, 0.0) for tale in tales], np.float32)


def _like(tales: Sequence[str], centres: Mapping[str, Array], mine: Mapping[str, float]) -> Array:
    """Return how near each tale is to the nearest of those liked, less to those skipped."""
    rows = np.stack([centres[tale] for tale in tales])
    rows = rows - rows.mean(axis=0)  # all tales are a little alike; what sets them apart counts
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    place = {tale: nth for nth, tale in enumerate(tales)}
    near = rows @ rows.T
    for_it = [place[tale] for tale, weight in mine.items() if weight > 0 and tale in place]
    against = [place[tale] for tale, weight in mine.items() if weight < 0 and tale in place]
    best = np.sort(near[:, for_it], axis=1)[:, -NEAREST:].mean(axis=1)
    return np.asarray(best - (0.5 * near[:, against].max(axis=1) if against else 0.0), np.float32)


def _in_company(tales: Sequence[str], events: Sequence[HeardTale], member: str, liked: Mapping[str, float]) -> Array:
    """Return how much those like each tale who like what the member likes."""
    others: dict[str, dict[str, float]] = {}
    for one in events:
        if one.member != member:
            row = others.setdefault(one.member, {})
            row[one.tale] = row.get(one.tale, 0.0) + one.weight
    score: dict[str, float] = {}
    for row in others.values():
        shared = sum(min(weight, row[tale]) for tale, weight in liked.items() if row.get(tale, 0.0) > 0)
        if shared > 0:
            for tale, weight in row.items():
                score[tale] = score.get(tale, 0.0) + shared * weight / (len(row) ** 0.5)
    return np.array([score.get(tale, 0.0) for tale in tales], np.float32)


def _even(score: Array) -> Array:
    return np.asarray((score - score.mean()) / (score.std() + 1e-6), np.float32)


@dataclass(frozen=True)
class Taste:
    """Counts what is heard, and ranks a server's tales for a member; another server's are never among them."""

    engine: AsyncEngine
    scenes: Scenes
    clock: Callable[[], float] = time.time

    async def count(self, tale: str, server: str, members: Iterable[str], what: HeardAs) -> None:
        """Count that these members heard a tale so; nothing where the tale is gone."""
        async with writing(self.engine) as connection:
            if not await connection.scalar(sa.select(TALES.c.id).where(TALES.c.id == tale)):
                return
            for member in sorted(set(members)):
                mine = (HEARD.c.tale == tale, HEARD.c.member == member, HEARD.c.what == what)
                once_more = sa.update(HEARD).where(*mine).values(times=HEARD.c.times + 1, at=self.clock())
                if not (await connection.execute(once_more)).rowcount:
                    row = {"tale": tale, "member": member, "what": what, "server": server, "times": 1}
                    await connection.execute(sa.insert(HEARD).values(row | {"at": self.clock()}))

    async def for_you(self, viewer: Viewer, model: str) -> list[str]:
        """Return ids of tales that the viewer may see and did not hear yet, what they may like first."""
        index = await self.scenes.index(viewer, model)
        async with self.engine.connect() as connection:
            seen = sa.select(TALES.c.id).where(is_told(), visible(viewer), TALES.c.server == viewer.server)
            mine = sa.select(TALES.c.id).where(is_told(), TALES.c.member == viewer.member)
            here, own = set(await connection.scalars(seen)), set(await connection.scalars(mine))
            events = await self._events(connection, viewer.server)
        centres = {tale: centre for tale in here - own if (centre := index.centre(tale)) is not None}
        unplaced = sorted(here - own - centres.keys())
        return [*ranked_for(viewer.member, events, centres, self.clock()), *unplaced]

    async def centre_for(self, viewer: Viewer, model: str) -> Array | None:
        """Return the middle of what the viewer liked here; None where too little is known of them."""
        index = await self.scenes.index(viewer, model)
        async with self.engine.connect() as connection:
            events = await self._events(connection, viewer.server)
        mine = _summed(one for one in events if one.member == viewer.member)
        liked = [index.centre(tale) for tale, weight in mine.items() if weight > 0]
        rows = [one for one in liked if one is not None]
        return np.asarray(np.mean(rows, axis=0), np.float32) if len(rows) >= LEAST_KNOWN else None

    async def _events(self, connection: AsyncConnection, server: str) -> list[HeardTale]:
        heard = await connection.execute(sa.select(HEARD).where(HEARD.c.server == server))
        events = [HeardTale(row.member, row.tale, WEIGHTS[row.what] * min(row.times, 3), row.at) for row in heard]
        of_hearts = sa.select(HEARTS.c.member, HEARTS.c.tale, HEARTS.c.at).join(TALES).where(TALES.c.server == server)
        loved = WEIGHTS[HeardAs.HEARTED]
        return events + [HeardTale(row.member, row.tale, loved, row.at) for row in await connection.execute(of_hearts)]
