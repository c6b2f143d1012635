"""The gateway: sessions, resumes, intents."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord_double.demo import DemoBot
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.gateway.intents import Intent
from tests.discord_double.names import NoSuchHost
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.permissions import May
from tests.discord_double.running import running

ABOUT = {"os": "linux", "browser": "test", "device": "test"}


@pytest.fixture
async def web(double: LoopbackDiscord) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of no library's making."""
    async with aiohttp.ClientSession(connector=double.connector()) as session:
        yield session


async def connect(web: aiohttp.ClientSession, query: str = "v=10&encoding=json") -> aiohttp.ClientWebSocketResponse:
    socket = await web.ws_connect(f"wss://gateway.discord.gg/?{query}")
    if "compress" not in query and "v=10" in query:
        assert (await socket.receive_json())["op"] == 10
    return socket


async def identify(socket: aiohttp.ClientWebSocketResponse, token: str, **more: Any) -> None:
    await socket.send_json({"op": 2, "d": {"token": token, "intents": 0, "properties": ABOUT} | more})


async def code_of(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    while (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
        pass
    return socket.close_code


async def test_what_was_missed_is_replayed_on_resume(
    double: LoopbackDiscord, guild: Neighbourhood, web: aiohttp.ClientSession
) -> None:
    socket = await connect(web)
    await identify(socket, double.token, intents=int(Intent.GUILD_MESSAGES))
    ready = await socket.receive_json()
    assert ready["t"] == "READY"
    assert (await socket.receive_json())["t"] == "GUILD_CREATE"
    await socket.close(code=4900)
    for word in ("one", "two"):
        guild.owner.writes(word)
    again = await connect(web)
    await again.send_json({"op": 6, "d": {"token": double.token, "session_id": ready["d"]["session_id"], "seq": 2}})
    got = [await again.receive_json() for _ in range(3)]
    assert [(each["t"], each["s"]) for each in got] == [("MESSAGE_CREATE", 3), ("MESSAGE_CREATE", 4), ("RESUMED", 5)]


@pytest.mark.parametrize("wait_s", [0, 181])
async def test_a_session_closed_by_its_client_or_too_old_is_invalid(
    double: LoopbackDiscord, web: aiohttp.ClientSession, wait_s: int
) -> None:
    socket = await connect(web)
    await identify(socket, double.token)
    ready = await socket.receive_json()
    await socket.close(code=4900 if wait_s else 1000)

    def noticed() -> bool:
        return not any(each.connected for each in double.sessions())

    await double.world.bell.until(noticed, within_s=5, why="the close")
    double.clock.advance(wait_s)
    again = await connect(web)
    await again.send_json({"op": 6, "d": {"token": double.token, "session_id": ready["d"]["session_id"], "seq": 1}})
    assert await again.receive_json() == {"op": 9, "d": False, "s": None, "t": None}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"op": 99, "d": {}}, 4001),
        ({"nothing": 1}, 4002),
        ({"op": 4, "d": {}}, 4003),
        ({"op": 2, "d": {"token": "wrong", "intents": 0, "properties": ABOUT}}, 4004),
        ({"op": 2, "d": {"intents": 1 << 40, "properties": ABOUT}}, 4013),
        ({"op": 2, "d": {"intents": int(Intent.MESSAGE_CONTENT), "properties": ABOUT}}, 4014),
        ({"op": 2, "d": {"intents": 0, "properties": ABOUT, "shard": [1, 1]}}, 4010),
    ],
)
async def test_what_the_gateway_will_not_have_ends_the_connection(
    double: LoopbackDiscord, web: aiohttp.ClientSession, payload: dict[str, Any], code: int
) -> None:
    if payload.get("op") == 2:
        payload = {"op": 2, "d": {"token": double.token} | payload["d"]}
    socket = await connect(web)
    await socket.send_json(payload)
    assert await code_of(socket) == code


async def test_an_old_version_a_second_identify_and_too_much_talk_end_it_too(
    double: LoopbackDiscord, web: aiohttp.ClientSession
) -> None:
    assert await code_of(await connect(web, "v=6&encoding=json")) == 4012
    twice = await connect(web)
    await identify(twice, double.token)
    await identify(twice, double.token)
    assert await code_of(twice) == 4005
    loud = await connect(web)
    for _ in range(121):
        await loud.send_json({"op": 1, "d": None})
    assert await code_of(loud) == 4008


async def test_a_heart_that_does_not_beat_is_given_up() -> None:
    async with (
        LoopbackDiscord(gateway_beats_s=0.05) as hurried,
        aiohttp.ClientSession(connector=hurried.connector()) as web,
    ):
        socket = await connect(web)
        await identify(socket, hurried.token)
        assert await code_of(socket) == 4009


