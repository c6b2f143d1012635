"""A tale as a voice message."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import discord
import numpy as np

from bot.discord_rest import post_voice_message
from bot.ui.card_message import nonce_of
from pipeline.audio.decode import blocks_of
from pipeline.audio.encode import deliver
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale

POINTS = 256
"""Most points of a waveform that Discord draws."""
NAME = "voice-message.ogg"


class VoiceFile(discord.File):
    """Sound file with its length and waveform, which discord.py cannot describe."""

    def __init__(self, path: Path, seconds: float, waveform: bytes) -> None:
        super().__init__(path, NAME)
        self._seconds, self._waveform = seconds, waveform

    def to_dict(self, index: int) -> dict[str, Any]:
        """Describe the file for the request's form."""
        drawn = base64.b64encode(self._waveform).decode()
        return {**super().to_dict(index), "duration_secs": round(self._seconds, 2), "waveform": drawn}


def spoken(story: Tale, master: Path, folder: Path, limit_bytes: int) -> VoiceFile:
    """Encode Ogg Opus, mono, 48 kHz, within the limit; blocks, so not for the event loop. Raises Refused."""
    to = folder / "voice.opus"
    deliver(master, to, story, None, limit_bytes, mono=True)
    return VoiceFile(to, story.master.samples / RATE_HZ, waveform(to))


def waveform(sound: Path) -> bytes:
    """Return the loudness at 256 points, 0..255; fewer where it is shorter than that many blocks."""
    # Block by block: an hour of samples would not fit beside the models. 1e-6 is for a silent file.
    loud = [float(np.sqrt(np.mean(part**2))) for block in blocks_of(sound) for part in np.array_split(block, 8)]
    points = np.array([np.mean(part) for part in np.array_split(np.array(loud or [0.0]), min(POINTS, len(loud) or 1))])
    return bytes(np.clip(255 * points / max(points.max(), 1e-6), 0, 255).astype(np.uint8))


async def post(client: discord.Client, channel: int, tale: str, file: VoiceFile) -> int:
    """Post a voice message, which Discord wants without text; returns its id. Raises discord.HTTPException."""
    return await post_voice_message(client, channel, file, nonce_of(tale, "voice"))
