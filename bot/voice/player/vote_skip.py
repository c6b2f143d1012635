"""Who may steer what is being told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import Refused


class PlayerAction(StrEnum):
    """What can be asked of a booth."""

    PAUSE = "pause"
    GO_ON = "go_on"
    BACK = "back"
    REPLAY = "replay"
    SKIP = "skip"
    STOP = "stop"
    VOLUME = "volume"


ANYBODY = (PlayerAction.PAUSE, PlayerAction.GO_ON, PlayerAction.BACK)
"""What everyone may who listens; the rest is the asker's, the narrators' and the moderators', or takes a vote."""


@dataclass(frozen=True)
class By:
    """Who wishes it."""

    member: int
    steers: bool = False
    """Narrator role or moderator; the asker is known to the booth."""


@dataclass(frozen=True)
class Vote:
    """How a wish stands."""

    have: int
    need: int

    @property
    def carried(self) -> bool:
        """Whether it is done."""
        return self.have >= self.need


AT_ONCE = Vote(1, 1)


class Votes:
    """The listeners' wishes about one tale."""

    def __init__(self) -> None:
        self._given: defaultdict[str, set[int]] = defaultdict(set)

    def count(self, wish: str, verb: PlayerAction, by: By, asker: int, listeners: frozenset[int], channel: str) -> Vote:
        """Whether it is done, or how many more must wish it; `wish` tells one volume from another.

        Raises Refused `booth_not_listening` for somebody from outside who may not steer.
        """
        if by.steers or by.member == asker:
            return AT_ONCE
        if by.member not in listeners:
            raise Refused("booth_not_listening", channel=channel)
        if verb in ANYBODY:
            return AT_ONCE
        self._given[wish].add(by.member)
        vote = Vote(len(self._given[wish] & listeners), (len(listeners) + 1) // 2)
        if vote.carried:
            del self._given[wish]
        return vote
