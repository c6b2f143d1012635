"""Workarounds for torch's neighbours on import."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any


def mend_torchaudio() -> None:
    """Make torchaudio importable beside a torch without CUDA; call it before importing transformers or TTS models.

    The Linux wheel links CUDA's libraries, so its extension raises OSError there; the Python parts need none of it.
    """
    if "torchaudio" in sys.modules or importlib.util.find_spec("torchaudio") is None:
        return
    try:
        importlib.import_module("torchaudio")
    except OSError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _extension()
        importlib.import_module("torchaudio")


def _extension() -> types.ModuleType:
    stub: Any = types.ModuleType("torchaudio._extension")
    stub._IS_TORCHAUDIO_EXT_AVAILABLE = False
    stub._IS_ALIGN_AVAILABLE = False
    stub._IS_RIR_AVAILABLE = False
    stub._check_cuda_version = lambda: None
    stub.fail_if_no_align = _refusing
    module: types.ModuleType = stub
    return module


def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    def refused(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"{function.__name__} needs a torchaudio that fits this torch")

    return refused


def hush(library: Any) -> None:
    """Keep progress bars and advice of transformers and diffusers out of an operator's log."""
    library.utils.logging.disable_progress_bar()
    library.utils.logging.set_verbosity_error()
