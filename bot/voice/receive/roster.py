"""Who speaks under which number."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from bot.voice.receive.decrypt import Transport
from bot.voice.receive.packet import Packet

SESSION, SPEAKING, CLIENT_GONE = 4, 5, 13
"""The voice gateway's opcodes that matter here."""
HELD_MOST: Final = 50
"""Packets of a stranger (a second), kept sealed until the gateway says whose they are."""
HELD_S: Final = 2.0
"""What waited longer for its name is no beginning of what is said now."""
_STRANGERS_MOST: Final = 32
Waiting = tuple[float, Packet, Transport]
"""When it came, and the key of the connection it came over."""


class Roster:
    """SSRCs by member, as the voice gateway tells them; it keeps sealed what came before the name."""

    def __init__(self, known: Mapping[int, int]) -> None:
        self._members = dict(known)
        self._held: dict[int, deque[Waiting]] = {}

    def member_of(self, ssrc: int) -> int | None:
        """None for a stranger."""
        return self._members.get(ssrc)

    def hold(self, at_s: float, packet: Packet, transport: Transport) -> None:
        """A stranger's packet; of too many strangers the longest known is forgotten."""
        if packet.ssrc not in self._held and len(self._held) >= _STRANGERS_MOST:
            del self._held[next(iter(self._held))]
        self._held.setdefault(packet.ssrc, deque(maxlen=HELD_MOST)).append((at_s, packet, transport))

    def named(self, ssrc: int, member: int, now_s: float) -> list[Waiting]:
        """The packets that waited for this name, but not for long."""
        self._members[ssrc] = member
        return [one for one in self._held.pop(ssrc, ()) if now_s - one[0] < HELD_S]

    def gone(self, member: int) -> list[int]:
        """Somebody left; the SSRCs that were theirs."""
        theirs = [ssrc for ssrc, who in self._members.items() if who == member]
        for ssrc in theirs:
            del self._members[ssrc]
        return theirs

    def clear(self) -> None:
        """Another voice server: all numbers are given anew."""
        self._members.clear()
        self._held.clear()
