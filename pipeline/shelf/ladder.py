"""Out of memory: leaner, then without the card."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Protocol, TypeVar

from pipeline.errors import TooBig, Unwell
from pipeline.log import log_of
from pipeline.roles import Needs

T = TypeVar("T")
LEAN, CARDLESS = 1, 2
"""Rungs: everything leaves and the same models work in less memory; then those that need no card."""
_SAID = ("out of memory", "bad alloc", "bad_alloc", "failed to allocate", "alloc_failed")
"""How the model libraries say it."""
log = log_of("ladder")


class Evicter(Protocol):
    """Who owns the models."""

    def evict_all(self) -> None:
        """Free what nobody holds, before the next try."""


class Ladder:
    """One tale's. A draft made beside the step on another thread keeps its own models: rungs belong to a thread."""

    def __init__(self, lender: Evicter, model: str) -> None:
        self._lender = lender
        self._model = model
        """Whose name an error bears that no rung could cure."""
        self._rungs: dict[int, int] = {}
        self._lowest = 0
        """Once the card failed this tale on every rung of its own, no later step tries it again."""

    def needs(self) -> Needs:
        """What a borrow on this thread asks for besides."""
        rung = self._rungs.get(threading.get_ident(), 0)
        return {"rung": rung} if rung else {}

    def climb(self, work: Callable[[], T]) -> T:
        """The work's answer; raises TooBig `memory_short` where it does not fit on any rung."""
        for rung in range(self._lowest, CARDLESS + 1):
            if rung > self._lowest:
                self._lender.evict_all()
            self._rungs[threading.get_ident()] = rung
            try:
                done = work()
            except (MemoryError, RuntimeError, TooBig, Unwell) as error:
                if not is_memory_short(error):
                    raise
                log.warning("memory_short", job=self._model, rung=rung, why=str(error))
                let_go(error)
            else:
                self._lowest = CARDLESS if rung == CARDLESS else self._lowest
                return done
            finally:
                self._rungs.pop(threading.get_ident(), None)
        raise TooBig("memory_short", model=self._model, needs_mb=0)


def let_go(error: BaseException) -> None:
    """Frames of a failed call hold its tensors for as long as the error lives."""
    seen: BaseException | None = error
    while seen is not None:
        traceback.clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__


def is_memory_short(error: BaseException) -> bool:
    """Also what the model libraries say in their own words."""
    if isinstance(error, Unwell):
        return error.code in ("memory_short", "budget_short", "card_full")
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _SAID)
