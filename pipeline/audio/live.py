"""Plays a tale while it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.audio.decode import Stems
from pipeline.audio.sum import CEILING, EVEN, MAKE_UP, Gains, PathOf, Sum
from pipeline.errors import TaleError
from pipeline.words.sound import RATE_HZ, Artifact, Samples
from pipeline.words.timeline import Placed, Timeline

_CROSS = RATE_HZ // 25
"""Samples over which a hold crosses into the end of the passage before, so that the next begins as in the file."""
_VAMP_IN = RATE_HZ // 50
_TURN = RATE_HZ // 50
"""Samples over which the listener's gains move."""
_SILENT_BAR = RATE_HZ // 10
"""Samples to wait at a time where there is nothing to repeat."""
_SOON = RATE_HZ // 2
"""The intro lets the first line in at the next beat, or half beat where beats take more samples than this."""


@dataclass(frozen=True)
class Hold:
    """A wait of the player; without all holds, what was heard equals the file."""

    at_sample: int
    """Its place on the timeline."""
    samples: int
    """Its length."""


@dataclass(frozen=True)
class Mark:
    """State of playing, to go back to as if nothing had been played since."""

    position: int
    """Sample on the timeline."""
    held: int
    """Samples of the hold so far."""
    leaving: bool
    heard: Gains | None
    holds: tuple[Hold, ...]
    entering: bool
    parting: Samples | None


