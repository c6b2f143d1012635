"""The tone of every spoken second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

FRAMES_A_SECOND = 50
"""Of Whisper's encoder; its mel frames are twice as many."""
PIECE_FRAMES = 1_000
"""Mel frames in one encoding: ten seconds, silence added where speech ends before. The transcriber's thirty cost six
times as much; unpadded speech costs a tenth, but its tones tell feelings apart less well (data/mood/README.md)."""
LEAST_FRAMES = 8
QUIETEST, LOUDEST = 5, 95
"""Percentiles of a recording's loudness; louder than the middle between them counts as loud."""
Tone = npt.NDArray[np.float32]


def tones_of(model: Any, speech: Tone, check: Callable[[], None] = lambda: None) -> Tone:
    """One row a second of speech at 16 kHz, by the encoder of a loaded faster-whisper model; stops between pieces."""
    mel = model.feature_extractor(speech)[:, :-1]
    frames = []
    for start in range(0, max(mel.shape[1], 1), PIECE_FRAMES):
        check()
        frames.append(_encoded(model, mel[:, start : start + PIECE_FRAMES]))
    return tones_in(np.concatenate(frames), mel)


def tones_in(frames: Tone, mel: Tone) -> Tone:
    """For each second: the encoder's mean, its mean where it is loud, and the bands' mean and spread."""
    heard = np.asarray(mel.T[: 2 * len(frames)], np.float32)
    bands = np.pad(heard, ((0, 2 * len(frames) - len(heard)), (0, 0)), mode="edge").reshape(len(frames), 2, -1)
    bands = bands.mean(axis=1)
    loudness = bands.mean(axis=1)
    loud = loudness > np.percentile(loudness, (QUIETEST, LOUDEST)).mean()
    seconds = max(1, round(len(frames) / FRAMES_A_SECOND))
    parts = zip(*(np.array_split(rows, seconds) for rows in (frames, bands, loud)), strict=True)
    return np.stack([_tone(frame, band, strong) for frame, band, strong in parts])


def _tone(frames: Tone, bands: Tone, loud: npt.NDArray[np.bool_]) -> Tone:
    strongest = frames[loud] if loud.any() else frames
    told = (frames.mean(axis=0), strongest.mean(axis=0), bands.mean(axis=0), bands.std(axis=0))
    row: Tone = np.concatenate(told).astype(np.float32)
    return row


def _encoded(model: Any, mel: Tone) -> Tone:
    silence = PIECE_FRAMES - mel.shape[1]
    encoded = model.encode(np.pad(mel, ((0, 0), (0, silence))))
    rows: Tone = np.asarray(encoded, dtype=np.float32)[0][: max(LEAST_FRAMES, mel.shape[1] // 2)]
    return rows
