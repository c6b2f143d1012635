"""Both locks taken off a frame."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import replace
from typing import Protocol

from nacl.exceptions import CryptoError
from nacl.secret import Aead

from bot.voice.receive.jitter import Arrived
from bot.voice.receive.packet import SILENCE, Packet, payload_of

HELD_MOST, HELD_S = 50, 2.0
"""Frames under a key that is still on its way wait for it: around a join, and around a change of keys."""
_NONCE_FILL = bytes(20)


class EndToEnd(Protocol):
    """The call's own lock."""

    def decrypt(self, member: int, frame: bytes) -> bytes:
        """The frame in the clear; as it is where the call has no such lock. Raises ValueError."""


class Transport:
    """The voice server's lock, with the key of one connection."""

    def __init__(self, key: bytes) -> None:
        self._box = Aead(key)

    def opened(self, packet: Packet) -> bytes | None:
        """What is inside; None where the seal is broken."""
        try:
            return self._box.decrypt(packet.sealed, packet.head, packet.nonce + _NONCE_FILL)
        except (CryptoError, ValueError):
            return None


class Unlock:
    """Opens the frames of those who consented; whose key lacks yet, those frames are tried once more."""

    def __init__(self, end_to_end: EndToEnd, counts: Counter[str]) -> None:
        self._end_to_end = end_to_end
        self._counts = counts
        self._early: defaultdict[int, deque[Arrived]] = defaultdict(lambda: deque(maxlen=HELD_MOST))

    def frames(self, member: int, packet: Packet, transport: Transport, at_s: float) -> list[Arrived]:
        """The frame in the clear, behind those that waited for the same key."""
        opened = transport.opened(packet)
        payload = None if opened is None else payload_of(packet, opened)
        if payload is None:
            self._counts["sealed" if opened is None else "malformed"] += 1
            return []
        locked = Arrived(packet.sequence, packet.timestamp, at_s, payload)
        if not payload or payload == SILENCE:
            return [locked]
        clear = self._clear(member, locked)
        if clear is None:
            self._early[member].append(locked)
            return []
        return [*self._now_open(member, at_s), clear]

    def forget(self, member: int) -> None:
        """They left, or take their consent back."""
        self._early.pop(member, None)

    def _now_open(self, member: int, at_s: float) -> list[Arrived]:
        early = [one for one in self._early.pop(member, ()) if at_s - one.at_s < HELD_S]
        tried = [self._clear(member, one) for one in early]
        return [one for one in tried if one is not None]

    def _clear(self, member: int, locked: Arrived) -> Arrived | None:
        try:
            body = self._end_to_end.decrypt(member, locked.body)
        except ValueError as error:
            self._counts["locked"] += 1
            self._counts[f"locked:{str(error).rpartition(': ')[2]}"] += 1
            return None
        self._counts["opened"] += 1
        return replace(locked, body=body)
