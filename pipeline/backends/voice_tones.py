"""The tone of every spoken second."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FRAMES_A_SECOND = 50
"""Of Whisper's encoder; its mel frames are twice as many."""
PIECE_FRAMES = 1_000
"""Mel frames in one encoding: ten seconds, silence added where speech ends before. The transcriber's thirty cost six
times as much; unpadded speech costs a tenth, but its tones tell feelings apart less well (data/mood/README.md)."""
LEAST_FRAMES = 8
Tone = npt.NDArray[np.float32]


def tones_of(model: Any, speech: Tone) -> Tone:
    """One row a second of speech at 16 kHz, by the encoder of a loaded faster-whisper model."""
    mel = model.feature_extractor(speech)[:, :-1]
    starts = range(0, max(mel.shape[1], 1), PIECE_FRAMES)
    frames = np.concatenate([_encoded(model, mel[:, start : start + PIECE_FRAMES]) for start in starts])
    seconds = max(1, round(len(frames) / FRAMES_A_SECOND))
    return np.stack([part.mean(axis=0) for part in np.array_split(frames, seconds)])


def _encoded(model: Any, mel: Tone) -> Tone:
    silence = PIECE_FRAMES - mel.shape[1]
    encoded = model.encode(np.pad(mel, ((0, 0), (0, silence))))
    rows: Tone = np.asarray(encoded, dtype=np.float32)[0][: max(LEAST_FRAMES, mel.shape[1] // 2)]
    return rows
