"""Remakes data/locks from pyproject.toml."""

from __future__ import annotations

import argparse
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
CUDA = re.compile(r"(nvidia|cuda)-[a-z0-9-]+|triton")
"""What only a torch with CUDA wants: a lock of its own, so that one without never brings these gigabytes."""
CPU_TORCH = {
    "torch==2.13.0": (
        "84453b69508ec79902f899c5ed9495acb9e2bbe9fda5f1d5d6f19e3c3842e1a7",  # 3.11 Linux arm64
        "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",  # 3.11 Linux x86_64
        "10717d8b3b67c45a4788bf7ffc0bab1ea1e5ebbedd24466be6100102d141fac1",  # 3.11 Windows
        "6f307c2c32d764ffc6ff6893b801fad6d4752f3e67966cb8abf1843427c02604",  # 3.12 Linux arm64
        "4ca4a9394b0c771238a4f73590fdbbc4debad85ed0fa63d026ae1b085da7d6e2",  # 3.12 Linux x86_64
        "a8b450c1e58e5800e5b4691dac412f8d2d65a1dc3298166f91596603a3531e6f",  # 3.12 Windows
        "0b8f7d0423027ae8b90c7977c627f3379f325363a08224dffad9b4b2d684a83d",  # 3.13 Linux arm64
        "3fbf9c9d1f3c10c2d59d04aca426dee9ccc6ceb32d255c61e93acc3b4f75fae6",  # 3.13 Linux x86_64
        "a17ff48608634db245e17e8bb00a9558554a49aeb1e4f5fe6cd039af2a10515b",  # 3.13 Windows
    )
}
"""Its makers' own builds without CUDA (`2.13.0+cpu`), taken where a machine's pip is pointed at them."""
IMPLIED = re.compile(r"python_full_version < '3\.14'|(platform_python_)?implementation(_name)? != '[Pp]y[Pp]y'")
"""Clauses that hold on every machine the front door lets in."""


def main(argv: list[str]) -> int:
    """Resolve all layers at once, so that they agree; then write each. Pins move only with --upgrade."""
    parser = argparse.ArgumentParser(prog="echotales.py lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="move every pin to the newest version that fits")
    upgrade = parser.parse_args(argv).upgrade
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.txt"
        if not upgrade:
            whole.write_text("".join(path.read_text("utf-8") for path in sorted(LOCKS.glob("*.txt"))), "utf-8")
        _resolve(whole, [part for layer in LAYERS.values() for part in layer])
        whole.write_text("\n".join(map(_plain, whole.read_text("utf-8").splitlines())), "utf-8")
        written = {name: _layer(Path(folder) / f"{name}.txt", whole, wanted) for name, wanted in LAYERS.items()}
    cuda: dict[str, str] = {}
    for name, entries in written.items():
        below = {} if name == "base" else written["base"]
        kept = [entry for key, entry in entries.items() if entry != below.get(key)]
        _write(name, [_with_cpu_builds(entry) for entry in kept if not CUDA.match(entry)])
        cuda |= {entry: entry for entry in kept if CUDA.match(entry)}
    _write("cuda", sorted(cuda))
    return 0


def _write(name: str, entries: list[str]) -> None:
    (LOCKS / f"{name}.txt").write_text("".join(entries), "utf-8")
    print(f"data/locks/{name}.txt: {len(entries)} packages")


def _with_cpu_builds(entry: str) -> str:
    head, *hashes = entry.rstrip("\n").split(" \\\n")
    more = [f"    --hash=sha256:{digest}" for digest in CPU_TORCH.get(head, ())]
    return " \\\n".join([head, *(sorted({*hashes, *more}) if more else hashes)]) + "\n"


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
