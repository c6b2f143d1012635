"""Members' data, looked after at a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.library.library import open_library
from pipeline.places import CHECKOUT
from tests.bot.library.samples import told
from tests.bot.privacy.conftest import snowflake


@pytest.mark.slow
async def test_scan_export_and_erase_agree(tmp_path: Path) -> None:
    ana = snowflake()
    async with open_library(tmp_path) as library:
        await library.tales.add(told(member=ana))
    found = json.loads(_verb(tmp_path, "scan", ana, "--json").stdout)
    assert found["rows"] == 1
    assert found["bytes"] > 100
    assert found["traces"] > 0
    assert found["pages_unread"] == 0
    files = json.loads(_verb(tmp_path, "export", ana, "--out", str(tmp_path), "--json").stdout)["files"]
    with zipfile.ZipFile(files[0]) as archive:
        assert archive.namelist() == ["library/tales.json"]
    os.unlink(files[0])  # noqa: PTH108 - a small file, and no Path in a coroutine
    assert json.loads(_verb(tmp_path, "erase", ana, "--json").stdout) == {"tales": 1, "traces": 0}
    assert json.loads(_verb(tmp_path, "scan", ana, "--json").stdout) == {
        "rows": 0, "bytes": 0, "traces": 0, "pages_unread": 0
    }  # fmt: skip
    assert "0 rows, 0 bytes" in _verb(tmp_path, "scan", ana).stdout


def test_a_key_is_one_that_seals(tmp_path: Path) -> None:
    seal = Fernet(_verb(tmp_path, "key").stdout.strip().encode())
    assert seal.decrypt(seal.encrypt(b"word")) == b"word"


def test_who_is_no_member_is_not_looked_for(tmp_path: Path) -> None:
    assert _verb(tmp_path, "erase", "Ana").returncode == 2


def _verb(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ECHOTALES_HOME": str(home), "LANG": "C"}
    command = [sys.executable, "echotales.py", "privacy", *words]
    return subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
