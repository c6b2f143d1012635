"""Music alone as sound for a call."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import discord
import numpy as np
from discord.opus import OPUS_SILENCE

from bot.voice.player.audio_worker import Blocks
from bot.voice.player.tale_source import FRAME, opus_encoder, pcm_of
from pipeline.audio.decode import Stems
from pipeline.audio.sum import CEILING, MAKE_UP, PathOf
from pipeline.words.sound import RATE_HZ, Artifact, Samples

TRACKS = ("bed", "melody", "place", "effects")
AHEAD = 25  # packets of 20 ms that are ready: half a second, so that a slider is heard soon
_AT_ONCE = 5
_FADE_S = 2.0


@dataclass(frozen=True)
class ScorePart:
    """One part: its four tracks, which ring on past where the next part begins."""

    tracks: tuple[Artifact, ...]
    start: int
    """In samples from the first part's first."""
    samples: int


class ScoreSource(discord.AudioSource):
    """Mixes four tracks, each with its slider; parts come while it plays."""

    def __init__(self, path_of: PathOf, blocks: Blocks, levels: Sequence[float]) -> None:
        self._stems, self._blocks = Stems(path_of, forgiving=True), blocks
        self._parts: deque[ScorePart] = deque()
        self._packets: deque[bytes] = deque()
        self._encode = opus_encoder()
        self._lock = threading.Lock()
        self._levels = np.array(levels, np.float32)
        self._wanted = self._levels
        self._position = 0
        self._fading: int | None = None
        self.ended = False
        self.underruns = 0
        """Silent packets that had to be sent for want of sound."""

    def is_opus(self) -> bool:
        """Whether `read` gives Opus: it does."""
        return True

    def add(self, part: ScorePart) -> None:
        """Take the next part."""
        with self._lock:
            self._parts.append(part)
        self._blocks.wake()

    def slide(self, levels: Sequence[float]) -> None:
        """Set the four levels; what is mixed already stays."""
        self._wanted = np.array(levels, np.float32)

    def finish(self) -> None:
        """Fade to silence and end."""
        self._fading = 0 if self._fading is None else self._fading

    @property
    def parts(self) -> tuple[ScorePart, ...]:
        """Those that are kept now."""
        return tuple(self._parts)

    @property
    def left_s(self) -> float:
        """Seconds of sound that are there and not mixed yet."""
        last = self._parts[-1] if self._parts else None
        return max(0.0, (last.start + last.samples - self._position) / RATE_HZ) if last else 0.0

    def gone(self) -> list[Artifact]:
        """Return the tracks of parts that were heard to their last ring, and forget these parts."""
        found: list[Artifact] = []
        with self._lock:
            while len(self._parts) > 2 and self._parts[1].start + self._parts[1].samples < self._position:
                found += self._parts.popleft().tracks
        return found

    def read(self) -> bytes:
        """Return the next packet; nothing once it has ended, which ends discord.py's player."""
        with self._lock:
            if self._packets:
                return self._packets.popleft()
            if self.ended:
                return b""
        if self._position:
            self.underruns += 1
        self._blocks.wake()
        return OPUS_SILENCE

    @property
    def ahead(self) -> int:
        """Number of packets that are ready."""
        return len(self._packets)

    @property
    def short(self) -> bool:
        """Whether more should be mixed, and can be."""
        return not self.ended and len(self._packets) < AHEAD and self.left_s > 0

    def make(self) -> None:
        """Mix a few packets; on the worker's thread."""
        frames = min(_AT_ONCE * FRAME, max(FRAME, round(self.left_s * RATE_HZ)))
        sound = self.mixed(frames)
        for first in range(0, len(sound), FRAME):
            whole = np.zeros((FRAME, 2), np.float32)
            piece = sound[first : first + FRAME]
            whole[: len(piece)] = piece
            packet = self._encode(pcm_of(whole))
            with self._lock:
                self._packets.append(packet)
        if self._fading is not None and self._fading >= _FADE_S * RATE_HZ:
            self.ended = True
            self._stems.close()

    def mixed(self, frames: int) -> Samples:
        """Return the next frames, and move on: every part that sounds, its tracks at their levels."""
        with self._lock:
            parts = [one for one in self._parts if one.start < self._position + frames]
        out = np.zeros((frames, 2), np.float32)
        slope = np.linspace(0, 1, frames, dtype=np.float32)[:, None]
        for nth in range(len(TRACKS)):
            track = np.zeros((frames, 2), np.float32)
            for part in parts:
                into = max(0, part.start - self._position)
                heard = self._stems.read(part.tracks[nth], max(0, self._position - part.start), frames - into)
                track[into : into + len(heard)] += heard
            out += track * (self._levels[nth] + (self._wanted[nth] - self._levels[nth]) * slope)
        self._levels = self._wanted
        self._position += frames
        return np.asarray(np.clip(self._faded(out) * np.float32(MAKE_UP), -CEILING, CEILING))

    def _faded(self, out: Samples) -> Samples:
        if self._fading is None:
            return out
        at = self._fading + np.arange(len(out), dtype=np.float32)
        self._fading += len(out)
        return np.asarray(out * np.maximum(0, 1 - at / (_FADE_S * RATE_HZ))[:, None], np.float32)
