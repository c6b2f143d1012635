"""Whether a speaker is done, by Smart Turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.voice.receive.opus import Pcm
from pipeline.audio.mel import mel_power
from pipeline.log import log_of
from pipeline.words.sound import HEARING_HZ, RATE_HZ

WINDOW_S = 8
"""It hears the last seconds of a turn, with silence before them where there are fewer."""
_BANDS, _FRAME, _HOP = 80, 400, 160
log = log_of("turn_end")


def in_weights(folder: Path) -> Path:
    """Where the executor that pulls the weights puts it."""
    return folder / "smart-turn" / "turn.onnx"


def opened(file: Path | None) -> TurnEnd | None:
    """The model; None where its file is missing or damaged: silence alone then ends a wish."""
    if file is None or not file.is_file():
        return None
    try:
        return TurnEnd(file)
    except Exception:  # what a broken file makes the library raise has no common name
        log.warning("turn_end_unreadable", file=str(file), exc_info=True)
        return None


class TurnEnd:
    """The small model that hears from the prosody whether a turn is whole."""

    def __init__(self, file: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def chance(self, pcm: Pcm) -> float:
        """That the turn is whole which these samples end; they hold the silence after it, too."""
        told = self._session.run(None, {"input_features": _features(pcm)[None]})[0]
        return float(np.ravel(told)[0])


def _features(pcm: Pcm) -> npt.NDArray[np.float32]:
    """Whisper's log-mel bands of eight seconds, as the model was taught with."""
    import soxr

    heard = soxr.resample(pcm[-WINDOW_S * RATE_HZ :].astype(np.float32) / 32_768, RATE_HZ, HEARING_HZ)
    whole = np.pad(heard, (max(0, WINDOW_S * HEARING_HZ - len(heard)), 0))[-WINDOW_S * HEARING_HZ :]
    steady = (whole - whole.mean()) / np.sqrt(whole.var() + 1e-7)
    power = np.log10(np.maximum(mel_power(steady, HEARING_HZ, _BANDS, _FRAME, _HOP)[:-1], 1e-10))
    return np.asarray((np.maximum(power, power.max() - 8.0) + 4.0).T / 4.0, np.float32)
