"""One word, one meaning."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.house.plan import rooms

OF_WRITING = {"Asked", "Figure", "Frame", "Part", "Reading", "Scene"}
"""Names in pipeline/writing that something else bears too, until they get their own."""


def test_no_two_classes_have_one_name() -> None:
    named: dict[str, list[str]] = defaultdict(list)
    for room in rooms():
        for node in room.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                named[node.name].append(room.name)
    for name in OF_WRITING:
        named[name] = [room for room in named[name] if not room.startswith("pipeline.writing.")]
    assert not {name: found for name, found in named.items() if len(found) > 1}
