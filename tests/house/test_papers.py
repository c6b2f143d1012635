"""What the papers say is true."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import echotales
from pipeline.places import CHECKOUT
from pipeline.settings import PREFIX, Settings
from tests.house.plan import WINGS, kept_files, rooms

# Cut in two, so that this file does not name what it looks for.
HOSTS = ("py" + "pi.org", "python" + "hosted", "npm" + "js.org", "npm" + "js.com", "debian" + ".org", "un" + "pkg.com")
MACHINE = ("/" + "work/", "/" + "root/", "/" + "opt/wheels", "/" + "opt/pypi", "/home/" + "[a-z]+/\\.")
PAPERS = [CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
PAPERS += sorted((CHECKOUT / "docs").glob("*.md"))
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


def test_the_map_draws_the_folders_that_are_there() -> None:
    page = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    packages = {path.parent for path in kept_files() if path.name == "__init__.py" and path.parent.name != "tests"}
    ours = {path.name for path in packages if path.relative_to(CHECKOUT).parts[0] in WINGS}
    assert not {name for name in ours if f"{name}/" not in page}
    drawn = set(re.findall(r"^[ │├└─]*([a-z_]+)/ ", page, re.MULTILINE))
    assert drawn <= {path.name for path in CHECKOUT.rglob("*") if path.is_dir() and ".venv" not in path.parts}


def test_the_readme_is_read_in_five_minutes_and_begins_with_two_commands() -> None:
    lines = (CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    first = lines.index("```")
    assert [line.split(maxsplit=3)[2] for line in lines[first + 1 : first + 3]] == ["tell", "test"]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_what_a_paper_links_to_is_there(paper: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", paper.read_text(encoding="utf-8"))
    assert [link for link in links if not (paper.parent / link).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_file_that_a_paper_names_is_there(paper: Path) -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|toml|md|tsv|json))", paper.read_text(encoding="utf-8")))
    roots = [CHECKOUT, paper.parent, *(CHECKOUT / name for name in (*WINGS, "data", "data/languages/en"))]
    assert [name for name in sorted(named) if not any((root / name).exists() for root in roots)] == []


def test_the_glossary_has_thirty_words_and_says_where_each_lives() -> None:
    page = (CHECKOUT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 30
    assert [
        place for row in rows for place in re.findall(r"`([^`]+)`", row[3]) if not (CHECKOUT / place).exists()
    ] == []


def test_a_change_is_told_in_a_line() -> None:
    changes = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in changes if line.startswith("- ") and len(line) > 160] == []


def test_every_setting_stands_in_the_example() -> None:
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    assert not {field.name for field in fields(Settings) if f"\n{PREFIX}{field.name.upper()}=" not in example}


def test_every_verb_finds_its_room() -> None:
    offering = {room.name for room in rooms() if any(function.name == "main" for function in room.functions)}
    there = {name: verb for name, verb in echotales.VERBS.items() if verb.module.split(".")[0] != "tests"}
    assert not {name: verb.module for name, verb in there.items() if verb.module not in offering}
