"""The mean tone of every spoken second."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FRAMES_A_SECOND = 50
"""Of Whisper's encoder."""
WINDOW_FRAMES = 3_000
"""Mel frames in one encoding: 30 s."""
Tone = npt.NDArray[np.float32]


class Tones:
    """Listens to every encoding and keeps the mean of each second of speech."""

    def __init__(self, model: Any) -> None:
        self._encode = model.encode
        self._features = model.feature_extractor
        self._mel: Tone = np.zeros((0, 0), np.float32)
        self._frames: list[Tone] = []
        self._heard = 0
        model.encode = self._listening

    def begin(self, speech: Tone) -> None:
        """Another recording, or the same once more."""
        self._mel = self._features(speech)
        self._frames = []
        self._heard = 0

    @property
    def whole(self) -> bool:
        """Whether all of it was encoded; a window may end up to a second early."""
        return self._heard >= int(self._mel.shape[1]) - 2 * FRAMES_A_SECOND

    def kept(self) -> Tone:
        """One row a second of joined speech; a scrap at the end counts with its neighbour."""
        frames = np.concatenate(self._frames)
        seconds = max(1, round(len(frames) / FRAMES_A_SECOND))
        return np.stack([part.mean(axis=0) for part in np.array_split(frames, seconds)])

    def listen(self, speech: Tone) -> None:
        """Encode it where nobody transcribes: 30 s at a time."""
        self.begin(speech)
        while not self.whole:
            window = self._mel[:, self._heard : self._heard + WINDOW_FRAMES]
            self._listening(np.pad(window, ((0, 0), (0, WINDOW_FRAMES - window.shape[1]))))

    def _listening(self, features: Tone) -> Any:
        encoded = self._encode(features)
        # The transcriber starts a window where its last sentence ended, so windows overlap; each moment counts once.
        places = np.flatnonzero((self._mel == features[:, :1]).all(axis=0)).tolist() if self._mel.size else []
        if places:
            self._keep(places[0], np.asarray(encoded, dtype=np.float32)[0])
        return encoded

    def _keep(self, start: int, rows: Tone) -> None:
        end = min(start + WINDOW_FRAMES, self._mel.shape[1] - 1)
        new = rows[max(0, self._heard - start) // 2 : (end - start + 1) // 2]
        if end > self._heard and len(new):
            self._frames.append(new)
            self._heard = end
