"""Presses that come too fast."""

from __future__ import annotations

from collections import OrderedDict, deque

from pipeline.errors import Refused

MOST, WITHIN_S = 30, 10.0
"""Presses and commands of one member: more than any hand does, fewer than any script."""
REMEMBERED = 10_000
"""Members; the one who was longest quiet is forgotten first."""


class Floods:
    """Counts each member's last moments, in memory alone; what was refused does not count."""

    def __init__(self, most: int = MOST, within_s: float = WITHIN_S, remembered: int = REMEMBERED) -> None:
        self._most, self._within_s, self._remembered = most, within_s, remembered
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def hold(self, member: str, now: float) -> None:
        """Raises Refused `gate_flood`, which says when there is room again."""
        seen = self._seen.setdefault(member, deque(maxlen=self._most))
        self._seen.move_to_end(member)
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        free_at = seen[0] + self._within_s if len(seen) == self._most else now
        if free_at > now:
            raise Refused("gate_flood", at=f"<t:{round(free_at) + 1}:R>")
        seen.append(now)
