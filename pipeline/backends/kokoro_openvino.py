"""Kokoro's graph under OpenVINO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.kokoro_engine import Run, Wish, wires_of
from pipeline.backends.kokoro_graft import grafted, with_float_convolutions
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell


class OpenvinoEngine:
    """Float convolutions in bfloat16: worth it only on a processor that multiplies them itself.

    Brake: `cancel` on the request, which ends it before its next layer.
    """

    name = "openvino"

    def __init__(self, model: Path, threads: int) -> None:
        import openvino

        graph = with_float_convolutions(grafted(model.read_bytes()))
        core = openvino.Core()
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": threads,
            "ENABLE_CPU_PINNING": False,
        }
        self._compiled: Any = core.compile_model(core.read_model(graph), "CPU", settings)

    def run(self, wish: Wish, check: Cancelled) -> Run:
        """A request of its own for each run, so that lines are made side by side."""
        request = self._compiled.create_infer_request()
        feeds: dict[int | str, Any] = {0: wish.tokens[None], "style": wish.style}
        feeds["speed"] = np.array([wish.speed], np.float32)
        feeds.update(wires_of(wish))
        with check.watch(request.cancel):
            try:
                request.start_async(feeds)
                request.wait()
            except Exception as error:
                check()
                raise Unwell("model_failed", model="kokoro", why=str(error)[:200]) from error
        audio, frames = (request.get_output_tensor(at).data.copy() for at in (0, 1))
        return Run(audio.ravel(), frames.ravel())

    def close(self) -> None:
        self._compiled = None
