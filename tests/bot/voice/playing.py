"""A mouth listened to without a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import discord.opus
import numpy as np
import numpy.typing as npt

from bot.voice.player.audio_worker import Blocks
from bot.voice.player.tale_source import FRAME, Encode, Mouth
from pipeline.audio.live import Hold
from pipeline.words.sound import Samples
from tests.pipeline.audio.making import Made

Pcm = npt.NDArray[np.int16]
"""16 bit, stereo."""


def unencoded(_heard: Sequence[bytes] = ()) -> Encode:
    """What would be encoded, as it is."""
    return lambda pcm: pcm


@dataclass
class Listener:
    """Takes one packet after the other, and keeps them; between them, all that can be made ahead is made."""

    mouth: Mouth
    packets: list[bytes] = field(default_factory=list)

    def hears(self, packets: int | None = None) -> None:
        """So many packets, or all until the mouth falls silent of itself."""
        wanted = None if packets is None else len(self.packets) + packets
        while wanted is None or len(self.packets) < wanted:
            self.made()
            packet = self.mouth.read()
            if not packet:
                return
            self.packets.append(packet)

    def made(self) -> None:
        """As much as can be."""
        while self.mouth.short:
            self.mouth.make()

    @property
    def sound(self) -> Pcm:
        """All that was heard, 16 bit, stereo."""
        return np.frombuffer(b"".join(self.packets), np.int16).reshape(-1, 2)


def listener_of(tale: Made, begin_at: int = 0) -> Listener:
    """A mouth whose worker is the one who listens."""
    return Listener(Mouth(tale.path_of, Blocks(), unencoded, begin_at))


def without(holds: tuple[Hold, ...], sound: Pcm) -> Pcm:
    """What was heard, the waits cut out."""
    kept, at, lost = [], 0, 0
    for hold in holds:
        kept.append(sound[at : hold.at_sample + lost])
        at = hold.at_sample + lost + hold.samples
        lost += hold.samples
    return np.concatenate([*kept, sound[at:]])


def in_frames(sound: Pcm) -> Pcm:
    """Filled up to whole packets."""
    return np.pad(sound, ((0, -len(sound) % FRAME), (0, 0)))


def decoded(packets: list[bytes]) -> Samples:
    """As a listener's own decoder gives it."""
    decoder = discord.opus.Decoder()  # type: ignore[no-untyped-call]  # discord.py types all but this
    pcm = b"".join(decoder.decode(packet, fec=False) for packet in packets)
    return np.asarray(np.frombuffer(pcm, np.int16).reshape(-1, 2) / 32_767, np.float32)
