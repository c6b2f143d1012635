"""The road in bad weather loses nothing."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import Unwell
from pipeline.road.desk import Desk
from pipeline.words.event import Done, Failed, Narrated, Written
from tests.faults.stage import Stage, eventually, heard, wish
from tests.pipeline.road.postgres import server

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
AWAY_S = 6.0


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of twelve megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("only an administrator can make a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.postgres
async def test_a_database_that_is_gone_for_a_while_delays_and_loses_nothing(tmp_path: Path) -> None:
    with server() as postgres:
        stage = Stage(tmp_path, postgres.url)
        try:
            stage.executor(step_s=0.5, sweep_s=1.0)
            async with stage.door() as door:
                await door.ask(wish("t1"))
                before = await heard(door, "t1", until=(Written,))
                postgres.stop()
                with pytest.raises(Unwell) as told:
                    await door.ask(wish("t2"))
                assert told.value.code == "road_closed"
                await asyncio.sleep(AWAY_S)
                postgres.start()
                after = await asyncio.wait_for(heard(door, "t1"), 90)
                await door.ask(wish("t2"))
                assert isinstance((await asyncio.wait_for(heard(door, "t2"), 60))[-1], Done)
        finally:
            stage.close()
    assert after[: len(before)] == before
    assert isinstance(after[-1], Done)


async def test_a_full_disk_under_the_sounds_is_said_and_the_next_tale_is_told(stage: Stage, small_disk: Path) -> None:
    stage.executor(step_s=0.05, artifacts=str(small_disk / "artifacts"))
    filling = small_disk / "filling"
    _fill(filling)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        last = (await asyncio.wait_for(heard(door, "t1"), 60))[-1]
        assert isinstance(last, Failed)
        assert last.code == "disk_full"
        assert "No space left" in stage.log()
        filling.unlink()
        await door.ask(wish("t2"))
        assert isinstance((await asyncio.wait_for(heard(door, "t2"), 60))[-1], Done)


async def test_a_full_disk_under_the_database_delays_and_loses_nothing(tmp_path: Path, small_disk: Path) -> None:
    stage = Stage(tmp_path, f"sqlite:///{small_disk}/road.db")
    try:
        stage.executor(step_s=0.3, sweep_s=1.0)
        async with stage.door() as door:
            await door.ask(wish("t1"))
            before = await heard(door, "t1", until=(Narrated,))
            filling = small_disk / "filling"
            _fill(filling)
            await asyncio.sleep(3.0)
            filling.unlink()
            after = await asyncio.wait_for(heard(door, "t1"), 90)
    finally:
        stage.close()
    assert after[: len(before)] == before
    assert isinstance(after[-1], Done)


def test_a_database_that_may_only_be_read_is_said(tmp_path: Path) -> None:
    Desk(f"sqlite:///{tmp_path}/road.db").close()
    desk = Desk(f"sqlite:///file:{tmp_path}/road.db?mode=ro&uri=true")
    with pytest.raises(Unwell) as told:
        desk.ask(wish("t1"))
    assert told.value.code == "road_closed"
    desk.close()


async def test_an_executor_on_a_database_that_may_only_be_read_says_so(stage: Stage) -> None:
    Desk(stage.database_url).close()
    stage.database_url = f"sqlite:///file:{stage.folder}/road.db?mode=ro&uri=true"
    assert await asyncio.to_thread(stage.executor().wait, 60) != 0
    assert "road_" in stage.log()
    assert "readonly" in stage.log()


async def test_a_store_of_sounds_that_is_away_for_a_while_delays_and_loses_nothing(stage: Stage) -> None:
    away = stage.folder / "depot"
    away.write_text("a file where the folder should be")
    stage.executor(depot=f"file://{away}")
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await asyncio.sleep(AWAY_S)
        away.unlink()
        events = await asyncio.wait_for(heard(door, "t1"), 90)
    assert [type(event) for event in events] == [Written, Narrated] * 4 + [Done]


async def test_an_executor_on_a_damaged_database_says_so_and_leaves_it(stage: Stage) -> None:
    file = stage.folder / "road.db"
    file.write_bytes(b"this is no database" * 500)
    executor = stage.executor()
    assert await asyncio.to_thread(executor.wait, 60) != 0
    assert "road_unreadable" in stage.log()
    assert file.read_bytes() == b"this is no database" * 500


@pytest.mark.parametrize("jump_s", [-86_400, 86_400])
async def test_a_clock_that_jumps_by_a_day_changes_nothing(stage: Stage, jump_s: int) -> None:
    stage.executor(step_s=0.2, clock_jump=[2.0, jump_s])
    await eventually(lambda: "executor_ready" in stage.log())
    async with stage.door() as door:
        for name in ("t1", "t2"):
            await door.ask(wish(name))
        for name in ("t1", "t2"):
            events = await asyncio.wait_for(heard(door, name), 90)
            assert [type(event) for event in events] == [Written, Narrated] * 4 + [Done]
    assert max(Counter(step for step in stage.ran() if step != "whole").values()) == 1
    assert "clock_jumped" in stage.log()


def _fill(file: Path) -> None:
    with suppress(OSError), file.open("wb", buffering=0) as filling:
        while True:
            filling.write(bytes(1024))
