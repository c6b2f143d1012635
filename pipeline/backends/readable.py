"""Folders that a library cannot read."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import TaleError, Unwell

_SHORT = ("out of memory", "allocate memory", "not enough memory", "bad alloc", "bad_alloc")
"""Words in errors of short memory, whatever the error's class."""
_MOST_CHARS = 300


@contextmanager
def reading(model: str) -> Iterator[None]:
    """Raise errors of damaged or missing files as Unwell `model_unreadable`, of short memory as MemoryError."""
    try:
        yield
    except Exception as error:
        # Frames of the failed call hold what is loaded of it for as long as anybody keeps the error.
        traceback.clear_frames(error.__traceback__)
        if isinstance(error, TaleError | MemoryError | ImportError):
            raise
        why = f"{type(error).__name__}: {error}"  # each library has its own: pickle's, safetensors', YAML's, KeyError
        if any(word in why.lower() for word in _SHORT):
            raise MemoryError(why[:_MOST_CHARS]) from None
        raise Unwell("model_unreadable", model=model, why=why[:_MOST_CHARS]) from None


def look_for(folder: Path, names: Iterable[str]) -> None:
    """Raise OSError where a file is missing: a library would take the folder for the name of something to download."""
    for name in names:
        (folder / name).open("rb").close()
