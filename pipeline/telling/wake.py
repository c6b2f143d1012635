"""Models woken before the first tale."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from typing import TypeVar, Unpack

from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.roles import Composer, Delivery, Narrator, Needs, TextReader, Writer
from pipeline.shelf.shelf import Shelf
from pipeline.shelf.turnstile import Errand
from pipeline.writing import read_wish

WORDS = "Once upon a time."
R = TypeVar("R")


def wake(shelf: Shelf, language: str, check: Cancelled) -> None:
    """Load the models of a tale and run each once, since the first run is slow; raises TaleError, TaleCancelled."""

    def lent(role: type[R], **needs: Unpack[Needs]) -> AbstractContextManager[R]:
        return shelf.borrow(role, check, Errand(tale="waking"), **needs)

    with lent(TextReader) as reader:
        reader.read([WORDS], language, check)
    with lent(Composer):
        check()
    with lent(Narrator, language=language) as narrator:
        voice = next(one.id for one in narrator.voices() if one.language == language)
        for _ in narrator.speak(WORDS, Delivery(voice, language), check):
            check()
    with suppress(Unserved), lent(Writer, language=language, reads="wishes") as writer:
        writer.settle(read_wish.system())
