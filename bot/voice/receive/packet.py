"""One RTP packet, taken apart."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

OPUS = 120
"""The payload type under which Discord sends voice."""
"""An Opus frame of silence, which no client encrypts end to end."""
SAMPLES = 960
"""Samples in a frame of Discord's: 20 ms at 48 kHz."""
_HEADER = struct.Struct(">BBHII")  # flags, type, sequence, timestamp, SSRC: RFC 3550
_TAG_BYTES = 16  # Poly1305's, at the end of what is sealed
_NONCE_BYTES = 4  # a counter, in the clear behind the tag


class PacketKind(StrEnum):
    """Kind of a datagram."""

    SOUND = "sound"
    REPORT = "report"
    """RTCP, which servers send among the audio."""
    OTHER_STREAM = "other_stream"
    """A camera or a shared screen."""
    STRAY = "stray"
    """Echoes of our own keep-alives, address discovery, or unknown."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Packet of sound, still encrypted."""

    ssrc: int
    """Number of its stream, 32 bits."""
    sequence: int
    """16 bits, wraps."""
    timestamp: int
    """32 bits, wraps, in 1/48000 s from a random beginning."""
    head: bytes
    """In the clear, but authenticated with the rest."""
    sealed: bytes
    """Encrypted, with its tag at the end."""
    nonce: bytes
    """The 4 bytes of it that change."""
    extension_bytes: int
    """Length of the header extension, at the front of what is encrypted."""
    padded: bool
    """Whether the last byte of what is encrypted counts the padding."""


def kind_of(datagram: bytes) -> PacketKind:
    """Return what a datagram is, by its first bytes."""
    if len(datagram) < _HEADER.size + _TAG_BYTES + _NONCE_BYTES or datagram[0] >> 6 != 2:
        return PacketKind.REPORT if len(datagram) > 1 and _is_report(datagram) else PacketKind.STRAY
    if _is_report(datagram):
        return PacketKind.REPORT
    return PacketKind.SOUND if datagram[1] & 0x7F == OPUS else PacketKind.OTHER_STREAM


def packet_of(datagram: bytes) -> Packet | None:
    """Return the packet of a datagram of sound; None where its header reaches past its end."""
    flags, _, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    cut = _HEADER.size + 4 * (flags & 0x0F)  # each contributing source is four bytes
    extension_bytes = 0
    if flags & 0x10:
        # Discord's "rtpsize" modes: the extension's own header is in the clear, its body is encrypted.
        cut += 4
        extension_bytes = 4 * int.from_bytes(datagram[cut - 2 : cut])
    if len(datagram) < cut + _TAG_BYTES + _NONCE_BYTES:
        return None
    sealed, nonce = datagram[cut:-_NONCE_BYTES], datagram[-_NONCE_BYTES:]
    return Packet(ssrc, sequence, timestamp, datagram[:cut], sealed, nonce, extension_bytes, bool(flags & 0x20))


def payload_of(packet: Packet, opened: bytes) -> bytes | None:
    """Return the frame without extension and padding; empty for padding alone, None where lengths are wrong."""
    if packet.extension_bytes > len(opened):
        return None
    body = opened[packet.extension_bytes :]
    if not packet.padded:
        return body
    if not body or not 0 < body[-1] <= len(body):
        return None
    return body[: -body[-1]]


def _is_report(datagram: bytes) -> bool:
    # RFC 5761: RTCP's packet types lie where RTP would have a marker and types 72 to 78, which nobody uses.
    return datagram[0] >> 6 == 2 and 200 <= datagram[1] <= 206
