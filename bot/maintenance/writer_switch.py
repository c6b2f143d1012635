"""The writer of this machine, changed from Discord."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from pipeline.errors import TaleError, Unwell
from pipeline.places import CHECKOUT, WRITER_NOTE, Places

DEFAULT = "default"
"""As the verb `models use writer` calls the profile's own."""
WITHIN_S = 60.0


@dataclass(frozen=True)
class WriterSwitch:
    """What the operator decided about writers, and the verb by which they decide."""

    places: Places
    """The bot's."""

    async def wanted(self) -> str:
        """Return the id of the writer that was taken up; empty for the profile's own."""
        return str((await asyncio.to_thread(self._note)).get("writer", ""))

    async def declined(self, model: str) -> bool:
        """Whether this one is not to be offered again."""
        return model in (await asyncio.to_thread(self._note)).get("declined", ())

    async def use(self, model: str) -> None:
        """Let it write once it is here, fetched in the background; raises what the verb refused."""
        await self._run("use", "writer", model, "--yes")

    async def decline(self, model: str) -> None:
        """Do not offer it again."""
        await self._run("use", "writer", model, "--never")

    def _note(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.places.state / WRITER_NOTE).read_bytes()))
        except (OSError, ValueError, TypeError):
            return {}

    async def _run(self, *words: str) -> None:
        """As at a terminal: the verb knows licences, sizes and where weights come from."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(CHECKOUT / "echotales.py"), "models", *words, "--json"),
            cwd=CHECKOUT,
            env=os.environ | ({} if self.places == Places.here() else {"ECHOTALES_HOME": str(self.places.home)}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(WITHIN_S):
                out, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise Unwell("writer_unchanged", why=f"{WITHIN_S:.0f} s") from None
        if process.returncode:
            raise _refusal(out, process.returncode)


def _refusal(out: bytes, code: int) -> TaleError:
    """Return the verb's own error, which the member reads in their language."""
    try:
        told = json.loads(out)
        return TaleError(told.pop("error"), **{name: value for name, value in told.items() if name != "says"})
    except (ValueError, KeyError, AttributeError, TypeError):
        return Unwell("writer_unchanged", why=f"exit {code}")
