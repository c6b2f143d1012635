"""Store of members' sounds and pictures."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Any, ParamSpec, TypeVar

from bot.pools import Pool
from bot.privacy.store import ExportedItem, Whose
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing
from pipeline.words.sound import Artifact

T = TypeVar("T")
P = ParamSpec("P")
_HASH = re.compile(rb'"([0-9a-f]{64})"')
UNTOUCHED_S = 14 * 86_400.0
"""Age in seconds below which a file may belong to a job whose rows the road still keeps."""


@dataclass(frozen=True)
class Sounds:
    """Files of the artifacts' folder and shared store."""

    artifacts: Artifacts
    files: Pool | None = None
    """Threads for reads that a store which is away makes slow; the event loop's own where none are given."""
    name: str = "sounds"
    holds: tuple[str, ...] = ("home:artifacts/*",)
    known: dict[str, frozenset[bytes]] = field(default_factory=dict)
    """Hashes that each tale.json names, kept once read: none ever changes, and a library may hold thousands."""

    async def found(self, whose: Whose) -> list[ExportedItem]:
        """Return the files that are there."""
        return await self._aside(lambda: list(self._things(whose.sounds)))

    async def erase(self, whose: Whose) -> None:
        """Remove the files."""
        await self._aside(self.artifacts.erase, whose.sounds)

    async def named_in(self, wholes: Iterable[Artifact]) -> set[Artifact]:
        """Return the artifacts that these tale.json name, with these themselves."""
        return await self._aside(self._named_in, list(wholes))

    async def hashes_in(self, wholes: Iterable[Artifact]) -> set[str]:
        """Return the same by hash alone: quick, for many."""
        return await self._aside(self._hashes_in, list(wholes))

    async def orphans(self, wanted: set[str], now: float, loose: Iterable[Artifact] = ()) -> list[Artifact]:
        """Erase old files that nothing names any more, and `loose` ones of any age; returns which."""
        return await self._aside(self._orphans, wanted, now - UNTOUCHED_S, {one.sha256 for one in loose})

    async def _aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.files is None:
            return await asyncio.to_thread(work, *args, **kwargs)
        return await self.files.run(work, *args, **kwargs)

    def _things(self, sounds: Iterable[Artifact]) -> Iterator[ExportedItem]:
        once = {(one.sha256, one.suffix): one for one in sounds}  # some that name a sound do not know its size
        for _, one in sorted(once.items()):
            with suppress(Missing, FileNotFoundError):  # it may be erased between two looks
                size, read = self.artifacts.path(one).stat().st_size, partial(self.artifacts.read, one)
                yield ExportedItem(f"sounds/{one.sha256[:16]}{one.suffix}", 1, size, read)

    def _named_in(self, wholes: list[Artifact]) -> set[Artifact]:
        found = set(wholes)
        for one in wholes:
            with suppress(Missing, ValueError):
                found |= set(artifacts_in(json.loads(self.artifacts.read(one))))
        return found

    def _hashes_in(self, wholes: list[Artifact]) -> set[str]:
        found = {one.sha256 for one in wholes}
        for one in wholes:
            with suppress(Missing):
                if one.sha256 not in self.known:
                    self.known[one.sha256] = frozenset(map(bytes.fromhex, map(bytes.decode, self._hashes(one))))
                found |= {name.hex() for name in self.known[one.sha256]}
        return found

    def _hashes(self, whole: Artifact) -> list[bytes]:
        return _HASH.findall(self.artifacts.read(whole))

    def _orphans(self, wanted: set[str], before_s: float, loose: set[str]) -> list[Artifact]:
        there = [(PurePosixPath(one.path), one) for one in self.artifacts.lying()]
        unwanted = [(name, one) for name, one in there if name.stem not in wanted and not name.name.startswith(".")]
        old = [
            Artifact(name.stem, name.suffix, one.size)
            for name, one in unwanted
            if name.stem in loose or 0 < one.since_s < before_s
        ]
        self.artifacts.erase(old)
        self.artifacts.forget(())  # closes files that another process erased meanwhile
        return old


def artifacts_in(data: Any) -> Iterator[Artifact]:
    """Give every artifact that a JSON value names, however deep; JSON within text, too."""
    if isinstance(data, dict):
        if isinstance(data.get("sha256"), str) and isinstance(data.get("suffix"), str):
            yield Artifact(data["sha256"], data["suffix"], int(data.get("size") or 0))
        data = list(data.values())
    if isinstance(data, str) and '"sha256"' in data:
        with suppress(ValueError):
            data = [json.loads(data)]
    if isinstance(data, list):
        for one in data:
            yield from artifacts_in(one)
