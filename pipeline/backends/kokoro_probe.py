"""Which engine runs Kokoro faster here."""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.kokoro_engine import OnnxEngine, Wish
from pipeline.cancelled import Cancelled
from pipeline.log import log_of

RECORD = "engine.json"
"""Beside the weights: what was found once holds from then on, since each engine has a sound of its own."""
_FLAGS = ("avx512_bf16", "amx_bf16")
_TOKENS = 60
_TIMES = 2
_CLEARLY = 1.08
"""So much faster OpenVINO must be: it takes three times the memory."""

log = log_of("kokoro")


def fastest_engine(model: Path, threads: int) -> Any:
    """OpenVINO where it is installed, bfloat16 is native and one short probe says so; else onnxruntime."""
    if importlib.util.find_spec("openvino") is None or not _has_bfloat16():
        return OnnxEngine(model, threads)
    recorded = _recorded(model)
    if recorded == "onnxruntime":
        return OnnxEngine(model, threads)
    from pipeline.backends.kokoro_openvino import OpenvinoEngine

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


def _seconds(run: Callable[[Wish, Cancelled], Any]) -> float:
    """The better of a few short runs, after one that warms it."""
    tokens = np.array([0, *([50] * _TOKENS), 0], np.int64)
    wish = Wish(tokens, np.zeros((1, 256), np.float32), 1.0, 1.0, 0.0, np.full(len(tokens), 3, np.float32))
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
