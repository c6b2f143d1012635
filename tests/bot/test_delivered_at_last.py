"""After any outage every finished tale is delivered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.card.state import CardState
from bot.library.library import Library, open_library
from bot.library.records import DeliveryOptions, KeptTale, TaleState
from bot.library.tales import Tales
from bot.tracker.outputs import Faces
from bot.tracker.tale_tracker import TaleRequest, Teller
from pipeline.artifacts import Artifacts
from pipeline.places import Places
from pipeline.road.door import door
from pipeline.words.event import Event
from pipeline.words.prompt import Prompt
from pipeline.words.tale import Tale
from tests.bot.troupe import QUICK, TROUPE
from tests.faults.stage import Stage, eventually

OUTAGE_TRIES = 20
"""More than the quarter of an hour that Discord was away in used to hold."""


@dataclass
class Card:
    """Keeps what it was told."""

    tale: KeptTale
    events: list[Event] = field(default_factory=list)

    @property
    def state(self) -> CardState:
        return CardState.of(self.tale)

    async def start(self) -> None:
        """It stands."""

    def feed(self, event: Event) -> None:
        self.events.append(event)

    def paced(self, least_s: float, most_s: float) -> None:
        """Nobody looks."""

    async def heard_out(self) -> None:
        """Nobody listens."""

    async def close(self) -> None:
        """Nobody looks."""


@dataclass
class House:
    """A teller with a real library and a real road; Discord alone is not there."""

    library: Library
    teller: Teller
    delivered: list[str] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    """What the next deliveries meet, one after the other."""

    async def deliver(self, tale: KeptTale, _: Tale) -> tuple[str, ...]:
        if self.broken:
            raise self.broken.pop()
        self.delivered.append(tale.id)
        return ("1",)

    async def state_of(self, tale: str) -> TaleState | None:
        kept = await self.library.tales.get(tale)
        return kept.state if kept else None


async def hurried(_seconds: float) -> None:
    """Waits pass in a moment."""
    await asyncio.sleep(0.02)


@asynccontextmanager
async def house(home: Path, sleep: Callable[[float], Awaitable[None]] = hurried) -> AsyncIterator[House]:
    places = Places(home / "cache", home)
    places.state.mkdir(parents=True, exist_ok=True)
    stage = Stage(home, places.road(""))
    stage.executor(module=TROUPE, troupe=QUICK)
    keep = Artifacts(home / "artifacts")

    async def card(tale: KeptTale) -> Card:
        return Card(tale)

    async def deliver(tale: KeptTale, story: Tale) -> tuple[str, ...]:
        return await made.deliver(tale, story)

    try:
        async with (
            open_library(home) as library,
            door(places.road("")) as at,
            Teller(at, keep, library.tales, Faces(card, deliver), lambda: 1.0, sleep) as teller,
        ):
            made = House(library, teller)
            yield made
    finally:
        stage.close()


def wish(tale: str) -> TaleRequest:
    return TaleRequest(tale, "1", "2", "3", Prompt("a fox", 1), DeliveryOptions())


async def test_however_long_discord_is_away_a_finished_tale_comes(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.broken = [aiohttp.ClientConnectionError("away") for _ in range(OUTAGE_TRIES)]
        await made.teller.begin(wish("a" * 32))
        await eventually(lambda: made.delivered, within_s=60)
        await eventually(lambda: not made.teller.open, within_s=60)
        assert await made.state_of("a" * 32) is TaleState.DONE


async def test_a_database_that_is_away_when_a_tale_ends_does_not_strand_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, away = Tales.get, [True] * 5

    async def gone(self: Tales, tale: str) -> KeptTale | None:
        if made.delivered == [] and not made.broken and away:
            away.pop()
            raise sa.exc.OperationalError("select", {}, OSError("the server closed the connection"))
        return await get(self, tale)

    async with house(tmp_path) as made:
        made.broken = [aiohttp.ClientConnectionError("away")]
        monkeypatch.setattr(Tales, "get", gone)
        await made.teller.begin(wish("b" * 32))
        await eventually(lambda: made.delivered, within_s=60)
        await eventually(lambda: not made.teller.open, within_s=60)
        assert away == []


async def test_a_tale_whose_follower_broke_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        await made.teller.resume()
        made.broken = [RuntimeError("a bug of ours")]
        await made.teller.begin(wish("c" * 32))
        await eventually(lambda: made.delivered, within_s=60)
        assert made.delivered == ["c" * 32]


async def test_what_is_being_asked_is_not_taken_up_by_the_look_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, open_ones, looks, followed = Tales.add, Tales.open_ones, [0], list[int]()

    async def counted(self: Tales, **whose: bool) -> list[KeptTale]:
        looks[0] += 1
        return await open_ones(self, **whose)

    async def slow(self: Tales, tale: KeptTale) -> None:
        await add(self, tale)
        # The third look from here begins after one that began after the row was there has ended.
        third = looks[0] + 3
        await eventually(lambda: looks[0] >= third)
        followed.append(made.teller.open)

    monkeypatch.setattr(Tales, "add", slow)
    monkeypatch.setattr(Tales, "open_ones", counted)
    async with house(tmp_path) as made:
        await made.teller.resume()
        await made.teller.begin(wish("d" * 32))
        assert followed == [0]
        assert made.teller.open == 1
        await eventually(lambda: made.delivered, within_s=60)


async def test_a_tale_that_cannot_be_read_fails_in_a_sentence_and_is_not_asked_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: Any) -> Tale:
        raise ValueError("a field of another version")

    monkeypatch.setattr("bot.tracker.ending.read_answer", unreadable)
    async with house(tmp_path) as made:
        await made.teller.resume()
        await made.teller.begin(wish("e" * 32))
        await eventually(lambda: not made.teller.open, within_s=60)
        assert await made.state_of("e" * 32) is TaleState.FAILED
