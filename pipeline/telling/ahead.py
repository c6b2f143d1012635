"""The next passage, spoken before its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from pipeline.errors import TaleError
from pipeline.telling.performance import Take
from pipeline.words.story import Passage

FROM_PASSAGE = 2
"""The first passage that is spoken ahead: somebody waits for those before it, and nothing may take their time."""

Draft = Callable[[], Passage]
"""Waits for the passage and returns it; raises where it could not be written."""


class Perform(Protocol):
    def __call__(self, passage: Passage, share: float, /) -> list[Take]: ...


class Ahead:
    """Speaks a tale's next passage while the one before it is spoken and scored.

    Steps stay in order on the tale's own thread; only the work is done early, and its result is kept in its turn.
    """

    def __init__(self, *, wanted: bool = True) -> None:
        self._wanted = wanted
        """False where models are swapped: the narrator would be loaded before its turn."""
        self._coming: Draft | None = None
        self._begun: Future[tuple[Passage, list[Take]]] | None = None

    def open(self, perform: Callable[[], tuple[Passage, list[Take]]]) -> None:
        """Speak the first passage now, while the tale is still being planned."""
        if self._wanted:
            aside = ThreadPoolExecutor(1, "opening")
            self._begun = aside.submit(perform)
            aside.shutdown(wait=False)  # ends the thread after this one call

    def foretell(self, draft: Draft) -> None:
        """Note the passage that comes next."""
        self._coming = draft

    @contextmanager
    def beside(self, perform: Perform) -> Iterator[Callable[[Passage, float], None]]:
        """Give what to call before a passage is spoken, with the share of the tale told before the next."""
        with ThreadPoolExecutor(1, "takes") as aside:

            def begin(passage: Passage, share: float) -> None:
                draft, self._coming = self._coming, None
                if self._wanted and draft and passage.index + 1 >= FROM_PASSAGE:
                    self._begun = aside.submit(partial(_early, perform, draft, share))

            yield begin

    def takes_of(self, passage: Passage) -> list[Take] | None:
        """Return what was spoken early of a passage, once; None where it is still to be spoken."""
        begun, self._begun = self._begun, None
        if begun is None:
            return None
        try:
            spoken, takes = begun.result()
        except TaleError:
            return None  # spoken in its turn it meets the same error, where stand-ins are tried
        # A blank may have been filled otherwise than foretold: then the early takes are another passage's.
        return takes if spoken == passage else None


def _early(perform: Perform, draft: Draft, share: float) -> tuple[Passage, list[Take]]:
    passage = draft()
    return passage, perform(passage, share)
