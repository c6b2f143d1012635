"""The rooms as they stand."""

from __future__ import annotations

import ast
import gc
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pipeline.places import CHECKOUT

WINGS = ("pipeline", "bot")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Room:
    """One Python file, walked once for all that is asked of it."""

    name: str
    """Dotted, as it is imported."""
    path: Path
    text: str
    tree: ast.Module
    reads: bool
    """Whether the oldest Python we serve can read it."""

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def imports(self) -> frozenset[str]:
        """All it names, anywhere: inside functions and for type checkers only, too."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return frozenset(found)


@cache
def kept_files() -> tuple[Path, ...]:
    """What a clone would hold: known to git, or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    return tuple(path for path in (CHECKOUT / line for line in listed.splitlines()) if path.is_file())


@cache
def all_rooms() -> tuple[Room, ...]:
    """Every Python file of the checkout."""
    gc.disable()  # a million nodes that stay: each look for garbage would walk all that are there
    try:
        return tuple(_room(path) for path in kept_files() if path.suffix == ".py")
    finally:
        gc.enable()


def rooms() -> Iterator[Room]:
    """The front door and the two wings, without the empty `__init__` files."""
    for room in all_rooms():
        if room.name.split(".")[0] in (*WINGS, "echotales") and room.text:
            yield room


def _room(path: Path) -> Room:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    tree = _parsed(text)
    return Room(".".join(parts).removesuffix(".__init__"), path, text, tree or ast.Module([], []), tree is not None)


def _parsed(text: str) -> ast.Module | None:
    """As the oldest Python we serve reads it; None where it cannot."""
    try:
        return ast.parse(text, feature_version=(3, 11))
    except SyntaxError:
        return None
