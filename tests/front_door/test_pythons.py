"""Which Python the front door takes."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import pythons
from pipeline.places import CHECKOUT

OLD = next((path for version in ("3.8", "3.9", "3.10") if (path := shutil.which(f"python{version}"))), "")


@pytest.mark.parametrize(
    ("system", "machine"),
    [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")],
)
def test_the_four_machines_are_let_in(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    _pretend(monkeypatch, system, machine)
    assert pythons.why_unfit() == ""


def test_an_intel_mac_is_refused_kindly(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, "darwin", "x86_64")
    assert "Apple silicon" in pythons.why_unfit()


@pytest.mark.parametrize("version", ["3.8.18", "3.10.13", "3.14.0"])
def test_another_python_hears_which_would_do(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: version)
    told = pythons.why_unfit()
    assert version in told
    assert "3.12" in told


def test_pypy_is_not_taken_for_cpython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "python_implementation", lambda: "PyPy")
    assert "PyPy" in pythons.why_unfit()


def test_a_fitting_python_is_found_by_name_and_a_broken_one_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, working = tmp_path / "python3.12", tmp_path / "python3.11"
    broken.write_text("#!/bin/sh\nexit 127\n")
    working.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    for path in (broken, working):
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/usr/bin:/bin")
    assert pythons.fitting() == working


@pytest.mark.skipif(not OLD, reason="no Python older than 3.11 on this machine")
def test_an_old_python_answers_help() -> None:
    told = subprocess.run([OLD, "echotales.py", "--help"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if "pyenv" in told.stderr:
        pytest.skip("a shim without its Python")
    assert told.returncode == 0, told.stderr
    assert "usage" in told.stdout


def _pretend(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
