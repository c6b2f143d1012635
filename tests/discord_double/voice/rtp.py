"""RTP packets, taken apart and put together."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from tests.discord_double.voice import sealing

VERSION = 2
OPUS, VIDEO = 120, 101  # payload types
SENDER_REPORT = 200
FRAME_SAMPLES = 960  # 20 ms at 48 kHz
FRAME_S = 0.02
SILENCE = b"\xf8\xff\xfe"
HEADER = struct.Struct(">BBHII")
EXTENSION_PROFILE = b"\xbe\xde"


@dataclass(frozen=True)
class Frame:
    """One RTP packet in the clear (of the transport; end-to-end encryption is still in the payload)."""

    ssrc: int
    sequence: int  # 16 bits, wraps
    timestamp: int  # 32 bits, wraps, in 1/48000 s
    payload: bytes
    payload_type: int = OPUS
    extension: bytes | None = None  # the extension's data, a whole number of 4-byte words
    padding: int = 0  # bytes behind the payload, the last one saying how many

    def shifted(self, by: int) -> Frame:
        """The same with a later sequence number."""
        return replace(self, sequence=(self.sequence + by) & 0xFFFF) if by else self


class Malformed(ValueError):
    """Not an RTP packet of this call."""


def pack(frame: Frame, mode: str, key: bytes, count: int) -> bytes:
    """The datagram: header in the clear, the rest sealed."""
    flags = VERSION << 6 | (0x10 if frame.extension is not None else 0) | (0x20 if frame.padding else 0)
    head = HEADER.pack(flags, frame.payload_type, frame.sequence, frame.timestamp, frame.ssrc)
    body = frame.payload
    if frame.extension is not None:
        head += EXTENSION_PROFILE + struct.pack(">H", len(frame.extension) // 4)
        body = frame.extension + body
    if frame.padding:
        body += bytes(frame.padding - 1) + bytes([frame.padding])
    return head + sealing.seal(mode, key, head, body, count)


def unpack(datagram: bytes, mode: str, key: bytes) -> Frame:
    """The frame inside a datagram; Malformed or Tampered when there is none."""
    if len(datagram) < HEADER.size + 4 or datagram[0] >> 6 != VERSION:
        raise Malformed("not RTP")
    flags, kind, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
    extended = bool(flags & 0x10)
    cut = HEADER.size + 4 * (flags & 0x0F) + (4 if extended else 0)
    body = sealing.unseal(mode, key, datagram[:cut], datagram[cut:])
    extension = None
    if extended:
        size = 4 * struct.unpack_from(">H", datagram, cut - 2)[0]
        extension, body = body[:size], body[size:]
    padding = body[-1] if flags & 0x20 and body else 0
    payload = body[: len(body) - padding]
    return Frame(ssrc, sequence, timestamp, payload, kind & 0x7F, extension, padding)


def sender_report(ssrc: int, timestamp: int, mode: str, key: bytes, count: int) -> bytes:
    """An RTCP packet such as media servers send among the audio."""
    head = struct.pack(">BBHI", 0x80, SENDER_REPORT, 6, ssrc)
    body = struct.pack(">IIIII", 0, 0, timestamp, count, count * 100)
    return head + sealing.seal(mode, key, head, body, count)
