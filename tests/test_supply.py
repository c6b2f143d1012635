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


SKIPPED = {"dependencies": [{"name": "left", "skip_reason": "not found"}]}


@pytest.mark.parametrize(
    ("answers", "code", "told"),
    [
        ([HOLE], 1, "left 1.0: GHSA-1, mended in 1.1"),
        (["", ""], 0, "the open list could not be asked: no route to host\nbase.txt: not audited"),
        (
            [SKIPPED, HOLE],
            1,
            "the registry's list could not be asked: not found\nbase.txt: 1 of 1 packages audited by the open list",
        ),
        ([SKIPPED, ""], 0, "base.txt: not audited"),
        ([{"dependencies": [{"name": "left", "version": "1.1", "vulns": []}]}], 0, "1 of 1 packages audited"),
    ],
)
def test_a_known_hole_fails_and_silence_is_called_what_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: list[object], code: int, told: str
) -> None:
    left = [json.dumps(answer) if answer else "" for answer in answers]

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, left.pop(0), "Traceback\nno route to host")

    monkeypatch.setattr(subprocess, "run", run)
    assert audit.main(["base"]) == code
    assert not left
    assert told in capsys.readouterr().out
