"""How well a voice comes through."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from bot.voice.receive.opus import Pcm
from pipeline.words.sound import RATE_HZ

FAINT_DB = -42.0
"""Under full scale: words spoken more softly are often missed."""
CLIPPED_SHARE = 0.01
"""Of the loud moments; less is a slammed door."""
_CEILING = 32_000
_LOUD = 90
"""Percentile of the moments' power that counts as speech."""
_MOMENT = RATE_HZ // 50


class Fault(StrEnum):
    """What its owner can mend."""

    NONE = "none"
    FAINT = "faint"
    CLIPPED = "clipped"


def fault_of(pcm: Pcm) -> Fault:
    """Of a whole utterance."""
    moments = pcm[: len(pcm) // _MOMENT * _MOMENT].reshape(-1, _MOMENT).astype(np.float32) / 32_768
    if not len(moments):
        return Fault.NONE
    power = np.mean(moments**2, axis=1)
    speech = moments[power >= np.percentile(power, _LOUD)]
    if np.mean(np.abs(speech) * 32_768 >= _CEILING) > CLIPPED_SHARE:
        return Fault.CLIPPED
    return Fault.FAINT if 10 * np.log10(np.mean(speech**2) + 1e-12) < FAINT_DB else Fault.NONE
