"""Timings and surroundings of a player."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.library.records import HeardAs, Music, ServerSettings
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.buffering import Machine
from bot.voice.player.queue_item import QueueItem

LEVELS = {Music.FULL: 1.0, Music.SOFT: 0.5, Music.OFF: 0.0}
"""Volume of the music by a server's setting; 1 is as mixed."""
FOR_ALL = ("booth_alone", "booth_deafened", "booth_gone", "booth_lost", "booth_muted", "booth_put_out")
"""Errors of the call, which end the whole queue and not one tale."""


@dataclass(frozen=True)
class Manners:
    """Timings of a player, in seconds."""

    near_s: float = 10.0
    """How far off the first line may be when the bot joins."""
    breath_s: float = 2.0
    """Between two tales."""
    alone_s: float = 60.0
    """Without a listener, before the bot leaves."""
    idle_s: float = 30.0
    """With an empty queue, before the bot leaves."""
    paused_s: float = 900.0
    """How long a pause may last."""
    vamp_s: float = 45.0
    """How long music alone plays while a passage is missing; then silence."""
    waits_s: float = 600.0
    """How long in all a missing passage is waited for."""
    fade_s: float = 0.3
    """From a stop to leaving the call."""
    blink_s: float = 0.5
    """After a shorter break the line is not said again."""
    look_s: float = 0.1
    """Between two looks at the tale that plays."""


@dataclass(frozen=True)
class Around:
    """What a player needs from outside."""

    blocks: Blocks
    machine: Machine
    rules: Callable[[], Awaitable[ServerSettings]]
    """Reads the server's settings."""
    noted: Callable[[QueueItem], None]
    """Called whenever a new line begins, so that a restart resumes there."""
    ended: Callable[[str], None]
    """Called with the id of a tale that needs no bookmark any more."""
    counted: Callable[[str, HeardAs, frozenset[int]], None]
    """Called with a tale, how it was heard, and by whom."""
    able: Callable[[], Awaitable[bool]]
    """Whether tales can be made now: no weights are being downloaded."""
    clock: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = lambda: datetime.now(UTC)
