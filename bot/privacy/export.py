"""A member's data as one zip."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.privacy.store import ExportedItem
from pipeline.errors import Missing

if TYPE_CHECKING:
    from bot.privacy.privacy import Privacy


async def exported(privacy: Privacy, member: str, folder: Path, most_bytes: int = 0) -> Path:
    """Pack rows as JSON, and files; past `most_bytes` the largest files are listed and left out."""
    found = await privacy.found(member)
    things = [thing for store in found.values() for thing in store]
    to = folder / f"echotales-{member}.zip"
    await asyncio.to_thread(packed, to, things, most_bytes)
    return to


def packed(to: Path, things: Iterable[ExportedItem], most_bytes: int) -> None:
    """Write them into one file, small things first, so that as much as possible fits."""
    left: list[str] = []
    room = most_bytes or float("inf")
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for thing in sorted(things, key=lambda one: (one.name.startswith("sounds/"), one.size)):
            if thing.name.startswith("sounds/") and thing.size > room:
                left.append(f"{thing.name} ({thing.size} bytes)")
                continue
            with suppress(Missing):  # erased since it was found: it is kept no more
                archive.writestr(thing.name, thing.read())
                room -= archive.infolist()[-1].compress_size  # as packed: text shrinks, sound does not
        if left:
            archive.writestr("not_enclosed.txt", "\n".join(left) + "\n")
