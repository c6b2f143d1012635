"""Plays a growing timeline into a call."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import discord
import discord.opus
import numpy as np

from bot.voice.discord_inside import foresee, load_opus
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.trouble import trouble_of
from pipeline.audio.live import Hold, Live, Mark
from pipeline.audio.sum import Gains, PathOf
from pipeline.errors import TaleError
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.timeline import Timeline

FRAME = RATE_HZ // 50
"""Samples of one packet: 20 ms."""
AHEAD = 50
"""Frames made ahead: a second, so that no neighbour's work is heard. A wish of a listener takes them back."""
SILENCE = b"\xf8\xff\xfe"
"""Opus for nothing."""
_AT_ONCE = 5
"""Frames made in one go."""
_TO_BEGIN = 15
"""Frames that must be ready before the first is given: a start is when everybody wants something at once."""
_LEAST_KEPT = 3
"""Frames left to play while those after them are made anew."""
_LOUDEST = 32_767

Encode = Callable[[bytes], bytes]
"""Twenty stereo milliseconds of 16 bit into what is sent."""


@dataclass(frozen=True)
class _Block:
    """Where a few frames were begun."""

    mark: Mark


@dataclass(frozen=True)
class _Frame:
    """Ready to be sent."""

    pcm: bytes
    sent: bytes
    block: _Block
    nth: int
    """Which of its block."""
    at: int
    """Sample on the timeline."""


