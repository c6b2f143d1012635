"""The mean tone of every spoken second."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FRAMES_A_SECOND = 50
"""Of Whisper's encoder; its mel frames are twice as many."""
PIECE_S = 4
"""Speech is encoded in pieces of about so many seconds, and never padded to the transcriber's thirty: a piece costs a
fiftieth of a padded window, and what it says does not hang on where a transcriber's windows happened to begin."""
LEAST_FRAMES = 8
Tone = npt.NDArray[np.float32]


def tones_of(model: Any, speech: Tone) -> Tone:
    """One row a second of speech at 16 kHz, by the encoder of a loaded faster-whisper model."""
    mel = model.feature_extractor(speech)
    seconds = max(1, round(mel.shape[1] / (2 * FRAMES_A_SECOND)))
    pieces = np.array_split(mel, max(1, round(seconds / PIECE_S)), axis=1)
    frames = np.concatenate([_encoded(model, piece) for piece in pieces])
    return np.stack([part.mean(axis=0) for part in np.array_split(frames, min(seconds, len(frames)))])


def _encoded(model: Any, mel: Tone) -> Tone:
    even = max(2 * LEAST_FRAMES, mel.shape[1] // 2 * 2)
    piece = np.pad(mel[:, :even], ((0, 0), (0, max(0, even - mel.shape[1]))), mode="edge")
    rows: Tone = np.asarray(model.encode(np.ascontiguousarray(piece)), dtype=np.float32)[0]
    return rows
