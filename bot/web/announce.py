"""Says elsewhere that a tale is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from bot.library.records import KeptTale, TaleState
from bot.tracker.outputs import Follower, unsteady
from bot.web.links import Links
from bot.web.outward import Post
from bot.web.renditions import Renditions
from pipeline.errors import TaleError, Unwell
from pipeline.log import log_of
from pipeline.settings import Settings
from pipeline.words.folding import slug
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.tales import Tales

WITHIN_S = 120.0
AUTHOR = "EchoTales"
log = log_of("web")


def webhook_secret(links: Links, member: str) -> bytes:
    """Return what signs the messages about a member's tales; they can ask for it and check them by it."""
    return links.signed(f"webhook:{member}").encode()


@dataclass(frozen=True)
class Bookshelf:
    """An Audiobookshelf to which finished tales are pushed."""

    settings: Settings
    renditions: Renditions

    @property
    def wanted(self) -> bool:
        """Whether an operator named one."""
        return bool(self.settings.audiobookshelf_url and self.settings.audiobookshelf_token)

    async def push(self, tale: KeptTale, story: Tale) -> None:
        """Upload the tale as one audiobook with its chapters. Raises Unwell `bookshelf_refused`."""
        settings, sound = self.settings, await self.renditions.whole(tale.id, story, ".m4b")
        form = aiohttp.FormData()
        for name, value in (
            ("title", story.story.title),
            ("author", AUTHOR),
            ("library", settings.audiobookshelf_library),
            ("folder", settings.audiobookshelf_folder),
        ):
            form.add_field(name, value)
        form.add_field("0", sound, filename=f"{slug(story.story.title)}.m4b", content_type="audio/mp4")
        headers = {"Authorization": f"Bearer {settings.audiobookshelf_token}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as session,
                session.post(
                    f"{settings.audiobookshelf_url.rstrip('/')}/api/upload", data=form, headers=headers
                ) as answer,
            ):
                answer.raise_for_status()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unwell("bookshelf_refused", why=str(getattr(error, "status", type(error).__name__))) from error


@dataclass
class Announcer(Follower):
    """Follows the tale tracker: a webhook when a tale has ended, and a push where a bookshelf is wanted."""

    tales: Tales
    links: Links
    post: Post
    shelf: Bookshelf
    story: Callable[[KeptTale], Awaitable[Tale]]
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ended(self, tale: KeptTale) -> None:
        """Say it once it is kept; a tale that is only left to the next process has not ended."""
        if tale.delivery.webhook or (self.shelf.wanted and not tale.delivery.only_me):
            self._aside(self._tell(tale.id))

    async def _tell(self, tale: str) -> None:
        try:
            known = await self.tales.get(tale)
            if known is None or known.state is TaleState.OPEN:
                return
            if known.delivery.webhook:
                told = {"id": known.id, "state": known.state.value, "title": known.title, "language": known.language}
                secret = webhook_secret(self.links, known.member)
                sent = await self.post.send(known.delivery.webhook, told, secret)
                log.info("webhook_sent" if sent else "webhook_given_up", job=known.id)
            if known.state is TaleState.DONE and self.shelf.wanted and not known.delivery.only_me:
                await self.shelf.push(known, await self.story(known))
        except TaleError as error:
            log.warning("announcing_failed", code=error.code, job=tale)
        except unsteady() as error:
            log.warning("announcing_failed", code=type(error).__name__, job=tale)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="announce")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
