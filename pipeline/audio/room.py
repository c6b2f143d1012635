"""The room a scene sounds in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Acoustics:
    """How much the walls answer, and how loud the scene's music stands."""

    reverb_s: float = 0.25
    """Until the answer has fallen by 60 dB."""
    wet_db: float = -20.0
    """Energy of the answer against the voice."""
    gap_s: float = 0.012
    """Until the first wall is heard."""
    dark_hz: float = 6_000.0
    """Above it the walls swallow."""
    lift_db: float = 0.0
    """Music above or below its designed level, for stirred or still scenes; kept within 2 dB."""


STUDIO = Acoustics()
"""Where a scene names no place: a small treated room."""
# By what a scene mentions, the most telling first.
_ROOMS: dict[str, Acoustics] = {
    "cave": Acoustics(reverb_s=0.9, wet_db=-13.0, gap_s=0.035, dark_hz=3_500.0),
    "crowd": Acoustics(reverb_s=0.5, wet_db=-17.0, gap_s=0.020, dark_hz=5_000.0),
    "fire": Acoustics(reverb_s=0.3, wet_db=-18.0, gap_s=0.010, dark_hz=4_000.0),
    "forest": Acoustics(reverb_s=0.35, wet_db=-22.0, gap_s=0.030, dark_hz=3_000.0),
    "sea": Acoustics(reverb_s=0.15, wet_db=-26.0, gap_s=0.020, dark_hz=3_000.0),
    "wind": Acoustics(reverb_s=0.15, wet_db=-26.0, gap_s=0.020, dark_hz=3_000.0),
    "rain": Acoustics(reverb_s=0.25, wet_db=-22.0, gap_s=0.012, dark_hz=5_000.0),
    "night": Acoustics(reverb_s=0.3, wet_db=-23.0, gap_s=0.025, dark_hz=4_000.0),
}


def room_of(ambience: Sequence[str], lift_db: float = 0.0) -> Acoustics:
    """The room for what a passage mentions, with its music lifted by `lift_db`."""
    base = next((room for name, room in _ROOMS.items() if name in ambience), STUDIO)
    return Acoustics(base.reverb_s, base.wet_db, base.gap_s, base.dark_hz, max(-2.0, min(2.0, lift_db)))
