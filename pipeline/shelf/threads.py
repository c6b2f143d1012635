"""How many threads a model may use."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Spinning threads on busy cores cost a factor of twenty-five: every library here is told to sleep instead.
CALM = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "KMP_BLOCKTIME": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def cores() -> int:
    """Count the cores this process may run on, not all of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def model_threads(live: bool, wish: int = 0) -> int:
    """Return the threads for models: all cores, or all but one while a call is live, within the operator's setting."""
    most = max(1, cores() - 1) if live else cores()
    return min(wish, most) if wish else most


def calm_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return variables to set before any model library is loaded; what the operator set stays."""
    return {name: value for name, value in CALM.items() if name not in environ}
