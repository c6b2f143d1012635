"""Parks a card's models in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.log import log_of
from pipeline.roles import Offloadable

LEFT_MB = 2_500.0
"""Memory that stays free for everything else on the machine."""
log = log_of("attic")


def _no_room() -> float:
    return 0.0


class Attic:
    """Models moved from the card to the machine's memory, to be moved back instead of read anew.

    Only those that can (`doze()` and `wake()`), and only while memory lasts; the shelf alone calls it, under its lock.
    """

    def __init__(self, spare_mb: Callable[[], float] = _no_room) -> None:
        self._spare_mb = spare_mb
        self._resting: dict[str, Offloadable] = {}

    @property
    def resting(self) -> tuple[str, ...]:
        """Ids of parked models, the longest there first."""
        return tuple(self._resting)

    def took(self, model: str, backend: Any, memory_mb: float) -> bool:
        """Park a model; False where it cannot be, and then its owner closes it."""
        if not isinstance(backend, Offloadable):
            return False
        while self._spare_mb() < memory_mb + LEFT_MB:
            if not self._resting:
                return False
            self._drop(next(iter(self._resting)))
        backend.doze()
        self._resting[model] = backend
        return True

    def woken(self, model: str) -> Any | None:
        """Move a model back to the card; None where it is not parked here."""
        if self._spare_mb() < LEFT_MB:
            self.clear(but=model)
        backend = self._resting.pop(model, None)
        if backend is None:
            return None
        try:
            backend.wake()
        except BaseException:
            # Half of it may be on the card: what is neither here nor there must not stay.
            backend.close()
            raise
        return backend

    def clear(self, but: str = "") -> None:
        """Close all parked models, except one."""
        for model in [name for name in self._resting if name != but]:
            self._drop(model)

    def _drop(self, model: str) -> None:
        self._resting.pop(model).close()
        log.info("model_dropped", model=model)
