"""An event as a follower hears it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.words.event import Done, Event, Failed, Stopped

LAST = (Done, Failed, Stopped)
"""Nothing comes after one of these."""


@dataclass(frozen=True)
class EventAt:
    """An event and where to go on after it."""

    event: Event
    next: int
    """Offset to follow from, so that this one does not come again."""
