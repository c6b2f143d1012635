"""Joined, but hearing nothing."""

from __future__ import annotations

from dataclasses import dataclass

from bot.voice.receive.hearing import Hearing

DEAF_S = 8.0
"""Somebody is said to speak, and nothing that could be opened has come for so long."""
LOCKED_MOST = 100
"""Frames in a row (two seconds) that could not be opened."""


@dataclass
class Deafness:
    """Watches what comes against what should come."""

    deaf: bool = False
    _opened: int = 0
    _locked: int = 0
    _since_s: float | None = None

    def newly(self, hearing: Hearing, now_s: float) -> bool:
        """Whether it turned out just now, and for the first time."""
        opened, locked = sum(hearing.opened.values()), hearing.counts["locked"] + hearing.counts["sealed"]
        if opened > self._opened or self._since_s is None:
            self._opened, self._locked, self._since_s, self.deaf = opened, locked, now_s, False
        announced_in_vain = hearing.counts["named"] > 0 and not hearing.counts["sound"]
        if not announced_in_vain and locked - self._locked < LOCKED_MOST:
            self._since_s = now_s
            return False
        if self.deaf or now_s - self._since_s < DEAF_S:
            return False
        self.deaf = True
        return True
