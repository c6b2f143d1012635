"""The five verbs of a stage."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, Unpack

from pipeline.cancelled import Cancelled
from pipeline.roles import Needs
from pipeline.words.event import Event
from pipeline.words.sound import Artifact

R = TypeVar("R")
T = TypeVar("T")


class Borrow(Protocol):
    def __call__(self, role: type[R], **needs: Unpack[Needs]) -> AbstractContextManager[R]:
        """Lend a model for the length of a block: `with studio.borrow(Narrator, language="pt") as narrator`."""


class Keep(Protocol):
    def __call__(self, data: bytes, suffix: str) -> Artifact:
        """Keep these bytes as a file named by their hash."""

    def adopt(self, path: Path, suffix: str) -> Artifact:
        """Keep a finished file, moving it from where it lies."""

    def path(self, artifact: Artifact) -> Path:
        """Return a kept file on this machine."""


class Once(Protocol):
    def __call__(self, stage: str, unit: str, kind: type[T], work: Callable[[], T], /) -> T:
        """Do this work once in the tale's life; after a crash its result of `kind` is remembered, not made again."""


@dataclass(frozen=True)
class Studio:
    """Five verbs of a stage; in memory for a tale at a terminal, durable on the road."""

    borrow: Borrow
    keep: Keep
    once: Once
    say: Callable[[Event], None]
    """Publishes an event; only ever of finished work."""
    check: Cancelled
    """Raises once the tale is cancelled; call it often, and hand it to anything that takes long."""


def remembered(kind: Any, value: object) -> Any:
    """Return the result as a recovery after a crash would: through JSON."""
    from pipeline.words.jsonable import from_json, to_json

    return from_json(kind, to_json(value, kind))
