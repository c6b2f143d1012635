"""How somebody's narrator speaks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from discord import app_commands

from pipeline.words.prompt import Speaking

MOST_CURVE = 200
"""Characters of the line that shapes the voice."""
Pace = app_commands.Range[float, 0.7, 1.4]
Pitch = app_commands.Range[float, -4.0, 4.0]
Energy = app_commands.Range[float, -4.0, 4.0]
Curve = app_commands.Range[str, 1, MOST_CURVE]


@dataclass(frozen=True)
class ProsodyOptions:
    """What was asked for now; None leaves it as the member chose it for all their tales."""

    pace: float | None = None
    pitch_semitones: float | None = None
    energy_db: float | None = None
    curve: str | None = None

    @staticmethod
    def of(speaking: Speaking) -> ProsodyOptions:
        """The very same again."""
        return ProsodyOptions(speaking.pace, speaking.pitch_semitones, speaking.energy_db, speaking.curve)

    def over(self, usual: Speaking) -> Speaking:
        """What was asked for now, over what is usual."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return replace(usual, **given)
