"""What is erased is nowhere."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.library.backup import back_up
from bot.library.library import open_library
from bot.library.records import KeptVoice, ServerSettings
from bot.library.restore import restore
from bot.privacy.privacy import Privacy
from bot.privacy.registry import NOBODYS, stores
from bot.privacy.scan import traces
from pipeline.artifacts import Artifacts
from pipeline.road.door import door
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Clone, Tell
from tests.bot.library.samples import wished
from tests.bot.privacy.conftest import snowflake
from tests.bot.privacy.living import finished, lived
from tests.faults.stage import Stage


async def test_what_is_kept_of_a_member_is_shown_store_by_store(privacy: Privacy, ana: str) -> None:
    await lived(privacy, ana)
    found = await privacy.found(ana)
    names = {thing.name for things in found.values() for thing in things}
    assert {"library/tales.json", "library/consents.json", "library/voices.json", "road/streams.json"} <= names
    assert "road/workflow_input.json" in names
    assert any(name.startswith("sounds/") for name in names)
    tale = json.loads(next(thing for thing in found["library"] if thing.name == "library/tales.json").read())
    assert ana in str(tale)


async def test_erased_is_erased_in_every_store_to_the_last_byte(privacy: Privacy, ana: str, ben: str) -> None:
    anas, bens = await lived(privacy, ana), await lived(privacy, ben)
    word = anas.prompt.text
    assert traces(privacy.home, word)
    assert traces(privacy.home, ana)
    gone = await privacy.erase_member(ana)
    assert [tale.id for tale in gone] == [anas.id]
    assert traces(privacy.home, ana) == []
    assert traces(privacy.home, word) == []
    assert traces(privacy.home, anas.id) == []
    assert not [things for things in (await privacy.found(ana)).values() if things]
    assert await privacy.library.tales.get(bens.id) == bens
    assert bens.artifact
    assert privacy.artifacts.path(bens.artifact).exists()
    assert len((await privacy.found(ben))["road"]) > 3


async def test_a_tale_under_way_is_stopped_and_goes_too(privacy: Privacy, ana: str, ben: str) -> None:
    tale = wished(member=ana, prompt=Prompt(f"canary {uuid4().hex}", seed=1))
    await privacy.library.tales.add(tale)
    await privacy.door.ask(Asked(tale.id, Tell(tale.prompt), "1", ana))
    async for told in privacy.door.follow(tale.id):
        if told.event.kind == "written":
            break
    await privacy.erase_member(ana)
    await asyncio.sleep(1.0)  # what would still be written would be written by now
    assert traces(privacy.home, tale.prompt.text) == []
    assert traces(privacy.home, ana) == []


async def test_what_is_made_while_it_is_erased_goes_too(tmp_path: Path, ana: str) -> None:
    for folder in ("state", "artifacts"):
        (tmp_path / folder).mkdir()
    stage = Stage(tmp_path / "beside", f"sqlite:///{tmp_path}/state/road.db")
    stage.folder.mkdir()
    halfway: dict[str, Any] = {"step_s": 0.2, "keeps_first": True, "passages": 40}
    stage.executor(state=str(tmp_path / "state"), artifacts=str(tmp_path / "artifacts"), **halfway)
    try:
        async with open_library(tmp_path) as library, door(stage.database_url) as at:
            privacy = Privacy(library, at, Artifacts(tmp_path / "artifacts"), tmp_path)
            tale = wished(member=ana, prompt=Prompt(f"canary {uuid4().hex}", seed=1))
            await library.tales.add(tale)
            await at.ask(Asked(tale.id, Tell(tale.prompt), "1", ana))
            async for told in at.follow(tale.id):
                if told.event.kind == "narrated":
                    break
            await privacy.erase_member(ana)
            await asyncio.sleep(1.0)
            assert [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()] == []
            assert traces(tmp_path, tale.id) == []
    finally:
        stage.close()


async def test_what_two_tales_hold_stays_until_both_are_gone(privacy: Privacy, ana: str, ben: str) -> None:
    anas, bens = await lived(privacy, ana), await lived(privacy, ben)
    shared = privacy.artifacts(b"the same silence", ".wav")
    for tale in (anas, bens):
        whole = privacy.artifacts(json.dumps([tale.id, vars(shared)]).encode(), ".json")
        await privacy.library.tales.change(tale.id, artifact=whole)
    await privacy.erase_member(ana)
    assert privacy.artifacts.path(shared).exists()
    await privacy.erase_tales(await privacy.library.tales.asked_by(ben))
    assert not list((privacy.home / "artifacts").glob(f"*/{shared.sha256}*"))


async def test_one_tale_deleted_leaves_no_byte_and_no_other_tale(privacy: Privacy, ana: str) -> None:
    first, second = await lived(privacy, ana), await lived(privacy, ana)
    await privacy.erase_tales([first])
    assert traces(privacy.home, first.prompt.text) == []
    assert traces(privacy.home, second.prompt.text)
    assert [tale.id for tale in await privacy.library.tales.asked_by(ana)] == [second.id]


async def test_a_server_is_erased_with_its_settings(privacy: Privacy, ana: str, ben: str) -> None:
    tale = await lived(privacy, ana)
    await privacy.library.servers.change(tale.server, bad_words=("heron",))
    await privacy.erase_server(tale.server)
    assert await privacy.library.servers.of(tale.server) == ServerSettings()
    assert traces(privacy.home, tale.prompt.text) == []
    assert traces(privacy.home, "heron") == []


async def test_a_voice_taken_back_goes_with_its_sounds_and_its_job(privacy: Privacy, ana: str, ben: str) -> None:
    spoken = privacy.artifacts(f"sentence {ana}".encode(), ".ogg")
    learnt = privacy.artifacts(f"learnt {ana}".encode(), ".npz")
    voice = KeptVoice("learnt-x", ana, "Me", "en", spoken, learnt, servers=(ben,))
    await privacy.library.voices.add(voice)
    await privacy.library.voices.choose(ben, voice.id)
    job = uuid4().hex
    await privacy.door.ask(Asked(job, Clone(spoken, "I agree.", "en"), "1", ana))
    await finished(privacy, job)
    tale = await lived(privacy, ana)
    await privacy.erase_voice(voice)
    assert traces(privacy.home, spoken.sha256) == []
    assert not [path for path in privacy.home.rglob("*") if path.stem in (spoken.sha256, learnt.sha256)]
    assert await privacy.library.voices.chosen(ben) == ""
    assert await privacy.library.tales.get(tale.id) == tale
    assert (await privacy.found(ana))["road"]


async def test_who_was_blocked_stays_blocked_though_nothing_names_them(privacy: Privacy, ana: str, ben: str) -> None:
    server = snowflake()
    await privacy.library.servers.change(server, blocked_members=(ana, ben))
    await privacy.erase_member(ana)
    assert traces(privacy.home, ana) == []
    assert await privacy.library.servers.blocks(server, ana)
    assert await privacy.library.servers.blocks(server, ben)
    assert not await privacy.library.servers.blocks(server, "773333333333333333")


async def test_a_backup_that_was_written_elsewhere_is_marked_too(privacy: Privacy, tmp_path: Path, ana: str) -> None:
    tale = await lived(privacy, ana)
    kept = await back_up(privacy.library, privacy.home / "artifacts", tmp_path / "stick" / "kept.zip")
    await privacy.erase_member(ana)
    async with open_library(tmp_path / "fresh") as library:
        await restore(library, Artifacts(tmp_path / "sounds"), kept.file)
        assert await library.tales.get(tale.id) is None


async def test_an_operators_erase_beside_a_running_bot_is_not_undone_by_its_memory(
    privacy: Privacy, ana: str, ben: str
) -> None:
    server, bots = snowflake(), privacy.library.servers
    await bots.change(server, blocked_members=(ana,))
    async with open_library(privacy.home) as library:
        await replace(privacy, library=library).erase_member(ana)
    await bots.change(server, plain=True)
    assert traces(privacy.home, ana) == []
    await bots.change(server, blocked_members=(ana, ben))
    assert traces(privacy.home, ana) == []
    assert await bots.blocks(server, ana)
    assert await bots.blocks(server, ben)


async def test_every_table_and_every_file_has_somebody_who_answers_for_it(privacy: Privacy, ana: str) -> None:
    await lived(privacy, ana)
    held = [
        one for store in stores(privacy.library, privacy.door, privacy.artifacts, privacy.home) for one in store.holds
    ]
    there = {f"home:{path.relative_to(privacy.home).as_posix()}" for path in _files(privacy.home)}
    there |= {f"library:{name}" for name in _tables(privacy.home / "library.db")}
    there |= {f"road:{name}" for name in _tables(privacy.home / "state" / "road.db")}
    assert len(there) > 20
    assert not {one for one in there if not any(fnmatch(one, pattern) for pattern in (*held, *NOBODYS))}


def _files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def _tables(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        return [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
