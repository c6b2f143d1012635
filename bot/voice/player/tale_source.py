"""Plays a growing timeline into a call."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import discord
import discord.opus
import numpy as np
from discord.opus import OPUS_SILENCE

from bot.voice.discord_inside import foresee, load_opus
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.trouble import trouble_of
from pipeline.audio.live import Hold, Live, Mark
from pipeline.audio.sum import Gains, PathOf
from pipeline.errors import TaleError
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.timeline import Timeline

FRAME = RATE_HZ // 50  # samples of one packet: 20 ms
AHEAD = 50
"""Frames made ahead: a second, so that work for another call is never heard. A listener's wish takes them back."""
_AT_ONCE = 5  # frames made in one go: more would keep the other calls waiting
_TO_BEGIN = 15
"""Frames that must be ready before the first is given: at a start, everything else wants the processor too."""
_LEAST_KEPT = 3  # frames (60 ms) left to play while those after them are made anew
_LOUDEST = 32_767  # full scale of 16 bits

Encode = Callable[[bytes], bytes]
"""Turns 20 ms of stereo, 16 bit, into one packet."""


@dataclass(frozen=True)
class _Block:
    """A few frames made in one go."""

    mark: Mark  # the mixer's state before them


@dataclass(frozen=True)
class _Frame:
    """Frame that is ready to be sent."""

    pcm: bytes  # kept, so that a new encoder can be given what was heard
    sent: bytes  # the same as Opus
    block: _Block
    nth: int  # its place in its block
    at: int  # its first sample, on the timeline


class Mouth(discord.AudioSource):
    """One tale's sound: `read` never waits, everything else is done on the thread of `blocks`.

    discord.py's thread reads, the event loop wishes, and only the worker touches mixer and encoder: no lock is long.
    """

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
        self.trouble: TaleError | None = None  # why it fell silent
        self.loss: TaleError | None = None
        """Why a part of it could not be heard: a sound file that is gone or damaged. It goes on after that part."""

    def is_opus(self) -> bool:
        """Whether `read` gives Opus: encoding on the worker leaves discord.py's thread nothing to do but send."""
        return True

    def read(self) -> bytes:
        """Return the next packet; nothing once it is paused or over, which ends discord.py's player."""
        with self._lock:
            self._begun = self._begun or len(self._frames) >= _TO_BEGIN
            if self._frames and (self._begun or self._ended or self._paused):
                frame = self._frames.popleft()
                self._at = frame.at
                return frame.sent
            # Both: a resume that the worker has not seen yet must not end the player that it will need.
            if self._ended or (self._paused and self._wished_quiet):
                return b""
            if self._begun:
                self._dry += 1
        self._blocks.wake()
        return OPUS_SILENCE

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
        """Play with these volumes from now on."""

        def turning() -> None:
            self._take_back()
            self._live.gains = gains

        self._wish(turning)

    def pause(self) -> None:
        """Fall silent without a click; discord.py's player ends."""

        def pausing() -> None:
            # Checked when it runs: a resume may have come before the worker did.
            if self._paused or self._ended or not self._wished_quiet:
                return
            self._fade()
            self._paused, self._begun = True, False

        self._wished_quiet = True
        self._wish(pausing)

    def go_on(self) -> None:
        """Resume where it was; discord.py needs a new player for it."""

        def going_on() -> None:
            self._paused = False

        self._wished_quiet = False
        self._wish(going_on)

    def finish(self) -> None:
        """Fall silent and end, without a click."""

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
        """Whether a pause is asked for, fulfilled or not."""
        return self._wished_quiet

    @property
    def over(self) -> bool:
        """Whether it has played to its end, or failed."""
        return self._ended and not self._frames

    @property
    def holding(self) -> bool:
        """Whether it waits for the next passage."""
        return self._live.holding

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Every wait for a passage that is over; may be ahead of what was heard."""
        return self._live.holds

    @property
    def underruns(self) -> int:
        """Number of silent packets that had to be sent for want of sound since it began."""
        return self._dry

    @property
    def ahead(self) -> int:
        """Number of packets that are ready."""
        return len(self._frames)

    @property
    def short(self) -> bool:
        """Whether the worker has something to do."""
        if self._wishes:
            return True
        return not self._paused and not self._ended and len(self._frames) < AHEAD

    def make(self) -> None:
        """Do what was wished, then make a few frames; on the worker's thread."""
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
        # Queued: what it changes belongs to the worker, which may be in the middle of a block.
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
        """Add one last packet that fades to silence."""
        self._take_back()
        block = _Block(self._live.mark())
        parting = self._live.leave(FRAME)
        if len(parting):
            with self._lock:
                self._frames.append(self._frame(parting, block, 0, self._live.position))

    def _take_back(self) -> None:
        """Undo all frames but the next few, and set mixer and encoder back to before them."""
        with self._lock:
            cut = self._frames[_LEAST_KEPT] if len(self._frames) > _LEAST_KEPT else None
            while len(self._frames) > _LEAST_KEPT:
                self._frames.pop()
            kept = [frame.pcm for frame in self._frames]
        if cut is None:
            return
        # Marks stand at blocks only; the frames of this block that stay are mixed once more and dropped.
        self._live.back_to(cut.block.mark)
        if cut.nth:
            self._live.next(cut.nth * FRAME)
        # The old encoder has seen frames that will now never be sent; a new one is fed what listeners will hear.
        self._encode = self._new_encoder(kept)

    def _place(self, block: _Block, into: int) -> int:
        """Return a frame's place: in a wait the timeline stands still."""
        return min(block.mark.position + into, self._live.position)

    def _frame(self, sound: Samples, block: _Block, nth: int, at: int) -> _Frame:
        whole = np.zeros((FRAME, 2), np.float32)
        whole[: len(sound)] = sound
        pcm = pcm_of(whole)
        return _Frame(pcm, self._encode(pcm), block, nth, at)


def pcm_of(sound: Samples) -> bytes:
    """Convert to 16 bit, as an encoder takes it."""
    return np.asarray(np.rint(np.clip(sound, -1, 1) * _LOUDEST), np.int16).tobytes()


def opus_encoder(heard: Sequence[bytes] = (), bitrate_kbps: int = 96) -> Encode:
    """Open libopus for one call, to take over after the frames `heard`: its first packet depends on none before it."""
    load_opus()
    inner = discord.opus.Encoder(application="audio", bitrate=bitrate_kbps, fec=True, expected_packet_loss=0.05)
    for pcm in heard:
        inner.encode(pcm, FRAME)  # for its filters' state alone: these packets were sent already
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
