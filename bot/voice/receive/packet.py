"""One RTP packet, taken apart."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

OPUS = 120
SILENCE = b"\xf8\xff\xfe"
"""An Opus frame of silence, which nobody encrypts end to end."""
SAMPLES = 960
"""A frame of Discord's: 20 ms at 48 kHz."""
_HEADER = struct.Struct(">BBHII")
_TAG_BYTES = 16
_NONCE_BYTES = 4


class PacketKind(StrEnum):
    """What came over the wire."""

    SOUND = "sound"
    REPORT = "report"
    """RTCP, which servers send among the audio."""
    OTHER_STREAM = "other_stream"
    """A camera or a shared screen."""
    STRAY = "stray"
    """Echoes of our own keep-alives, address discovery, or nothing that we know."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Sound, still sealed."""

    ssrc: int
    sequence: int
    """16 bits, wraps."""
    timestamp: int
    """32 bits, wraps, in 1/48000 s from a random beginning."""
    head: bytes
    """What the seal vouches for."""
    sealed: bytes
    """The seal's tag behind it."""
    nonce: bytes
    extension_bytes: int
    """At the front of what is sealed."""
    padded: bool


def kind_of(datagram: bytes) -> PacketKind:
    """What this is, by its first bytes."""
    if len(datagram) < _HEADER.size + _TAG_BYTES + _NONCE_BYTES or datagram[0] >> 6 != 2:
        return PacketKind.REPORT if len(datagram) > 1 and _is_report(datagram) else PacketKind.STRAY
    if _is_report(datagram):
        return PacketKind.REPORT
    return PacketKind.SOUND if datagram[1] & 0x7F == OPUS else PacketKind.OTHER_STREAM


def packet_of(datagram: bytes) -> Packet | None:
    """The packet of a datagram of sound; None where its header reaches past its end."""
    flags, _, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    cut = _HEADER.size + 4 * (flags & 0x0F)
    extension_bytes = 0
    if flags & 0x10:
        cut += 4
        extension_bytes = 4 * int.from_bytes(datagram[cut - 2 : cut])
    if len(datagram) < cut + _TAG_BYTES + _NONCE_BYTES:
        return None
    sealed, nonce = datagram[cut:-_NONCE_BYTES], datagram[-_NONCE_BYTES:]
    return Packet(ssrc, sequence, timestamp, datagram[:cut], sealed, nonce, extension_bytes, bool(flags & 0x20))


def payload_of(packet: Packet, opened: bytes) -> bytes | None:
    """What the speaker sent, without extension and padding; empty for padding alone, None where lengths lie."""
    if packet.extension_bytes > len(opened):
        return None
    body = opened[packet.extension_bytes :]
    if not packet.padded:
        return body
    if not body or not 0 < body[-1] <= len(body):
        return None
    return body[: -body[-1]]


def _is_report(datagram: bytes) -> bool:
    return datagram[0] >> 6 == 2 and 200 <= datagram[1] <= 206
