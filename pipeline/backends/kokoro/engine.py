"""Kokoro's graph under onnxruntime."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.backends.kokoro.graph_edits import (
    DURATIONS,
    MOST_FRAMES,
    PITCH_FACTOR,
    PITCH_HOLD,
    PITCH_HZ,
    VOICED_HZ,
    grafted,
    multiplies_exactly,
    with_products,
)
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.words.sound import Samples

LEAST_VOICED_HZ = 50.0
"""Lowest pitch that is a voice, in Hz: the model writes lower figures where there is none."""
HOLD = 0.85
"""How far a line's mean pitch is drawn to its voice's own: the voice stays the same, and questions still rise."""


@dataclass(frozen=True)
class KokoroInput:
    """One run of the model."""

    tokens: npt.NDArray[np.int64]
    """With a pad on both sides."""
    style: npt.NDArray[np.float32]
    speed: float
    pitch_factor: float
    pitch_hz: float
    """What the voice's mean pitch should be; 0 leaves it to the model."""
    most_frames: npt.NDArray[np.float32]
    """A ceiling per token."""


@dataclass(frozen=True)
class Run:
    """Result of one run of the model."""

    audio: Samples
    """At 24 kHz."""
    frames: npt.NDArray[np.float32] | None
    """Frames per token; None from an export that cannot be patched, whose pitch stays as it is, too."""


class OnnxEngine:
    """One session that several threads may run side by side."""

    name = "onnxruntime"

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Lines differ in length: a plan of the memory for each of them only holds on to memory.
        options.enable_mem_pattern = False
        # Waiting threads sleep: spinning ones cost more than they bring as soon as anybody else works here.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graph, self._grafted = graph_of(model)
        self._options_of_run = onnxruntime.RunOptions
        graph = with_products(graph) if multiplies_exactly() else graph
        self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        # Exports differ in what they call the tokens and the audio; the style and the speed are the same in all.
        self._tokens: str = self._session.get_inputs()[0].name
        self._audio: str = self._session.get_outputs()[0].name

    def run(self, wish: KokoroInput, check: Cancelled) -> Run:
        """Run the model; a cancel ends it within a quarter of a second."""
        brake = self._options_of_run()
        feeds = {self._tokens: wish.tokens[None], "style": wish.style, "speed": np.array([wish.speed], np.float32)}
        feeds |= wires_of(wish) if self._grafted else {}
        wanted = [self._audio, DURATIONS] if self._grafted else [self._audio]
        with check.watch(lambda: setattr(brake, "terminate", True)):
            try:
                made = self._session.run(wanted, feeds, brake)
            except Exception as error:
                check()
                raise Unwell("model_failed", model="kokoro", why=str(error)[:200]) from error
        return Run(made[0].ravel(), made[1].ravel() if self._grafted else None)

    def close(self) -> None:
        self._session = None


def wires_of(wish: KokoroInput) -> dict[str, npt.NDArray[np.float32]]:
    """Return the values of the added inputs."""
    single = {
        PITCH_FACTOR: wish.pitch_factor,
        PITCH_HZ: wish.pitch_hz or 1.0,
        PITCH_HOLD: HOLD if wish.pitch_hz else 0.0,
        VOICED_HZ: LEAST_VOICED_HZ,
    }
    wires = {name: np.array([value], np.float32) for name, value in single.items()}
    return wires | {MOST_FRAMES: wish.most_frames[None]}


def graph_of(model: Path) -> tuple[bytes, bool]:
    """Return the graph with its added inputs and output where they fit, else as it is."""
    plain = model.read_bytes()
    try:
        return grafted(plain), True
    except Unwell:
        return plain, False
