"""Rooms keep to their size."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Callable

from tests.house.plan import Function, all_rooms, rooms

FILE_LINES, FUNCTION_LINES, DEPTH = 300, 50, 3
FRONT = {"echotales", *(f"pipeline.cli.{name}" for name in ("environment", "handover", "pythons"))}
ATTICS = {"utils", "util", "common", "helpers", "helper", "misc"}
BLOCKS = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match)
RELAXED = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|nosec)")
REASON = re.compile(r"#\s*(noqa|type:\s*ignore)\S*( [A-Z]+[0-9]+,?)*(, [A-Z]+[0-9]+)*( - \w+|\s+# (- )?\w+)")


def test_every_file_reads_on_the_oldest_python() -> None:
    assert not [room.name for room in all_rooms() if not room.reads]


def test_the_front_door_reads_on_older_ones_to_say_which_would_do() -> None:
    for room in all_rooms():
        if room.name in FRONT:
            ast.parse(room.text, feature_version=(3, 8))


def test_no_file_outgrows_its_walls() -> None:
    assert not {room.name: room.lines for room in all_rooms() if room.lines > FILE_LINES}


def test_functions_are_short() -> None:
    assert not {name: length for name, length in _measured(_length) if length > FUNCTION_LINES}


def test_functions_are_not_nested_deeper_than_three() -> None:
    assert not {name: depth for name, depth in _measured(_depth) if depth > DEPTH}


def test_most_functions_are_read_at_a_glance() -> None:
    lengths = sorted(length for _, length in _measured(_length))
    assert statistics.median(lengths) <= 10
    assert lengths[int(len(lengths) * 0.95)] <= 30


def test_a_room_says_in_three_to_eight_words_what_it_holds() -> None:
    told = {room.name: (ast.get_docstring(room.tree) or "").split("\n")[0] for room in all_rooms() if room.text}
    assert not {name: words for name, words in told.items() if not 3 <= len(words.split()) <= 8}


def test_package_files_are_empty() -> None:
    assert not [room.name for room in all_rooms() if room.path.name == "__init__.py" and room.text]


def test_there_is_no_attic() -> None:
    assert not [room.name for room in all_rooms() if ATTICS & set(room.name.split("."))]


def test_a_relaxed_checker_has_its_reason_on_the_line() -> None:
    lines = [(room.name, line) for room in all_rooms() for line in room.text.splitlines() if room.name != __name__]
    assert not [(name, line) for name, line in lines if RELAXED.search(line) and not REASON.search(line)]


def _measured(measure: Callable[[Function], int]) -> list[tuple[str, int]]:
    return [(f"{room.name}.{function.name}", measure(function)) for room in rooms() for function in room.functions]


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _depth(node: ast.AST, depth: int = 0) -> int:
    """The deepest block; `elif` is the same floor as its `if`, and a function inside starts its own count."""
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, _depth(child, depth + int(isinstance(child, BLOCKS) and not is_elif)))
    return deepest
