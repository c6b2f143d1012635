"""Every code has its sentence."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline import errors
from pipeline.tables import FALLBACK, language_file
from pipeline.wording import locales
from tests.house.plan import rooms

LOCALES = [language_file(code, "interface") for code in locales()]
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.TaleError)}
Raised = tuple[str, str, frozenset[str] | None]
"""Room, code, and the fields given; None where they are handed on whole (`**fields`)."""


def test_there_are_five_languages() -> None:
    assert {"en", "pt", "es", "fr", "de"} <= {*locales()}


@pytest.mark.parametrize("file", LOCALES, ids=lambda file: file.parent.name)
def test_every_code_has_a_sentence(file: Path) -> None:
    sentences = _sentences(file)
    assert not {(room, code) for room, code, _ in _raised() if code not in sentences}


@pytest.mark.parametrize("file", LOCALES, ids=lambda file: file.parent.name)
def test_a_sentence_names_only_what_the_error_brings(file: Path) -> None:
    sentences = _sentences(file)
    wrong = {
        (room, code): sorted(_fields(sentences[code]) - given)
        for room, code, given in _raised()
        if given is not None and code in sentences and _fields(sentences[code]) - given
    }
    assert not wrong


@pytest.mark.parametrize("file", LOCALES, ids=lambda file: file.parent.name)
def test_all_languages_say_the_same(file: Path) -> None:
    english, ours = _sentences(language_file(FALLBACK, "interface")), _sentences(file)
    assert not set(ours) ^ set(english)
    assert {code: _fields(ours[code]) for code in ours} == {code: _fields(english[code]) for code in ours}


def test_no_sentence_waits_for_an_error_that_never_comes() -> None:
    said = set(_sentences(language_file(FALLBACK, "interface")))
    assert not said - _written()


@cache
def _raised() -> list[Raised]:
    return [found for room in rooms() for node in room.nodes if (found := _code(room.name, node))]


def _code(room: str, node: ast.AST) -> Raised | None:
    """`Refused("code", field=...)`, by whatever name of the tree in errors.py."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    first = node.args[0]
    if name not in KINDS or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    given = [keyword.arg for keyword in node.keywords]
    return room, first.value, None if None in given else frozenset(str(field) for field in given)


@cache
def _written() -> frozenset[str]:
    """Every word in quotation marks."""
    return frozenset(word for room in rooms() for word in re.findall(r"[\"']([a-z0-9_]+)[\"']", room.text))


@cache
def _sentences(file: Path) -> dict[str, str]:
    table: dict[str, str] = _table(file)["errors"]
    return table


@cache
def _table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _fields(sentence: str) -> frozenset[str]:
    return frozenset(re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(sentence) if name)


@pytest.mark.parametrize("file", LOCALES, ids=lambda file: file.parent.name)
def test_every_note_is_said_in_every_language(file: Path) -> None:
    english, ours = _table(language_file(FALLBACK, "interface"))["notes"], _table(file)["notes"]
    assert set(ours) == set(english)
    assert set(english) <= _written()