async def test_zlib_stream_is_one_stream(double: LoopbackDiscord, web: aiohttp.ClientSession) -> None:
    socket = await connect(web, "v=10&encoding=json&compress=zlib-stream")
    inflate = zlib.decompressobj()

    async def next_payload() -> Any:
        data = await socket.receive_bytes()
        assert data.endswith(b"\x00\x00\xff\xff")
        return json.loads(inflate.decompress(data))

    assert (await next_payload())["op"] == 10
    await identify(socket, double.token)
    assert (await next_payload())["t"] == "READY"


async def test_a_shard_holds_its_guilds_alone(double: LoopbackDiscord, web: aiohttp.ClientSession) -> None:
    for number in range(6):
        double.guild(str(number))
        double.clock.advance(1)
    seen: list[str] = []
    for number in range(2):
        socket = await connect(web)
        await identify(socket, double.token, shard=[number, 2])
        guilds = (await socket.receive_json())["d"]["guilds"]
        assert all((int(each["id"]) >> 22) % 2 == number for each in guilds)
        seen += [each["id"] for each in guilds]
    assert len(set(seen)) == 6


async def test_a_real_client_resumes_after_a_drop_and_a_reconnect_request(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot
) -> None:
    for number, disturb in enumerate((double.drop_gateway, double.ask_reconnect), start=1):
        disturb()
        await asyncio.sleep(0.02)
        guild.owner.writes("while you were away")

        def resumed(wanted: int = number) -> bool:
            return double.hub.resumes == wanted

        await double.world.bell.until(resumed, within_s=10, why="a resume")
    assert double.hub.identifies == 1
    assert (await guild.owner.tale("after all that")).shown.loading


async def test_a_real_client_identifies_anew_when_its_session_is_invalid(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds, *more: real(min(seconds, 0.01)))
    double.invalidate()
    await double.world.bell.until(lambda: double.hub.identifies == 2, within_s=10, why="a second IDENTIFY")
    await guild.owner.tale("anew")


async def test_guilds_come_go_and_fall_dark(double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot) -> None:
    async def until(look: Any) -> None:
        async with asyncio.timeout(5):
            while not look():  # noqa: ASYNC110 - the client tells nobody
                await asyncio.sleep(0.005)

    other = double.guild("Other")
    await until(lambda: bot.get_guild(other.id) is not None)
    other.removes(double.bot)
    await until(lambda: bot.get_guild(other.id) is None)
    guild.goes_dark()
    await until(lambda: bot.get_guild(guild.id).unavailable)  # type: ignore[union-attr] # it is there
    guild.comes_back()
    await until(lambda: not bot.get_guild(guild.id).unavailable)  # type: ignore[union-attr] # it is there


async def test_a_bot_hears_what_its_intents_and_permissions_let_through(
    double: LoopbackDiscord, guild: Neighbourhood
) -> None:
    class Listener(discord.Client):
        async def on_message(self, message: discord.Message) -> None:
            heard.append(message.content)

        async def on_member_join(self, member: discord.Member) -> None:
            heard.append(member.name)

    heard: list[str] = []
    async with running(double, Listener(intents=discord.Intents.default(), connector=double.connector())):
        guild.owner.writes("secret")
        guild.owner.writes(f"<@{double.bot.id}> hello")
        guild.member("Rui")
        double.world.users[guild.owner.id].closed_dms = False
        guild.owner.writes("psst", in_=double.world.conversation(guild.owner.user, double.bot.user))
        guild.owner.forbids(double.bot, guild.text, May.VIEW_CHANNEL)
        guild.owner.writes("behind closed doors")
        async with asyncio.timeout(5):
            while len(heard) < 3:  # noqa: ASYNC110 - the client tells nobody
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
    assert heard == ["", f"<@{double.bot.id}> hello", "psst"]


async def test_members_come_in_chunks_to_who_may_know_them(double: LoopbackDiscord, guild: Neighbourhood) -> None:
    for number in range(30):
        guild.member(f"m{number}")
    double.bot.privileged_intents = int(Intent.GUILD_MEMBERS)
    intents = discord.Intents(guilds=True, members=True)
    async with running(double, discord.Client(intents=intents, connector=double.connector())) as bot:
        seen = bot.get_guild(guild.id)
        assert seen is not None
        assert len(seen.members) == 32


async def test_no_name_but_discords_is_reached(web: aiohttp.ClientSession) -> None:
    with pytest.raises((NoSuchHost, aiohttp.ClientConnectorError)):
        await web.get("https://example.com/")
