"""Scenes by their meaning, beside the tales."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.database import writing
from bot.library.meaning import Found, MeaningIndex
from bot.library.records import TaleState, Viewer
from bot.library.rows import Rows
from bot.library.tables import SCENES, TALES
from bot.library.tales import visible

MOST_HELD = 8  # servers whose scenes are held in memory: 10,000 scenes take 60 MB
_AT_ONCE = 400


@dataclass
class _Held:
    index: MeaningIndex = field(default_factory=MeaningIndex)
    model: str = ""
    stamp: Any = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class Scenes:
    """Places of scenes, 8 bits a number, and the index of each server that searched lately."""

    engine: AsyncEngine
    rows: Rows
    _held: OrderedDict[str, _Held] = field(default_factory=OrderedDict)

    async def put(self, tale: str, model: str, places: Sequence[tuple[int, bytes]]) -> None:
        """Keep a tale's places in place of earlier ones; nothing where the tale is gone."""
        shut = self.rows.seal.shut_bytes
        rows = [{"tale": tale, "place": at, "model": model, "vector": shut(place)} for at, place in places]
        async with writing(self.engine) as connection:
            if not await connection.scalar(sa.select(TALES.c.id).where(TALES.c.id == tale)):
                return
            await connection.execute(sa.delete(SCENES).where(SCENES.c.tale == tale))
            await connection.execute(sa.insert(SCENES), rows)

    async def lacking(self, model: str, most: int) -> list[str]:
        """Return finished tales without places of this model, the newest first."""
        placed = sa.select(SCENES.c.tale).where(SCENES.c.model == model)
        query = sa.select(TALES.c.id).where(TALES.c.state == TaleState.DONE, TALES.c.id.not_in(placed))
        async with self.engine.connect() as connection:
            return list(await connection.scalars(query.order_by(TALES.c.finished_at.desc()).limit(most)))

    async def ranked(self, viewer: Viewer, model: str, question: bytes | None, words: str) -> list[Found]:
        """Return what the viewer may see, by how well it answers; tales of another model are found by their words."""
        async with self.engine.connect() as connection:
            done = sa.select(TALES.c.id).where(TALES.c.state == TaleState.DONE, visible(viewer))
            seen = frozenset(await connection.scalars(done))
        index = await self.index(viewer, model)
        return await asyncio.to_thread(index.ranked, question, words, seen)

    async def index(self, viewer: Viewer, model: str) -> MeaningIndex:
        """Return the index of a server, or in direct messages of a member, as the library is now."""
        key = viewer.server or f"@{viewer.member}"
        held = self._held.setdefault(key, _Held())
        self._held.move_to_end(key)
        while len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        mine = TALES.c.server == viewer.server if viewer.server else TALES.c.member == viewer.member
        async with held.turn:
            await self._brought_up(held, model, mine)
        return held.index

    async def _brought_up(self, held: _Held, model: str, mine: sa.ColumnElement[bool]) -> None:
        here = (TALES.c.state == TaleState.DONE, mine)
        async with self.engine.connect() as connection:
            placed = sa.select(sa.func.count()).select_from(SCENES).join(TALES).where(SCENES.c.model == model, *here)
            told = sa.select(sa.func.count(), sa.func.max(TALES.c.finished_at)).where(*here)
            stamp = (await connection.scalar(placed), *(await connection.execute(told)).one())
            if (stamp, model) == (held.stamp, held.model):
                return
            if held.model != model:
                held.index, held.model = MeaningIndex(), model
            ids = set(await connection.scalars(sa.select(TALES.c.id).where(*here)))
            placed_ids = set(await connection.scalars(sa.select(SCENES.c.tale).where(SCENES.c.model == model)))
            stale = {
                tale
                for tale in held.index.tales
                if tale not in ids or (tale in placed_ids and not held.index.placed(tale))
            }
            new = [tale for tale in ids if tale not in held.index.tales or tale in stale]
            come: dict[str, tuple[list[tuple[int, bytes]], str]] = {}
            for first in range(0, len(new), _AT_ONCE):
                come |= await self._read(connection, model, new[first : first + _AT_ONCE])
        await asyncio.to_thread(held.index.update, stale, come)
        held.stamp = stamp

    async def _read(
        self, connection: Any, model: str, tales: Sequence[str]
    ) -> dict[str, tuple[list[tuple[int, bytes]], str]]:
        text = sa.select(TALES.c.id, TALES.c.title, TALES.c.text, TALES.c.prompt).where(TALES.c.id.in_(tales))
        words = (await connection.execute(text)).all()
        scenes = sa.select(SCENES).where(SCENES.c.model == model, SCENES.c.tale.in_(tales)).order_by(SCENES.c.place)
        found = (await connection.execute(scenes)).all()
        return await asyncio.to_thread(self._opened, words, found)

    def _opened(self, words: Sequence[Any], found: Sequence[Any]) -> dict[str, tuple[list[tuple[int, bytes]], str]]:
        seal = self.rows.seal
        come: dict[str, tuple[list[tuple[int, bytes]], str]] = {
            row.id: ([], "\n".join((seal.open(row.title), seal.open(row.text), _wish(seal.open(row.prompt)))))
            for row in words
        }
        for row in found:
            if row.tale in come:
                come[row.tale][0].append((row.place, seal.open_bytes(row.vector)))
        return come


def _wish(prompt: str) -> str:
    return str(json.loads(prompt).get("text", ""))
