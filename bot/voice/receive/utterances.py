"""One speaker's sound, cut into utterances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bot.voice.receive.align import AlignedSound
from bot.voice.receive.opus import Pcm
from bot.voice.receive.silence import CHUNK_S, Attention
from pipeline.words.sound import RATE_HZ

SPEECH, STILL_SPEECH = 0.5, 0.35
"""Chances from which speech begins, and above which it goes on."""
ENDS_AFTER_S = 0.9
"""Silence that closes an utterance."""
LEAST_SPEECH_S = 0.2
"""Shorter bursts are a cough or a click."""
MOST_S = 28.0
"""An utterance is cut here: the transcriber's window is thirty seconds."""
LEAD_IN_S = 0.4
"""Kept before the first chance of speech, since a word begins before it is recognised as one."""


@dataclass(frozen=True)
class MemberUtterance:
    """What somebody said between two silences."""

    member: int
    start_s: float
    """Since the listening began."""
    pcm: Pcm
    """Mono at 48 kHz, its silences in place."""

    @property
    def seconds(self) -> float:
        """Length of the sound, in seconds."""
        return len(self.pcm) / RATE_HZ


@dataclass
class Utterances:
    """Gathers a speaker's sound; what is no speech is let go at once."""

    member: int
    attention: Attention
    start: int = 0
    """Of what is held, in samples of the session."""
    held: list[Pcm] = field(default_factory=list)
    length: int = 0
    """Of what is held, in samples."""
    speech_s: float = 0.0
    """Speech in what is held."""
    silent_s: float = 0.0
    """Since the last speech in it."""

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self.speech_s > 0

    def take(self, placed: AlignedSound) -> Iterator[MemberUtterance]:
        """Sound in its place; what overlaps with sound already had is left out."""
        gap = placed.start - (self.start + self.length)
        if self.length and gap > ENDS_AFTER_S * RATE_HZ:
            yield from self.close()
        if not self.length:
            self.start, gap = placed.start, 0
        pcm = np.concatenate([np.zeros(gap, np.int16), placed.pcm]) if gap > 0 else placed.pcm[-gap or None :]
        if not len(pcm):
            return
        self.held.append(pcm)
        self.length += len(pcm)
        for chance in self.attention.chances(pcm):
            self._weigh(chance)
        if self.speaking and (self.silent_s >= ENDS_AFTER_S or self.length >= MOST_S * RATE_HZ):
            yield from self.close()
        elif not self.speaking:
            self._keep_last(LEAD_IN_S)

    def look(self, now: int) -> Iterator[MemberUtterance]:
        """Nothing came for a while: who stopped sending stopped speaking."""
        if self.length and now - (self.start + self.length) > ENDS_AFTER_S * RATE_HZ:
            yield from self.close()

    def close(self) -> Iterator[MemberUtterance]:
        """What is held, where anything in it was said."""
        if self.speech_s >= LEAST_SPEECH_S:
            yield MemberUtterance(self.member, self.start / RATE_HZ, np.concatenate(self.held))
        self.held, self.length, self.speech_s, self.silent_s = [], 0, 0.0, 0.0

    def _weigh(self, chance: float) -> None:
        if chance >= (STILL_SPEECH if self.speaking else SPEECH):
            self.speech_s += CHUNK_S
            self.silent_s = 0.0
        elif self.speaking:
            self.silent_s += CHUNK_S

    def _keep_last(self, seconds: float) -> None:
        most = round(seconds * RATE_HZ)
        while self.held and self.length - len(self.held[0]) >= most:
            gone = len(self.held.pop(0))
            self.length -= gone
            self.start += gone
