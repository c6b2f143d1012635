"""What tales left in each server's worlds."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.database import writing
from bot.library.records import KeptTale, ServerSettings
from bot.library.rows import Rows, folded
from bot.library.tables import WORLD_NOTES
from pipeline.tables import FALLBACK
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.tale import Tale
from pipeline.words.traces import traces_of
from pipeline.words.world import BOUND, Known, KnownKind

MOST_BEFORE = 48  # words of what happened before: about twenty seconds with its opening
MOST_REMEMBERED = 16  # worlds whose entries are held in memory


class Noted(StrEnum):
    """What a note says of an entry."""

    TOLD = "told"
    """A tale told of it; an import counts as one."""
    CORRECTED = "corrected"
    MERGED = "merged"
    """It is the same as the entry whose id the note has."""
    FORGOTTEN = "forgotten"
    LOCKED = "locked"
    """No later tale or member changes it."""
    UNLOCKED = "unlocked"


@dataclass(frozen=True)
class WorldOf:
    """Which world: a server's, by its name, or a member's own."""

    server: str = ""
    name: str = ""
    member: str = ""
    """Whose world it is; "" for a server's."""


@dataclass(frozen=True)
class Entry:
    """Somebody or something in a world, as all notes together say."""

    trace: Known
    channels: frozenset[str]
    """Where tales of it were asked; "" where a member or a file wrote it."""
    members: frozenset[str] = frozenset()
    """Who asked those tales, or wrote it."""
    tales: tuple[str, ...] = ()
    """Ids of the tales that told of it, the last one last."""
    at: float = 0.0
    """When it was last told of; seconds since the epoch."""
    locked: bool = False


@dataclass(frozen=True)
class Worlds:
    """Notes of tales and members; an entry is what its notes say together, so that an erase leaves nothing of one."""

    engine: AsyncEngine
    rows: Rows
    clock: Callable[[], float] = time.time
    _known: dict[WorldOf, tuple[Any, list[tuple[sa.RowMapping, Known]]]] = field(default_factory=dict)

    async def entries(self, world: WorldOf, seen: Collection[str] | None = None) -> list[Entry]:
        """Return a world's entries, those told of last first; with `seen`, as these channels' tales alone tell them."""
        stamp = await self._stamp(world)
        held = self._known.get(world)
        if held is None or held[0] != stamp:
            query = sa.select(WORLD_NOTES).where(*_in(world)).order_by(WORLD_NOTES.c.at, WORLD_NOTES.c.id)
            async with self.engine.connect() as connection:
                rows = (await connection.execute(query)).mappings().all()
            held = (stamp, await asyncio.to_thread(self._read, rows))
            while len(self._known) >= MOST_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[world] = held
        visible = {"", *(seen or ())}
        notes = held[1] if seen is None else [one for one in held[1] if one[0]["channel"] in visible]
        return await asyncio.to_thread(entries_of, notes)  # of ten thousand it takes a tenth of a second

    async def remember(self, tale: KeptTale, story: Tale, rules: ServerSettings) -> int:
        """Note what a finished tale tells; returns how many notes. Told twice it is noted once."""
        world = world_of(tale, rules)
        if world.server and not rules.remembers:
            return 0
        known = await self.entries(world)
        if any(tale.id in one.tales for one in known):
            return 0
        noted = [(_entry_for(one, story, known), one) for one in traces_of(story)]
        await self._write(world, Noted.TOLD, noted, tale.member, tale.id, tale.channel)
        return len(noted)

    async def note(self, world: WorldOf, what: Noted, member: str, noted: Iterable[tuple[str, Known]]) -> None:
        """Note what a member says of entries, by their ids."""
        await self._write(world, what, list(noted), member, None, "")

    async def take_in(self, world: WorldOf, member: str, known: Sequence[Known]) -> None:
        """Note what a file knows; what is of one name and kind as an entry here belongs to it."""
        here = await self.entries(world)
        at = {(one.trace.kind, folded(one.trace.name)): one.trace for one in reversed(here)}
        like = [at.get((one.kind, folded(one.name))) for one in known]
        names = [old.id if old and _same(old, one) else uuid.uuid4().hex for one, old in zip(known, like, strict=True)]
        await self.note(world, Noted.TOLD, member, zip(names, known, strict=True))

    async def worlds(self, server: str) -> list[str]:
        """Return the names of a server's worlds of which anything is noted."""
        query = sa.select(WORLD_NOTES.c.world).where(WORLD_NOTES.c.server == server, WORLD_NOTES.c.owner == "")
        async with self.engine.connect() as connection:
            return sorted(await connection.scalars(query.distinct()))

    async def _write(
        self,
        world: WorldOf,
        what: Noted,
        noted: Sequence[tuple[str, Known]],
        member: str,
        tale: str | None,
        channel: str,
    ) -> None:
        at = self.clock()
        place = {"server": world.server, "world": world.name, "owner": world.member, "channel": channel}
        who = {"member": member, "tale": tale, "what": what, "at": at}
        written = [
            {
                "id": f"{at:020.6f}{nth:05}{uuid.uuid4().hex[:8]}",
                **place,
                **who,
                "entry": entry,
                "note": self._shut(trace),
            }
            for nth, (entry, trace) in enumerate(noted)
        ]
        if written:
            async with writing(self.engine) as connection:
                await connection.execute(sa.insert(WORLD_NOTES), written)

    async def _stamp(self, world: WorldOf) -> Any:
        """Return what changes whenever a note comes or goes, also by another process."""
        query = sa.select(sa.func.count(), sa.func.max(WORLD_NOTES.c.id)).where(*_in(world))
        async with self.engine.connect() as connection:
            return tuple((await connection.execute(query)).one())

    def _shut(self, trace: Known) -> str:
        return self.rows.seal.shut(json.dumps(to_json(trace), ensure_ascii=False))

    def _read(self, rows: Sequence[sa.RowMapping]) -> list[tuple[sa.RowMapping, Known]]:
        open_ = self.rows.seal.open
        return [(row, from_json(Known, json.loads(open_(row["note"])))) for row in rows]


