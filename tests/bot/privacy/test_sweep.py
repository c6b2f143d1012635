"""What is past its time goes by itself."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from bot.library.backup import back_up
from bot.library.records import ServerSettings
from bot.privacy.privacy import Privacy
from bot.privacy.sweep import DAY_S, GRACE_S, MARKS_KEPT_S, sweep
from pipeline.road.engine import connect
from pipeline.road.erased import KEPT_S, SPENT_KEPT, tell
from pipeline.road.ledger import Ledger, erased, loose, spent
from pipeline.words.prompt import Prompt
from tests.bot.library.samples import told, wished
from tests.bot.privacy.conftest import snowflake


async def test_a_server_that_left_is_erased_after_the_grace_time_and_not_before(privacy: Privacy, ana: str) -> None:
    server, other, now = snowflake(), snowflake(), time.time()
    library = privacy.library
    for one in (server, other):
        await library.tales.add(told(member=ana, server=one))
        await library.servers.change(one, plain=True)
    assert (await sweep(privacy, [other], now)).servers == 0
    assert (await sweep(privacy, [other], now + GRACE_S - 60)).servers == 0
    assert (await sweep(privacy, [other], now + GRACE_S + 60)).servers >= 1
    assert [tale.server for tale in await library.tales.asked_by(ana)] == [other]
    assert await library.servers.of(server) == ServerSettings()
    assert (await library.servers.of(other)).plain


async def test_a_server_that_is_back_in_time_keeps_its_tales(privacy: Privacy, ana: str) -> None:
    server, now = snowflake(), time.time()
    await privacy.library.tales.add(told(member=ana, server=server))
    for present, at in (([], now), ([server], now + DAY_S), ([], now + GRACE_S), ([], now + 2 * GRACE_S - 60)):
        await sweep(privacy, present, at)
        assert await privacy.library.tales.asked_by(ana)
    await sweep(privacy, [], now + 2 * GRACE_S + 60)
    assert await privacy.library.tales.asked_by(ana) == []


async def test_a_server_decides_how_long_tales_are_kept(privacy: Privacy, ana: str) -> None:
    short, long_, now = snowflake(), snowflake(), time.time()
    await privacy.library.servers.change(short, retention_days=30)
    for server in (short, long_):
        await privacy.library.tales.add(told(member=ana, server=server, asked_at=now - 31 * DAY_S, title="old"))
        await privacy.library.tales.add(told(member=ana, server=server, asked_at=now - 29 * DAY_S, title="new"))
    await privacy.library.tales.add(wished(member=ana, server=short, asked_at=now - 31 * DAY_S))
    await sweep(privacy, await privacy.library.tales.servers(), now)
    left = {(tale.server, tale.title) for tale in await privacy.library.tales.asked_by(ana)}
    assert left == {(short, "new"), (short, ""), (long_, "old"), (long_, "new")}


async def test_sounds_that_nobody_names_go_in_time_and_no_others(privacy: Privacy, ana: str) -> None:
    now = time.time()
    sound = privacy.artifacts(f"wish of {ana}".encode(), ".ogg")
    orphan = privacy.artifacts(f"orphan of {ana}".encode(), ".wav")
    fresh = privacy.artifacts(f"just made for {ana}".encode(), ".wav")
    await privacy.library.tales.add(told(member=ana, server="", prompt=Prompt("", seed=1, recording=sound)))
    for one in (sound, orphan):
        _aged(privacy.artifacts.path(one), now - 15 * DAY_S)
    await sweep(privacy, await privacy.library.tales.servers(), now)
    there = {path.stem for path in (privacy.home / "artifacts").glob("??/*")}
    assert {sound.sha256, fresh.sha256} <= there
    assert orphan.sha256 not in there


async def test_what_a_cut_off_step_left_goes_with_the_next_sweep_unless_a_tale_has_it(
    privacy: Privacy, ana: str
) -> None:
    half, used = (privacy.artifacts(f"{kind} of {ana}".encode(), ".wav") for kind in ("half", "used"))
    await privacy.library.tales.add(told(member=ana, server="", prompt=Prompt("", seed=1, recording=used)))
    ledger = Ledger(connect(f"sqlite:///{privacy.home}/state/road.db"))
    ledger.write(
        sa.insert(loose).values([{"job": "over", "sha256": one.sha256, "suffix": ".wav"} for one in (half, used)])
    )
    await sweep(privacy, await privacy.library.tales.servers(), time.time())
    there = {path.stem for path in (privacy.home / "artifacts").glob("??/*")}
    assert used.sha256 in there
    assert half.sha256 not in there
    assert ledger.rows(sa.select(loose.c.id)) == []
    ledger.engine.dispose()


async def test_figures_and_marks_that_nobody_asks_for_go(privacy: Privacy, ana: str, tmp_path: Path) -> None:
    now = time.time()
    road = Ledger(connect(f"sqlite:///{privacy.home}/state/road.db"))
    road.write(sa.insert(spent).values([{"stage": "old", "words": 1, "seconds": 1.0} for _ in range(7)]))
    road.write(sa.insert(spent).values([{"stage": "new", "words": 1, "seconds": 1.0} for _ in range(SPENT_KEPT)]))
    tell(road, [privacy.artifacts(ana.encode(), ".wav")])
    road.write(sa.update(erased).values(at=round(now - KEPT_S - 60)))
    for at in (now - MARKS_KEPT_S - 60, now - 60):
        await replace(privacy.library.erasing, clock=partial(float, at)).tales([f"{ana} {at}"])
    marks = len(await privacy.library.erasing.marks())
    await sweep(privacy, await privacy.library.tales.servers(), now)
    assert [row[0] for row in road.rows(sa.select(spent.c.stage).distinct())] == ["new"]
    assert road.rows(sa.select(erased.c.id)) == []
    assert len(await privacy.library.erasing.marks()) == marks - 1
    road.engine.dispose()


async def test_marks_stay_as_long_as_a_backup_that_needs_them(privacy: Privacy, ana: str, tmp_path: Path) -> None:
    now = time.time()
    kept = await back_up(privacy.library, privacy.home / "artifacts", tmp_path / "kept.zip", sounds=False)
    _aged(kept.file, now - 2 * MARKS_KEPT_S)
    old = now - MARKS_KEPT_S - 60
    await replace(privacy.library.erasing, clock=lambda: old).tales([ana])
    marks = len(await privacy.library.erasing.marks())
    await sweep(privacy, await privacy.library.tales.servers(), now)
    assert len(await privacy.library.erasing.marks()) == marks
    kept.file.unlink()
    await sweep(privacy, await privacy.library.tales.servers(), now)
    assert len(await privacy.library.erasing.marks()) < marks


def _aged(path: Path, at: float) -> None:
    os.utime(path, (at, at))
