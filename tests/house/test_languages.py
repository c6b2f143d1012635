"""No language in the code."""

from __future__ import annotations

import ast
import re
from functools import cache

from pipeline.tables import all_codes
from tests.house.plan import Room, rooms

WHAT_A_MODEL_KNOWS = {
    "pipeline.backends.kokoro.chinese": "syllables, some of them spelled as codes are",
    "pipeline.backends.kokoro.japanese": "syllables, some of them spelled as codes are",
    "pipeline.backends.kokoro.spelling": "the signs that this model was trained on, by accent",
    "pipeline.backends.narrate_bark": "the languages of its presets",
    "pipeline.backends.narrate_kokoro": "its voices' first letters are locales",
    "pipeline.backends.narrate_pocket": "the one language it was trained on",
    "pipeline.backends.narrate_xtts": "how long a text it takes, by language, and its own name for one",
    "pipeline.backends.text_e5": "the languages its head was trained on",
    "pipeline.backends.text_roberta": "the language it was trained on",
}
"""Rooms that may name languages, and why: not what we say in one, but what one model's makers put into it."""
LIBRARIES_OWN = {"return_tensors"}
"""Arguments whose values only look like codes: `pt` is PyTorch."""
NAMES = re.compile(r"english|portuguese|spanish|french|italian|german|hindi|japanese|chinese", re.IGNORECASE)


def test_no_language_code_stands_in_the_code() -> None:
    found = {room.name: sorted(set(_codes(room))) for room in rooms() if room.name not in WHAT_A_MODEL_KNOWS}
    assert not {name: codes for name, codes in found.items() if codes}


def test_nothing_in_the_code_is_named_after_a_language() -> None:
    found = {room.name: sorted(set(_named(room))) for room in rooms() if room.name not in WHAT_A_MODEL_KNOWS}
    assert not {name: names for name, names in found.items() if names}


def test_whoever_may_name_languages_does() -> None:
    naming = {room.name for room in rooms() if [*_codes(room)] or [*_named(room)]}
    assert set(WHAT_A_MODEL_KNOWS) <= naming


@cache
def _codes(room: Room) -> list[str]:
    """Texts that are codes and nothing else: one, several, with or without a country."""
    theirs = {
        id(word.value)
        for node in room.nodes
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg in LIBRARIES_OWN
    }
    texts = (node for node in room.nodes if isinstance(node, ast.Constant) and id(node) not in theirs)
    words = (text.value for text in texts if isinstance(text.value, str))
    return [word for word in words if _one_or_more().fullmatch(word.strip())]


@cache
def _one_or_more() -> re.Pattern[str]:
    one = rf"(?:{'|'.join(all_codes())})(?:[-_][A-Za-z]{{2}})?"
    return re.compile(rf"{one}(?:[\s,;|]+{one})*")


@cache
def _named(room: Room) -> list[str]:
    names = (getattr(node, field, None) for node in room.nodes for field in ("id", "name", "attr", "arg"))
    return [name for name in names if isinstance(name, str) and NAMES.search(name)]
