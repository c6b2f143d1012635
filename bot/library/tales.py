"""Tales in the library."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.library.database import writing
from bot.library.records import WEB, KeptTale, Page, TaleState, Viewer
from bot.library.rows import Rows, folded
from bot.library.tables import HEARTS, TALES
from pipeline.errors import Missing, Refused
from pipeline.seal import MARK
from pipeline.words.prompt import Lately
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

PAGE = 5
"""Tales on one page of a list."""
LATELY = 40  # tales whose openings, heroes and frames the next one avoids
MOST_SEARCHED = 2_000
"""Most encrypted tales that a search decrypts, the newest first."""


@dataclass(frozen=True)
class Tales:
    """Tales; every read for a member takes a viewer, and leaves out what they may not see."""

    engine: AsyncEngine
    rows: Rows
    clock: Callable[[], float] = time.time

    async def add(self, tale: KeptTale) -> None:
        """Add a new wish, once. Raises Refused `edit_open` where somebody else changes the same tale just now."""
        row = self.rows.tale_row(vars(tale)) | {"folded": self.rows.folded(tale.title, tale.text)}
        async with writing(self.engine) as connection:
            if tale.first:
                await self._hold_alone(connection, tale.first)
            if not await connection.scalar(sa.select(TALES.c.id).where(TALES.c.id == tale.id)):
                await connection.execute(sa.insert(TALES).values(row))

    async def get(self, tale: str) -> KeptTale | None:
        """Return any tale: for the bot's own use, never for a member (see `seen`)."""
        found = await self._some(sa.select(TALES).where(TALES.c.id == tale))
        return found[0] if found else None

    async def seen(self, tale: str, viewer: Viewer) -> KeptTale | None:
        """Return the tale, where this member may see it."""
        found = await self._some(sa.select(TALES).where(TALES.c.id == tale, visible(viewer)))
        return found[0] if found else None

    async def change(self, tale: str, **fields: Any) -> KeptTale:
        """Change these fields and return the tale; raises Missing `tale_gone`."""
        row = self.rows.tale_row(fields)
        async with writing(self.engine) as connection:
            if row:
                await connection.execute(sa.update(TALES).where(TALES.c.id == tale).values(row))
            kept = await self._one(connection, tale)
            if fields.get("state") is TaleState.DONE:
                # Of all versions one is shown: the one that was finished, or brought back, last.
                others = (_versions(kept.first or kept.id), TALES.c.id != kept.id, TALES.c.state == TaleState.DONE)
                await connection.execute(sa.update(TALES).where(*others).values(state=TaleState.EARLIER))
            if {"title", "text"} & fields.keys():
                searched = self.rows.folded(kept.title, kept.text)
                await connection.execute(sa.update(TALES).where(TALES.c.id == tale).values(folded=searched))
        return kept

    async def finish(self, tale: str, artifact: Artifact, told: Tale, delivered: tuple[str, ...] = ()) -> KeptTale:
        """Note a finished tale: what lists, search and later tales need of it, and its messages.

        All in one transaction: a bot killed between two would forget a message, which no erase could take down.
        """
        text = text_of(told)
        return await self.change(
            tale,
            state=TaleState.DONE,
            artifact=artifact,
            title=told.story.title,
            synopsis=told.story.synopsis,
            text=text,
            language=told.story.language,
            mood=str(told.plan.feeling.mood.emotion),
            opening=_opening(told),
            hero=told.plan.facts.hero.name,
            shape=told.plan.recipe,
            interaction_token="",
            finished_at=self.clock(),
            delivered=delivered,
        )

    async def versions(self, tale: KeptTale) -> list[KeptTale]:
        """Return all versions of a tale in whatever state, the first one first; for the bot's own use."""
        query = sa.select(TALES).where(_versions(tale.first or tale.id))
        return await self._some(query.order_by(TALES.c.asked_at))

    async def _hold_alone(self, connection: AsyncConnection, first: str) -> None:
        # The first version's row is held meanwhile: two editors at the same moment would both find nobody at work.
        await connection.execute(sa.select(TALES.c.id).where(TALES.c.id == first).with_for_update())
        open_one = sa.select(TALES.c.id).where(_versions(first), TALES.c.state == TaleState.OPEN)
        if await connection.scalar(open_one):
            raise Refused("edit_open")

    async def open_ones(self, *, web: bool | None = None) -> list[KeptTale]:
        """Return all that wait or are being told, the oldest first; for the bot's own use.

        `web` True gives those asked for through the open door alone, False all others: each face follows its own.
        """
        asked = [] if web is None else [(TALES.c.channel == WEB) == web]
        query = sa.select(TALES).where(TALES.c.state == TaleState.OPEN, *asked)
        return await self._some(query.order_by(TALES.c.asked_at))

    async def unfit(self) -> list[KeptTale]:
        """Return those that must be erased and still are there; for the bot's own use."""
        return await self._some(sa.select(TALES).where(TALES.c.state == TaleState.UNFIT))

    async def waiting(self, server: str, member: str = "") -> list[KeptTale]:
        """Return open tales of a server; in direct messages, the member's."""
        where = (TALES.c.state == TaleState.OPEN, *_place(server, member))
        return await self._some(sa.select(TALES).where(*where).order_by(TALES.c.asked_at))

    async def asked_since(self, server: str, member: str, since: float) -> list[tuple[float, TaleState]]:
        """Return when this member asked here, and what became of it."""
        query = sa.select(TALES.c.asked_at, TALES.c.state).where(
            TALES.c.server == server, TALES.c.member == member, TALES.c.asked_at > since
        )
        async with self.engine.connect() as connection:
            return [(row.asked_at, TaleState(row.state)) for row in await connection.execute(query)]

    async def asked_here_since(self, server: str, since: float, most: int) -> list[float]:
        """Return when tales were asked for in this server by anybody; the newest, at most `most`."""
        query = (
            sa.select(TALES.c.asked_at)
            .where(TALES.c.server == server, TALES.c.asked_at > since, TALES.c.state != TaleState.FAILED)
            .order_by(TALES.c.asked_at.desc())
            .limit(most)
        )
        async with self.engine.connect() as connection:
            return list(await connection.scalars(query))

    async def of_member(self, viewer: Viewer, page: int = 0) -> Page:
        """Return what the viewer asked for: in this server, or anywhere when they ask in direct messages."""
        here = [TALES.c.server == viewer.server] if viewer.server else []
        return await self._page(page, TALES.c.member == viewer.member, is_told(), *here)

    async def of_server(self, viewer: Viewer, page: int = 0) -> Page:
        """Return this server's tales, in channels that the viewer can read."""
        return await self._page(page, is_told(), visible(viewer), TALES.c.server == viewer.server)

    async def hearted(self, viewer: Viewer, page: int = 0) -> Page:
        """Return what the viewer gave a heart, where they may still see it."""
        loved = sa.select(HEARTS.c.tale).where(HEARTS.c.member == viewer.member)
        return await self._page(page, TALES.c.id.in_(loved), is_told(), visible(viewer))

    async def search(self, viewer: Viewer, words: str, page: int = 0) -> Page:
        """Return tales with all of these words in title or text."""
        wanted = folded(words).split()
        if not wanted:
            return Page((), 0, more=False)
        if self.rows.seal.shuts:
            return await self._searched_sealed(viewer, wanted, page)
        holds = (TALES.c.folded.contains(word, autoescape=True) for word in wanted)
        return await self._page(page, is_told(), visible(viewer), *holds)

    async def heart(self, tale: str, member: str) -> int:
        """Give a heart, or take it back; returns how many there are. Raises Missing `tale_gone`."""
        mine = (HEARTS.c.tale == tale, HEARTS.c.member == member)
        count = sa.select(sa.func.count()).select_from(HEARTS).where(HEARTS.c.tale == tale).scalar_subquery()
        async with writing(self.engine) as connection:
            await self._one(connection, tale)
            if not (await connection.execute(sa.delete(HEARTS).where(*mine))).rowcount:
                await connection.execute(sa.insert(HEARTS).values(tale=tale, member=member, at=self.clock()))
            await connection.execute(sa.update(TALES).where(TALES.c.id == tale).values(hearts=count))
            return (await self._one(connection, tale)).hearts

    async def lately(self, server: str, member: str = "") -> Lately:
        """Return what the last tales here used; in direct messages, the member's own."""
        query = sa.select(TALES.c.opening, TALES.c.hero, TALES.c.shape).where(*_place(server, member), is_told())
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query.order_by(TALES.c.finished_at.desc()).limit(LATELY))).all()
        open_ = self.rows.seal.open
        return Lately(
            tuple(open_(row.opening) for row in rows if row.opening),
            tuple(open_(row.hero) for row in rows if row.hero),
            tuple(row.shape for row in rows if row.shape),
        )

    async def asked_by(self, member: str) -> list[KeptTale]:
        """Return all of a member's tales, in every state; for the bot's own use."""
        return await self._some(sa.select(TALES).where(TALES.c.member == member))

    async def asked_in(self, server: str) -> list[KeptTale]:
        """Return all of a server's tales, in every state; for the bot's own use."""
        return await self._some(sa.select(TALES).where(TALES.c.server == server))

    async def older(self, server: str, before: float) -> list[KeptTale]:
        """Return a server's tales that ended and were asked before then; for the bot's own use."""
        ended = (TALES.c.server == server, TALES.c.state != TaleState.OPEN, TALES.c.asked_at < before)
        return await self._some(sa.select(TALES).where(*ended))

    async def every(self) -> list[KeptTale]:
        """Return all tales; for the bot's own use."""
        return await self._some(sa.select(TALES))

    async def naming(self, without: Collection[str] = ()) -> tuple[list[Artifact], set[str]]:
        """Return, of all tales but these, each tale.json and the hashes of spoken wishes."""
        # Whole wishes of thousands of tales would be megabytes: only those that may name a recording are fetched.
        spoken = sa.or_(TALES.c.prompt.contains("sha256"), TALES.c.prompt.startswith(MARK))
        wish = sa.case((spoken, TALES.c.prompt), else_="").label("wish")
        async with self.engine.connect() as connection:
            rows = (await connection.execute(sa.select(TALES.c.id, TALES.c.artifact, wish))).all()
        named = [(row.artifact, row.wish) for row in rows if row.id not in without]
        return await asyncio.to_thread(self._named, named)

    def _named(self, rows: Sequence[tuple[str, str]]) -> tuple[list[Artifact], set[str]]:
        wholes = [Artifact(**json.loads(artifact)) for artifact, _ in rows if artifact]
        wishes = (json.loads(self.rows.seal.open(wish)).get("recording") for _, wish in rows if wish)
        return wholes, {str(recording["sha256"]) for recording in wishes if recording}

    async def servers(self) -> frozenset[str]:
        """Return all servers where anything was asked."""
        async with self.engine.connect() as connection:
            found = await connection.scalars(sa.select(TALES.c.server).where(TALES.c.server != "").distinct())
            return frozenset(found)

    async def channels(self, server: str) -> frozenset[str]:
        """Return the channels where tales of this server were asked for."""
        async with self.engine.connect() as connection:
            found = await connection.scalars(sa.select(TALES.c.channel).where(TALES.c.server == server).distinct())
            return frozenset(found)

    async def _page(self, number: int, *where: sa.ColumnElement[bool]) -> Page:
        newest = sa.select(TALES).where(*where).order_by(TALES.c.finished_at.desc(), TALES.c.id)
        found = await self._some(newest.limit(PAGE + 1).offset(PAGE * number))  # one more: is there another page?
        return Page(tuple(found[:PAGE]), number, len(found) > PAGE)

    async def _searched_sealed(self, viewer: Viewer, wanted: Sequence[str], number: int) -> Page:
        newest = sa.select(TALES).where(is_told(), visible(viewer)).order_by(TALES.c.finished_at.desc())
        async with self.engine.connect() as connection:
            rows = (await connection.execute(newest.limit(MOST_SEARCHED))).mappings().all()
        found = await asyncio.to_thread(self._holding, rows, wanted)
        first = PAGE * number
        return Page(tuple(found[first : first + PAGE]), number, len(found) > first + PAGE)

    def _holding(self, rows: Sequence[sa.RowMapping], wanted: Sequence[str]) -> list[KeptTale]:
        """Decrypt and search tales, which takes long for many: never on the event loop."""
        opened = (self.rows.tale(row) for row in rows)
        return [one for one in opened if _holds(folded(f"{one.title}\n{one.text}"), wanted)]

    async def _one(self, connection: AsyncConnection, tale: str) -> KeptTale:
        row = (await connection.execute(sa.select(TALES).where(TALES.c.id == tale))).mappings().first()
        if row is None:
            raise Missing("tale_gone")
        return self.rows.tale(row)

    async def _some(self, query: sa.Select[Any]) -> list[KeptTale]:
        async with self.engine.connect() as connection:
            return [self.rows.tale(row) for row in (await connection.execute(query)).mappings()]


