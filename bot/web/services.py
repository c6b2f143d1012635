"""The open door's services, put together."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.gate.gate import Floods, Gate
from bot.library.records import KeptTale
from bot.maintenance.executor_keeper import Keeper, here
from bot.moderation.story_review import StoryReview
from bot.momentary import beside
from bot.pools import Pools
from bot.privacy.sweep import EVERY_S, ROAD_KEEPS_S
from bot.tracker.open_tales import ToldNow
from bot.tracker.outputs import Faces, unsteady
from bot.tracker.tale_tracker import Teller
from bot.uploads import Uploads
from bot.web.announce import Announcer, Bookshelf
from bot.web.audience import Audience
from bot.web.links import Links
from bot.web.outward import Post
from bot.web.quiet_face import QuietCard, Withdrawal
from bot.web.renditions import Renditions
from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.errors import Missing, Refused
from pipeline.log import log_of
from pipeline.places import Places
from pipeline.road.door import Door, door, read_answer
from pipeline.settings import Settings
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.library import Library
    from bot.privacy.privacy import Privacy

MOST_PRESSES, PRESSES_WITHIN_S = 600, 10.0
"""Requests of one key within so many seconds: a page with its sound, chapters and pictures asks for dozens."""
MOST_WRONG, WRONG_WITHIN_S = 20, 60.0
"""Wrong keys from one address within so many seconds, after which none of its keys is looked at."""
log = log_of("web")


@dataclass(frozen=True)
class WebServices:
    """All that a request may touch, built once."""

    door: Door
    artifacts: Artifacts
    library: Library
    teller: Teller
    gate: Gate
    settings: Settings
    places: Places
    clock: Callable[[], float]
    """Seconds since the epoch."""
    now: ToldNow
    privacy: Privacy
    pools: Pools
    uploads: Uploads
    audience: Audience
    renditions: Renditions
    links: Links
    shelf: Bookshelf
    presses: Floods = field(default_factory=lambda: Floods(MOST_PRESSES, PRESSES_WITHIN_S))
    wrong_keys: Floods = field(default_factory=lambda: Floods(MOST_WRONG, WRONG_WITHIN_S))


@asynccontextmanager
async def web_services(
    places: Places,
    settings: Settings,
    *,
    keep_executor: bool = True,
    home: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[WebServices]:
    """Open everything, beside a bot that may run on the same library; without `keep_executor` the caller runs one."""
    async with AsyncExitStack() as rooms:
        if keep_executor:
            keeper = Keeper(here(places.state, socket.gethostname(), home))
            await rooms.enter_async_context(beside(keeper.keep(), "keeper"))
        web = await _opened(rooms, places, settings, clock)
        await web.teller.resume()
        await rooms.enter_async_context(beside(_tidy_for_ever(web), "tidying"))
        yield web


async def _opened(rooms: AsyncExitStack, places: Places, settings: Settings, clock: Callable[[], float]) -> WebServices:
    from bot.library.library import open_library  # the databases' library is a third of all that is imported
    from bot.privacy.privacy import Privacy

    places.state.mkdir(parents=True, exist_ok=True)
    pools = Pools()
    rooms.callback(pools.close)
    artifacts = artifacts_of(places.artifacts, settings.artifacts_url, settings.data_key)
    where = settings.database_url or places.home
    library = await rooms.enter_async_context(open_library(where, settings.data_key, clock))
    at = await rooms.enter_async_context(door(places.road(settings.database_url), settings.data_key))
    audience, renditions = Audience(at), Renditions(artifacts, pools)
    rooms.push_async_callback(audience.close)
    privacy = Privacy(library, at, artifacts, places.home, (renditions.forget,), pools.files)
    withdrawal = Withdrawal(library, at.cancel, privacy.erase_tales)
    review = await rooms.enter_async_context(StoryReview(library.servers.of, _nothing, withdrawal, pools.words))
    await review.resume()
    now = ToldNow(places.state)

    async def remember(tale: KeptTale, story: Tale) -> None:
        await library.worlds.remember(tale, story, await library.servers.of(tale.server))

    async def card(tale: KeptTale) -> QuietCard:
        return QuietCard(tale)

    links = Links(await library.keys.link_secret(), clock)
    shelf = Bookshelf(settings, renditions)

    async def story(tale: KeptTale) -> Tale:
        return await told_story(tale, artifacts, pools)

    announcer = await rooms.enter_async_context(Announcer(library.tales, links, Post(settings), shelf, story))
    faces = Faces(card, review.bring, (review, now, announcer))
    teller = await rooms.enter_async_context(
        Teller(at, artifacts, library.tales, faces, clock, files=pools.files, remember=remember, web=True)
    )
    uploads = Uploads(artifacts, pools.files, privacy.erase_refused)
    gate = Gate(library.tales, library.servers)
    return WebServices(
        at, artifacts, library, teller, gate, settings, places, clock, now, privacy, pools, uploads, audience,
        renditions, links, shelf,
    )  # fmt: skip


async def told_story(tale: KeptTale, artifacts: Artifacts, pools: Pools) -> Tale:
    """Return a finished tale. Raises Refused `tale_untold`, Missing `artifact_gone`."""
    if tale.artifact is None:
        raise Refused("tale_untold", state=tale.state.value)
    with suppress(ValueError):
        return await pools.files.run(read_answer, tale.artifact, Tale, artifacts)
    raise Missing("artifact_gone", sha256=tale.artifact.sha256)


async def _nothing(_tale: KeptTale, _story: Tale) -> tuple[str, ...]:
    """Deliver nothing: whoever asked follows the events, or comes back for the tale."""
    return ()


async def _tidy_for_ever(web: WebServices) -> None:
    """Erase sounds of nobody and old jobs, also where no bot runs that would."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await web.door.let_go(await web.door.old_jobs(web.clock() - ROAD_KEEPS_S))
            await web.privacy.let_orphans_go(web.clock())
        except unsteady() as error:
            log.warning("old_jobs_not_removed", why=type(error).__name__)
