"""MLS bytes, as a gateway reads them."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

MLS10, PUBLIC_MESSAGE, BASIC_CREDENTIAL = 1, 1, 1
P256_SUITE = 2
MEMBER_SENDER, COMMIT_CONTENT, REFERENCE = 1, 3, 2
FROM_KEY_PACKAGE, FROM_COMMIT = 1, 3


class NotMls(ValueError):
    """Bytes that are not the MLS message they should be."""


def vector(data: bytes) -> bytes:
    """opaque<V>: its length as a variable-size integer, then itself (RFC 9420, 2.1.2)."""
    size = len(data)
    if size < 1 << 6:
        return bytes([size]) + data
    if size < 1 << 14:
        return struct.pack(">H", size | 0x4000) + data
    return struct.pack(">I", size | 0x80000000) + data


def labelled(label: bytes, content: bytes) -> bytes:
    """What is signed under a label."""
    return vector(b"MLS 1.0 " + label) + vector(content)


def reference_hash(label: bytes, value: bytes) -> bytes:
    return hashlib.sha256(vector(label) + vector(value)).digest()


class Reader:
    """Reads MLS structures from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.data)

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise NotMls("cut short")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self) -> bytes:
        size_bytes = 1 << (self.number(1) >> 6)
        if size_bytes == 8:
            raise NotMls("a length of a kind that MLS forbids")
        self.at -= 1
        return self.take(self.number(size_bytes) & ((1 << (8 * size_bytes - 2)) - 1))

    def expect(self, size: int, value: int, what: str) -> None:
        if (found := self.number(size)) != value:
            raise NotMls(f"{what}: {found}, not {value}")


@dataclass(frozen=True)
class Leaf:
    """A member's leaf, as far as the gateway cares."""

    identity: bytes
    not_before: int
    not_after: int


def read_key_package(data: bytes) -> Leaf:
    """The leaf of a bare KeyPackage that fills the data."""
    reader = Reader(data)
    reader.expect(2, MLS10, "version")
    reader.expect(2, P256_SUITE, "cipher suite")
    reader.vector()
    leaf = _read_leaf(reader)
    reader.vector()
    reader.vector()
    if not reader.done:
        raise NotMls("bytes behind the key package")
    return leaf


@dataclass(frozen=True)
class CommitWelcome:
    """Opcode 28 taken apart."""

    commit: bytes
    welcome: bytes
    group_id: bytes
    epoch: int
    references: frozenset[bytes]


def read_commit_welcome(data: bytes) -> CommitWelcome:
    """The commit, what it refers to, and the welcome behind it."""
    reader = Reader(data)
    reader.expect(2, MLS10, "version")
    reader.expect(2, PUBLIC_MESSAGE, "wire format")
    group_id, epoch = reader.vector(), reader.number(8)
    reader.expect(1, MEMBER_SENDER, "sender type")
    reader.number(4)
    reader.vector()
    reader.expect(1, COMMIT_CONTENT, "content type")
    references = _read_references(Reader(reader.vector()))
    if reader.number(1):
        _read_leaf(reader)
        reader.vector()
    for _ in ("signature", "confirmation tag", "membership tag"):
        reader.vector()
    return CommitWelcome(data[: reader.at], data[reader.at :], group_id, epoch, references)


def _read_references(reader: Reader) -> frozenset[bytes]:
    found: set[bytes] = set()
    while not reader.done:
        reader.expect(1, REFERENCE, "a proposal inside the commit, which DAVE forbids")
        found.add(reader.vector())
    return frozenset(found)


def _read_leaf(reader: Reader) -> Leaf:
    reader.vector()
    reader.vector()
    reader.expect(2, BASIC_CREDENTIAL, "credential")
    identity = reader.vector()
    for _ in ("versions", "suites", "extensions", "proposals", "credentials"):
        reader.vector()
    source, start, end = reader.number(1), 0, 0
    if source == FROM_KEY_PACKAGE:
        start, end = reader.number(8), reader.number(8)
    elif source == FROM_COMMIT:
        reader.vector()
    reader.vector()
    reader.vector()
    return Leaf(identity, start, end)
