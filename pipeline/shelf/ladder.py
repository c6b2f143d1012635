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
"""Rungs: all others are evicted and the same models work in less memory; then models that need no card."""
_SAID = ("out of memory", "bad alloc", "bad_alloc", "failed to allocate", "alloc_failed")
"""What the model libraries' errors say: CUDA, C++, onnxruntime and llama.cpp have no class of their own for it."""
log = log_of("ladder")


class Evicter(Protocol):
    """Owner of the loaded models."""

    def evict_all(self) -> None:
        """Free what nobody holds, before the next try."""


class Ladder:
    """Rungs of one tale, each thread on its own: a draft made beside the step on another thread keeps its models."""

    def __init__(self, lender: Evicter, model: str) -> None:
        self._lender = lender
        self._model = model
        """Name in the error where no rung helps."""
        self._rungs: dict[int, int] = {}
        self._lowest = 0
        """First rung of the next step: once the card failed this tale on all its rungs, no later step tries it."""

    def needs(self) -> Needs:
        """Return what a borrow on this thread adds to its needs."""
        rung = self._rungs.get(threading.get_ident(), 0)
        return {"rung": rung} if rung else {}

    def climb(self, work: Callable[[], T]) -> T:
        """Do the work, rung by rung; raises TooBig `memory_short` where it fits on none."""
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
    """Clear the frames of a failed call, which hold its tensors for as long as the error lives."""
    seen: BaseException | None = error
    while seen is not None:
        traceback.clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__


def is_memory_short(error: BaseException) -> bool:
    """Whether an error means out of memory, in the model libraries' own words too."""
    if isinstance(error, Unwell):
        return error.code in ("memory_short", "budget_short", "card_full")
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _SAID)
