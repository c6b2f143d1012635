"""A tale that is told, and brought."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.delivery.deliver import Courier
from bot.library.library import Library, open_library
from bot.library.records import KeptTale
from pipeline.words.tale import Tale
from tests.bot.card.events import tale as events
from tests.bot.card.hall import Hall, hall
from tests.discord_double.members.shown import Shown
from tests.pipeline.audio.making import Made


@dataclass
class Evening:
    """A tale that is told, and who brings it."""

    hall: Hall
    sounds: Made
    story: Tale
    library: Library

    async def brought(
        self, story: Tale | None = None, after_s: float = 5.0, refused: int = 0, deleted: bool = False, **fields: Any
    ) -> tuple[str, ...]:
        """Told so many seconds after it was asked."""
        card = self.hall.card(self.hall.post(**fields))
        await card.start()
        self.hall.double.clock.advance(after_s)
        for event in events():
            card.feed(event)
        await card.close()
        if deleted:
            self.hall.guild.owner.deletes(self.hall.reply.shown)
        for _ in range(refused):
            self.hall.double.faults.fail("PATCH", "/messages/@original", 413)
        known: dict[str, Any] = {**fields, **self.hall.known()}
        tale = replace(self.hall.tale, **known)
        if await self.library.tales.get(tale.id) is None:
            await self.library.tales.add(tale)
        return await self.courier.bring(tale, story or self.story)

    @property
    def courier(self) -> Courier:
        """As a bot that was just started has one."""
        return Courier(self.hall.client, self.sounds.keep, self.library, self.hall.double.clock.now_s)

    def known(self, **fields: Any) -> KeptTale:
        """As the library has it."""
        known: dict[str, Any] = {**self.hall.known(), **fields}
        return replace(self.hall.tale, **known)

    def shown(self, message: str) -> Shown:
        """One of them, as Ana sees it."""
        return next(seen for seen in self.hall.screen if seen.id == number(message))


def number(message: str) -> int:
    """Of a message that was delivered."""
    return int(message.rpartition("/")[2])


@asynccontextmanager
async def evening(
    sounds: tuple[Made, Tale], rules: dict[str, Any] | None = None, **delivery: Any
) -> AsyncIterator[Evening]:
    with tempfile.TemporaryDirectory() as folder:
        async with hall(**delivery) as at, open_library(Path(folder)) as library:
            await library.servers.change(str(at.guild.id), **rules or {})
            yield Evening(at, *sounds, library)


def long_story(story: Tale, sentences: int) -> Tale:
    """The same sound under many words."""
    scene = story.story.scenes[0]
    passages = tuple(
        replace(scene.passages[0], text=f"And then came the {nth}th wave_of *night*.") for nth in range(sentences)
    )
    return replace(story, story=replace(story.story, scenes=(replace(scene, passages=passages),)))
