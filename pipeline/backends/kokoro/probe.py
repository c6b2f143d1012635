"""Which engine runs Kokoro faster here."""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.kokoro.engine import KokoroInput, OnnxEngine, Run, wires_of
from pipeline.backends.kokoro.graph_edits import grafted, with_float_convolutions
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.log import log_of

RECORD = "engine.json"
"""File beside the weights with the choice: made once, since each engine sounds a little different."""
_FLAGS = ("avx512_bf16", "amx_bf16")
_TOKENS = 60
_TIMES = 2
_CLEARLY = 1.08
"""How many times as fast OpenVINO must be: it takes three times the memory."""

log = log_of("kokoro")


def fastest_engine(model: Path, threads: int) -> Any:
    """Return OpenVINO where it is installed, bfloat16 is native and a short probe finds it faster; else onnxruntime."""
    if importlib.util.find_spec("openvino") is None or not _has_bfloat16():
        return OnnxEngine(model, threads)
    recorded = _recorded(model)
    if recorded == "onnxruntime":
        return OnnxEngine(model, threads)
    try:
        other = OpenvinoEngine(model, threads)
    except RuntimeError as error:  # another export, another OpenVINO: the engine that always works is at hand
        log.warning("openvino_refused", why=str(error)[:200])
        return OnnxEngine(model, threads)
    return other if recorded == other.name else _faster(OnnxEngine(model, threads), other, model)


def _faster(usual: OnnxEngine, other: Any, model: Path) -> Any:
    usual_s, other_s = _seconds(usual.run), _seconds(other.run)
    chosen, left = (other, usual) if usual_s > other_s * _CLEARLY else (usual, other)
    log.info("engine_chosen", engine=chosen.name, onnxruntime_s=round(usual_s, 3), openvino_s=round(other_s, 3))
    left.close()
    record = {"engine": chosen.name, "onnxruntime_s": round(usual_s, 3), "openvino_s": round(other_s, 3)}
    try:
        (model.parent / RECORD).write_text(json.dumps(record), encoding="utf-8")
    except OSError as error:
        log.warning("engine_not_recorded", why=str(error))
    return chosen


def _seconds(run: Callable[[KokoroInput, Cancelled], Any]) -> float:
    """Return the seconds of the fastest of a few short runs, after one that warms it."""
    tokens = np.array([0, *([50] * _TOKENS), 0], np.int64)
    wish = KokoroInput(tokens, np.zeros((1, 256), np.float32), 1.0, 1.0, 0.0, np.full(len(tokens), 3, np.float32))
    taken: list[float] = []
    for _ in range(_TIMES + 1):
        since_s = time.perf_counter()
        run(wish, Cancelled())
        taken.append(time.perf_counter() - since_s)
    return min(taken[1:])


def _recorded(model: Path) -> str:
    try:
        return str(json.loads((model.parent / RECORD).read_text(encoding="utf-8"))["engine"])
    except (OSError, ValueError, KeyError):
        return ""


def _has_bfloat16() -> bool:
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.exists() and any(flag in cpuinfo.read_text(encoding="utf-8", errors="replace") for flag in _FLAGS)


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

    def run(self, wish: KokoroInput, check: Cancelled) -> Run:
        """Run the model in a request of its own, so that lines are made side by side."""
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
