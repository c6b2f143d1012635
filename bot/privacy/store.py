"""A place where members' data may lie."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.words.sound import Artifact


@dataclass(frozen=True)
class Whose:
    """Everything by which somebody's things are known; all of it goes or none."""

    member: str = ""
    """"" where a server's or a tale's things are meant."""
    server: str = ""
    jobs: frozenset[str] = frozenset()
    """Tales and errands, by the ids that library and road share."""
    sounds: frozenset[Artifact] = frozenset()
    voice: str = ""
    """A learnt voice that its owner takes back."""
    packed: bool = True
    """Whether databases may be packed anew for it."""

    @property
    def errands(self) -> frozenset[str]:
        """Jobs, and those that were asked about them."""
        return self.jobs | {weighing_of(one) for one in self.jobs}

    @property
    def thorough(self) -> bool:
        """A whole member or server goes: databases are packed anew, which a single tale is not worth."""
        return self.packed and bool(self.member or self.server)


def weighing_of(tale: str) -> str:
    """The errand that weighs a tale's words: whoever erases the tale knows its name."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"weighing:{tale}").hex


@dataclass(frozen=True)
class ExportedItem:
    """Something that is kept."""

    name: str
    """As it is called in an export: `library/tales.json`."""
    rows: int
    size: int
    """In bytes, as it is exported."""
    read: Callable[[], bytes]
    """Raises Missing where it was erased meanwhile."""


class Store(Protocol):
    """Whoever keeps something of members joins the registry with one of these."""

    @property
    def name(self) -> str:
        """The name of the store, in one word."""

    @property
    def holds(self) -> Sequence[str]:
        """What it answers for: `library:tales`, `road:streams`, `home:artifacts/*`."""

    async def found(self, whose: Whose) -> list[ExportedItem]:
        """What is kept of them here."""

    async def erase(self, whose: Whose) -> None:
        """For good: not a byte stays."""


def rows_as(name: str, rows: Sequence[dict[str, Any]]) -> list[ExportedItem]:
    """Rows as one thing; no rows, no thing."""
    if not rows:
        return []
    data = json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode()
    return [ExportedItem(name, len(rows), len(data), lambda: data)]