def world_of(tale: KeptTale, rules: ServerSettings) -> WorldOf:
    """Return where a tale is remembered: what one member alone may see stays in their own world."""
    if tale.delivery.only_me or not tale.server:
        return WorldOf(member=tale.member)
    return WorldOf(tale.server, world_in(tale.channel, rules))


def world_in(channel: str, rules: ServerSettings) -> str:
    """Return the name of the world in which a channel's tales play; "" for the server's own."""
    return next((one.name for one in rules.worlds if channel in one.channels), "")


def entries_of(notes: Sequence[tuple[Any, Known]]) -> list[Entry]:
    """Fold notes in the order in which they were made, each with its row."""
    told: dict[str, Entry] = {}
    corrected: dict[str, Known] = {}
    merged: dict[str, str] = {}
    for row, trace in notes:
        name = _end_of(row["entry"], merged)
        entry = told.get(name)
        match row["what"]:
            case Noted.TOLD:
                told[name] = _told(entry, replace(trace, id=name), row)
            case Noted.CORRECTED:
                corrected[name] = corrected[name].and_then(trace) if name in corrected else trace
            case Noted.MERGED if trace.id and _end_of(trace.id, merged) != name:
                into = merged[name] = _end_of(trace.id, merged)
                if entry is not None and into in told:
                    told[into] = _joined(told[into], told.pop(name))
            case Noted.FORGOTTEN:
                told.pop(name, None)
                corrected.pop(name, None)
            case Noted.LOCKED | Noted.UNLOCKED if entry is not None:
                told[name] = replace(entry, locked=row["what"] == Noted.LOCKED)
    entries = [replace(one, trace=_corrected(one.trace, corrected.get(name))) for name, one in told.items()]
    return sorted(entries, key=lambda one: -one.at)


def _told(entry: Entry | None, trace: Known, row: Any) -> Entry:
    tales = (row["tale"],) if row["tale"] else ()
    one = Entry(trace, frozenset({row["channel"]}), frozenset({row["member"]}), tales, row["at"])
    return one if entry is None else _joined(entry, one)


def _joined(into: Entry, other: Entry) -> Entry:
    """Return an entry with what another says of it; a locked one stays as it is."""
    return replace(
        into,
        trace=into.trace if into.locked else into.trace.and_then(other.trace, BOUND),
        channels=into.channels | other.channels,
        members=into.members | other.members,
        tales=tuple(dict.fromkeys((*into.tales, *other.tales))),
        at=max(into.at, other.at),
    )


def _corrected(trace: Known, said: Known | None) -> Known:
    return trace.and_then(said) if said else trace


def _end_of(entry: str, merged: dict[str, str]) -> str:
    """Return what an entry was merged into, at last."""
    seen = {entry}
    while (into := merged.get(entry)) is not None and into not in seen:
        seen.add(into)
        entry = into
    return entry


def _entry_for(trace: Known, story: Tale, known: Sequence[Entry]) -> str:
    """Return the entry that a trace belongs to: one that was told again, or was named and is of the same kind.

    A name that the tale itself invented is somebody new, though another has it.
    """
    plan = story.plan
    again = {one.name: one.id for one in plan.recalled}
    hero = trace.kind is KnownKind.PERSON and trace.name == plan.facts.hero.name
    new = hero and folded(plan.read.get("hero", "")) != folded(trace.name) and trace.name not in again
    if trace.kind is KnownKind.PERSON and trace.name in again:
        return again[trace.name]
    like = (one.trace for one in known if not new and _same(one.trace, trace))
    return next((one.id for one in like), uuid.uuid4().hex)


def _same(known: Known, trace: Known) -> bool:
    if (known.kind, folded(known.name)) != (trace.kind, folded(trace.name)) or trace.kind is KnownKind.THREAD:
        return False
    apart = ((known.figure, trace.figure), (known.gender, trace.gender))
    return all(one == other or not (one and other) for one, other in apart)


def _in(world: WorldOf) -> tuple[sa.ColumnElement[bool], ...]:
    notes = WORLD_NOTES.c
    return (notes.server == world.server, notes.world == world.name, notes.owner == world.member)


def previously(entries: Sequence[Entry]) -> tuple[str, str]:
    """Return what happened last, in about MOST_BEFORE words, with its language: proofs and last pictures, in order."""
    latest = sorted((one for one in entries if one.trace.wordings), key=lambda one: -one.at)
    language = next(iter(latest[0].trace.wordings)) if latest else FALLBACK
    told: list[str] = []
    for one in latest:
        said = one.trace.said_in(language).sentence
        room = MOST_BEFORE - sum(len(text.split()) for text in told)
        if one.trace.kind in (KnownKind.PERSON, KnownKind.THREAD) and said not in told and len(said.split()) <= room:
            told.append(said)
    return language, " ".join(reversed([one for one in told if one]))
