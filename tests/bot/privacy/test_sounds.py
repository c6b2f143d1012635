"""Sounds of many tales, looked through lightly."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.library.library import open_library
from bot.privacy.export import packed
from bot.privacy.privacy import Privacy
from bot.privacy.sounds import Sounds
from bot.privacy.store import Whose
from pipeline import opened
from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.depot import Depot
from pipeline.road.door import door
from tests.bot.library.samples import told
from tests.bot.privacy.conftest import snowflake
from tests.faults.stage import Stage, eventually


async def test_a_sweep_opens_no_sealed_tale_outside_and_each_but_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(opened, "MEMORY", memory)
    keep = artifacts_of(tmp_path / "kept", key=Fernet.generate_key().decode())
    stems = [keep(bytes([nth]) * 9, ".wav") for nth in range(6)]
    wholes = [keep(json.dumps({"stem": {"sha256": one.sha256}}).encode(), ".json") for one in stems]
    sounds = Sounds(keep)
    named = await sounds.hashes_in(wholes)
    assert named == {one.sha256 for one in (*stems, *wholes)}
    assert not [path for path in memory.glob("*/*") if path.is_file()]
    for one in wholes:
        (tmp_path / "kept" / one.sha256[:2] / f"{one.sha256}.json").write_bytes(b"")
    assert await sounds.hashes_in(wholes) == named, "what it names never changes: it is not read again"


async def test_what_is_erased_goes_from_every_machine_that_has_a_copy(tmp_path: Path) -> None:
    ana, depot = snowflake(), f"file://{tmp_path}/depot"
    (tmp_path / "home" / "state").mkdir(parents=True)
    stage = Stage(tmp_path, f"sqlite:///{tmp_path}/home/state/road.db")
    here, there = (Artifacts(tmp_path / name, Depot(depot)) for name in ("home/artifacts", "there"))
    made = [there(f"{kind} of {ana}".encode(), kind) for kind in (".json", ".npz", ".wav")]
    bens = there(b"of somebody else", ".json")
    whole = there(json.dumps([vars(one) for one in made]).encode(), ".json")
    try:
        async with open_library(tmp_path / "home") as library, door(stage.database_url) as at:
            await library.tales.add(told(member=ana, artifact=whole))
            await library.tales.add(told(member=snowflake(), artifact=bens))
            stage.executor(artifacts=str(tmp_path / "there"), depot=depot, sweep_s=0.2)
            await Privacy(library, at, here, tmp_path / "home").erase_member(ana)
            left = {bens.sha256}
            await eventually(lambda: {path.stem for path in (tmp_path / "there").glob("??/*")} == left)
            assert {path.stem for path in (tmp_path / "depot").rglob("*.*")} == left
    finally:
        stage.close()


@pytest.mark.parametrize("key", ["", Fernet.generate_key().decode()], ids=["open", "sealed"])
async def test_what_is_erased_while_somebody_takes_their_data_along_is_left_out(tmp_path: Path, key: str) -> None:
    keep = artifacts_of(tmp_path / "kept", key=key)
    gone, there = keep(b"rain", ".wav"), keep(b"sea", ".wav")
    things = await Sounds(keep).found(Whose(sounds=frozenset({gone, there})))
    keep.erase([gone])
    packed(tmp_path / "one.zip", things, 0)
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert [archive.read(name) for name in archive.namelist()] == [b"sea"]


async def test_an_export_of_sealed_sounds_needs_none_of_its_opened_copies(tmp_path: Path) -> None:
    keep = artifacts_of(tmp_path / "kept", key=Fernet.generate_key().decode())
    rain = keep(b"rain", ".wav")
    [thing] = await Sounds(keep).found(Whose(sounds=frozenset({rain})))
    keep.path(rain).unlink()  # it made room for another
    assert thing.read() == b"rain"


def test_an_opened_copy_goes_when_another_process_erased_the_file(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    one, other = artifacts_of(tmp_path, key=key), artifacts_of(tmp_path, key=key)
    made, kept = one(b"rain", ".wav"), one(b"sea", ".wav")
    opened_here, kept_here = other.path(made), other.path(kept)
    one.erase([made])
    other.forget(())
    assert not opened_here.exists()
    assert kept_here.exists()
