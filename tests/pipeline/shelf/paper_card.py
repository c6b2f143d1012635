"""A graphics card on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MB = 1_000_000


@dataclass
class PaperCard:
    """Answers as torch.cuda does, with another program beside us; torch's pool keeps what tensors gave up."""

    total_mb: float = 8_000.0
    others_mb: float = 0.0
    context_mb: float = 400.0
    allocated_mb: float = 0.0
    pool_mb: float = 0.0
    share: float = 1.0
    emptied: int = 0
    tensors: dict[int, float] = field(default_factory=dict)

    def __call__(self) -> Any:
        return self

    def memory_allocated(self, _number: int) -> float:
        return self.allocated_mb * MB

    def memory_reserved(self, _number: int) -> float:
        return self.pool_mb * MB

    def mem_get_info(self, _number: int) -> tuple[float, float]:
        free_mb = self.total_mb - self.others_mb - self.context_mb - self.pool_mb
        return max(0.0, free_mb) * MB, self.total_mb * MB

    def set_per_process_memory_fraction(self, share: float, _number: int) -> None:
        self.share = share

    def empty_cache(self) -> None:
        self.pool_mb = self.allocated_mb
        self.emptied += 1

    def take(self, owner: object, megabytes: float) -> None:
        """Raises what torch raises where the pool may not grow."""
        grown_mb = max(self.pool_mb, self.allocated_mb + megabytes)
        if grown_mb > self.share * self.total_mb + 1e-6:
            raise RuntimeError(f"CUDA out of memory. Tried to allocate {megabytes / 1024:.2f} GiB.")
        self.allocated_mb += megabytes
        self.pool_mb = grown_mb
        self.tensors[id(owner)] = self.tensors.get(id(owner), 0.0) + megabytes

    def drop(self, owner: object) -> None:
        self.allocated_mb -= self.tensors.pop(id(owner), 0.0)


class Weight:
    """A model that only weighs, and can rest."""

    def __init__(self, card: PaperCard, megabytes: float) -> None:
        self.card, self.megabytes = card, megabytes
        self.leaner = self.dozes = self.closed = False
        card.take(self, megabytes)

    def work(self, megabytes: float) -> str:
        """Takes so much on top, half of it once it is lean."""
        mark = object()
        self.card.take(mark, megabytes / 2 if self.leaner else megabytes)
        self.card.drop(mark)
        return "done"

    def lean(self) -> None:
        self.leaner = True

    def close(self) -> None:
        self.card.drop(self)
        self.closed = True


class Sleeper(Weight):
    """One that knows how to rest in the machine's own memory."""

    def doze(self) -> None:
        self.card.drop(self)
        self.dozes = True

    def wake(self) -> None:
        self.card.take(self, self.megabytes)
        self.dozes = False
