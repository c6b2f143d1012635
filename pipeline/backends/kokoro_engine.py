"""Kokoro's graph under onnxruntime."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.backends.kokoro_graft import DURATIONS, MOST_FRAMES, PITCH_FACTOR, grafted
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.words.sound import Samples


@dataclass(frozen=True)
class Wish:
    """One run of the model."""

    tokens: npt.NDArray[np.int64]
    style: npt.NDArray[np.float32]
    speed: float
    pitch_factor: float
    most_frames: npt.NDArray[np.float32]


class OnnxEngine:
    """The graph under onnxruntime: one session that several threads may run side by side."""

    name = "onnxruntime"

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Waiting threads sleep: spinning ones cost more than they bring as soon as anybody else works here.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._runtime = onnxruntime
        graph = grafted(model.read_bytes())
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run(self, wish: Wish, check: Cancelled) -> tuple[Samples, npt.NDArray[np.float32]]:
        """Audio at 24 kHz and frames per token; the brake ends a run within a quarter of a second."""
        brake = self._runtime.RunOptions()
        feeds = {
            "tokens": wish.tokens[None],
            "style": wish.style,
            "speed": np.array([wish.speed], np.float32),
            PITCH_FACTOR: np.array([wish.pitch_factor], np.float32),
            MOST_FRAMES: wish.most_frames[None],
        }
        with check.watch(lambda: setattr(brake, "terminate", True)):
            try:
                audio, frames = self._session.run(["audio", DURATIONS], feeds, brake)
            except Exception as error:  # its own kinds are not exported
                check()
                raise Unwell("model_failed", model="kokoro", why=str(error)[:200]) from error
        return audio.ravel(), frames.ravel()

    def close(self) -> None:
        self._session = None
