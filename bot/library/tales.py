"""The tales, asked and told."""

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
from bot.library.records import KeptTale, Page, TaleState, Viewer
from bot.library.rows import Rows, folded
from bot.library.tables import HEARTS, TALES
from pipeline.errors import Missing
from pipeline.seal import MARK
from pipeline.words.prompt import Lately
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

PAGE = 5
"""Tales on one page of a list."""
LATELY = 20
MOST_SEARCHED = 2_000
"""Sealed tales are opened one by one to be searched, the newest first, and no more than these."""


@dataclass(frozen=True)
class Tales:
    """Every read for a member takes who looks: what they may not see is not there."""

    engine: AsyncEngine
    rows: Rows
    clock: Callable[[], float] = time.time

    async def add(self, tale: KeptTale) -> None:
        """A new wish; added twice it is there once."""
        row = self.rows.tale_row(vars(tale)) | {"folded": self.rows.folded(tale.title, tale.text)}
        async with writing(self.engine) as connection:
            if not await connection.scalar(sa.select(TALES.c.id).where(TALES.c.id == tale.id)):
                await connection.execute(sa.insert(TALES).values(row))

    async def get(self, tale: str) -> KeptTale | None:
        """Whoever asked, wherever: for the bot's own rooms, never for a member (see `seen`)."""
        found = await self._some(sa.select(TALES).where(TALES.c.id == tale))
        return found[0] if found else None

    async def seen(self, tale: str, viewer: Viewer) -> KeptTale | None:
        """The tale, where this member may see it."""
        found = await self._some(sa.select(TALES).where(TALES.c.id == tale, _visible(viewer)))
        return found[0] if found else None

    async def change(self, tale: str, **fields: Any) -> KeptTale:
        """The tale with these fields; raises Missing `tale_gone`."""
        row = self.rows.tale_row(fields)
        async with writing(self.engine) as connection:
            if row:
                await connection.execute(sa.update(TALES).where(TALES.c.id == tale).values(row))
            kept = await self._one(connection, tale)
            if {"title", "text"} & fields.keys():
                searched = self.rows.folded(kept.title, kept.text)
                await connection.execute(sa.update(TALES).where(TALES.c.id == tale).values(folded=searched))
        return kept

    async def finish(self, tale: str, artifact: Artifact, told: Tale, delivered: tuple[str, ...] = ()) -> KeptTale:
        """It was told: what lists, search and the next tale's freshness need of it, and as which messages it came.

        All in one: a tale that is done but has forgotten a message of its own could never take it down.
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

    async def open_ones(self) -> list[KeptTale]:
        """All that wait or are being told, the oldest first; for the bot's own rooms."""
        return await self._some(sa.select(TALES).where(TALES.c.state == TaleState.OPEN).order_by(TALES.c.asked_at))

    async def unfit(self) -> list[KeptTale]:
        """Those that must not be and still are; for the bot's own rooms."""
        return await self._some(sa.select(TALES).where(TALES.c.state == TaleState.UNFIT))

    async def waiting(self, server: str, member: str = "") -> list[KeptTale]:
        """Open tales of a server; in direct messages, the member's."""
        where = (TALES.c.state == TaleState.OPEN, *_place(server, member))
        return await self._some(sa.select(TALES).where(*where).order_by(TALES.c.asked_at))

    async def asked_since(self, server: str, member: str, since: float) -> list[tuple[float, TaleState]]:
        """When this member asked here, and what became of it; whatever was erased counts too."""
        query = sa.select(TALES.c.asked_at, TALES.c.state).where(
            TALES.c.server == server, TALES.c.member == member, TALES.c.asked_at > since
        )
        async with self.engine.connect() as connection:
            return [(row.asked_at, TaleState(row.state)) for row in await connection.execute(query)]

    async def asked_here_since(self, server: str, since: float, most: int) -> list[float]:
        """When tales were asked for in this server, by whomever; the newest, at most so many."""
        query = (
            sa.select(TALES.c.asked_at)
            .where(TALES.c.server == server, TALES.c.asked_at > since, TALES.c.state != TaleState.FAILED)
            .order_by(TALES.c.asked_at.desc())
            .limit(most)
        )
        async with self.engine.connect() as connection:
            return list(await connection.scalars(query))

    async def of_member(self, viewer: Viewer, page: int = 0) -> Page:
        """What the viewer asked for: in this server, or anywhere when they ask in direct messages."""
        here = [TALES.c.server == viewer.server] if viewer.server else []
        return await self._page(page, TALES.c.member == viewer.member, _told(), *here)

    async def of_server(self, viewer: Viewer, page: int = 0) -> Page:
        """This server's, in channels that the viewer can read."""
        return await self._page(page, _told(), _visible(viewer), TALES.c.server == viewer.server)

    async def hearted(self, viewer: Viewer, page: int = 0) -> Page:
        """What the viewer gave a heart, where they may still see it."""
        loved = sa.select(HEARTS.c.tale).where(HEARTS.c.member == viewer.member)
        return await self._page(page, TALES.c.id.in_(loved), _told(), _visible(viewer))

    async def search(self, viewer: Viewer, words: str, page: int = 0) -> Page:
        """Tales with all of these words in title or text."""
        wanted = folded(words).split()
        if not wanted:
            return Page((), 0, more=False)
        if self.rows.seal.shuts:
            return await self._searched_sealed(viewer, wanted, page)
        holds = (TALES.c.folded.contains(word, autoescape=True) for word in wanted)
        return await self._page(page, _told(), _visible(viewer), *holds)

    async def heart(self, tale: str, member: str) -> int:
        """Give a heart, or take it back; how many there are now. Raises Missing `tale_gone`."""
        mine = (HEARTS.c.tale == tale, HEARTS.c.member == member)
        count = sa.select(sa.func.count()).select_from(HEARTS).where(HEARTS.c.tale == tale).scalar_subquery()
        async with writing(self.engine) as connection:
            await self._one(connection, tale)
            if not (await connection.execute(sa.delete(HEARTS).where(*mine))).rowcount:
                await connection.execute(sa.insert(HEARTS).values(tale=tale, member=member, at=self.clock()))
            await connection.execute(sa.update(TALES).where(TALES.c.id == tale).values(hearts=count))
            return (await self._one(connection, tale)).hearts

    async def lately(self, server: str, member: str = "") -> Lately:
        """What the last tales here used; in direct messages, the member's own."""
        query = sa.select(TALES.c.opening, TALES.c.hero, TALES.c.shape).where(*_place(server, member), _told())
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query.order_by(TALES.c.finished_at.desc()).limit(LATELY))).all()
        open_ = self.rows.seal.open
        return Lately(
            tuple(open_(row.opening) for row in rows if row.opening),
            tuple(open_(row.hero) for row in rows if row.hero),
            tuple(row.shape for row in rows if row.shape),
        )

    async def asked_by(self, member: str) -> list[KeptTale]:
        """All of a member's, in every state; for the bot's own rooms."""
        return await self._some(sa.select(TALES).where(TALES.c.member == member))

    async def asked_in(self, server: str) -> list[KeptTale]:
        """All of a server's, in every state; for the bot's own rooms."""
        return await self._some(sa.select(TALES).where(TALES.c.server == server))

    async def older(self, server: str, before: float) -> list[KeptTale]:
        """Those of a server that ended before then; for the bot's own rooms."""
        ended = (TALES.c.server == server, TALES.c.state != TaleState.OPEN, TALES.c.asked_at < before)
        return await self._some(sa.select(TALES).where(*ended))

    async def every(self) -> list[KeptTale]:
        """All there are; for the bot's own rooms."""
        return await self._some(sa.select(TALES))

    async def naming(self, without: Collection[str] = ()) -> tuple[list[Artifact], set[str]]:
        """Of all tales but these: tale.json of each, and the hashes of spoken wishes; light, for there may be many."""
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
        """Where anything was ever asked, direct messages aside."""
        async with self.engine.connect() as connection:
            found = await connection.scalars(sa.select(TALES.c.server).where(TALES.c.server != "").distinct())
            return frozenset(found)

    async def channels(self, server: str) -> frozenset[str]:
        """Where tales of this server were told."""
        async with self.engine.connect() as connection:
            found = await connection.scalars(sa.select(TALES.c.channel).where(TALES.c.server == server).distinct())
            return frozenset(found)

    async def _page(self, number: int, *where: sa.ColumnElement[bool]) -> Page:
        newest = sa.select(TALES).where(*where).order_by(TALES.c.finished_at.desc(), TALES.c.id)
        found = await self._some(newest.limit(PAGE + 1).offset(PAGE * number))
        return Page(tuple(found[:PAGE]), number, len(found) > PAGE)

    async def _searched_sealed(self, viewer: Viewer, wanted: Sequence[str], number: int) -> Page:
        newest = sa.select(TALES).where(_told(), _visible(viewer)).order_by(TALES.c.finished_at.desc())
        async with self.engine.connect() as connection:
            rows = (await connection.execute(newest.limit(MOST_SEARCHED))).mappings().all()
        found = await asyncio.to_thread(self._holding, rows, wanted)
        first = PAGE * number
        return Page(tuple(found[first : first + PAGE]), number, len(found) > first + PAGE)

    def _holding(self, rows: Sequence[sa.RowMapping], wanted: Sequence[str]) -> list[KeptTale]:
        """Each is opened, which takes long for many: never on the event loop."""
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
    """The story as a reader sees it, a paragraph for each scene."""
    return "\n\n".join(scene.text for scene in told.story.scenes)


def _opening(told: Tale) -> str:
    return next((one.text for one in told.story.passages), "")


def _told() -> sa.ColumnElement[bool]:
    return TALES.c.state == TaleState.DONE


def _visible(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Of this server alone, in a readable channel and meant for all; or one's own, told here or in private."""
    mine = sa.and_(TALES.c.member == viewer.member, TALES.c.server.in_({viewer.server, ""}))
    if not viewer.server:
        return TALES.c.member == viewer.member
    open_to_all = sa.and_(TALES.c.channel.in_(viewer.channels), sa.not_(TALES.c.only_me))
    return sa.or_(sa.and_(TALES.c.server == viewer.server, open_to_all), mine)


def _place(server: str, member: str) -> Iterable[sa.ColumnElement[bool]]:
    """A server's queue is its own; a direct message belongs to one member."""
    return (TALES.c.server == server,) if server else (TALES.c.server == "", TALES.c.member == member)


def _holds(text: str, wanted: Sequence[str]) -> bool:
    return all(word in text for word in wanted)
