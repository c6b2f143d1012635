"""A shelf of real small models for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here, opened
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.words.event import Event
from pipeline.words.prompt import Prompt
from pipeline.words.tale import Tale

SHORT = "A lighthouse keeper befriends a storm"


@contextmanager
def tiny() -> Iterator[Here]:
    """The tiny profile, weights pulled if they lack."""
    with opened("tiny", yes=True, quiet=True) as here:
        yield here


def told(
    here: Here, prompt: Prompt, folder: Path, events: list[Event] | None = None, check: Cancelled | None = None
) -> tuple[Tale, Artifacts]:
    """A tale told in memory, and where its sounds are kept."""
    keep = Artifacts(folder)
    heard = events if events is not None else []
    studio = InMemory(here.shelf, keep, heard.append, check if check is not None else Cancelled()).studio
    return tell(prompt, studio), keep
