"""The bot speaks every language alike."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.tables import FALLBACK, language_file
from pipeline.wording import locales
from tests.house.plan import Room, rooms

LOCALES = [language_file(code, "interface") for code in locales()]
OPERATORS = {
    *("bot.privacy.registry", "bot.privacy.verb_privacy", "bot.library.verb_backup", "bot.library.verb_restore"),
    *(
        "bot.maintenance.verb_service",
        "bot.maintenance.verb_update",
        "bot.maintenance.verb_uninstall",
        "bot.observability.executors",
        "bot.tracker.metrics",
        "bot.observability.serving",
    ),
}
"""Rooms that only a terminal shows, in English as all verbs are."""
FOR_OPERATORS = {"help", "description", "prog", "epilog", "metavar", "name"}
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{1,} [a-z]{2,}")
"""Three words in a row."""


@pytest.mark.parametrize("file", LOCALES, ids=lambda file: file.parent.name)
def test_every_language_has_every_key_with_the_same_fields(file: Path) -> None:
    english, ours = _flat(_read(language_file(FALLBACK, "interface"))), _flat(_read(file))
    assert not set(english) ^ set(ours)
    assert not {key for key in english if _fields(english[key]) != _fields(ours[key])}


def test_every_key_that_is_said_is_written() -> None:
    known = _flat(_read(language_file(FALLBACK, "interface")))
    lacking = {(room.name, key) for room in _bot() for key in _said(room) if not _written(key, known)}
    assert not lacking


def test_no_sentence_lives_in_the_bots_code() -> None:
    assert not {(room.name, text) for room in _bot() if room.name not in OPERATORS for text in _sentences(room)}


def _bot() -> Iterator[Room]:
    return (room for room in rooms() if room.name.startswith("bot."))


def _said(room: Room) -> Iterator[str]:
    """Keys given to `said` and `worded`; what is computed stands as a star."""
    for node in room.nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("said", "worded") and node.args:
            if isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
            elif isinstance(node.args[0], ast.JoinedStr):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else "*" for one in node.args[0].values)


def _written(key: str, known: dict[str, str]) -> bool:
    pattern = re.compile(".+".join(map(re.escape, key.split("*"))))
    return any(pattern.fullmatch(one) for one in known)


def _sentences(room: Room) -> Iterator[str]:
    kept = {id(node) for node in _not_for_members(room.tree)}
    for node in room.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in kept:
            words = "" if node.value.lstrip().startswith("<") else node.value
            yield from [words] if SENTENCE.search(words) else []


def _not_for_members(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, asserts, SQL, and what a verb tells an operator."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.Assert):
            yield from ast.walk(node) if isinstance(node, ast.Assert) else [node.value]
        elif isinstance(node, ast.Call):
            told = [each.value for each in node.keywords if each.arg in FOR_OPERATORS]
            sql = node.args if getattr(node.func, "attr", "") in ("text", "execute", "exec_driver_sql") else []
            for one in (*told, *sql):
                yield from ast.walk(one)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _flat(table: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: str(value)}
    return found


def _fields(sentence: str) -> frozenset[str]:
    return frozenset(re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(sentence) if name)
