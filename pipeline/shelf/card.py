"""Measured memory of a graphics card."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.shelf.budget import MB, Budget

NUMBER = 0
"""Index of the card: an executor has one, and CUDA_VISIBLE_DEVICES says which."""


def torch_cuda() -> Any:
    """Return torch's view of the cards; imports torch at first use."""
    return importlib.import_module("torch").cuda


@dataclass
class GraphicsCard:
    """Memory of one card for this process; every figure is asked for anew."""

    most_mb: float
    """Ceiling of what torch may take of it."""
    cuda: Callable[[], Any] = torch_cuda

    @property
    def allocated_mb(self) -> float:
        """Memory in tensors of this process."""
        return float(self.cuda().memory_allocated(NUMBER)) / MB

    @property
    def reserved_mb(self) -> float:
        """Memory in tensors, and in blocks that torch keeps for the next ones."""
        return float(self.cuda().memory_reserved(NUMBER)) / MB

    @property
    def free_mb(self) -> float:
        """Memory that no process holds."""
        return float(self.cuda().mem_get_info(NUMBER)[0]) / MB

    @property
    def total_mb(self) -> float:
        return float(self.cuda().mem_get_info(NUMBER)[1]) / MB

    def room_mb(self) -> float:
        """Return what is free on it now, plus what this process holds already."""
        return self.free_mb + self.reserved_mb

    def hold(self) -> None:
        """Let torch refuse more than the share and what is free: else Windows spills into slow shared memory."""
        share = min(self.most_mb, self.room_mb()) / self.total_mb
        self.cuda().set_per_process_memory_fraction(min(1.0, max(0.0, share)), NUMBER)

    def give_back(self) -> None:
        """Return blocks that no tensor uses."""
        gc.collect()  # first: tensors in reference cycles still hold their blocks
        self.cuda().empty_cache()

    def budget(self) -> Budget:
        """The budget that the shelf keeps to."""
        return Budget(
            self.most_mb, lambda: self.allocated_mb, room_mb=self.room_mb, hold=self.hold, give_back=self.give_back
        )
