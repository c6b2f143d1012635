"""A graphics card's memory, really measured."""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.shelf.budget import MB, Budget
from pipeline.shelf.nvidia import Ask, ask, mb_of

NUMBER = 0
"""One executor has one card: CUDA_VISIBLE_DEVICES says which."""
_PROCESSES = ("nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits")


def torch_cuda() -> Any:
    """torch's own view of the cards; torch is loaded by the first who asks."""
    return importlib.import_module("torch").cuda


@dataclass
class GraphicsCard:
    """What one card holds for this process; every figure is asked for anew."""

    most_mb: float
    """Ceiling of what torch may take of it."""
    cuda: Callable[[], Any] = torch_cuda

    @property
    def allocated_mb(self) -> float:
        """Memory in tensors of this process."""
        return float(self.cuda().memory_allocated(NUMBER)) / MB

    @property
    def reserved_mb(self) -> float:
        """In tensors, and in blocks kept for the next ones."""
        return float(self.cuda().memory_reserved(NUMBER)) / MB

    @property
    def free_mb(self) -> float:
        """Memory that no process holds."""
        return float(self.cuda().mem_get_info(NUMBER)[0]) / MB

    @property
    def total_mb(self) -> float:
        return float(self.cuda().mem_get_info(NUMBER)[1]) / MB

    def room_mb(self) -> float:
        """What is free on it at this moment, and what we hold already."""
        return self.free_mb + self.reserved_mb

    def hold(self) -> None:
        """Beyond our share and what is free, torch says out of memory: else Windows would spill into shared memory."""
        share = min(self.most_mb, self.room_mb()) / self.total_mb
        self.cuda().set_per_process_memory_fraction(min(1.0, max(0.0, share)), NUMBER)

    def give_back(self) -> None:
        """Blocks that no tensor uses."""
        gc.collect()
        self.cuda().empty_cache()

    def budget(self) -> Budget:
        """The budget that the shelf keeps to."""
        return Budget(
            self.most_mb, lambda: self.allocated_mb, room_mb=self.room_mb, hold=self.hold, give_back=self.give_back
        )


def process_mb(card: GraphicsCard, asked: Ask = ask) -> float:
    """What the driver says this process holds, its context included; where it does not say, all that anybody holds."""
    rows = [[cell.strip() for cell in line.split(",")] for line in asked(_PROCESSES).splitlines()]
    told = [mb_of(row[1]) for row in rows if len(row) == 2 and row[0] == str(os.getpid())]
    ours = [megabytes for megabytes in told if megabytes is not None]
    return sum(ours) if ours else card.total_mb - card.free_mb
