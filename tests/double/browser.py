"""A headless Chromium, driven over its own protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--mute-audio")
QUIET = ("--autoplay-policy=no-user-gesture-required", "--disable-background-networking", "--disable-component-update")
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
WITHIN_S = 20.0


class Browser:
    """One page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0

    async def see(self, script: str) -> Any:
        """The value of a piece of JavaScript, its promise awaited."""
        about = {"expression": script, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = await self._call("Runtime.evaluate", about)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, script: str) -> Any:
        """The value once it is true."""
        async with asyncio.timeout(WITHIN_S):
            while not (seen := await self.see(script)):  # noqa: ASYNC110 - a page tells nobody
                await asyncio.sleep(0.02)
        return seen

    async def go(self, address: str) -> None:
        await self._call("Page.enable", {})
        await self._call("Page.navigate", {"url": address})

    async def photograph(self) -> bytes:
        """The page as a PNG."""
        picture = await self._call("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(picture["data"])

    async def _call(self, method: str, about: dict[str, Any]) -> Any:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": about})
        while True:
            answer = await self._socket.receive_json(timeout=WITHIN_S)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """A page of a fresh browser whose files lie in `folder`; skipped where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    command = (program, *FLAGS, *QUIET, *MICROPHONE, f"--user-data-dir={folder}", "about:blank")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    try:
        async with (
            aiohttp.ClientSession() as web,
            web.ws_connect(await address_of(web, folder), max_msg_size=0) as socket,
        ):
            yield Browser(socket)
    finally:
        process.terminate()
        await process.wait()


async def address_of(web: aiohttp.ClientSession, folder: Path) -> str:
    """Where the page's protocol is spoken."""
    said = folder / "DevToolsActivePort"
    async with asyncio.timeout(WITHIN_S):
        while not (said.exists() and said.read_text().strip()):  # noqa: ASYNC110 - a browser tells nobody
            await asyncio.sleep(0.05)
        port = said.read_text().split()[0]
        while True:
            pages = await (await web.get(f"http://127.0.0.1:{port}/json/list")).json()
            found = [each for each in pages if each["type"] == "page"]
            if found:
                return str(found[0]["webSocketDebuggerUrl"])
            await asyncio.sleep(0.05)
