"""Both encryptions taken off a frame."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import replace
from typing import Protocol

from discord.opus import OPUS_SILENCE
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from bot.voice.receive.jitter import Arrived
from bot.voice.receive.packet import Packet, payload_of

HELD_MOST, HELD_S = 50, 2.0
"""Frames of a member (a second), and seconds, that wait for a key: around a join, and around a change of keys."""
_NONCE_FILL = bytes(20)  # a packet carries 4 bytes of the nonce; XChaCha20 wants 24


class EndToEnd(Protocol):
    """The call's end-to-end encryption (DAVE)."""

    def decrypt(self, member: int, frame: bytes) -> bytes:
        """Return the frame in the clear, or as it is where the call has no DAVE; raises ValueError or RuntimeError."""


class Transport:
    """The voice server's encryption, with the key of one connection."""

    def __init__(self, key: bytes) -> None:
        self._box = Aead(key)

    def opened(self, packet: Packet) -> bytes | None:
        """Return what is inside; None where the packet was not sealed with this key."""
        try:
            return self._box.decrypt(packet.sealed, packet.head, packet.nonce + _NONCE_FILL)
        except (CryptoError, ValueError):
            return None


class Unlock:
    """Decrypts the frames of those who consented; a frame whose key is not there yet is tried once more."""

    def __init__(self, end_to_end: EndToEnd, counts: Counter[str]) -> None:
        self._end_to_end = end_to_end
        self._counts = counts
        self._early: defaultdict[int, deque[Arrived]] = defaultdict(lambda: deque(maxlen=HELD_MOST))

    def frames(self, member: int, packet: Packet, transport: Transport, at_s: float) -> list[Arrived]:
        """Return the frame in the clear, after those that waited for the same key."""
        opened = transport.opened(packet)
        payload = None if opened is None else payload_of(packet, opened)
        if payload is None:
            self._counts["sealed" if opened is None else "malformed"] += 1
            return []
        locked = Arrived(packet.sequence, packet.timestamp, at_s, payload)
        if not payload or payload == OPUS_SILENCE:
            return [locked]  # clients send both in the clear: decrypting them would count as a failure
        clear = self._clear(member, locked)
        if clear is None:
            self._early[member].append(locked)
            return []
        return [*self._now_open(member, at_s), clear]

    def forget(self, member: int) -> None:
        """Drop the frames of a member who left or took their consent back."""
        self._early.pop(member, None)

    def _now_open(self, member: int, at_s: float) -> list[Arrived]:
        # Older ones are no beginning of what is said now, and would only be placed wrongly.
        early = [one for one in self._early.pop(member, ()) if at_s - one.at_s < HELD_S]
        tried = [self._clear(member, one) for one in early]
        return [one for one in tried if one is not None]

    def _clear(self, member: int, locked: Arrived) -> Arrived | None:
        try:
            body = self._end_to_end.decrypt(member, locked.body)
        except (ValueError, RuntimeError) as error:  # the latter while the event loop changes the same session
            self._counts["locked"] += 1
            # By davey's own reason too: an operator tells a missing key from a wrong one.
            self._counts[f"locked:{str(error).rpartition(': ')[2]}"] += 1
            return None
        self._counts["opened"] += 1
        return replace(locked, body=body)
