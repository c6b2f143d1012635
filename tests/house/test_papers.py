"""What the papers say is true."""

from __future__ import annotations

import re
from dataclasses import fields

import echotales
from pipeline.places import CHECKOUT
from pipeline.settings import PREFIX, Settings
from tests.house.plan import WINGS, kept_files, rooms

# Cut in two, so that this file does not name what it looks for.
HOSTS = ("py" + "pi.org", "python" + "hosted", "npm" + "js.org", "npm" + "js.com", "debian" + ".org", "un" + "pkg.com")
MACHINE = ("/" + "work/", "/" + "root/", "/" + "opt/wheels", "/" + "opt/pypi", "/home/" + "[a-z]+/\\.")
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".yml", ".yaml", ".cfg", ".ini", ".sh", ".js", ".html", "", ".example"}


def test_no_registry_and_no_machine_of_ours_is_named() -> None:
    told = {path: path.read_text(encoding="utf-8") for path in kept_files() if path.suffix in TEXT}
    looked_for = re.compile("|".join((*map(re.escape, HOSTS), *MACHINE)))
    named = {path: looked_for.search(text) for path, text in told.items()}
    assert not {str(path.relative_to(CHECKOUT)): found[0] for path, found in named.items() if found}


def test_what_security_is_tested_in_is_there() -> None:
    rows = [line.split("|") for line in (CHECKOUT / "SECURITY.md").read_text("utf-8").splitlines() if "| " in line]
    named = [place for row in rows for place in re.findall(r"`([^`]+)`", row[-2])]
    assert len(named) > 15
    assert [place for place in named if not (CHECKOUT / place).exists()] == []


def test_the_readme_draws_the_folders_that_are_there() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    packages = {path.parent for path in kept_files() if path.name == "__init__.py" and path.parent.name != "tests"}
    ours = {path.name for path in packages if path.relative_to(CHECKOUT).parts[0] in WINGS}
    assert not {name for name in ours if f"{name}/" not in readme}
    drawn = set(re.findall(r"^[ │├└─]*([a-z_]+)/ ", readme, re.MULTILINE))
    assert drawn <= {path.name for path in CHECKOUT.rglob("*") if path.is_dir() and ".venv" not in path.parts}


def test_every_setting_stands_in_the_example() -> None:
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    assert not {field.name for field in fields(Settings) if f"\n{PREFIX}{field.name.upper()}=" not in example}


def test_every_verb_finds_its_room() -> None:
    offering = {room.name for room in rooms() if any(function.name == "main" for function in room.functions)}
    there = {name: verb for name, verb in echotales.VERBS.items() if verb.module.split(".")[0] != "tests"}
    assert not {name: verb.module for name, verb in there.items() if verb.module not in offering}
