"""A server's news and its hours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.actions.review_buttons import offering
from bot.client import TaleBot
from bot.library.records import TaleState
from bot.newsroom import Newsroom, news_words
from bot.request_tale.timetable import Timetable
from pipeline.errors import Refused, Unreachable
from pipeline.sources.fetch import is_public
from pipeline.words.source import SourceKind, TellerManner
from tests.bot.scene import Scene, on_stage

ITEM = "<item><title>{title}</title><link>https://example.org/{at}</link><description>{text}</description></item>"
STORIES = (
    ("A new bridge opens in Lomvik", "The bridge is 412 metres long and took six years to build."),
    ("The library lends out tools", "Members may borrow drills and saws for three days at a time."),
)


def rss(stories: tuple[tuple[str, str], ...] = STORIES) -> str:
    items = "".join(ITEM.format(title=title, at=at, text=text) for at, (title, text) in enumerate(stories))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Lomvik Post</title>{items}</channel></rss>'


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as scene:
        yield scene


@pytest.fixture
async def feed(scene: Scene) -> AsyncIterator[str]:
    """A newspaper's feed on this machine."""

    async def send(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match")
        return web.Response(status=304) if known else web.Response(text=rss(), headers={"ETag": '"1"'})

    async def page(_request: web.Request) -> web.Response:
        return web.Response(
            text="<html><body><article><p>" + "No feed at all is here. " * 20 + "</p></article></body></html>"
        )

    app = web.Application()
    app.router.add_get("/rss", send)
    app.router.add_get("/page", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def _open_here(bot: TaleBot) -> None:
    bot.services.newsroom.allowed = lambda address: address == "127.0.0.1" or is_public(address)


async def test_a_manager_adds_a_feed_and_a_member_hears_its_news(scene: Scene, feed: str) -> None:
    async with scene.running() as bot:
        _open_here(bot)
        boss, ana = scene.guild.owner, scene.guild.member("Ana")
        added = await boss.slash("news add", link=f"{feed}/rss")
        await added.until(lambda reply: "Lomvik Post, with 2 items" in reply.text)
        wrong = await boss.slash("news add", link=f"{feed}/page")
        await wrong.until(lambda reply: "no news feed at that address" in reply.text)
        await (await ana.slash("news now", length="30", manner="friend")).done()
        [kept] = await bot.services.library.tales.open_ones()
        source = kept.prompt.source
        assert source is not None
        assert (source.kind, source.manner) == (SourceKind.FEED, TellerManner.FRIEND)
        assert (source.origin, kept.prompt.words) == ("127.0.0.1", news_words(30))
        assert "The bridge is 412 metres long and took six years to build." in [fact.text for fact in source.facts]


async def test_what_did_not_change_is_not_fetched_twice(scene: Scene, feed: str) -> None:
    async with scene.running() as bot:
        newsroom = Newsroom(bot.services.library, lambda _address: True)
        first = await newsroom.feed(f"{feed}/rss")
        assert await newsroom.feed(f"{feed}/rss") is first
        with pytest.raises(Refused, match="feed_unreadable"):
            await newsroom.feed(f"{feed}/page")


def _timetable(bot: TaleBot, now: list[datetime], due: list[datetime]) -> Timetable:
    services = bot.services

    class AtDoor:
        """Says what is due as the road would, which no executor serves here."""

        async def due(self, _what: Any, since: datetime, until: datetime) -> list[datetime]:
            return [at for at in due if since < at < until]

        async def forget_slots(self, _prefix: str, _kept: object) -> None:
            pass

    door: Any = AtDoor()
    return Timetable(
        door,
        services.library,
        services.teller,
        services.newsroom,
        services.pools.words,
        lambda: float(now[0].timestamp()),
        offering(bot),
        lambda: {str(guild.id) for guild in bot.guilds},
    )


async def test_what_is_due_is_told_once_across_a_restart_and_an_outage_and_waits_for_quiet_hours(scene: Scene) -> None:
    async with scene.running() as bot:
        boss, library = scene.guild.owner, bot.services.library
        added = await boss.slash("schedule add", at="20:00", wish="a fox who learns to whistle")
        await added.until(lambda reply: "20:00" in reply.text)
        [one] = (await library.servers.of(str(scene.guild.id))).schedules
        begin = datetime.fromtimestamp(one.told_until, UTC)
        due = [begin + timedelta(days=day) for day in (1, 2, 3)]
        now = [begin + timedelta(hours=1)]
        table = _timetable(bot, now, due)
        assert await table.look() == 0
        now[0] = begin + timedelta(days=1, hours=1)
        assert await table.look() == 1
        assert await _timetable(bot, now, due).look() == 0, "a restart doubles nothing"
        # A bot that died before it noted the run asks for the very same tale.
        await library.servers.change(str(scene.guild.id), schedules=(replace(one, told_until=begin.timestamp()),))
        await table.look()
        assert len(await library.tales.open_ones()) == 1
        now[0] = begin + timedelta(days=3, hours=1)
        hour = now[0].strftime("%H:%M")
        until = (now[0] + timedelta(hours=2)).strftime("%H:%M")
        await library.servers.change(str(scene.guild.id), quiet_from=hour, quiet_to=until)
        assert await table.look() == 0, "quiet hours"
        await library.servers.change(str(scene.guild.id), quiet_from="", quiet_to="")
        assert await table.look() == 1, "what was missed over days is told once"
        tales = await library.tales.open_ones()
        assert [tale.prompt.text for tale in tales] == ["a fox who learns to whistle"] * 2
        assert {tale.member for tale in tales} == {""}


async def test_news_whose_feed_is_away_are_tried_again_and_given_up_after_hours(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene.running() as bot:
        boss, library = scene.guild.owner, bot.services.library
        server = str(scene.guild.id)
        await library.servers.change(server, feeds=("https://example.org/rss",))
        await (await boss.slash("schedule add", at="07:30", days="12345")).done()
        [one] = (await library.servers.of(server)).schedules
        assert one.cron == "30 7 * * 1,2,3,4,5"
        begin = datetime.fromtimestamp(one.told_until, UTC)
        now = [begin + timedelta(minutes=10)]
        table = _timetable(bot, now, [begin + timedelta(minutes=5)])

        async def away(_link: str) -> None:
            raise Unreachable("link_unreachable", host="example.org", why="away")

        monkeypatch.setattr(bot.services.newsroom, "feed", away)
        assert await table.look() == 0
        now[0] = begin + timedelta(hours=3)
        assert await table.look() == 1
        assert not await library.tales.open_ones()


async def test_a_reviewed_tale_is_heard_first_and_goes_out_only_when_approved(scene: Scene) -> None:
    async with scene.running() as bot:
        boss, library = scene.guild.owner, bot.services.library
        server, log = str(scene.guild.id), str(scene.guild.text.id)
        refused = await boss.slash("schedule add", at="20:00", wish="a fox", review=True)
        await refused.until(lambda reply: "choose a mod log channel" in reply.text)
        await library.servers.change(server, mod_log=log)
        await (await boss.slash("schedule add", at="20:00", wish="a fox", review=True)).done()
        [one] = (await library.servers.of(server)).schedules
        begin = datetime.fromtimestamp(one.told_until, UTC)
        table = _timetable(bot, [begin + timedelta(hours=1)], [begin + timedelta(minutes=5)])
        # Told somewhere else than where it is heard first.
        await library.servers.change(server, schedules=(replace(one, channel="4711"),))
        assert await table.look() == 1
        [tale] = await library.tales.open_ones()
        assert tale.channel == log
        offered = await boss.sees("is meant for <#4711>")
        early = await boss.press("Approve", on=offered)
        await early.until(lambda reply: "not finished yet" in reply.text)
        await library.tales.change(tale.id, state=TaleState.DONE)
        await boss.press("Approve", on=offered)
        await offered.until(lambda seen: "approved it" in seen.text and not seen.buttons)
        [posted] = await library.tales.open_ones()
        assert (posted.channel, posted.prompt) == ("4711", tale.prompt)
