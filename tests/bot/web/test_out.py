"""Promises of what tales send elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest
import pytest_asyncio
from aiohttp import web

from bot.web import sign_in
from pipeline.sources.fetch import is_public
from tests.bot.web.opened import MEMBER, Opened, door_open

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Elsewhere:
    """A webhook's receiver, an Audiobookshelf and Discord's OAuth2, all of them on loopback."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()
        self.shelf: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        site = web.Application(client_max_size=50_000_000)
        site.add_routes(
            [
                web.post("/hook", self._hook),
                web.post("/api/upload", self._upload),
                web.post("/api/oauth2/token", self._token),
                web.get("/api/users/@me", self._me),
            ]
        )
        runner = web.AppRunner(site)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield
        await runner.cleanup()

    async def _hook(self, request: web.Request) -> web.Response:
        await self.heard.put((await request.read(), request.headers["X-EchoTales-Signature"]))
        return web.Response()

    async def _upload(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer shelf-token":
            return web.Response(status=401)
        form = await request.post()
        file = form["0"]
        assert isinstance(file, web.FileField)
        told = {name: value for name, value in form.items() if isinstance(value, str)}
        await self.shelf.put(told | {"name": file.filename, "begins": file.file.read(12)})
        return web.Response()

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert (form["code"], form["client_secret"]) == ("good", "hush")
        return web.json_response({"access_token": "token"})

    async def _me(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer token"
        return web.json_response({"id": "987654321"})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere() -> AsyncIterator[Elsewhere]:
    place = Elsewhere()
    async with place.open():
        yield place


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> AsyncIterator[Opened]:
    settings: dict[str, Any] = {
        "webhook_hosts": "127.0.0.1",
        "audiobookshelf_url": elsewhere.url,
        "audiobookshelf_token": "shelf-token",
        "audiobookshelf_library": "lib",
        "audiobookshelf_folder": "fol",
        "web_client_id": "42",
        "web_client_secret": "hush",
    }
    async with door_open(tmp_path_factory.mktemp("out"), **settings) as opened:
        yield opened


async def test_a_finished_tale_is_told_to_its_webhook_signed_and_pushed_to_the_bookshelf(
    door: Opened, elsewhere: Elsewhere
) -> None:
    tale = await door.told(webhook=f"{elsewhere.url}/hook")
    body, signature = await elsewhere.heard.get()
    assert json.loads(body) == {"id": tale["id"], "state": "done", "title": tale["title"], "language": "en"}
    _, known = await door.call("GET", "/v1/webhook")
    assert signature == "sha256=" + hmac.new(known["secret"].encode(), body, hashlib.sha256).hexdigest()
    pushed = await elsewhere.shelf.get()
    assert (pushed["title"], pushed["library"], pushed["folder"]) == (tale["title"], "lib", "fol")
    assert pushed["begins"][4:8] == b"ftyp"
    assert (await door.call("POST", f"/v1/tales/{tale['id']}/push"))[0] == 204
    await elsewhere.shelf.get()


async def test_a_feed_shows_what_its_key_may_see_until_the_key_is_gone(door: Opened) -> None:
    tale = await door.told()
    _, made = await door.call("POST", "/v1/feed")
    async with door.http.get(made["url"]) as answer:
        found = feedparser.parse(await answer.read())
    assert not found.bozo
    entry = next(one for one in found.entries if one.id == tale["id"])
    assert entry.title == tale["title"]
    assert entry.enclosures[0].type == "audio/mpeg"
    async with door.http.get(entry.enclosures[0].href) as answer:
        assert answer.status == 200
    async with door.http.get(entry.podcast_chapters["url"]) as answer:
        assert (await answer.json())["chapters"][0]["startTime"] == 0
    async with door.http.get(entry.podcast_transcript["url"]) as answer:
        assert (await answer.text()).startswith("WEBVTT")
    async with door.http.get(made["url"].replace("/me/", "/server/")) as answer:
        assert answer.status == 403
    key = await door.another(MEMBER)
    _, other = await door.call("POST", "/v1/feed", key=key)
    await door.web.library.keys.remove(key.split("_")[1])
    async with door.http.get(other["url"]) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "link_over")


async def test_who_signs_in_with_discord_gets_a_key_that_ends(
    door: Opened, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "DISCORD", elsewhere.url)
    async with door.http.get(f"{door.url}/web/discord", allow_redirects=False) as answer:
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        cookie = answer.cookies["echotales_state"].value
    assert (asked["client_id"], asked["state"]) == (["42"], [cookie])
    back = f"{door.url}/web/signed_in?code=good&state={cookie}"
    async with door.http.get(back, headers={"Cookie": "echotales_state=another"}, allow_redirects=False) as answer:
        assert answer.status == 403, "somebody else's browser"
    headers = {"Cookie": f"echotales_state={cookie}"}
    async with door.http.get(back, headers=headers, allow_redirects=False) as answer:
        key = answer.headers["Location"].removeprefix("/studio#key=")
    found = await door.web.library.keys.find(key)
    assert found is not None
    assert (found.member, 0 < found.ends_at - door.web.clock() <= 12 * 3_600) == ("987654321", True)


async def test_a_webhook_into_the_own_network_is_refused(tmp_path: Path) -> None:
    async with door_open(tmp_path, works=False) as closed:
        for url in (
            "http://127.0.0.1:1/",
            "http://localhost/",
            "http://[::1]/",
            "http://10.1.2.3/",
            "file:///etc/passwd",
        ):
            status, said = await closed.call("POST", "/v1/tales", json={"prompt": "a storm", "webhook": url})
            assert (status, said["error"]["code"]) == (400, "webhook_refused"), url
    for inside in (
        "::ffff:10.0.0.1",
        "169.254.169.254",
        "fe80::1%eth0",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ):
        assert not is_public(inside), inside
    assert is_public("93.184.216.34")
