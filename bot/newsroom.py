"""The news of a server, gathered politely."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from bot.library.library import Library
from bot.library.records import Viewer
from bot.momentary import momentary_folder
from pipeline.errors import Refused, TaleError, Unreachable
from pipeline.log import log_of
from pipeline.sources.fetch import Allowed, Fetched, allowed_by_robots, fetch, host_of, is_public
from pipeline.sources.reading import read_source
from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.source import SourceKind, StorySource, TellerManner

MOST_FEEDS = 12
LENGTHS_S = (15, 30, 60, 90)
_REMEMBERED = 200
"""Feeds whose last answer is kept in memory, so that a server need not send it again."""
log = log_of("newsroom")


def news_words(seconds: int) -> int:
    """Return how many words fill the time."""
    return round(seconds * WORDS_PER_MINUTE / 60)


@dataclass
class Newsroom:
    """Fetches feeds one at a time, and asks each only for what is new."""

    library: Library
    allowed: Allowed = is_public
    _last: dict[str, tuple[Fetched, StorySource]] = field(default_factory=dict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def gathered(self, server: str, manner: TellerManner) -> StorySource:
        """Return all items of a server's feeds as one source; raises Refused `news_empty`, or what each feed says."""
        rules = await self.library.servers.of(server)
        found: list[StorySource] = []
        last: TaleError = Refused("news_empty")
        for link in rules.feeds:
            try:
                found.append(await self.feed(link))
            except (Refused, Unreachable) as error:
                log.info("feed_unread", code=error.code)
                last = error
        if not found:
            raise last
        facts = tuple(fact for one in _apart(found) for fact in one.facts)
        origins = " & ".join(dict.fromkeys(one.origin for one in found))
        liked = await self.library.tales.hearted(Viewer("", server), 0)
        titles = tuple(one.title for one in liked.tales)
        numbers = tuple(dict.fromkeys(number for one in found for number in one.numbers))
        return StorySource(SourceKind.FEED, facts, origins, numbers=numbers, manner=manner, liked=titles)

    async def feed(self, link: str) -> StorySource:
        """Read one feed; raises Refused, `feed_unreadable` for what is none, and Unreachable."""
        async with self._one_at_a_time:
            before = self._last.get(link)
            if before is None and not await allowed_by_robots(link, self.allowed):
                raise Refused("link_disallowed", host=host_of(link))
            marks = (before[0].etag, before[0].modified) if before else ("", "")
            fetched = await fetch(link, etag=marks[0], modified=marks[1], allowed=self.allowed)
            if before and not fetched.changed:
                return before[1]
            async with momentary_folder("feed") as folder:
                await asyncio.to_thread((folder / "feed").write_bytes, fetched.data)
                source = await asyncio.to_thread(read_source, folder / "feed", host_of(fetched.address))
            if source.kind is not SourceKind.FEED:
                raise Refused("feed_unreadable")
            self._last[link] = (replace(fetched, data=b""), source)
            while len(self._last) > _REMEMBERED:
                self._last.pop(next(iter(self._last)))
            return source


def _apart(sources: list[StorySource]) -> list[StorySource]:
    """Return them with the parts of each numbered after the last one's."""
    made: list[StorySource] = []
    after = 0
    for one in sources:
        made.append(replace(one, facts=tuple(replace(fact, part=fact.part + after) for fact in one.facts)))
        after += 1 + max((fact.part for fact in one.facts), default=0)
    return made
