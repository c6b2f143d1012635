"""Samples into files."""

from __future__ import annotations

import numpy as np

from pipeline.audio.block import Layout, header
from pipeline.words.sound import Samples


def stem_bytes(samples: Samples) -> bytes:
    """A lossless 48 kHz float32 WAV; (n,) is mono, (n, 2) stereo."""
    layout = Layout(len(samples), 1 if samples.ndim == 1 else samples.shape[1])
    return header(layout) + np.ascontiguousarray(samples, dtype="<f4").tobytes()
