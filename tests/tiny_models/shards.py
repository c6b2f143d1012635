"""Random weights written tensor by tensor."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SPREAD = 0.02
"""Standard deviation of a weight, as the families' own beginnings draw them."""
_BYTES = 2
Shapes = Mapping[str, tuple[int, ...]]
"""A tensor's name to its shape; one of one dimension is a scale, all ones."""


def write_shards(folder: Path, shapes: Shapes, shards: int, dtype: str, device: str) -> None:
    """`model-00001-of-0000N.safetensors` and their index; never more than one tensor is in memory.

    The format's own library takes a whole shard at a time, in memory twice: too much of 14 GB for a machine of 30.
    """
    import torch

    chance = torch.Generator(device).manual_seed(0)
    where: dict[str, str] = {}
    for number, names in enumerate(_dealt(shapes, shards), 1):
        file = f"model-{number:05}-of-{shards:05}.safetensors"
        where |= dict.fromkeys(names, file)
        with (folder / file).open("wb") as out:
            out.write(_header({name: shapes[name] for name in names}, dtype))
            for name in names:
                out.write(_drawn(torch, shapes[name], dtype, chance))
    index = {"metadata": {"total_size": sum(_size(shape) for shape in shapes.values())}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def _dealt(shapes: Shapes, shards: int) -> list[list[str]]:
    """In their order, near the same number of bytes to each."""
    whole, so_far = sum(_size(shape) for shape in shapes.values()), 0
    dealt: list[list[str]] = [[] for _ in range(shards)]
    for name, shape in shapes.items():
        dealt[min(shards - 1, so_far * shards // whole)].append(name)
        so_far += _size(shape)
    return dealt


def _header(shapes: Shapes, dtype: str) -> bytes:
    kind = {"float16": "F16", "bfloat16": "BF16"}[dtype]
    told: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name, shape in shapes.items():
        told[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, start + _size(shape)]}
        start += _size(shape)
    text = json.dumps(told).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def _drawn(torch: Any, shape: Sequence[int], dtype: str, chance: Any) -> memoryview:
    made = torch.empty(shape, dtype=getattr(torch, dtype), device=chance.device)
    made = made.fill_(1.0) if len(shape) == 1 else made.normal_(0.0, SPREAD, generator=chance)
    return memoryview(made.cpu().view(torch.uint8).numpy())


def _size(shape: Sequence[int]) -> int:
    size = _BYTES
    for side in shape:
        size *= side
    return size
