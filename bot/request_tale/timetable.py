"""Tells what is due, each once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.gate.caller import Asker
from bot.gate.word_filter import hold_out_of_danger, hold_to_words, words_of
from bot.library.library import Library
from bot.library.records import DeliveryOptions, ServerSettings, Where
from bot.library.scheduled import Scheduled
from bot.newsroom import Newsroom
from bot.pools import Pool
from bot.request_tale.options import Draft, TaleOptions
from bot.request_tale.request import prompt_of
from bot.tracker.outputs import unsteady
from bot.tracker.tale_tracker import TaleRequest, Teller
from bot.voice.player.quiet_hours import is_quiet
from pipeline.errors import Refused, TaleError, Unreachable
from pipeline.log import log_of
from pipeline.road.door import Door
from pipeline.road.timetable import Recurring
from pipeline.words.source import TellerManner

TICK_S = 20.0
PATIENCE_S = 2 * 3600.0
"""How long a feed that cannot be reached is tried again before what was due is given up."""
MOST_SCHEDULES = 20
"""Of one server."""
_PREFIX = "server-"
_NAMES = uuid.UUID("5b0f7c1e-6f5a-4a57-9f0b-2f9a0e7c3d11")
log = log_of("timetable")
ToReview = Callable[[TaleRequest, Scheduled], Awaitable[None]]
"""Offers a tale that was begun for review to whoever reads the mod log's channel."""


@dataclass(frozen=True)
class Timetable:
    """Looks every few seconds what is due in which server; a restart or an outage loses nothing and doubles nothing."""

    door: Door
    library: Library
    teller: Teller
    newsroom: Newsroom
    reading: Pool
    clock: Callable[[], float]
    to_review: ToReview
    here: Callable[[], set[str] | None]
    """Ids of the servers the bot is in; None while that is not known yet."""

    async def keep(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look again and again."""
        while True:
            await sleep(TICK_S)
            try:
                await self.look()
            except unsteady() as error:
                log.warning("timetable_unsteady", why=repr(error)[:300])

    async def look(self) -> int:
        """Tell what is due now, and return how many were begun."""
        present, begun, kept = self.here(), 0, list[str]()
        if present is None:
            return 0
        for server, rules in (await self.library.servers.decided()).items():
            kept += [_name(server, one) for one in rules.schedules]
            if server in present:
                for one in rules.schedules:
                    begun += await self._one(server, rules, one)
        await self.door.forget_slots(_PREFIX, kept)
        return begun

    async def _one(self, server: str, rules: ServerSettings, one: Scheduled) -> bool:
        now = self.clock()
        if is_quiet(rules, datetime.fromtimestamp(now, UTC)):
            return False  # it is told when they end
        since = datetime.fromtimestamp(one.told_until, UTC)
        slot = Recurring(_name(server, one), one.cron, rules.timezone)
        due = await self.door.due(slot, since, datetime.fromtimestamp(now, UTC))
        if not due:
            return False
        # What was missed over days is told once, and that is the latest.
        at = due[-1]
        try:
            await self.begin(server, rules, one, f"{slot.name}:{at.isoformat()}")
        except Unreachable as error:
            log.info("schedule_waits", server=server, code=error.code)
            if now - at.timestamp() < PATIENCE_S:
                return False
        except TaleError as error:
            log.warning("schedule_refused", server=server, code=error.code)
        await self._told(server, one, at)
        return True

    async def begin(self, server: str, rules: ServerSettings, one: Scheduled, run: str) -> TaleRequest:
        """Ask for the tale of this run; asked twice it is asked once. Raises TaleError."""
        manner = TellerManner(one.manner or TellerManner.ANCHOR)
        source = None if one.wish else await self.newsroom.gathered(server, manner)
        channel = rules.mod_log if one.reviewed and rules.mod_log else one.channel
        asker = Asker("", server, channel, locale=rules.language or "")
        chosen = TaleOptions(words=min(one.words, rules.most_words), where=Where.UPLOAD)
        prompt = await prompt_of(self.library, asker, rules, Draft(one.wish, source=source), chosen)
        tale = uuid.uuid5(_NAMES, run).hex
        prompt = replace(prompt, seed=int(tale[:7], 16))  # a run that is asked again is the same tale
        await self.reading.run(hold_out_of_danger, words_of(prompt), asker.locale)
        await self.reading.run(hold_to_words, words_of(prompt), rules, prompt.rating)
        where = Where.WORDS if prompt.words_only else Where.UPLOAD
        delivery = DeliveryOptions(where, text=rules.text, locale=asker.locale, plain=rules.plain)
        request = TaleRequest(tale, server, channel, "", prompt, delivery)
        if await self.library.tales.get(tale) is None:
            await self.teller.begin(request)
            if channel != one.channel:
                await self.to_review(request, one)
        return request

    async def _told(self, server: str, one: Scheduled, at: datetime) -> None:
        rules = await self.library.servers.of(server)
        changed = tuple(
            replace(each, told_until=at.timestamp()) if each.id == one.id else each for each in rules.schedules
        )
        await self.library.servers.change(server, schedules=changed)


def _name(server: str, one: Scheduled) -> str:
    return f"{_PREFIX}{server}-{one.id}"


def new_schedule(rules: ServerSettings, one: Scheduled) -> tuple[Scheduled, ...]:
    """Return the server's schedules with this one; raises Refused `schedule_full`, or `schedule_unreviewable`."""
    if len(rules.schedules) >= MOST_SCHEDULES:
        raise Refused("schedule_full", most=MOST_SCHEDULES)
    if one.reviewed and not rules.mod_log:
        raise Refused("schedule_unreviewable")
    if not one.wish and not rules.feeds:
        raise Refused("news_empty")
    return (*rules.schedules, one)
