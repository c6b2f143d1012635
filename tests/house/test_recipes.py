"""CONTRIBUTING's recipes, performed as they stand."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

import echotales
from pipeline.cli import frames
from pipeline.places import CHECKOUT
from pipeline.tables import codes_with, language_file
from tests.house.plan import kept_files

PAGE = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line, comments=True) for line in re.findall(r"python3 echotales\.py ([^`\n]+)", PAGE)]


def _recipe(name: str) -> str:
    return PAGE.split(f"### {name}\n")[1].split("\n### ")[0].split("\n## ")[0]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_names_a_verb_and_options_that_are_there(words: list[str]) -> None:
    verb = echotales.VERBS[words[0]]
    module = verb.module.replace("*", words[1]) if "*" in verb.module and len(words) > 1 else verb.module
    source = Path(CHECKOUT, *module.split(".")).with_suffix(".py") if "*" not in module else None
    text = source.read_text(encoding="utf-8") if source else ""
    longs = [word for word in words if word.startswith("--") and word != "--extra"]
    shared = (CHECKOUT / "tests" / "bench" / "_bench.py", CHECKOUT / "tests" / "checks.py")
    text += "".join(path.read_text(encoding="utf-8") for path in shared if path.is_file())
    assert [option for option in longs if option not in text] == []


def test_every_place_that_a_recipe_names_is_there() -> None:
    kept = {str(path.relative_to(CHECKOUT)) for path in kept_files()}
    folders = {str(folder) for name in kept for folder in Path(name).parents}
    named = [one.rstrip("/") for one in re.findall(r"`((?:pipeline|bot|data|tests|docs)/[^`\s]*)`", PAGE)]
    patterns = {one: re.compile(re.sub(r"<[a-z]+>|\*", "[^/]+", re.sub(r"\.", r"\\.", one))) for one in named}
    assert len(named) > 20
    assert not [one for one, pattern in patterns.items() if not any(map(pattern.fullmatch, kept | folders))]


def test_the_recipe_of_a_frame_shows_it_told(capsys: pytest.CaptureFixture[str]) -> None:
    command = next(words for words in COMMANDS if words[:2] == ["frames", "check"])
    assert frames.main(command[1:]) == 0
    told = capsys.readouterr().out
    assert "clock" in told
    assert "sisters" in told


def test_the_recipe_of_a_language_names_every_file_of_one() -> None:
    recipe = _recipe("A language")
    for code in codes_with("interface"):
        files = {path.name for path in language_file(code, "interface").parent.glob("*.toml")}
        assert {name for name in files if f"`{name}`" not in recipe} == set()
    named = set(re.findall(r"`([a-z]+\.toml)`", recipe))
    written = {path.name for path in language_file("*", "*").parent.parent.glob("*/*.toml")}
    assert named <= written


def test_the_recipe_of_a_backend_is_how_backends_open() -> None:
    signature = re.search(r"def open_backend\(([^)]*)\)", _recipe("A backend"))
    assert signature is not None
    asked = re.findall(r"(\w+):", signature[1])
    doors = sorted((CHECKOUT / "pipeline" / "backends").glob("*_*.py"))
    opening = {path.stem: path.read_text(encoding="utf-8") for path in doors}
    found = {
        name: re.findall(r"(\w+):", match[1])
        for name, text in opening.items()
        if (match := re.search(r"def open_backend\(([^)]*)\)", text))
    }
    assert len(found) > 10
    assert {name: given for name, given in found.items() if given[:2] != asked} == {}


def test_the_recipe_of_a_command_names_what_commands_are_made_of() -> None:
    recipe = _recipe("A command")
    for word in re.findall(r"`([A-Za-z_.]+)(?:\([a-z]*\))?`", recipe):
        if word.startswith("pipeline.cli."):
            module, _, name = word.rpartition(".")
            assert hasattr(importlib.import_module(module), name)
    assert "COMMANDS" in (CHECKOUT / "bot" / "app.py").read_text(encoding="utf-8")
    commands = sorted((CHECKOUT / "bot" / "commands").glob("*.py"))
    assert sum("def add_to(tree" in path.read_text(encoding="utf-8") for path in commands) > 8
