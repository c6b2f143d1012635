"""Forged packets, by seed."""

from __future__ import annotations

import random
import struct
from collections import deque

from tests.discord_double.voice import rtp
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.seat import Seat

OPUS_TONE = b"\xfc\xff\xfe" + bytes(40)
"""Looks like a frame of sound."""
A_BURST = 12
REPLAYED = 40


class Forger:
    """Sends a bot's ears what nobody agreed to: garbage, lies, replays, and a real voice without its consent."""

    def __init__(self, seat: Seat, voice_ssrc: int) -> None:
        self._seat, self._voice_ssrc = seat, voice_ssrc
        self._sent: deque[bytes] = deque(maxlen=REPLAYED)

    def burst(self, dice: random.Random) -> None:
        """A dozen datagrams."""
        for _ in range(A_BURST):
            datagram = self._one(dice)
            self._sent.append(datagram)
            self._seat.forged(datagram)

    def _one(self, dice: random.Random) -> bytes:
        kinds = (self._garbage, self._sealed, self._broken, self._lying, self._report, self._again)
        return dice.choice(kinds)(dice)

    def _garbage(self, dice: random.Random) -> bytes:
        return dice.randbytes(dice.choice((0, 1, 2, 8, 12, 27, 28, 74, 300, 1_400)))

    def _sealed(self, dice: random.Random) -> bytes:
        """Rightly sealed, under an SSRC that is unknown, the bot's own, or of who did not consent."""
        ssrc = dice.choice((dice.getrandbits(32), self._seat.ssrc, self._voice_ssrc))
        payload = dice.choice((OPUS_TONE, rtp.SILENCE, b"", dice.randbytes(60)))
        kind = dice.choice((rtp.OPUS, rtp.OPUS, rtp.VIDEO, 0))
        return self._packed(Frame(ssrc, dice.getrandbits(16), dice.getrandbits(32), payload, kind), dice)

    def _broken(self, dice: random.Random) -> bytes:
        whole = bytearray(self._sealed(dice))
        whole[dice.randrange(12, len(whole))] ^= 1 << dice.randrange(8)
        return bytes(whole)

    def _lying(self, dice: random.Random) -> bytes:
        """A header that reaches past its end: sources, extensions and padding that are not there."""
        flags = 0x80 | dice.choice((0x0F, 0x10, 0x1F, 0x20, 0x3F))
        head = rtp.HEADER.pack(flags, rtp.OPUS, dice.getrandbits(16), dice.getrandbits(32), self._voice_ssrc)
        return head + rtp.EXTENSION_PROFILE + struct.pack(">H", 0xFFFF) + dice.randbytes(dice.choice((0, 20, 60)))

    def _report(self, dice: random.Random) -> bytes:
        return struct.pack(">BBHI", 0x80, dice.randrange(200, 207), dice.getrandbits(16), self._voice_ssrc) + bytes(20)

    def _again(self, dice: random.Random) -> bytes:
        return dice.choice(list(self._sent)) if self._sent else b""

    def _packed(self, frame: Frame, dice: random.Random) -> bytes:
        assert self._seat.mode is not None, "the bot is in the call"
        return rtp.pack(frame, self._seat.mode, self._seat.key, dice.getrandbits(31))
