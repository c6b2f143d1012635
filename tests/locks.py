"""Remakes data/locks from pyproject.toml."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from pipeline.places import CHECKOUT, DATA

LOCKS = DATA / "locks"
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: list[str] = list(PROJECT["optional-dependencies"])
LAYERS: dict[str, tuple[str, ...]] = {
    "base": (),
    "dev": ("--group", "dev"),
    **{extra: ("--extra", extra) for extra in EXTRAS},
}
"""Each layer and what it takes from pyproject.toml beyond the base."""
PLACES = {
    ("linux", "x86_64"): "Linux x86_64",
    ("linux", "aarch64"): "Linux arm64",
    ("darwin", "arm64"): "macOS arm64",
    ("win32", "AMD64"): "Windows x86_64",
}
IMPLIED = re.compile(r"python_full_version < '3\.14'|(platform_python_)?implementation(_name)? != '[Pp]y[Pp]y'")
"""Clauses that hold on every machine the front door lets in."""


def main(argv: list[str]) -> int:
    """Resolve all layers at once, so that they agree; then write each. Pins move only with --upgrade."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.txt"
        if "--upgrade" not in argv:
            whole.write_text("".join(path.read_text("utf-8") for path in sorted(LOCKS.glob("*.txt"))), "utf-8")
        _resolve(whole, [part for layer in LAYERS.values() for part in layer])
        whole.write_text("\n".join(map(_plain, whole.read_text("utf-8").splitlines())), "utf-8")
        written = {name: _layer(Path(folder) / f"{name}.txt", whole, wanted) for name, wanted in LAYERS.items()}
    for name, entries in written.items():
        below = {} if name == "base" else written["base"]
        kept = [entry for key, entry in entries.items() if entry != below.get(key)]
        (LOCKS / f"{name}.txt").write_text("".join(kept), "utf-8")
        print(f"data/locks/{name}.txt: {len(kept)} packages")
    return 0


def _layer(file: Path, whole: Path, wanted: tuple[str, ...]) -> dict[str, str]:
    """One layer's entries, each a requirement with its hashes, at the versions of the whole."""
    _resolve(file, [*wanted, "--generate-hashes", "--constraints", str(whole)])
    entries = re.split(r"^(?=\S)", file.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {entry.split(" ", 1)[0]: _plain(entry) for entry in entries}


def _resolve(file: Path, options: list[str]) -> None:
    """Wheels only, one version for every Python and machine, and no word about where the packages came from."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--only-binary", ":all:", "--fork-strategy", "fewest"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    subprocess.run([*command, *options, "--output-file", str(file)], cwd=CHECKOUT, check=True)


def _plain(entry: str) -> str:
    """The entry with what every fitting machine fulfils cut from its marker."""
    head, *hashes = entry.split(" \\\n")
    requirement, _, marker = head.partition(" ; ")
    plain = simplified(marker)
    return " \\\n".join([f"{requirement} ; {plain}" if plain else requirement, *hashes])


def simplified(marker: str) -> str:
    """A marker said shortly: nothing where it holds on all our machines and Pythons."""
    if not marker:
        return ""
    found: dict[str, set[tuple[str, str]]] = {}
    for side in marker.split(" or "):
        clauses = side.strip("()").split(" and ")
        named = dict(re.findall(r"(sys_platform|platform_machine) == '(\w+)'", side))
        rest = [clause for clause in clauses if not IMPLIED.fullmatch(clause) and not clause.startswith(tuple(named))]
        found.setdefault(" and ".join(rest), set()).add((named["sys_platform"], named["platform_machine"]))
    sides = [side for rest, machines in found.items() for side in _sides(rest, machines)]
    return "" if "" in sides else " or ".join(f"({side})" if " and " in side else side for side in sides)


def _sides(rest: str, machines: set[tuple[str, str]]) -> list[str]:
    if machines == set(PLACES):
        return [rest]
    named = [f"sys_platform == '{system}' and platform_machine == '{machine}'" for system, machine in sorted(machines)]
    return [f"{place} and {rest}" if rest else place for place in named]
