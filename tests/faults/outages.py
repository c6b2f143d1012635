"""Outages, counted by what members see."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from sqlalchemy.exc import SQLAlchemyError

from bot.client import TaleBot
from bot.library.records import KeptTale, TaleState
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import TROUPE
from tests.discord_double.double import LoopbackDiscord
from tests.faults.stage import Stage
from tests.pipeline.road.postgres import server

TROUPE_OF = {"step_s": 0.5, "passages": 3, "seconds": 0.3}
BEGUN_S = 1.5
"""After which the first tales are in their midst, and the last still wait."""
BEFORE, ASKED_DURING, AFTER = 6, 8, 2
"""Wishes: told or under way when it begins, while it lasts, and once it is over."""
RESTS_WITHIN_S = 300.0


@dataclass(frozen=True)
class Losses:
    """What an outage cost."""

    tales: int
    """That were begun."""
    refused: int
    """Of those asked for meanwhile, what its asker was told could not be."""
    lost: int
    """Begun before or after and not told, or without an end."""
    undelivered: int
    doubled: int
    """Messages with a tale's file beyond its first."""


@dataclass(frozen=True)
class Neighbour:
    """Somebody whom bot and executor cannot do without, and who can be sent away."""

    leave: Callable[[LoopbackDiscord], Awaitable[None]]
    come_back: Callable[[LoopbackDiscord], Awaitable[None]]
    database_url: str = ""
    store: str = ""


async def outlast(home: Path, whose: str, away_s: float) -> Losses:
    """`whose` is database, store, rest or gateway: members ask before, while and after it is away."""
    with _KINDS[whose](home) as one, _told_of(one):
        async with on_stage(home, one.database_url, works=False) as scene, _kept_alive(scene, one):
            scene.double.limits.counting = False
            async with scene.running() as bot:
                promised = [await _asked(scene, f"before {nth}") for nth in range(BEFORE)]
                await _begun(bot, BEFORE)
                await one.leave(scene.double)
                await _meanwhile(scene, away_s)
                await one.come_back(scene.double)
                promised += [await _asked_at_last(scene, bot, f"after {nth}") for nth in range(AFTER)]
                await _at_rest(bot)
                return _losses(scene, await bot.services.library.tales.every(), promised)


def _told_of(one: Neighbour) -> AbstractContextManager[object]:
    """What an operator would set."""
    told = {"ECHOTALES_DATABASE_URL": one.database_url, "ECHOTALES_ARTIFACTS_URL": one.store}
    return patch.dict(os.environ, {name: value for name, value in told.items() if value})


async def _begun(bot: TaleBot, tales: int) -> None:
    """What was asked is promised only now: a machine that is busy elsewhere takes its time."""
    until_s = time.monotonic() + RESTS_WITHIN_S
    while len(await bot.services.library.tales.every()) < tales:
        assert time.monotonic() < until_s, "what was asked before the outage was begun"
        await asyncio.sleep(0.2)
    await asyncio.sleep(BEGUN_S)


async def _meanwhile(scene: Scene, away_s: float) -> None:
    """Members go on asking."""
    asking = []
    for nth in range(ASKED_DURING):
        asking.append(asyncio.create_task(_asked(scene, f"during {nth}")))
        await asyncio.sleep(away_s / ASKED_DURING)
    for task in asking:
        task.cancel()


async def _asked(scene: Scene, text: str) -> str:
    with suppress(Exception):  # an outage of Discord's is one of its members', too
        await scene.guild.member(text.title()).tale(text, where="upload")
    return text


async def _asked_at_last(scene: Scene, bot: TaleBot, text: str) -> str:
    """The bot may need a moment to be back."""
    until_s = time.monotonic() + RESTS_WITHIN_S
    while time.monotonic() < until_s:
        await _asked(scene, text)
        with suppress(SQLAlchemyError):
            tales = await bot.services.library.tales.every()
            if any(one.prompt.text == text and one.state is not TaleState.FAILED for one in tales):
                return text
        await asyncio.sleep(1.0)
    return text


async def _at_rest(bot: TaleBot) -> None:
    until_s = time.monotonic() + RESTS_WITHIN_S
    while await bot.services.library.tales.open_ones() and time.monotonic() < until_s:  # noqa: ASYNC110 - no bell
        await asyncio.sleep(0.5)


def _losses(scene: Scene, tales: list[KeptTale], promised: list[str]) -> Losses:
    done = [one for one in tales if one.state is TaleState.DONE]
    meanwhile = [one for one in tales if one.prompt.text.startswith("during")]
    refused = sum(one.state is TaleState.FAILED for one in meanwhile)
    lost = len(set(promised) - {one.prompt.text for one in done}) + sum(
        one.state is TaleState.OPEN for one in meanwhile
    )
    delivered = [one for one in done if one.delivered]
    files = sum(bool(one.data.get("attachments")) for one in scene.double.world.messages.values() if not one.deleted)
    return Losses(len(tales), refused, lost, len(done) - len(delivered), files - len(delivered))


@asynccontextmanager
async def _kept_alive(scene: Scene, one: Neighbour) -> AsyncIterator[None]:
    """An executor, and another one whenever it is gone, as the keeper does."""

    async def keep(stage: Stage) -> None:
        while True:
            executor = stage.executor(module=TROUPE, troupe=TROUPE_OF, sweep_s=1.0, depot=one.store)
            while executor.poll() is None:  # noqa: ASYNC110 - processes share no event
                await asyncio.sleep(0.2)

    keeping = asyncio.create_task(keep(scene.stage), name="keeper")
    try:
        yield
    finally:
        keeping.cancel()


@contextmanager
def _database(_home: Path) -> Iterator[Neighbour]:
    with server() as postgres:

        async def leave(_: LoopbackDiscord) -> None:
            await asyncio.to_thread(postgres.stop)

        async def come_back(_: LoopbackDiscord) -> None:
            await asyncio.to_thread(postgres.start)

        yield Neighbour(leave, come_back, database_url=postgres.url)


@contextmanager
def _store(home: Path) -> Iterator[Neighbour]:
    """A folder behind a URL; a file stands in its place meanwhile."""
    folder, aside = home / "store", home / "aside"
    folder.mkdir(parents=True)

    async def leave(_: LoopbackDiscord) -> None:
        folder.rename(aside)
        folder.write_text("a file where the folder should be")

    async def come_back(_: LoopbackDiscord) -> None:
        folder.unlink()
        aside.rename(folder)

    yield Neighbour(leave, come_back, store=f"file://{folder}")


@contextmanager
def _rest(_home: Path) -> Iterator[Neighbour]:
    async def leave(double: LoopbackDiscord) -> None:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            double.faults.fail(method, "/", 503, times=10**9)

    async def come_back(double: LoopbackDiscord) -> None:
        double.faults.waiting.clear()

    yield Neighbour(leave, come_back)


@contextmanager
def _gateway(_home: Path) -> Iterator[Neighbour]:
    async def leave(double: LoopbackDiscord) -> None:
        double.gateway_away = True
        double.drop_gateway()

    async def come_back(double: LoopbackDiscord) -> None:
        double.gateway_away = False

    yield Neighbour(leave, come_back)


_KINDS: dict[str, Callable[[Path], AbstractContextManager[Neighbour]]] = {
    "database": _database,
    "store": _store,
    "rest": _rest,
    "gateway": _gateway,
}
