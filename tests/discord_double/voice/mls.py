"""The gateway's seat in an MLS group."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.discord_double.voice.mls_wire import labelled, reference_hash, vector

VERSION_AND_FORMAT = struct.pack(">HH", 1, 1)
EXTERNAL_SENDER, PROPOSAL_CONTENT = 2, 2


class Change(IntEnum):
    """Proposal types."""

    ADD = 1
    REMOVE = 3


@dataclass(frozen=True)
class Proposal:
    """A signed proposal of the gateway."""

    change: Change
    user_id: int
    message: bytes

    @property
    def reference(self) -> bytes:
        # The reference is taken over wire format, content and signature: the message less its version.
        return reference_hash(b"MLS 1.0 Proposal Reference", self.message[2:])


class ExternalSender:
    """Proposes who comes and who goes; it holds no secret of the group, so it can hear nothing."""

    def __init__(self, channel_id: int) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        form = serialization.PublicFormat.UncompressedPoint
        public = self._key.public_key().public_bytes(serialization.Encoding.X962, form)
        self.package = vector(public) + struct.pack(">H", 1) + vector(bytes(8))
        self.group_id = channel_id.to_bytes(8, "big")
        self.restart()

    def restart(self) -> None:
        """Begin a new group."""
        self.epoch = 0
        self.leaves: list[int | None] = []

    @property
    def established(self) -> bool:
        return bool(self.leaves)

    @property
    def members(self) -> list[int]:
        return [each for each in self.leaves if each is not None]

    def add(self, user_id: int, key_package: bytes) -> Proposal:
        return self._sign(Change.ADD, user_id, key_package)

    def remove(self, user_id: int) -> Proposal:
        return self._sign(Change.REMOVE, user_id, struct.pack(">I", self.leaves.index(user_id)))

    def apply(self, committer: int, proposals: list[Proposal]) -> None:
        """Follow a commit: removals first, then additions into the leftmost blank leaf."""
        self.leaves = self.leaves or [committer]
        for each in proposals:
            if each.change is Change.REMOVE:
                self.leaves[self.leaves.index(each.user_id)] = None
        while self.leaves and self.leaves[-1] is None:
            self.leaves.pop()
        for each in proposals:
            if each.change is Change.ADD:
                self._seat(each.user_id)
        self.epoch += 1

    def _seat(self, user_id: int) -> None:
        if None in self.leaves:
            self.leaves[self.leaves.index(None)] = user_id
        else:
            self.leaves.append(user_id)

    def _sign(self, change: Change, user_id: int, what: bytes) -> Proposal:
        sender = bytes([EXTERNAL_SENDER]) + struct.pack(">I", 0)
        body = bytes([PROPOSAL_CONTENT]) + struct.pack(">H", change) + what
        content = vector(self.group_id) + struct.pack(">Q", self.epoch) + sender + vector(b"") + body
        signed = labelled(b"FramedContentTBS", VERSION_AND_FORMAT + content)
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return Proposal(change, user_id, VERSION_AND_FORMAT + content + vector(signature))


def appended(proposals: list[Proposal]) -> bytes:
    """Opcode 27: take these up."""
    return b"\x00" + vector(b"".join(each.message for each in proposals))


def revoked(proposals: list[Proposal]) -> bytes:
    """Opcode 27: drop these again."""
    return b"\x01" + vector(b"".join(vector(each.reference) for each in proposals))