class Live:
    """Plays a growing timeline and never runs dry: at a join the vamp repeats until more is there.

    A stem that is gone or damaged ends nothing: it is silent, and a passage that lost voice and bed is passed over.
    """

    def __init__(self, path_of: PathOf) -> None:
        self._stems = Stems(path_of, forgiving=True)
        self._sum = Sum(path_of, forgiving=True)
        self._heard: Gains | None = None
        """Gains of what was heard last; None before the first sound, whose gains need no crossing."""
        self._held = 0
        self._leaving = False
        self._entering = False
        self._parting: Samples | None = None
        self.gains = EVEN
        """The listener's gains; may be set at any time."""
        self.position = 0
        """Sample on the timeline; moved by playing and by `seek`."""
        self.holds: tuple[Hold, ...] = ()
        """Every wait that is over."""

    def grow(self, timeline: Timeline) -> None:
        """Take a later state of the timeline."""
        self._sum.grow(timeline)

    def close(self) -> None:
        """Close all files; playing on opens them again."""
        self._stems.close()
        self._sum.close()

    def seek(self, sample: int) -> None:
        """Go to a place on the timeline, out of the old one without a click; past what is there is its end."""
        self._parting = self._peek(_TURN)
        self._entering = True
        self._end_hold()
        self.position = max(0, min(sample, self._sum.samples))

    def leave(self, frames: int) -> Samples:
        """Return the next frames fading out, for a pause or a stop; `next` will fade in where this began."""
        block = self._peek(frames)
        self._entering = True
        return np.asarray(block * np.linspace(1, 0, max(1, len(block)), dtype=np.float32)[: len(block), None])

    def mark(self) -> Mark:
        """Return the present state, for a player that makes frames ahead and takes them back."""
        return Mark(self.position, self._held, self._leaving, self._heard, self.holds, self._entering, self._parting)

    def back_to(self, mark: Mark) -> None:
        """Go back to a state, but with the present timeline and gains."""
        self.position, self._held, self._leaving = mark.position, mark.held, mark.leaving
        self._heard, self.holds = mark.heard, mark.holds
        self._entering, self._parting = mark.entering, mark.parting

    @property
    def holding(self) -> bool:
        """Whether it waits for the next passage."""
        return self._held > 0

    @property
    def finished(self) -> bool:
        """Whether all has been played."""
        return self._sum.timeline.whole and self.position >= self._sum.samples and not self._held

    @property
    def loss(self) -> TaleError | OSError | None:
        """Why something of what was played could not be heard; the first reason of several."""
        return next(iter(self._sum.lost.values()), None)

    def next(self, frames: int) -> Samples:
        """Return the next stereo frames, exactly as many as asked until the tale is over."""
        pieces = [np.zeros((0, 2), np.float32)]
        left = frames
        while left and not self.finished:
            waiting = self._held or self.position >= self._sum.samples
            pieces.append(self._hold(left) if waiting else self._play(left))
            left -= len(pieces[-1])
        block = np.concatenate(pieces)
        return self._entered(block) if self._entering and len(block) else block

    def _play(self, frames: int) -> Samples:
        heard = self._heard or self.gains
        if (sounding := self._sum.sounding_from(self.position)) > self.position:
            return self._passing_over(sounding, min(frames, _TURN))
        block = self._sum.block(self.position, frames, heard)
        if self.gains != heard:
            # Both mixes, crossed: a limiter in between would make a ramp of the gain itself audible.
            block = _crossed(block, self._sum.block(self.position, frames, self.gains), _TURN)
        self._heard = self.gains
        self.position += len(block)
        return block

    def _passing_over(self, to: int, frames: int) -> Samples:
        """Fade what still rings, and go on where the tale can be heard again."""
        rings = self._sum.block(self.position, frames, self._heard or self.gains)
        self.position = to
        return np.asarray(rings * np.linspace(1, 0, len(rings), dtype=np.float32)[:, None])

    def _hold(self, frames: int) -> Samples:
        """Return a piece of waiting; shortly before each bar (or beat) ends it is decided whether to go on."""
        last = next((one for one in reversed(self._sum.timeline.placed) if one.end <= self.position), None)
        bar = _step_of(last)
        # Decided at one sample of the bar alone: no block size of the player can move the moment of leaving.
        into, decided = self._held % bar, bar - min(_CROSS, bar // 2)
        if into == decided:
            self._leaving = self._sum.timeline.whole or self._sum.samples > self.position
        piece = self._waiting(last, min(frames, (decided if into < decided else bar) - into))
        if self._leaving and last is not None:
            piece = self._crossing_out(piece, into - decided, bar - decided)
        self._held += len(piece)
        if self._leaving and self._held % bar == 0:
            self._end_hold()
        return piece

    def _waiting(self, last: Placed | None, frames: int) -> Samples:
        """Return the vamp over the tail of the passage before."""
        piece = np.zeros((frames, 2), np.float32)
        if last is None:
            return piece
        at = self._held
        while at < self._held + frames and last.scored.vamp_samples:
            inside = at % last.scored.vamp_samples
            count = min(self._held + frames - at, last.scored.vamp_samples - inside)
            _add(piece[at - self._held :], self._stem(last.scored.vamp, inside, count))
            at += count
        along = np.arange(self._held, self._held + frames, dtype=np.float32) / _VAMP_IN
        piece *= np.minimum(1, along)[:, None]
        _add(piece, self._stem(last.scored.tail, self._held, frames))
        self._heard = self.gains
        return np.asarray(np.clip(piece * np.float32(self.gains.music * MAKE_UP), -CEILING, CEILING))

    def _crossing_out(self, piece: Samples, into: int, whole: int) -> Samples:
        """Cross into the last moment of the passage before, whose tail the next one carries on."""
        ending = self._sum.block(self.position - whole + into, len(piece), self.gains)
        share = ((np.arange(len(piece), dtype=np.float32) + 1 + into) / whole)[:, None]
        return np.asarray(piece * (1 - share) + ending * share)

    def _entered(self, block: Samples) -> Samples:
        """Fade in, over the end of the place just left."""
        turn = min(_TURN, len(block))
        share = np.linspace(0, 1, turn, dtype=np.float32)[:, None]
        block[:turn] *= share
        if self._parting is not None:
            _add(block[:turn], (self._parting[:turn] * (1 - share[: len(self._parting)])))
        self._entering, self._parting = False, None
        return block

    def _peek(self, frames: int) -> Samples:
        """Return what would come next, without moving on."""
        place = self.mark()
        self._entering = False
        block = self.next(frames)
        self.back_to(place)
        return block

    def _end_hold(self) -> None:
        if self._held:
            self.holds = (*self.holds, Hold(self.position, self._held))
        self._held, self._leaving = 0, False

    def _stem(self, stem: Artifact, start: int, frames: int) -> Samples:
        return self._stems.read(stem, start, frames)


def _step_of(placed: Placed | None) -> int:
    """Return the samples by which a wait grows: a bar of the vamp, which has a whole number; after the intro a beat."""
    if placed is None or not placed.scored.vamp_samples:
        return _SILENT_BAR
    tempo = placed.scored.tempo
    bars = max(1, round(placed.scored.vamp_samples * tempo.bpm / (60 * tempo.metre * RATE_HZ)))
    if placed.spoken is not None:
        return placed.scored.vamp_samples // bars
    beat = placed.scored.vamp_samples // (bars * tempo.metre)
    return max(2 * _CROSS, beat if beat <= _SOON else beat // 2)


def _crossed(one: Samples, other: Samples, over: int) -> Samples:
    share = np.minimum(1, np.arange(len(one), dtype=np.float32) / min(over, max(1, len(one))))[:, None]
    return np.asarray(one * (1 - share) + other * share)


def _add(out: Samples, stem: Samples) -> None:
    out[: len(stem)] += stem
