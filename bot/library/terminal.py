"""The library, as the terminal's verbs open it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from bot.library.library import Library, open_library
from bot.wording import language_of
from pipeline.errors import TaleError
from pipeline.places import Places
from pipeline.settings import read_settings
from pipeline.tables import FALLBACK
from pipeline.wording import sentence


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run a verb and return its exit code; an error is one sentence on standard error."""
    try:
        return asyncio.run(work)
    except TaleError as error:
        print(sentence(error, terminal_locale()), file=sys.stderr)
        return error.exit_code


def terminal_locale() -> str:
    """Return the terminal's language, where there are sentences in it."""
    wanted = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), FALLBACK)
    return language_of(wanted[:2])


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Library, Places]]:
    """Open the library of this installation, by its settings."""
    settings, places = read_settings(), Places.here()
    async with open_library(settings.database_url or places.home, settings.data_key) as library:
        yield library, places
