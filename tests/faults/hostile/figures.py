"""What came of a night."""

from __future__ import annotations

from dataclasses import dataclass

SECRET = "thesecretofelsewhere"
"""Stands in everything that the other server keeps, and may stand nowhere here."""
PART = SECRET[:12]
"""What is looked for: what a member typed themselves they may read."""
MOST_GAP_MS = 100.0
"""Longer than this nobody's code may hold the loop; a bench says so, no test does."""
HARMS = (
    "tracebacks", "mentions", "leaked_bytes", "decoded", "broke", "unanswered", "undecodable", "undelivered",
    "silent_servers",
)  # fmt: skip
"""Figures that must be 0."""


@dataclass
class Figures:
    """What came of it."""

    inputs: int = 0
    tracebacks: int = 0
    mentions: int = 0
    leaked_bytes: int = 0
    packets: int = 0
    """Forged datagrams that reached the ears: a deaf bot is no careful one."""
    decoded: int = 0
    """Frames of a voice that nobody agreed to have heard."""
    broke: int = 0
    """Answers that something broke on our side: a bug, kindly told."""
    unanswered: int = 0
    """Interactions of an honest client that Discord gave up on, and any that were put off and never answered."""
    undecodable: int = 0
    """Files at which the decoder did anything but refuse."""
    undelivered: int = 0
    """Tales that were told and neither came nor wait in /tales, or of which nobody knows the end."""
    silent_servers: int = 0
    """Servers that heard nothing for seconds of a tale that was played to them."""
    plays: int = 0
    """Tales that those servers heard to their end."""
    underruns: int = 0
    """Packets of nothing in those: double and bot share one interpreter here."""
    hardships: int = 0
    """Permissions taken and private messages closed."""
    worst_loop_gap_ms: float = 0.0
    """The longest time that the bot's code held the loop."""
    bare_loop_gap_ms: float = 0.0
    """The longest time that a loop with nothing to do, in a process beside it, woke late: the machine's own."""
    alive: bool = False
