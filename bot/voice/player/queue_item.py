"""One tale in a player's queue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from bot.voice.player.buffering import Buffering, Machine
from bot.voice.player.tale_source import Mouth
from bot.voice.player.vote_skip import Votes
from pipeline.audio.sum import PathOf
from pipeline.log import log_of
from pipeline.tables import FALLBACK
from pipeline.words.event import Event, Failed, Queued, Stopped
from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.sound import RATE_HZ
from pipeline.words.timeline import Timeline

log = log_of("booth")


@runtime_checkable
class Follow(Protocol):
    """What shows the tale elsewhere: its card."""

    def heard_to(self, at_s: float) -> None:
        """Note how far the voice has come; never waits."""

    def without_voice(self, code: str, **fields: object) -> None:
        """Note that it, or a part of it, is not told aloud, and why; never waits."""


class Unfollowed:
    """Follower of a tale that has no card."""

    def heard_to(self, at_s: float) -> None:
        """Do nothing."""

    def without_voice(self, code: str, **fields: object) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class LiveTale:
    """Tale for a player."""

    id: str
    title: str
    member: int
    """Discord id of who asked."""
    channel_id: int
    """Discord id of the voice channel."""
    path_of: PathOf
    """Finds the file of a sound."""
    follow: Follow = field(default_factory=Unfollowed)
    words: int = 150
    """Its length as asked, in words."""
    begin_at: int = 0
    """Sample to begin at, for a tale that was cut off."""
    locale: str = FALLBACK
    at_once: bool = False
    """No tale stands before it: it is made as soon as it is asked."""


@dataclass
class QueueItem:
    """A queued tale with all that is known of it so far."""

    tale: LiveTale
    pace: Buffering
    title: str
    timeline: Timeline = field(default_factory=Timeline)
    mouth: Mouth | None = None
    """Set once it plays."""
    votes: Votes = field(default_factory=Votes)
    invited: bool = False
    """The server's settings were read and allow it."""
    cut_at: int | None = None
    """Sample at which the line began during which the call broke."""
    held: bool = False
    """It waits for a passage that is not made yet."""
    loss_said: bool = False
    """Its card says that a part of it cannot be heard."""
    unsteady_since_s: float | None = None
    """Since when every look at it failed: a database that is away, say."""

    @classmethod
    def of(cls, tale: LiveTale, machine: Machine) -> QueueItem:
        """Return a new item for a tale."""
        return cls(tale, Buffering(machine, tale.words), tale.title)

    def hear(self, event: Event, now_s: float) -> None:
        """Apply an event; a tale that failed or was stopped plays to the end of what is there."""
        if not isinstance(event, Queued):
            self.pace.begun(now_s)
        before = self.timeline
        self.timeline = before.after(event)
        if isinstance(event, Failed | Stopped):
            self.timeline = replace(self.timeline, whole=True)
        if self.timeline != before:
            self.pace.grew(self.timeline, now_s)
            if self.mouth is not None:
                self.mouth.grow(self.timeline)

    def unsteady_for_s(self, now_s: float, error: Exception) -> float:
        """Note a failed look; returns for how many seconds every look has failed."""
        if self.unsteady_since_s is None:  # logged once, not ten times a second
            self.unsteady_since_s = now_s
            log.warning("player_look_failed", job=self.tale.id, exc_info=error)
        return now_s - self.unsteady_since_s

    @property
    def at(self) -> int:
        """The sample that is heard now."""
        return self.mouth.at if self.mouth is not None else self.tale.begin_at

    @property
    def line_start(self) -> int:
        """The sample at which the line that is heard now began."""
        starts = [
            placed.start + line.start
            for placed in self.timeline.placed
            if placed.spoken is not None
            for line in placed.spoken.lines
        ]
        return max((start for start in starts if start <= self.at), default=0)

    @property
    def line(self) -> str:
        """The words that are being said."""
        now = self.at
        for placed in reversed(self.timeline.placed):
            if placed.spoken is None or placed.start > now:
                continue
            begun = [line.text for line in placed.spoken.lines if placed.start + line.start <= now]
            if begun:
                return begun[-1]
        return ""

    @property
    def seconds(self) -> float:
        """Length of the tale; estimated from its words while it is being made."""
        if self.timeline.whole:
            return self.timeline.seconds
        return max(self.timeline.seconds, self.tale.words / WORDS_PER_MINUTE * 60)

    @property
    def at_s(self) -> float:
        """The same as `at`, in seconds."""
        return self.at / RATE_HZ
