"""The weights, looked after from a terminal."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import models
from pipeline.cli.saying import EXIT_CODES
from pipeline.shelf.manifest import Manifest, Source, read_manifest
from tests.pipeline.shelf.conftest import WHOLE, entry_of
from tests.pipeline.shelf.registries import hanging

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty house whose manifest knows one small voice."""
    shop = tmp_path / "shop.bin"
    shop.write_bytes(WHOLE)
    voice = entry_of(Source(path=str(shop)))
    monkeypatch.setattr(models, "read_manifest", lambda: Manifest({"tiny-voice": replace(voice, note="small")}))
    monkeypatch.setenv("ECHOTALES_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _asked(captured: Captured, *argv: str) -> tuple[int, dict[str, Any]]:
    code = models.main([*argv, "--json"])
    return code, json.loads(captured.readouterr().out)


def test_a_pull_brings_what_lacks_and_then_nothing(home: Path, capsys: Captured) -> None:
    assert _asked(capsys, "pull", "tiny-voice", "--yes") == (0, {
        "models": ["tiny-voice"], "fetched": ["tiny-voice"], "fetch_bytes": len(WHOLE),
        "folder": str(home / "cache" / "weights"),
    })  # fmt: skip
    code, told = _asked(capsys, "pull", "tiny-voice", "--yes")
    assert (code, told["fetched"]) == (0, [])


def test_what_is_not_accepted_is_said_before_anything_is_billed(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "read_manifest", read_manifest)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert models.main(["pull", "llama-2-7b", "--yes"]) == EXIT_CODES["licence_unaccepted"]
    (told,) = capsys.readouterr().err.splitlines()
    assert "Llama 2 Community License (https://" in told
    assert told.endswith("add llama-2-7b to ECHOTALES_ACCEPT, then: python3 echotales.py models pull llama-2-7b")
    assert models.main(["pull", "xtts-v2", "--yes"]) == EXIT_CODES["licence_noncommercial"]
    assert "may be used commercially" in capsys.readouterr().err


def test_the_list_says_size_and_whether_terms_are_accepted(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "read_manifest", read_manifest)
    monkeypatch.setenv("ECHOTALES_ACCEPT", "xtts-v2")
    _, told = _asked(capsys, "list")
    rows = {row["id"]: row for row in told["models"]}
    assert [rows[one]["accepted"] for one in ("xtts-v2", "llama-2-7b", "mistral-7b")] == [True, False, None]
    assert rows["mistral-7b"]["fetch_bytes"] == 14_500_000_000
    models.main(["list"])
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "~14.50 GB" in lines["mistral-7b"]
    assert "(accepted)" in lines["xtts-v2"]
    assert "(not accepted)" in lines["llama-2-7b"]


def test_before_a_download_a_person_is_told_what_comes_and_asked_once(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal("n\n"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert models.main(["pull", "tiny-voice"]) == 130
    said = capsys.readouterr().err
    assert "tiny-voice" in said
    assert str(home / "cache" / "weights") in said
    assert "stay free" in said
    assert not list(home.rglob("voice.bin"))


def test_without_a_terminal_a_pull_goes_on(home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert models.main(["pull", "tiny-voice"]) == 0
    assert list(home.rglob("voice.bin"))


def test_verify_finds_the_damage_names_the_cure_and_says_so_by_its_code(home: Path, capsys: Captured) -> None:
    models.main(["pull", "tiny-voice", "--yes", "--json"])
    capsys.readouterr()
    assert _asked(capsys, "verify")[0] == 0
    next(home.rglob("voice.bin")).write_bytes(WHOLE[:-1] + b"\0")
    assert models.main(["verify"]) == EXIT_CODES["weights_damaged"]
    captured = capsys.readouterr()
    assert "changed" in captured.out
    assert "models pull tiny-voice" in captured.err


def test_a_pull_mends_a_file_that_was_cut_off(home: Path, capsys: Captured) -> None:
    models.main(["pull", "tiny-voice", "--yes", "--json"])
    next(home.rglob("voice.bin")).write_bytes(WHOLE[:100])
    models.main(["pull", "tiny-voice", "--yes", "--json"])
    assert next(home.rglob("voice.bin")).read_bytes() == WHOLE


def test_the_command_that_verify_names_mends_what_it_found(home: Path, capsys: Captured) -> None:
    models.main(["pull", "tiny-voice", "--yes", "--json"])
    next(home.rglob("voice.bin")).write_bytes(WHOLE[:-1] + b"\0")
    models.main(["pull", "tiny-voice", "--yes", "--json"])
    assert next(home.rglob("voice.bin")).read_bytes() == WHOLE


def test_a_list_says_what_is_here(home: Path, capsys: Captured) -> None:
    assert _asked(capsys, "list")[1]["models"][0]["state"] == "no"
    models.main(["pull", "tiny-voice", "--yes", "--json"])
    capsys.readouterr()
    assert _asked(capsys, "list")[1]["models"][0]["state"] == "yes"


def test_weights_go_out_and_come_in_by_folder(home: Path, capsys: Captured, tmp_path: Path) -> None:
    models.main(["pull", "tiny-voice", "--yes", "--json"])
    capsys.readouterr()
    assert len(_asked(capsys, "export", str(tmp_path / "stick"))[1]["files"]) == 1
    next(home.rglob("voice.bin")).unlink()
    assert len(_asked(capsys, "import", str(tmp_path / "stick"))[1]["files"]) == 1
    assert next(home.rglob("voice.bin")).read_bytes() == WHOLE


def test_offline_and_unknown_are_told_apart_by_their_codes(home: Path, capsys: Captured) -> None:
    offline, told = _asked(capsys, "pull", "tiny-voice", "--offline")
    assert told["error"] == "offline"
    unknown, told = _asked(capsys, "pull", "no-such-model")
    assert told["error"] == "model_unlisted"
    assert len({0, offline, unknown}) == 3


def test_licences_name_every_model_and_its_credit(capsys: Captured) -> None:
    rows = _asked(capsys, "licences")[1]["models"]
    assert {row["id"] for row in rows} == set(read_manifest().models)
    assert all(row["licence"] and row["credit"] for row in rows)


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX interrupt")
def test_ctrl_c_ends_a_hanging_pull_at_once_and_leaves_no_client(tmp_path: Path) -> None:
    with hanging() as address:
        env = {
            **os.environ,
            "ECHOTALES_HOME": str(tmp_path),
            "PIP_INDEX_URL": f"{address}/simple",
            "PIP_CONFIG_FILE": os.devnull,
        }
        for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
            env.pop(name, None)
        child = subprocess.Popen(
            (sys.executable, "-c", _PULL), env=env, stderr=subprocess.DEVNULL, start_new_session=True
        )
        fetching = tmp_path / "cache" / "weights" / ".fetch"
        _until(lambda: any(fetching.glob("*/.said")))
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 130
    assert not fetching.exists()


_PULL = """
import sys
from pipeline.cli.models import main
sys.exit(main(["pull", "timgm6mb", "--yes"]))
"""


def _until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.05)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True