def text_of(told: Tale) -> str:
    """Return the story as a reader sees it, a paragraph for each scene."""
    return "\n\n".join(scene.text for scene in told.story.scenes)


def _opening(told: Tale) -> str:
    return next((one.text for one in told.story.passages), "")


def _versions(first: str) -> sa.ColumnElement[bool]:
    return sa.or_(TALES.c.id == first, TALES.c.first == first)


def is_told() -> sa.ColumnElement[bool]:
    return TALES.c.state == TaleState.DONE


def visible(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition for tales that the viewer may see: this server's open ones, and their own."""
    mine = sa.and_(TALES.c.member == viewer.member, TALES.c.server.in_({viewer.server, ""}))
    if not viewer.server:
        return TALES.c.member == viewer.member
    open_to_all = sa.and_(TALES.c.channel.in_(viewer.channels), sa.not_(TALES.c.only_me))
    return sa.or_(sa.and_(TALES.c.server == viewer.server, open_to_all), mine)


def _place(server: str, member: str) -> Iterable[sa.ColumnElement[bool]]:
    """Return the condition for a server's queue, or for one member's direct messages."""
    return (TALES.c.server == server,) if server else (TALES.c.server == "", TALES.c.member == member)


def _holds(text: str, wanted: Sequence[str]) -> bool:
    return all(word in text for word in wanted)
