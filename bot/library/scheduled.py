"""What a server wants told at its hours."""

from __future__ import annotations

from dataclasses import dataclass

EVERY_DAY = "1234567"


@dataclass(frozen=True)
class Scheduled:
    """A tale or the news, told again and again; the server's, no member's."""

    id: str
    """Eight hex digits; what is due is named by it."""
    at: str
    """`20:00`, in the server's time zone."""
    channel: str
    """Where it is told."""
    wish: str = ""
    """Words of the tale; empty for the news."""
    words: int = 160
    manner: str = ""
    """Who seems to tell the news: `anchor`, `friend`..."""
    days: str = EVERY_DAY
    """Weekdays from Monday, 1, to Sunday, 7."""
    reviewed: bool = False
    """Whether somebody hears it first, in the channel of the mod log."""
    told_until: float = 0.0
    """When it was due last, or was made; seconds since the epoch."""

    @property
    def cron(self) -> str:
        """The same for DBOS: minute, hour, any day, any month, weekdays from Sunday, 0."""
        hour, minute = self.at.split(":")
        weekdays = "*" if self.days == EVERY_DAY else ",".join(str(int(day) % 7) for day in self.days)
        return f"{int(minute)} {int(hour)} * * {weekdays}"
