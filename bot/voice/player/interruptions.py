"""Causes that stop a tale for a while."""

from __future__ import annotations

from enum import StrEnum

from bot.voice.call import Call, Health
from bot.voice.player.queue_item import QueueItem
from bot.voice.player.tale_source import Mouth
from bot.voice.player.timings import Manners
from pipeline.errors import Refused


class Cause(StrEnum):
    """Why a tale waits."""

    PAUSED = "paused"
    """A member pressed pause."""
    ALONE = "alone"
    """Nobody listens."""
    BROKEN = "broken"
    """The call does not carry sound, or the server muted the bot."""
    STARVED = "starved"
    """The next passage is not made yet; music goes on for a while."""


class Interruptions:
    """The causes that hold the tale which is told now, each since when.

    A tale sounds while no cause silences it: PAUSED and ALONE at once, BROKEN by the call itself, STARVED once the
    music alone has lasted `vamp_s`. Every cause but PAUSED ends by itself, and each ends the tale once it lasts too
    long. One look asks `heard` and then, where it is heard, `starved`.
    """

    def __init__(self, call: Call, manners: Manners) -> None:
        self._call, self._manners = call, manners
        self._since_s: dict[Cause, float] = {}

    def causes(self) -> frozenset[Cause]:
        """Return those that hold the tale now."""
        return frozenset(self._since_s)

    def clear(self) -> None:
        """Forget all: another tale begins."""
        self._since_s.clear()

    def pause(self, mouth: Mouth, now_s: float) -> None:
        """Pause until a member resumes."""
        self._since_s[Cause.PAUSED] = now_s
        mouth.pause()

    def go_on(self, mouth: Mouth) -> None:
        """End a member's pause."""
        self._since_s.pop(Cause.PAUSED, None)
        mouth.go_on()

    def heard(self, turn: QueueItem, mouth: Mouth, now_s: float) -> bool:
        """Whether somebody hears the bot; raises Refused once that is given up."""
        match self._call.health:
            case Health.LOST | Health.AWAY:
                raise self._call.why or Refused("booth_lost", channel="")
            case Health.BROKEN | Health.SILENCED:
                if Cause.BROKEN not in self._since_s:
                    # The line's start is noted now: frames that nobody hears still move the position on.
                    self._since_s[Cause.BROKEN], turn.cut_at = now_s, turn.line_start
                    self._call.hush()
                return False
        since_s = self._since_s.pop(Cause.BROKEN, None)
        if since_s is not None:
            if now_s - since_s > self._manners.blink_s and turn.cut_at is not None:
                mouth.seek(turn.cut_at)
            turn.cut_at = None
        self._keep_company(mouth, now_s)
        return True

    def _keep_company(self, mouth: Mouth, now_s: float) -> None:
        """Wait for listeners, for a while; raises Refused after it."""
        if self._call.listeners:
            # Who comes back does not undo what another member pressed.
            if self._since_s.pop(Cause.ALONE, None) is not None and Cause.PAUSED not in self._since_s:
                mouth.go_on()
        elif Cause.ALONE not in self._since_s:
            self._since_s[Cause.ALONE] = now_s
            mouth.pause()
        elif self._lasts(Cause.ALONE, self._manners.alone_s, now_s):
            raise Refused("booth_alone", channel=self._call.room_name)
        if self._lasts(Cause.PAUSED, self._manners.paused_s, now_s):
            raise Refused("booth_alone", channel=self._call.room_name)

    def starved(self, turn: QueueItem, mouth: Mouth, now_s: float) -> None:
        """Let music bridge a missing passage for a while, then pause; raises Refused once nothing comes at all."""
        waiting = mouth.at >= turn.timeline.samples and not turn.timeline.whole
        if not waiting:
            ended = self._since_s.pop(Cause.STARVED, None) is not None
            # Only our own pause is taken back, and only where nobody else wants silence.
            if ended and mouth.paused and not self._since_s.keys() & {Cause.PAUSED, Cause.ALONE}:
                mouth.go_on()
            turn.held = False
            return
        self._since_s.setdefault(Cause.STARVED, now_s)
        turn.held = True
        if self._lasts(Cause.STARVED, self._manners.waits_s, now_s):
            raise Refused("booth_waited")
        if self._lasts(Cause.STARVED, self._manners.vamp_s, now_s) and not mouth.paused:
            mouth.pause()

    def _lasts(self, cause: Cause, longest_s: float, now_s: float) -> bool:
        return cause in self._since_s and now_s - self._since_s[cause] > longest_s
