"""What Discord's no looks like to discord.py."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import discord
import pytest


@contextlib.contextmanager
def refused(code: int, status: int, *words: str) -> Iterator[None]:
    """The block is refused with this code and status, and the answer holds these words."""
    with pytest.raises(discord.HTTPException) as no:
        yield
    assert (no.value.code, no.value.status) == (code, status), no.value
    for word in words:
        assert word in str(no.value)
