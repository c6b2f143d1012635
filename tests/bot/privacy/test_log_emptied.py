"""What is erased leaves the database's log, too."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from bot.library.erase_digests import ErasedKind
from bot.library.library import open_library
from bot.library.records import Consent
from bot.privacy.privacy import Privacy
from bot.privacy.scan import traces
from pipeline.words.prompt import Prompt
from tests.bot.library.samples import wished


async def reading(database: Path, seconds: float) -> None:
    """Somebody looks at the library as it is now, for so long: a backup, say."""
    reader = sqlite3.connect(database)
    try:
        reader.execute("begin")
        reader.execute("select count(*) from tales").fetchone()
        await asyncio.sleep(seconds)
        reader.rollback()
    finally:
        reader.close()


async def a_tale(privacy: Privacy, member: str) -> str:
    word = f"canary{uuid4().hex}"
    await privacy.library.tales.add(wished(member=member, prompt=Prompt(word, seed=1)))
    return word


@pytest.mark.parametrize("whole", [True, False], ids=["a member", "a tale"])
async def test_a_reader_of_an_older_state_is_waited_for(privacy: Privacy, ana: str, *, whole: bool) -> None:
    word = await a_tale(privacy, ana)
    watching = asyncio.create_task(reading(privacy.home / "library.db", 1.0))
    await asyncio.sleep(0.1)
    if whole:
        await privacy.erase_member(ana)
    else:
        await privacy.erase_tales(await privacy.library.tales.asked_by(ana))
    assert traces(privacy.home, word) == []
    await watching


async def test_what_a_killed_bot_left_in_the_log_goes_at_the_next_start(tmp_path: Path) -> None:
    word = f"canary{uuid4().hex}"
    before, after = tmp_path / "before", tmp_path / "after"
    async with open_library(before) as library:
        tale = wished(prompt=Prompt(word, seed=1))
        await library.tales.add(tale)
        await library.erasing.tales([tale.id])
        shutil.copytree(before, after)  # as a killed process leaves it
    assert traces(after, word)
    async with open_library(after):
        assert traces(after, word) == []


async def test_a_consent_withdrawn_and_a_voice_taken_back_leave_the_log_as_well(tmp_path: Path) -> None:
    member = str(uuid4().int)[:18]
    async with open_library(tmp_path) as library:
        await library.consents.give(member, Consent.LISTEN, "1")
        await library.consents.withdraw(member, [Consent.LISTEN], "1")
        assert traces(tmp_path, member) == []


async def test_many_who_take_a_consent_back_keep_nobody_from_the_library(tmp_path: Path) -> None:
    members = [str(number) for number in range(30)]
    async with open_library(tmp_path) as library:
        for one in members:
            await library.consents.give(one, Consent.LISTEN, "1")
        reader = sqlite3.connect(tmp_path / "library.db")
        reader.execute("begin")
        reader.execute("select count(*) from tales").fetchone()
        leaving = [asyncio.create_task(library.consents.withdraw(one, [Consent.LISTEN], "1")) for one in members]
        for _ in range(20):
            await asyncio.sleep(0.05)  # soon each of them waits for the log
            assert not await library.consents.has("31", Consent.LISTEN, "1")
            assert not any(one.done() for one in leaving)
        reader.close()
        await asyncio.gather(*leaving)


async def test_tale_and_voice_are_marked_as_erased_in_one_go(privacy: Privacy) -> None:
    before = len(await privacy.library.erasing.marks())
    await privacy.library.erasing.tales(["a" * 32], "learnt-x")
    assert len(await privacy.library.erasing.marks()) == before + len((ErasedKind.TALE, ErasedKind.VOICE))
