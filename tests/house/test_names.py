"""One word, one meaning."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.house.plan import rooms


def test_no_two_classes_have_one_name() -> None:
    named: dict[str, list[str]] = defaultdict(list)
    for room in rooms():
        for node in room.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                named[node.name].append(room.name)
    assert not {name: found for name, found in named.items() if len(found) > 1}
