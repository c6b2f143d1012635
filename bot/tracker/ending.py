"""Ends a tale and keeps its result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.gate.word_filter import HARMFUL
from bot.library.records import KeptTale, TaleState
from bot.pools import Pool
from bot.tracker.outputs import Card, Deliver
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing
from pipeline.log import log_of
from pipeline.road.door import read_answer
from pipeline.words.event import Done, Event, Failed, Stopped
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.tales import Tales

Remember = Callable[[KeptTale, Tale], Awaitable[None]]
"""Keeps of a finished tale what later ones may know."""
log = log_of("teller")


class Ending:
    """Turns the last event of a tale into what its members get and its row says."""

    def __init__(
        self,
        artifacts: Artifacts,
        tales: Tales,
        give: Deliver,
        clock: Callable[[], float],
        files: Pool,
        remember: Remember | None = None,
    ) -> None:
        self._artifacts, self._tales, self._give = artifacts, tales, give
        self._clock, self._files, self._remember = clock, files, remember

    async def read(self, event: Event) -> tuple[Event, Tale | None]:
        """Read the finished tale of a last event; one that cannot be read, now or later, counts as failed."""
        if not isinstance(event, Done):
            return event, None
        try:
            return event, await self._files.run(read_answer, event.tale, Tale, self._artifacts)
        except Missing as error:
            return Failed(error.code, error.fields), None
        except ValueError as error:
            log.exception("tale_unreadable")
            return Failed("tale_broke", {"state": type(error).__name__}), None

    async def conclude(self, tale: KeptTale, card: Card, event: Event, story: Tale | None) -> None:
        match event:
            case Done(tale=artifact) if story is not None:
                await card.heard_out()
                await self._deliver(tale, artifact, story)
            case Failed(code=code):
                log.warning("tale_failed", code=code)
                # A harmful tale is not merely over: a bot that dies here must find it and erase it.
                await self.close(tale, TaleState.UNFIT if code == HARMFUL else TaleState.FAILED)
            case Stopped():
                await self.close(tale, TaleState.STOPPED)

    async def _deliver(self, tale: KeptTale, artifact: Artifact, story: Tale) -> None:
        """Deliver a tale before it counts as done: a bot that dies in between delivers it again under its nonces."""
        known = await self._tales.get(tale.id) or tale
        if known.state is TaleState.ERASED:
            return
        # Its buttons may be pressed before the last part is posted: they must find the tale.
        known = await self._tales.change(tale.id, artifact=artifact, title=story.story.title)
        delivered = await self._give(known, story)
        after = await self._tales.get(tale.id)
        if after is None or after.state is not TaleState.OPEN:
            return  # refused by the review meanwhile
        finished = await self._tales.finish(tale.id, artifact, story, delivered)
        if self._remember is not None:
            await self._remember(finished, story)

    async def close(self, tale: KeptTale, state: TaleState) -> None:
        known = await self._tales.get(tale.id)
        if known is None or known.state is TaleState.UNFIT:
            return  # erased meanwhile, or about to be
        await self._tales.change(tale.id, state=state, interaction_token="", finished_at=self._clock())
