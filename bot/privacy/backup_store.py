"""Backups, told what to forget."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.library.backup import FOLDER, MARKS, SUFFIX, copies
from bot.library.erase_digests import Kind, digest
from bot.library.library import Library
from bot.privacy.store import Thing, Whose


@dataclass(frozen=True)
class Copies:
    """Backups in the installation's own folder, and those written elsewhere that still lie there."""

    library: Library
    home: Path
    clock: Callable[[], float] = time.time
    name: str = "backups"
    holds: tuple[str, ...] = (f"home:{FOLDER}/*",)

    async def found(self, whose: Whose) -> list[Thing]:  # noqa: ARG002 - the same question to every store
        """What lies in a backup is not looked into: it goes when the backup comes back, or with it."""
        return []

    async def erase(self, whose: Whose) -> None:
        """A mark beside each, which names nobody."""
        salt = await self.library.erasing.salt()
        marks = [digest(salt, kind, name) for kind, name in _named(whose)]
        lines = "".join(json.dumps({"salt": salt, "digest": one, "at": self.clock()}) + "\n" for one in marks)
        await asyncio.to_thread(_noted, self.home / FOLDER, await copies(self.library), lines)


def _named(whose: Whose) -> list[tuple[Kind, str]]:
    if whose.member:
        return [(Kind.MEMBER, whose.member)]
    if whose.server:
        return [(Kind.SERVER, whose.server)]
    voice = [(Kind.VOICE, whose.voice)] if whose.voice else []
    return [*voice, *((Kind.TALE, one) for one in whose.jobs)]


def _noted(folder: Path, elsewhere: list[Path], lines: str) -> None:
    for backup in {one.absolute() for one in (*folder.glob(f"*{SUFFIX}"), *elsewhere)}:
        with backup.with_suffix(MARKS).open("a", encoding="utf-8") as file:
            file.write(lines)
