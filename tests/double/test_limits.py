"""Rate limits, faults, and a real client."""

from __future__ import annotations

import asyncio
import time

import discord
import pytest

from tests.discord_double.clock import Clock
from tests.discord_double.demo import DemoBot
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.limits import Limits
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.rest.desk import Served
from tests.double.refused import refused


def text_of(bot: DemoBot, guild: Neighbourhood) -> discord.TextChannel:
    channel = bot.get_channel(guild.text.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


def posts(double: LoopbackDiscord) -> list[Served]:
    return [each for each in double.desk.served if each.method == "POST" and each.path.endswith("/messages")]


async def test_the_client_reads_the_headers_and_waits_of_itself(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot
) -> None:
    double.limits.buckets["send"] = (2, 0.3)
    began_s = time.monotonic()
    for number in range(5):
        await text_of(bot, guild).send(str(number))
    assert time.monotonic() - began_s > 0.5
    assert [each.status for each in posts(double)] == [200] * 5
    assert double.limits.refused == 0


async def test_a_429_is_retried_by_the_client(double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot) -> None:
    await text_of(bot, guild).send("0")
    double.limits.most_in_all = 0
    double.clock.advance(1)
    double.limits.buckets["send"] = (5, 0.2)
    sending = asyncio.create_task(text_of(bot, guild).send("1"))
    await double.world.bell.until(lambda: double.limits.refused, within_s=5, why="a 429")
    double.limits.most_in_all = 50
    assert (await sending).content == "1"
    assert [each.status for each in posts(double)][-2:] == [429, 200]


def test_windows_open_anew_and_channels_have_their_own() -> None:
    clock = Clock()
    limits = Limits(clock, {"send": (2, 5.0)})

    def ask(channel: str) -> bool:
        return limits.ask(1, "send", channel, counts_globally=True).passes

    assert [ask("a"), ask("a"), ask("a"), ask("b")] == [True, True, False, True]
    clock.advance(5)
    assert ask("a")


def test_ten_thousand_invalid_requests_are_a_ban_for_a_while() -> None:
    clock = Clock()
    limits = Limits(clock)
    for _ in range(10_000):
        limits.note_invalid()
    assert limits.banned
    clock.advance(601)
    assert not limits.banned


async def test_a_5xx_is_survived_and_what_was_done_is_not_done_twice(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: real(min(seconds, 0.01)))
    double.faults.fail("POST", "/messages", 500, times=2)
    await text_of(bot, guild).send("Once")
    assert [each.status for each in posts(double)] == [500, 500, 200]
    double.faults.fail("POST", "/messages", 502, after=True)
    await text_of(bot, guild).send("Twice")
    assert [each.status for each in posts(double)][-2:] == [502, 200]
    assert [each.text for each in guild.owner.screen()] == ["Once", "Twice"], "discord.py enforces its nonce"
    double.faults.fail("POST", "/messages", 503)
    with refused(0, 503):
        await text_of(bot, guild).send("Never")


async def test_a_route_nobody_knows_and_a_wrong_token_are_told_so(bot: DemoBot) -> None:
    with refused(0, 404):
        await bot.http.request(discord.http.Route("GET", "/nowhere"))
    with refused(0, 405):
        await bot.http.request(discord.http.Route("DELETE", "/users/@me"))
    bot.http.token = "wrong"
    with refused(0, 401):
        await bot.http.request(discord.http.Route("GET", "/users/@me"))
