"""Who may steer what is being told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import Refused


class PlayerAction(StrEnum):
    """What can be asked of a player."""

    PAUSE = "pause"
    GO_ON = "go_on"
    BACK = "back"
    REPLAY = "replay"
    SKIP = "skip"
    STOP = "stop"
    VOLUME = "volume"


ANYBODY = (PlayerAction.PAUSE, PlayerAction.GO_ON, PlayerAction.BACK)
"""What every listener may do; the rest is for the asker, narrators and moderators, or takes a vote."""


@dataclass(frozen=True)
class By:
    """Who asks for it."""

    member: int
    steers: bool = False
    """Has the narrator role or is a moderator; who asked for the tale is known to the player."""


@dataclass(frozen=True)
class Vote:
    """State of a vote."""

    have: int  # listeners who want it
    need: int  # half of those who listen, rounded up

    @property
    def carried(self) -> bool:
        """Whether enough listeners want it."""
        return self.have >= self.need


AT_ONCE = Vote(1, 1)


class Votes:
    """The listeners' wishes about one tale."""

    def __init__(self) -> None:
        self._given: defaultdict[str, set[int]] = defaultdict(set)

    def count(self, wish: str, verb: PlayerAction, by: By, asker: int, listeners: frozenset[int], channel: str) -> Vote:
        """Count a member's wish; `wish` tells one volume from another.

        Raises Refused `booth_not_listening` for somebody from outside who may not steer.
        """
        if by.steers or by.member == asker:
            return AT_ONCE
        if by.member not in listeners:
            raise Refused("booth_not_listening", channel=channel)
        if verb in ANYBODY:
            return AT_ONCE
        self._given[wish].add(by.member)
        # Only who still listens counts, on both sides: votes of those who left would carry it for nobody.
        vote = Vote(len(self._given[wish] & listeners), (len(listeners) + 1) // 2)
        if vote.carried:
            del self._given[wish]  # another skip of the next tale needs votes of its own
        return vote