class Mouth(discord.AudioSource):
    """One tale's sound: `read` never waits, everything else is done on the thread of `blocks`."""

    def __init__(
        self,
        path_of: PathOf,
        blocks: Blocks,
        new_encoder: Callable[[Sequence[bytes]], Encode] | None = None,
        begin_at: int = 0,
    ) -> None:
        self._live = Live(path_of)
        self._live.position = begin_at
        self._blocks = blocks
        self._new_encoder = new_encoder or opus_encoder
        self._encode = self._new_encoder(())
        self._lock = threading.Lock()
        self._frames: deque[_Frame] = deque()
        self._wishes: deque[Callable[[], None]] = deque()
        self._wished_quiet = False
        self._paused = False
        self._ended = False
        self._begun = False
        self._dry = 0
        self._at = begin_at
        self.trouble: TaleError | None = None
        """Why it fell silent."""
        self.loss: TaleError | None = None
        """Why something of it could not be heard, a sound that is gone or damaged; it goes on behind it."""

    def is_opus(self) -> bool:
        """Encoded on the worker's thread, so that the sender's has nothing to do but send."""
        return True

    def read(self) -> bytes:
        """The next packet; nothing once it is paused or over, which ends discord.py's player."""
        with self._lock:
            self._begun = self._begun or len(self._frames) >= _TO_BEGIN
            if self._frames and (self._begun or self._ended or self._paused):
                frame = self._frames.popleft()
                self._at = frame.at
                return frame.sent
            if self._ended or (self._paused and self._wished_quiet):
                return b""
            if self._begun:
                self._dry += 1
        self._blocks.wake()
        return SILENCE

    def grow(self, timeline: Timeline) -> None:
        """Take a later state of the tale."""

        def growing() -> None:
            if self._live.holding:
                self._take_back()  # or it would wait a bar longer than it must
            self._live.grow(timeline)

        self._wish(growing)

    def seek(self, sample: int) -> None:
        """Go to a place on the timeline."""

        def seeking() -> None:
            self._take_back()
            self._live.seek(sample)
            with self._lock:
                self._ended = False

        self._wish(seeking)

    def hear_as(self, gains: Gains) -> None:
        """The listeners' own volumes."""

        def turning() -> None:
            self._take_back()
            self._live.gains = gains

        self._wish(turning)

    def pause(self) -> None:
        """Fall silent without a click; the player ends."""

        def pausing() -> None:
            if self._paused or self._ended or not self._wished_quiet:
                return
            self._fade()
            self._paused, self._begun = True, False

        self._wished_quiet = True
        self._wish(pausing)

    def go_on(self) -> None:
        """After a pause, from where it was; a new player is wanted."""

        def going_on() -> None:
            self._paused = False

        self._wished_quiet = False
        self._wish(going_on)

    def finish(self) -> None:
        """Fall silent for good, without a click."""

        def finishing() -> None:
            if not self._ended and not self._paused:
                self._fade()
            self._ended = True

        self._wish(finishing)

    @property
    def at(self) -> int:
        """The sample on the timeline that is heard now."""
        return self._at

    @property
    def paused(self) -> bool:
        """Silent because somebody wished so."""
        return self._wished_quiet

    @property
    def over(self) -> bool:
        """Told to its end, or in trouble."""
        return self._ended and not self._frames

    @property
    def holding(self) -> bool:
        """Whether it waits for the next passage."""
        return self._live.holding

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Every wait that is over; may be ahead of what was heard."""
        return self._live.holds

    @property
    def underruns(self) -> int:
        """Packets of nothing that had to be sent since it began."""
        return self._dry

    @property
    def ahead(self) -> int:
        """Packets that are ready."""
        return len(self._frames)

    @property
    def short(self) -> bool:
        """Whether the worker has something to do."""
        if self._wishes:
            return True
        return not self._paused and not self._ended and len(self._frames) < AHEAD

    def make(self) -> None:
        """Fulfil what was wished, then make a few frames; on the worker's thread."""
        try:
            while self._wishes:
                self._wishes.popleft()()
            if not self._paused and not self._ended:
                self._make_block()
            if self.loss is None and (why := self._live.loss) is not None:
                self.loss = trouble_of(why)
        except Exception as error:  # noqa: BLE001 - its own end alone: the worker serves every server
            with self._lock:
                self.trouble, self._ended = trouble_of(error), True
        if self._ended:
            self._live.close()

    def _wish(self, act: Callable[[], None]) -> None:
        self._wishes.append(act)
        self._blocks.wake()

    def _make_block(self) -> None:
        block = _Block(self._live.mark())
        sound = self._live.next(_AT_ONCE * FRAME)
        ready = [
            self._frame(sound[start : start + FRAME], block, nth, self._place(block, start))
            for nth, start in enumerate(range(0, len(sound), FRAME))
        ]
        with self._lock:
            self._frames.extend(ready)
            self._ended = self._live.finished

    def _fade(self) -> None:
        """One last packet, going down to nothing."""
        self._take_back()
        block = _Block(self._live.mark())
        parting = self._live.leave(FRAME)
        if len(parting):
            with self._lock:
                self._frames.append(self._frame(parting, block, 0, self._live.position))

    def _take_back(self) -> None:
        """As if all but the next few frames had not been made."""
        with self._lock:
            cut = self._frames[_LEAST_KEPT] if len(self._frames) > _LEAST_KEPT else None
            while len(self._frames) > _LEAST_KEPT:
                self._frames.pop()
            kept = [frame.pcm for frame in self._frames]
        if cut is None:
            return
        self._live.back_to(cut.block.mark)
        if cut.nth:
            self._live.next(cut.nth * FRAME)
        # It has already heard what will now never be sent; a new one hears what the listeners' decoders have.
        self._encode = self._new_encoder(kept)

    def _place(self, block: _Block, into: int) -> int:
        """In a wait the timeline stands still."""
        return min(block.mark.position + into, self._live.position)

    def _frame(self, sound: Samples, block: _Block, nth: int, at: int) -> _Frame:
        whole = np.zeros((FRAME, 2), np.float32)
        whole[: len(sound)] = sound
        pcm = pcm_of(whole)
        return _Frame(pcm, self._encode(pcm), block, nth, at)


def pcm_of(sound: Samples) -> bytes:
    """16 bit, as an encoder takes it."""
    return np.asarray(np.rint(np.clip(sound, -1, 1) * _LOUDEST), np.int16).tobytes()


def opus_encoder(heard: Sequence[bytes] = (), bitrate_kbps: int = 96) -> Encode:
    """libopus for one call, taking over behind `heard`: its first packet leans on nothing, so nobody hears where."""
    load_opus()
    inner = discord.opus.Encoder(application="audio", bitrate=bitrate_kbps, fec=True, expected_packet_loss=0.05)
    for pcm in heard:
        inner.encode(pcm, FRAME)
    foresee(inner, on=not heard)
    alone = bool(heard)

    def encode(pcm: bytes) -> bytes:
        nonlocal alone
        sent = inner.encode(pcm, FRAME)
        if alone:
            foresee(inner, on=True)
        alone = False
        return sent

    return encode
