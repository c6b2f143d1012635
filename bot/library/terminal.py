"""The library, as the terminal's verbs open it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from bot.library.library import Library, open_library
from pipeline.errors import TaleError
from pipeline.places import Places
from pipeline.settings import read_settings
from pipeline.wording import sentence, terminal_locale


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run a verb and return its exit code; an error is one sentence on standard error."""
    try:
        return asyncio.run(work)
    except TaleError as error:
        print(sentence(error, terminal_locale()), file=sys.stderr)
        return error.exit_code


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Library, Places]]:
    """Open the library of this installation, by its settings."""
    settings, places = read_settings(), Places.here()
    async with open_library(settings.database_url or places.home, settings.data_key) as library:
        yield library, places
