"""Sounds made for browsers, in memory."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot.momentary import momentary_folder
from bot.pools import Pools
from bot.web.shape import score_of
from pipeline.artifacts import Artifacts
from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of
from pipeline.audio.encode import deliver
from pipeline.audio.master import Contour
from pipeline.audio.sum import EVEN, Gains, Sum
from pipeline.errors import Refused
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

POINTS = 240
"""Bars of the waveform that is the seek bar."""
MOST_BYTES = 192 * 2**20
"""Of all that is held; the longest unasked goes first."""
STEMS = {"voice": Gains(1.0, 0.0), "music": Gains(0.0, 1.0)}
"""Parts whose volumes a player sets apart."""
_Key = tuple[str, str]
"""Id of a tale, and the name of a file of it."""


@dataclass(frozen=True)
class Renditions:
    """Encodes each file once; nothing of it reaches a disk that an erase would have to know."""

    artifacts: Artifacts
    pools: Pools
    most_bytes: int = MOST_BYTES
    _kept: OrderedDict[_Key, bytes] = field(default_factory=OrderedDict)
    _making: dict[_Key, asyncio.Task[bytes]] = field(default_factory=dict)

    async def whole(self, tale: str, story: Tale, suffix: str) -> bytes:
        """Return the tale as mp3, m4b or opus, with title, cover and chapters. Raises Missing `artifact_gone`."""
        return await self._once((tale, suffix), partial(self._delivered, story, suffix))

    async def stem(self, tale: str, story: Tale, part: str, suffix: str) -> bytes:
        """Return its voice or its music alone."""
        return await self._once((tale, part + suffix), partial(self._stem, story, STEMS[part], suffix))

    async def score(self, tale: str, story: Tale) -> bytes:
        """Return what a player shows of it, as JSON: words with their times, and its waveform."""
        return await self._once((tale, "player.json"), partial(self._score, story))

    async def music(self, sound: Artifact, suffix: str) -> bytes:
        """Return composed music in a kind of file; it is kept nowhere else."""
        return await self._once((sound.sha256, suffix), partial(self._encoded, sound, suffix))

    def forget(self, tales: Iterable[str]) -> None:
        """Forget what was made of these tales: they are erased."""
        gone = set(tales)
        for key in [one for one in self._kept if one[0] in gone]:
            del self._kept[key]

    async def _once(self, key: _Key, make: Callable[[Path], None]) -> bytes:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._made(key, make))
        # Shielded: one who goes away must not take it from the others who wait for the same file.
        return await asyncio.shield(self._making[key])

    async def _made(self, key: _Key, make: Callable[[Path], None]) -> bytes:
        try:
            async with momentary_folder("rendition") as folder:
                file = folder / f"tale.{key[1].rpartition('.')[2]}"
                await self.pools.sounds.run(make, file)
                data = await asyncio.to_thread(file.read_bytes)
            self._kept[key] = data
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self.most_bytes:
                self._kept.popitem(last=False)
            return data
        finally:
            del self._making[key]

    def _delivered(self, story: Tale, suffix: str, file: Path) -> None:
        if suffix not in FORMS:
            raise Refused("format_unknown", format=suffix, known=" ".join(FORMS))
        master, cover = self.artifacts.path(story.master.audio), self.artifacts.path(story.picture)
        deliver(master, file, story, cover if suffix != ".wav" else None)

    def _encoded(self, sound: Artifact, suffix: str, file: Path) -> None:
        encode(file, blocks_of(self.artifacts.path(sound)), FORMS[suffix])

    def _score(self, story: Tale, file: Path) -> None:
        contour = Contour(story.master.samples, POINTS)
        if not story.silent:
            for block in blocks_of(self.artifacts.path(story.master.audio)):
                contour.add(block)
        heights = [round(float(one), 3) for one in contour.heights]
        file.write_text(json.dumps(score_of(story, heights), ensure_ascii=False), "utf-8")

    def _stem(self, story: Tale, gains: Gains, suffix: str, file: Path) -> None:
        if suffix not in FORMS:
            raise Refused("format_unknown", format=suffix, known=" ".join(FORMS))
        whole = Sum(self.artifacts.path, forgiving=True)
        whole.grow(story.timeline)
        volume = story.prompt.music if gains.music else 1.0
        gains = EVEN if gains == EVEN else Gains(gains.voice, gains.music * volume)
        factor = 10 ** (story.master.gain_db / 20)
        try:
            encode(file, (block * factor for block in whole.walk(gains)), FORMS[suffix], mono=not gains.music)
        finally:
            whole.close()
