"""How a booth behaves."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.library.records import Music, ServerSettings
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.buffering import Machine
from bot.voice.player.queue_item import QueueItem

LEVELS = {Music.FULL: 1.0, Music.SOFT: 0.5, Music.OFF: 0.0}
"""Of the music, as a server wants it."""
FOR_ALL = ("booth_alone", "booth_deafened", "booth_gone", "booth_lost", "booth_muted", "booth_put_out")
"""What ends the whole line, not one tale."""


@dataclass(frozen=True)
class Manners:
    """How a booth behaves; seconds."""

    near_s: float = 10.0
    """How far off the first line may be when we join."""
    breath_s: float = 2.0
    """Between two tales."""
    alone_s: float = 60.0
    """Without a listener, before we leave."""
    idle_s: float = 30.0
    """With nothing to tell."""
    paused_s: float = 900.0
    """How long a pause is kept."""
    vamp_s: float = 45.0
    """How long music alone is bearable; then silence, until more is there."""
    waits_s: float = 600.0
    """How long in all for a passage that does not come."""
    fade_s: float = 0.3
    """From the last word to our leaving, where somebody stopped us."""
    blink_s: float = 0.5
    """A break shorter than this is not worth going back for."""
    look_s: float = 0.1


@dataclass(frozen=True)
class Around:
    """What a booth needs of the house."""

    blocks: Blocks
    machine: Machine
    rules: Callable[[], Awaitable[ServerSettings]]
    """The server's."""
    noted: Callable[[QueueItem], None]
    """Told whenever a new line begins, so that a restart resumes there."""
    ended: Callable[[str], None]
    """A tale needs no more remembering, by id."""
    able: Callable[[], Awaitable[bool]]
    """Whether tales can be made now: no weights are on their way any more."""
    clock: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = lambda: datetime.now(UTC)
