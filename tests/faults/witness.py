"""Remembers what was published, and whether it stayed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import sqlalchemy as sa

from pipeline.road.engine import connect
from pipeline.road.ledger import Ledger, streams


class Witness:
    """Looks now and then at the events on the road and the sounds in a folder; what it saw once must stay as it was."""

    def __init__(self, database_url: str, sounds: Path) -> None:
        self._ledger = Ledger(connect(database_url))
        self._ledger.make()
        self._sounds = sounds
        self._events: dict[tuple[str, int], str] = {}
        self._files: set[Path] = set()
        self._changed: set[str] = set()

    def look(self) -> None:
        """Once more; what is new is remembered, what is another now is held against the road."""
        rows = self._ledger.rows(sa.select(streams.c.workflow_uuid, streams.c.offset, streams.c.value))
        events = {(job, offset): value for job, offset, value in rows}
        others = [key for key, value in self._events.items() if events.get(key) != value]
        self._changed |= {f"event {job} {offset}" for job, offset in others}
        self._events = events | self._events
        self._files |= set(self._sounds.glob("??/[0-9a-f]*"))

    def changed(self) -> set[str]:
        """Events that read differently later or went, and files that are gone or not what their name says."""
        self.look()
        files = {f"sound {path.name[:12]}" for path in self._files if not _is_whole(path)}
        self._ledger.engine.dispose()
        return self._changed | files


def _is_whole(path: Path) -> bool:
    """A file is named by what is in it."""
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
