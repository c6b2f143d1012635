"""Pages of the door in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.bot.web.opened import Opened
from tests.double.browser import FLAGS, QUIET, Browser, address_of

SIZES = {"phone": (320, 720), "desktop": (1280, 900)}
SLOWER = 4
"""How much slower the processor is made for the first paint."""
_TABS = 120
_VIOLATIONS = """axe.run().then((all) =>
    JSON.stringify(all.violations.map((one) => one.id + ": " + one.nodes[0].html)))"""


@dataclass(frozen=True)
class Seen:
    """What the browser says of one page at one size."""

    page: str
    size: str
    violations: list[str]
    first_paint_ms: float
    unreached: list[str]
    """Controls that the keyboard alone does not reach."""


class Page(Browser):
    """A page whose size and processor can be set."""

    async def shape(self, width: int, height: int, slower: int = 1) -> None:
        mobile = width < 600
        about = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        await self._call("Emulation.setDeviceMetricsOverride", about)
        await self._call("Emulation.setCPUThrottlingRate", {"rate": slower})

    async def press(self, key: str) -> None:
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            about = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
            await self._call("Input.dispatchKeyEvent", about)


@contextlib.asynccontextmanager
async def page_of(program: str) -> AsyncIterator[Page]:
    """A fresh browser."""
    with tempfile.TemporaryDirectory(prefix="echotales-browser-") as folder:
        command = (program, *FLAGS, *QUIET, f"--user-data-dir={folder}", "about:blank")
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet, env=dict(os.environ))
        try:
            async with (
                aiohttp.ClientSession() as web,
                web.ws_connect(await address_of(web, Path(folder)), max_msg_size=0) as socket,
            ):
                yield Page(socket)
        finally:
            process.terminate()
            await process.wait()


async def seen(door: Opened, program: str, axe: Path, pictures: Path | None = None) -> list[Seen]:
    """Player, studio and docs at both sizes."""
    tale = await door.told(language="en", seed=3)
    _, made = await door.call("POST", f"/v1/tales/{tale['id']}/link")
    pages = {"player": made["url"], "studio": f"/studio#key={door.key}", "docs": "/docs"}
    rules, found = await asyncio.to_thread(axe.read_text, "utf-8"), []
    async with page_of(program) as page:
        for name, path in pages.items():
            for size, (width, height) in SIZES.items():
                await page.shape(width, height, SLOWER)
                await page.go("about:blank")
                await page.go(door.url + path)
                await page.until("document.readyState === 'complete' && document.querySelectorAll('button').length > 0")
                await asyncio.sleep(2.0)
                paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
                first_ms = float(await page.until(paint))
                await page.shape(width, height)
                await page.see("document.querySelectorAll('details').forEach((one) => (one.open = true))")
                await page.see(rules + ";0")
                violations = json.loads(await page.see(_VIOLATIONS))
                unreached = await _unreached(page)
                if pictures:
                    (pictures / f"{name}-{size}.png").write_bytes(await page.photograph())
                found.append(Seen(name, size, violations, round(first_ms, 1), unreached))
    return found


async def _unreached(page: Page) -> list[str]:
    """Walk with the Tab key alone, and say what of all that can be used was never reached."""
    all_of_them = """[...document.querySelectorAll('button, input, select, textarea, a[href], summary')]
        .filter((one) => !one.disabled && one.offsetParent !== null && one.checkVisibility())
        .map((one, nth) => (one.dataset.nth = nth, one.id || one.textContent.slice(0, 20)))"""
    names: list[Any] = await page.see(all_of_them)
    await page.see("document.activeElement?.blur(); window.reached = new Set(); 0")
    for _ in range(min(_TABS, 2 * len(names) + 5)):
        await page.press("Tab")
        await page.see("window.reached.add(document.activeElement?.dataset?.nth), 0")
    reached = set(await page.see("[...window.reached]"))
    return [name for nth, name in enumerate(names) if str(nth) not in reached]
