"""Faults of a member's sound."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.voice.receive.hearing import Hearing
from bot.voice.receive.opus import Pcm
from pipeline.words.sound import RATE_HZ

FAINT_DB = -42.0
"""dB under full scale: words spoken more softly are often missed."""
CLIPPED_SHARE = 0.01
"""Share of clipped samples in the loud moments; less is a slammed door."""
_CEILING = 32_000  # of 32 767: Opus moves the peaks of a clipped voice a little
_LOUD = 90
"""Percentile of the moments' power that counts as speech."""
_MOMENT = RATE_HZ // 50  # 20 ms


DEAF_S = 8.0
"""Seconds in which somebody speaks and nothing can be decrypted, before the bot counts as deaf."""
LOCKED_MOST = 100
"""Frames in a row (two seconds) that could not be decrypted."""


class Fault(StrEnum):
    """Fault of a microphone that its owner can correct."""

    NONE = "none"
    FAINT = "faint"
    CLIPPED = "clipped"


def fault_of(pcm: Pcm) -> Fault:
    """Return the fault of a whole utterance."""
    moments = pcm[: len(pcm) // _MOMENT * _MOMENT].reshape(-1, _MOMENT).astype(np.float32) / 32_768
    if not len(moments):
        return Fault.NONE
    power = np.mean(moments**2, axis=1)
    speech = moments[power >= np.percentile(power, _LOUD)]
    if np.mean(np.abs(speech) * 32_768 >= _CEILING) > CLIPPED_SHARE:
        return Fault.CLIPPED
    # 1e-12 keeps the logarithm of digital silence finite.
    return Fault.FAINT if 10 * np.log10(np.mean(speech**2) + 1e-12) < FAINT_DB else Fault.NONE


@dataclass
class Deafness:
    """Notices that members speak and nothing of it can be decrypted."""

    deaf: bool = False
    _opened: int = 0
    _locked: int = 0
    _since_s: float | None = None

    def newly(self, hearing: Hearing, now_s: float) -> bool:
        """Whether the bot turned out to be deaf just now; true once until something is heard again."""
        opened, locked = sum(hearing.opened.values()), hearing.counts["locked"] + hearing.counts["sealed"]
        if opened > self._opened or self._since_s is None:
            self._opened, self._locked, self._since_s, self.deaf = opened, locked, now_s, False
        # The gateway names who speaks, the socket brings nothing: a router or firewall stops UDP.
        announced_in_vain = hearing.counts["named"] > 0 and not hearing.counts["sound"]
        if not announced_in_vain and locked - self._locked < LOCKED_MOST:
            self._since_s = now_s
            return False
        if self.deaf or now_s - self._since_s < DEAF_S:
            return False
        self.deaf = True
        return True
