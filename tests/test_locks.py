"""The locks fit pyproject.toml and every machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.cli.environment import TORCH
from pipeline.places import CHECKOUT
from tests.locks import CPU_TORCH, CUDA, LAYERS, LOCKS, PLACES, simplified

PYTHONS = ("3.11", "3.12", "3.13")
TRIPLES = {
    "Linux x86_64": "x86_64-manylinux_2_28",
    "Linux arm64": "aarch64-manylinux_2_28",
    "macOS arm64": "aarch64-apple-darwin",
    "Windows x86_64": "x86_64-pc-windows-msvc",
}
MACHINES = [
    {
        "sys_platform": system,
        "platform_machine": machine,
        "python_version": version,
        "python_full_version": f"{version}.7",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    for system, machine in PLACES
    for version in PYTHONS
]
EVERYWHERE = (
    "(python_full_version < '3.13' and platform_machine == 'arm64' and sys_platform == 'darwin') or "
    "(python_full_version < '3.13' and platform_machine == 'aarch64' and sys_platform == 'linux') or "
    "(python_full_version < '3.13' and platform_machine == 'x86_64' and sys_platform == 'linux') or "
    "(python_full_version < '3.13' and platform_machine == 'AMD64' and sys_platform == 'win32')"
)


@pytest.mark.parametrize("layer", [*LAYERS, "cuda"])
def test_every_package_is_pinned_with_its_hashes_and_no_word_of_where_from(layer: str) -> None:
    text = (LOCKS / f"{layer}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]:
        assert re.match(r"[a-z0-9-]+(\[\w+])?==[\w.]+( ;.*)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n?)+$", entry)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: "-".join(list(machine.values())[:3]))
def test_what_pyproject_asks_for_is_locked_on_every_machine(machine: Mapping[str, str]) -> None:
    for layer, wanted in _wanted().items():
        locked = {**_locked("base", machine), **_locked(layer, machine)}
        for requirement in wanted:
            if requirement.marker is None or requirement.marker.evaluate(dict(machine)):
                name = canonicalize_name(requirement.name)
                assert name in locked, f"{name} is not in data/locks/{layer}.txt: python3 echotales.py lock"
                assert requirement.specifier.contains(locked[name], prereleases=True)


@pytest.mark.parametrize(
    ("marker", "short"),
    [
        ("", ""),
        (EVERYWHERE.replace("3.13", "3.14"), ""),
        (EVERYWHERE, "python_full_version < '3.13'"),
        (EVERYWHERE.split(" or ")[1].strip("()"), None),
        (" or ".join(EVERYWHERE.split(" or ")[:3]), None),
    ],
)
def test_a_marker_said_shortly_holds_on_the_same_machines(marker: str, short: str | None) -> None:
    said = simplified(marker)
    assert short is None or said == short
    assert [_holds(said, machine) for machine in MACHINES] == [_holds(marker, machine) for machine in MACHINES]


def test_the_base_has_no_torch() -> None:
    assert not {"torch", "transformers", "diffusers"} & set(_locked("base", MACHINES[0]))


def test_a_cards_libraries_have_a_lock_of_their_own() -> None:
    cuda = _locked("cuda", MACHINES[0])
    assert all(CUDA.fullmatch(name) for name in cuda)
    assert {"nvidia-cuda-runtime", "triton"} <= set(cuda)
    assert {layer for layer in LAYERS if "torch" in _locked(layer, MACHINES[0])} == TORCH


@pytest.mark.parametrize("layer", sorted(TORCH))
def test_torch_may_come_as_its_makers_build_for_processors(layer: str) -> None:
    assert not [name for name in _locked(layer, MACHINES[0]) if CUDA.fullmatch(name)]
    text = (LOCKS / f"{layer}.txt").read_text(encoding="utf-8")
    for pin, digests in CPU_TORCH.items():
        entry = next(entry for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if entry.startswith(f"{pin} "))
        assert all(digest in entry for digest in digests)


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.parametrize("layer", [*LAYERS, "cuda"])
@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("place", TRIPLES)
def test_every_package_has_a_wheel_for_every_machine(tmp_path: Path, place: str, version: str, layer: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--target", str(tmp_path / "none")]
    command += ["--python-platform", TRIPLES[place], "--python-version", version, "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "-r", str(LOCKS / f"{layer}.txt")]
    told = subprocess.run(command, env=_macos_14(), capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def _macos_14() -> dict[str, str]:
    """The oldest macOS our libraries still come for."""
    return {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}


def _holds(marker: str, machine: Mapping[str, str]) -> bool:
    return not marker or Marker(marker).evaluate(dict(machine))


def _wanted() -> dict[str, list[Requirement]]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    named = {"base": project["project"]["dependencies"], "dev": project["dependency-groups"]["dev"], **extras}
    return {layer: [Requirement(text) for text in texts] for layer, texts in named.items()}


def _locked(layer: str, machine: Mapping[str, str]) -> dict[str, str]:
    """Names and versions that pip would install from this lock there."""
    lines = (LOCKS / f"{layer}.txt").read_text(encoding="utf-8").splitlines()
    entries = [Requirement(line.removesuffix(" \\")) for line in lines if line and not line.startswith(" ")]
    here = [entry for entry in entries if entry.marker is None or entry.marker.evaluate(dict(machine))]
    return {canonicalize_name(entry.name): str(entry.specifier).removeprefix("==") for entry in here}
