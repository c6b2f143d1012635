"""Finds tales by meaning, and places new ones.

What is asked of the executor, and what it answers, holds members' words: nothing of a job stays once it is answered,
and the id of one that places a tale's scenes follows from the tale's, which an erase finds.
"""

from __future__ import annotations

import asyncio
import base64
import random
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bot.actions.errands import Errands
from bot.library.meaning import Array, parts_of
from bot.library.records import KeptTale, Page, Viewer
from bot.library.tales import PAGE
from bot.privacy.store import placing_of
from bot.tracker.outputs import Follower, unsteady
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.words.answer import Embedded
from pipeline.words.request import Asked, Embed

if TYPE_CHECKING:
    from bot.library.library import Library

ASKED_WITHIN_S = 4.0
"""Longest wait for a question's place; then tales are found by words alone."""
PLACED_WITHIN_S = 300.0
LOOK_S = 600.0
"""Seconds between two looks for tales without places, when nobody wakes us."""
AT_ONCE = 50
REMEMBERED = 128
"""Questions whose places are remembered, in memory alone: pages are turned, and people ask alike."""
log = log_of("meaning")


@dataclass
class MeaningSearch(Follower):
    """Search by meaning joined with the search by words; it works by words while places are missing."""

    library: Library
    errands: Errands
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    model: str = ""
    """The embedder whose places count now; "" before it was asked."""
    _asked: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _ideas: dict[tuple[str, ...], Array] = field(default_factory=dict)
    _placing: asyncio.Task[None] | None = None
    """Held, so that it is not lost while it runs."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ready(self) -> bool:
        """Whether anything was placed: then a question is worth asking."""
        return bool(self.model)

    async def found(self, viewer: Viewer, words: str, number: int) -> tuple[Page, dict[str, int]]:
        """Return a page of what answers best, and for each tale the scene that does."""
        question = await self._question(words) if self.ready else None
        ranked = await self.library.scenes.ranked(viewer, self.model, question, words) if question else []
        if not ranked:
            return await self.library.tales.search(viewer, words, number), {}
        first = PAGE * number
        here = ranked[first : first + PAGE]
        page = await self._page(viewer, [one.tale for one in here], number, more=len(ranked) > first + PAGE)
        return page, {one.tale: one.scene for one in here}

    async def for_you(self, viewer: Viewer, number: int) -> Page:
        """Return a page of tales that the viewer did not hear yet, what they may like first."""
        tales = await self.library.taste.for_you(viewer, self.model)
        first = PAGE * number
        return await self._page(viewer, tales[first : first + PAGE], number, more=len(tales) > first + PAGE)

    async def by_taste(self, viewer: Viewer, texts: tuple[str, ...]) -> list[str]:
        """Return texts with what the viewer may like first; by chance where nothing is known of them, or of the texts.

        It never waits for the executor: texts that were never placed are placed for the next time.
        """
        mixed = random.sample(texts, len(texts))
        if not self.ready or not viewer.server:
            return mixed
        if texts not in self._ideas:
            self._placing = asyncio.create_task(self._place_ideas(texts), name="ideas")
            return mixed
        centre = await self.library.taste.centre_for(viewer, self.model)
        if centre is None:
            return mixed
        near = dict(zip(texts, self._ideas[texts] @ centre, strict=True))
        return sorted(mixed, key=lambda text: -float(near[text]))

    async def _place_ideas(self, texts: tuple[str, ...]) -> None:
        try:
            async with asyncio.timeout(PLACED_WITHIN_S):
                answer = await self.errands.answered(Asked(uuid.uuid4().hex, Embed(texts)), Embedded)
        except unsteady() as error:
            log.info("ideas_not_placed", why=repr(error)[:200])
            return
        rows = [np.frombuffer(base64.b64decode(place), np.int8) for place in answer.places]
        whole = np.array(rows, np.float32)
        self._ideas[texts] = whole / np.linalg.norm(whole, axis=1, keepdims=True)

    async def keep_up(self) -> None:
        """Place every tale that has no place by the present embedder, the newest first; never ends."""
        while True:
            try:
                if not await self._place_some():
                    await self._waited()
            except unsteady() as error:
                log.info("not_placed", why=repr(error)[:200])
                await self.sleep(LOOK_S)

    def ended(self, _tale: KeptTale, /) -> None:
        """Look for it: it may be finished."""
        self._news.set()

    async def _waited(self) -> None:
        self._news.clear()
        waking = [asyncio.ensure_future(one) for one in (self._news.wait(), self.sleep(LOOK_S))]
        try:
            await asyncio.wait(waking, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waking:
                one.cancel()

    async def _place_some(self) -> int:
        """Place a few tales; returns how many lacked places. An embedder that changed is noticed by its answer."""
        lacking = await self.library.scenes.lacking(self.model, AT_ONCE)
        # Which tales lack places is known once the embedder gave its name: the first of all is placed for that.
        for name in lacking if self.model else lacking[:1]:
            tale = await self.library.tales.get(name)
            if tale is None:
                continue
            parts = parts_of(tale.prompt.text, tale.title, tale.text.split("\n\n"))
            # Nobody's: it takes no part of its member's share, and is found by its id.
            asked = Asked(placing_of(name), Embed(tuple(text for _, text in parts)))
            async with asyncio.timeout(PLACED_WITHIN_S):
                answer = await self.errands.answered(asked, Embedded)
            placed = [(at, base64.b64decode(place)) for (at, _), place in zip(parts, answer.places, strict=True)]
            await self.library.scenes.put(name, answer.model, placed)
            self._know(answer.model)
        return len(lacking)

    async def _question(self, words: str) -> bytes | None:
        if words in self._asked:
            return self._asked[words]
        try:
            async with asyncio.timeout(ASKED_WITHIN_S):
                answer = await self.errands.answered(Asked(uuid.uuid4().hex, Embed((words,))), Embedded)
        except (TaleError, TimeoutError) as error:
            log.info("not_asked", why=repr(error)[:200])
            return None
        self._know(answer.model)
        self._asked[words] = base64.b64decode(answer.places[0])
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return self._asked[words]

    def _know(self, model: str) -> None:
        if model != self.model:
            self.model = model
            self._asked.clear()
            self._ideas.clear()
            self._news.set()

    async def _page(self, viewer: Viewer, names: Sequence[str], number: int, *, more: bool) -> Page:
        tales = [await self.library.tales.seen(one, viewer) for one in names]
        return Page(tuple(one for one in tales if one is not None), number, more)
