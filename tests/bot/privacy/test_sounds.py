"""Sounds of many tales, looked through lightly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.privacy.sounds import Sounds
from pipeline import opened
from pipeline.artifacts import artifacts_of


async def test_a_sweep_opens_no_sealed_tale_outside_and_each_but_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(opened, "MEMORY", memory)
    keep = artifacts_of(tmp_path / "kept", key=Fernet.generate_key().decode())
    stems = [keep(bytes([nth]) * 9, ".wav") for nth in range(6)]
    wholes = [keep(json.dumps({"stem": {"sha256": one.sha256}}).encode(), ".json") for one in stems]
    sounds = Sounds(keep, tmp_path / "kept")
    named = await sounds.hashes_in(wholes)
    assert named == {one.sha256 for one in (*stems, *wholes)}
    assert not [path for path in memory.glob("*/*") if path.is_file()]
    for one in wholes:
        (tmp_path / "kept" / one.sha256[:2] / f"{one.sha256}.json").write_bytes(b"")
    assert await sounds.hashes_in(wholes) == named, "what it names never changes: it is not read again"
