"""Files into samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.audio.block import HEADER_BYTES, layout_of
from pipeline.errors import Refused
from pipeline.words.sound import Samples


def read_stem(path: Path, start: int = 0, frames: int = -1) -> Samples:
    """Frames of a stem, (n,) or (n, 2); fewer at its end, none past it. Raises Refused `stem_unreadable`."""
    with path.open("rb", buffering=0) as file:
        layout = layout_of(file.read(HEADER_BYTES), path)
        left = max(0, layout.frames - start)
        count = left if frames < 0 else min(frames, left)
        file.seek(HEADER_BYTES + start * layout.frame_bytes)
        samples = np.empty((count, layout.channels), np.float32)
        if file.readinto(samples.data.cast("B") if count else bytearray()) != samples.nbytes:
            raise Refused("stem_unreadable", file=path.name)
    return samples[:, 0] if layout.channels == 1 else samples
