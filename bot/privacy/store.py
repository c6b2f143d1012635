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
    """All by which data of a member, server or tale is found."""

    member: str = ""
    """"" where a server's or a tale's things are meant."""
    server: str = ""
    jobs: frozenset[str] = frozenset()
    """Ids of tales and short jobs, which library and road share."""
    sounds: frozenset[Artifact] = frozenset()
    voice: str = ""
    """Id of a learnt voice that its owner takes back."""
    packed: bool = True
    """Whether databases may be packed for it."""

    @property
    def errands(self) -> frozenset[str]:
        """Jobs, with those that explain their moods and place their scenes."""
        return self.jobs | {of(one) for one in self.jobs for of in (weighing_of, placing_of)}

    @property
    def thorough(self) -> bool:
        """Whether databases are packed: for a whole member or server, not for a single tale."""
        return self.packed and bool(self.member or self.server)


def weighing_of(tale: str) -> str:
    """Return the id of the job that explains a tale's mood; it follows from the tale's, so an erase finds it."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"weighing:{tale}").hex


def placing_of(tale: str) -> str:
    """Return the id of the job that places a tale's scenes by their meaning."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"placing:{tale}").hex


@dataclass(frozen=True)
class ExportedItem:
    """A kept thing, as an export holds it."""

    name: str
    """Its name in an export: `library/tales.json`."""
    rows: int
    """Number of rows; 1 for a file."""
    size: int
    """In bytes, as it is exported."""
    read: Callable[[], bytes]
    """Raises Missing where it was erased meanwhile."""


class Store(Protocol):
    """A place with members' data; each joins the registry with one of these."""

    @property
    def name(self) -> str:
        """The name of the store, in one word."""

    @property
    def holds(self) -> Sequence[str]:
        """Tables and files that it answers for: `library:tales`, `road:streams`, `home:artifacts/*`."""

    async def found(self, whose: Whose) -> list[ExportedItem]:
        """Return what is kept of them here."""

    async def erase(self, whose: Whose) -> None:
        """Erase it: not a byte stays."""


def rows_as(name: str, rows: Sequence[dict[str, Any]]) -> list[ExportedItem]:
    """Return rows as one item; none where there are no rows."""
    if not rows:
        return []
    data = json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode()
    return [ExportedItem(name, len(rows), len(data), lambda: data)]
