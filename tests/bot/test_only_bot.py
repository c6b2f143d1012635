"""One bot for each library, and none besides."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from bot.app import build
from bot.library.library import open_library
from bot.maintenance import verb_update
from bot.maintenance.only_bot import alone_on
from pipeline.errors import Unwell
from pipeline.road.door import door
from tests.bot.scene import on_stage
from tests.discord_double import sandbox
from tests.faults.stage import wish
from tests.pipeline.road.postgres import served


async def test_a_second_bot_on_one_home_is_refused_in_a_sentence_and_the_first_goes_on(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene:
        async with scene.running() as bot:
            second = scene.bot()
            with pytest.raises(Unwell) as refused:
                await second.start(scene.double.token)
            await second.close()
            assert (refused.value.code, refused.value.fields["where"]) == ("bot_already_here", str(tmp_path))
            await (await scene.guild.member("Ana").tale("a fox")).done()
            assert bot.services.teller.open == 1
        async with scene.running():
            pass  # whoever comes after it finds the home free


def test_no_update_while_a_bot_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.maintenance.only_bot import alone_at

    monkeypatch.setenv("ECHOTALES_HOME", str(tmp_path))
    with alone_at(tmp_path / "state"):
        assert verb_update.main([]) == verb_update.REFUSED
    assert "stop it first" in capsys.readouterr().out


@pytest.mark.postgres
async def test_a_second_bot_on_one_database_is_refused_wherever_it_is() -> None:
    with served() as url:
        async with open_library(url) as first, open_library(url) as second:
            async with alone_on(first.engine), door(url) as at:
                with pytest.raises(Unwell, match="bot_already_here"):
                    async with alone_on(second.engine):
                        raise AssertionError("two of them")
                await asyncio.wait_for(at.ask(wish("t1")), 30)  # nor does it stand in its own way
            async with alone_on(second.engine):
                pass


async def test_the_sandbox_leaves_the_installations_home_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "library.db").write_bytes(b"the installation's own")
    monkeypatch.setenv("ECHOTALES_HOME", str(home))
    monkeypatch.setenv("ECHOTALES_DATABASE_URL", "postgresql://the.installations.own/library")
    for name, value in sandbox.apart().items():
        monkeypatch.setenv(name, value)
    playing = asyncio.create_task(sandbox._run(partial(build, keep_executor=False), 0))
    there = tmp_path / "home-sandbox" / "library.db"
    async with asyncio.timeout(30):
        while not there.exists():  # noqa: ASYNC110 - a file rings no bell
            await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    playing.cancel()
    with suppress(asyncio.CancelledError):
        await playing
    assert (home / "library.db").read_bytes() == b"the installation's own"
    assert {path.name for path in home.iterdir()} == {"library.db", "cache"}
    assert os.environ["ECHOTALES_DATABASE_URL"] == ""
