"""What is installed is listed and looked at."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests import audit
from tests.locks import LOCKS
from tests.sbom import bill, main

HOLE = {"dependencies": [{"name": "left", "version": "1.0", "vulns": [{"id": "GHSA-1", "fix_versions": ["1.1"]}]}]}


def test_every_pin_is_in_the_bill_with_its_hashes(tmp_path: Path) -> None:
    locks = sorted(LOCKS.glob("*.txt"))
    pins = {line.split(" ")[0] for lock in locks for line in lock.read_text("utf-8").splitlines() if "==" in line[:90]}
    parts = bill(locks)["components"]
    assert {f"{one['name']}=={one['version']}" for one in parts} == {re.sub(r"\[.*\]", "", pin) for pin in pins}
    assert all(any(each["name"].endswith("sha256") for each in one["properties"]) for one in parts)
    assert main(["--out", str(tmp_path / "new" / "sbom.json")]) == 0
    assert json.loads((tmp_path / "new" / "sbom.json").read_text()) == bill(locks)


def test_a_known_hole_fails_and_silence_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = [json.dumps(HOLE), "", json.dumps({"dependencies": []})]

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, said.pop(0), "no route to host")

    monkeypatch.setattr(subprocess, "run", run)
    assert [audit.main(["base"]) for _ in range(3)] == [1, 0, 0]
    told = capsys.readouterr().out
    assert "left 1.0: GHSA-1, mended in 1.1" in told
    assert "not audited" in told
