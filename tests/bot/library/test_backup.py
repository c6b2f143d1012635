"""A backup brings all back, but nothing erased."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.library import backup
from bot.library.backup import MARKS, back_up
from bot.library.erase_digests import ErasedKind, digest
from bot.library.library import Library, open_library
from bot.library.records import Consent, KeptVoice, Music
from bot.library.restore import restore
from bot.library.tables import METADATA, NOTED, TALES
from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.errors import Damaged, Refused
from pipeline.places import CHECKOUT
from pipeline.words.prompt import Prompt
from tests.bot.library.samples import told, wished

KEY = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


async def test_all_comes_back_on_the_other_database_too(tmp_path: Path, where: str | Path) -> None:
    artifacts = Artifacts(tmp_path / "one")
    async with open_library(tmp_path / "source.db") as library:
        await _filled(library, artifacts)
        before = await _rows(library)
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
    assert kept.sounds == 4
    target = where if isinstance(where, str) else where / "target.db"
    async with open_library(target) as library:
        back = await restore(library, Artifacts(tmp_path / "two"), kept.file)
        assert (back.rows, back.erased_again) == (kept.rows, 0)
        assert await _rows(library) == before
    assert _files(tmp_path / "two") == _files(tmp_path / "one")


async def test_who_was_erased_after_the_backup_does_not_come_back(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path / "one")
    async with open_library(tmp_path / "source.db") as library:
        mine, other = await _filled(library, artifacts)
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
        salt = await library.erasing.salt()
    mark = {"salt": salt, "digest": digest(salt, ErasedKind.MEMBER, "100"), "at": 9e12}
    kept.file.with_suffix(MARKS).write_text(json.dumps(mark) + "\n")
    async with open_library(tmp_path / "target.db") as library:
        back = await restore(library, Artifacts(tmp_path / "two"), kept.file)
        assert await library.tales.get(mine) is None
        stays = await library.tales.get(other)
        assert stays is not None
        assert stays.hearts == 0
        assert await library.consents.of_member("100") == []
        assert back.erased_again >= 4
    assert b"100" not in (tmp_path / "target.db").read_bytes()
    assert len(_files(tmp_path / "two")) == 2


async def test_the_library_itself_remembers_what_was_erased(tmp_path: Path) -> None:
    async with open_library(tmp_path / "source.db") as library:
        mine, other = await _filled(library, Artifacts(tmp_path / "one"))
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
        await library.erasing.tales([mine])
        await library.erasing.tales([other])
        await restore(library, Artifacts(tmp_path / "two"), kept.file)
        assert await library.tales.every() == []


async def test_who_came_back_after_an_erase_is_in_the_next_backup(tmp_path: Path) -> None:
    async with open_library(tmp_path / "source.db", clock=lambda: 5.0) as library:
        await library.erasing.member("100")
        await library.tales.add(wished(member="100"))
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip", clock=lambda: 9.0)
    async with open_library(tmp_path / "target.db") as library:
        await restore(library, Artifacts(tmp_path / "two"), kept.file)
        assert len(await library.tales.every()) == 1


async def test_a_clock_that_was_ahead_brings_nobody_back(tmp_path: Path) -> None:
    async with open_library(tmp_path / "source.db", clock=lambda: 5.0) as library:
        mine, _ = await _filled(library, Artifacts(tmp_path / "one"))
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip", clock=lambda: 9e9)
        await library.erasing.member("100")
        salt = await library.erasing.salt()
        for tale in await library.tales.every():
            await library.erasing.tales([tale.id])
        await restore(library, Artifacts(tmp_path / "two"), kept.file)
        assert await library.tales.get(mine) is None
    mark = {"salt": salt, "digest": digest(salt, ErasedKind.MEMBER, "100"), "at": 5.0}
    kept.file.with_suffix(MARKS).write_text(json.dumps(mark) + "\n")
    async with open_library(tmp_path / "target.db") as library:
        await restore(library, Artifacts(tmp_path / "three"), kept.file)
        assert await library.tales.get(mine) is None


async def test_who_was_blocked_and_erased_since_comes_back_as_a_mark(tmp_path: Path) -> None:
    async with open_library(tmp_path / "source.db") as library:
        await library.servers.change("1", blocked_members=("773", "884"))
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
        await library.erasing.member("773")
        await restore(library, Artifacts(tmp_path / "two"), kept.file)
        assert "773" not in (await library.servers.of("1")).blocked_members
        assert await library.servers.blocks("1", "773")
        assert await library.servers.blocks("1", "884")


async def test_marks_made_before_a_restore_still_answer_after_it(tmp_path: Path) -> None:
    async with open_library(tmp_path / "source.db") as library:
        await _filled(library, Artifacts(tmp_path / "one"))
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
    async with open_library(tmp_path / "target.db") as library:
        await library.erasing.member("100")
        for _ in range(2):  # the first brings the backup's own salt along
            await restore(library, Artifacts(tmp_path / "two"), kept.file)
            assert [tale.member for tale in await library.tales.every()] == ["200"]
            async with library.engine.begin() as connection:
                await connection.execute(sa.delete(TALES))


async def test_a_backup_is_its_owners_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    add = backup._add_sounds

    def watched(archive: zipfile.ZipFile, files: Iterable[Path]) -> None:
        modes.extend(path.stat().st_mode & 0o777 for path in tmp_path.glob(".half-*"))
        add(archive, files)

    monkeypatch.setattr(backup, "_add_sounds", watched)
    async with open_library(tmp_path / "source.db") as library:
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
    assert modes == [0o600]
    assert kept.file.stat().st_mode & 0o777 == 0o600


async def test_sealed_words_stay_sealed_in_the_backup(tmp_path: Path) -> None:
    async with open_library(tmp_path / "source.db", KEY) as library:
        await _filled(library, artifacts_of(tmp_path / "one", key=KEY))
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
    async with open_library(tmp_path / "target.db", KEY) as library:
        await restore(library, artifacts_of(tmp_path / "two", key=KEY), kept.file)
        assert {tale.prompt.text for tale in await library.tales.every()} == {"zanzibar", "a lighthouse"}
    assert _files(tmp_path / "two") == _files(tmp_path / "one")
    assert all(path.read_bytes().startswith(b"sealed:") for path in (tmp_path / "two").glob("??/*"))
    assert b"zanzibar" not in (tmp_path / "target.db").read_bytes()


async def test_nothing_is_written_over_and_nothing_half_is_read(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK nothing")
    async with open_library(tmp_path / "source.db") as library:
        with pytest.raises(Damaged, match="backup_unreadable"):
            await restore(library, Artifacts(tmp_path / "one"), tmp_path / "broken.zip")
        await _filled(library, Artifacts(tmp_path / "one"))
        kept = await back_up(library, tmp_path / "one", tmp_path / "kept.zip")
        with pytest.raises(Refused, match="library_not_empty"):
            await restore(library, Artifacts(tmp_path / "one"), kept.file)


@pytest.mark.slow
async def test_the_verbs_do_the_same(tmp_path: Path) -> None:
    async with open_library(tmp_path) as library:
        await _filled(library, Artifacts(tmp_path / "artifacts"))
    told_ = json.loads(_verb(tmp_path, "backup", "--json").stdout)
    (tmp_path / "library.db").unlink()
    back = json.loads(_verb(tmp_path, "restore", told_["file"], "--json").stdout)
    assert back["rows"] == told_["rows"] > 5
    again = _verb(tmp_path, "restore", told_["file"])
    assert again.returncode == 2
    assert "empty" in again.stderr


async def _filled(library: Library, artifacts: Artifacts) -> tuple[str, str]:
    """Two members with two sounds each; the second's is a tale that the first loves."""
    sounds = [artifacts(f"sound {nth}".encode(), ".ogg") for nth in range(2)]
    wholes = [artifacts(json.dumps([vars(sound)]).encode(), ".json") for sound in sounds]
    mine = told(member="100", artifact=wholes[0], prompt=Prompt("zanzibar", seed=2**60, recording=sounds[0]))
    other = told(member="200", artifact=wholes[1], server="2")
    for tale in (mine, other):
        await library.tales.add(tale)
        await library.tales.heart(tale.id, "100")
    await library.servers.change("1", music=Music.OFF, bad_words=("heron",))
    await library.voices.add(KeptVoice("learnt-1", "100", "Me", "en", sounds[0]))
    await library.voices.hear("100", [1.0, -2.0])
    await library.consents.give("100", Consent.CLONE)
    return mine.id, other.id


async def _rows(library: Library) -> dict[str, list[Any]]:
    async with library.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in await connection.execute(sa.select(table))), key=str)
            for table in METADATA.sorted_tables
            if table is not NOTED
        }


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*/*"))


def _verb(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ECHOTALES_HOME": str(home), "LANG": "C"}
    command = [sys.executable, "echotales.py", *words]
    return subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
