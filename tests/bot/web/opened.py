"""The open door on loopback, without models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from bot.library.keys import USUAL, KeyScope
from bot.web.server import listen
from bot.web.services import WebServices, web_services
from bot.web.site import site_of
from pipeline.places import Places
from pipeline.settings import Settings
from tests.bot.troupe import QUICK, TROUPE
from tests.faults.stage import Stage

MEMBER, SERVER = "111111111111111111", "222222222222222222"


@dataclass(frozen=True)
class Opened:
    """A door that is open, and a client with a key."""

    web: WebServices
    stage: Stage
    url: str
    key: str
    http: aiohttp.ClientSession
    told_once: list[dict[str, Any]] = field(default_factory=list)

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """One request with the key; its status, and its JSON or bytes."""
        headers = {"Authorization": f"Bearer {more.pop('key', self.key)}"} | more.pop("headers", {})
        async with self.http.request(method, self.url + path, headers=headers, **more) as answer:
            data = await answer.read()
            return answer.status, json.loads(data) if answer.content_type == "application/json" else data

    async def told(self, **wish: Any) -> dict[str, Any]:
        """Ask for a tale and wait until it is kept."""
        status, asked = await self.call("POST", "/v1/tales", json={"prompt": "a storm that is afraid", **wish})
        assert status == 201, asked
        return await self.finished(asked["id"])

    async def shared(self) -> dict[str, Any]:
        """A tale told once for all tests that leave it as it is: a member may ask for few in a minute."""
        if not self.told_once:
            self.told_once.append(await self.told())
        return (await self.call("GET", f"/v1/tales/{self.told_once[0]['id']}"))[1]  # type: ignore[no-any-return] # JSON

    async def finished(self, tale: str) -> dict[str, Any]:
        """Follow a tale to its end; kept a moment after its last word."""
        kinds = [kind async for kind, _ in self.events(tale)]
        assert kinds[-1] == "done", kinds
        while True:
            _, found = await self.call("GET", f"/v1/tales/{tale}")
            if found["state"] != "open":
                return dict(found)
            await asyncio.sleep(0.02)

    async def events(self, tale: str, **more: Any) -> AsyncIterator[tuple[str, Any]]:
        """Everything a follower hears."""
        headers = {"Authorization": f"Bearer {self.key}"} | more
        async with self.http.get(f"{self.url}/v1/tales/{tale}/events", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            kind = ""
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)

    async def another(self, member: str, scopes: Collection[KeyScope] = USUAL, server: str = "") -> str:
        """A key of somebody else."""
        return await self.web.library.keys.make(member, server, "test", scopes)


@asynccontextmanager
async def door_open(
    home: Path, works: bool = True, troupe: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Opened]:
    """The whole door, until the block ends; without an executor where `works` is False."""
    places = Places(home / "cache", home)
    places.state.mkdir(parents=True, exist_ok=True)
    stage = Stage(home, places.road(""))
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    try:
        if works:
            stage.executor(module=TROUPE, troupe=troupe or QUICK)
        async with web_services(places, replace(Settings(), **settings), keep_executor=False) as web:
            serving = asyncio.create_task(listen(site_of(web), "127.0.0.1", 0, port.set_result))
            url = f"http://127.0.0.1:{await port}"
            key = await web.library.keys.make(MEMBER, "", "test")
            try:
                async with aiohttp.ClientSession() as http:
                    yield Opened(web, stage, url, key, http)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
    finally:
        stage.close()
