"""The mixing core for file and live."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.audio.decode import Stems
from pipeline.audio.dynamics import AHEAD_TICKS, MEMORY_TICKS, Peaks, gains_of, peaks_of, turned_down
from pipeline.errors import TaleError
from pipeline.words.sound import RATE_HZ, Artifact, Samples
from pipeline.words.timeline import Timeline

CHUNK = RATE_HZ // 2
"""Samples mixed at a time, from each passage's start: so no listener's block size can change a sample."""
MAKE_UP = 10 ** (2.2 / 20)
"""Lines at -17 LUFS, diluted by an intro, pauses and a tail, make a tale within 1 dB of -16, long or short."""
CEILING = 10 ** (-2.5 / 20)
"""Largest sample of the sum; the rest is for the file's one constant gain and for what codecs add."""
_MOST_CHUNKS, _MOST_PEAKS = 4, 64  # kept: the limiter asks for the peaks of some seconds, for sound only of one

PathOf = Callable[[Artifact], Path]
"""Returns an artifact's file on this machine."""


@dataclass(frozen=True)
class Gains:
    """The listener's volumes, as factors; 1 is the tale as it was mixed."""

    voice: float = 1.0
    music: float = 1.0


EVEN = Gains()
_Key = tuple[int, int, Gains]
"""Index of a span, of a chunk in it, and the listener's gains."""


@dataclass(frozen=True)
class _Ring:
    """A tail that still sounds in a later span."""

    stem: Artifact
    offset: int
    """Its sample that falls on the span's first."""


@dataclass(frozen=True)
class _Span:
    """A passage with all that sounds in it, or what still rings after the last one."""

    start: int
    samples: int
    bed: Artifact | None = None
    voice: Artifact | None = None
    rings: tuple[_Ring, ...] = ()

    @property
    def chunks(self) -> int:
        """Number of chunks; the last may be shorter."""
        return -(-self.samples // CHUNK)

    @property
    def stems(self) -> Iterator[Artifact]:
        """All that sounds in it."""
        yield from (stem for stem in (self.bed, self.voice, *(ring.stem for ring in self.rings)) if stem)


class Sum:
    """Mixes a growing timeline: any place, any length, always the same samples."""

    def __init__(self, path_of: PathOf, forgiving: bool = False) -> None:
        self._stems = Stems(path_of, forgiving)
        self._spans: list[_Span] = []
        self._chunks: OrderedDict[_Key, Samples] = OrderedDict()
        self._peaks: OrderedDict[_Key, Peaks] = OrderedDict()
        self._starts: list[int] = []
        self.timeline = Timeline()

    def grow(self, timeline: Timeline) -> None:
        """Take a later state of the same timeline; what was placed stays as it is."""
        # Without the span of the last tail, which an earlier, whole timeline may have added.
        self._spans = self._spans[: len(self.timeline.placed)]
        self.timeline = timeline
        for at in range(len(self._spans), len(timeline.placed)):
            placed = timeline.placed[at]
            voice = placed.spoken.voice if placed.spoken else None
            rings = self._rings(at, placed.start)
            self._spans.append(_Span(placed.start, placed.scored.samples, placed.scored.bed, voice, rings))
        if timeline.whole and timeline.placed:
            rings = self._rings(len(timeline.placed), timeline.samples)
            last = max(one.end + one.scored.tail_samples for one in timeline.placed)
            self._spans.append(_Span(timeline.samples, last - timeline.samples, rings=rings))
        self._starts = [span.start for span in self._spans]

    def close(self) -> None:
        """Close all files; asking for more opens them again."""
        self._stems.close()

    @property
    def samples(self) -> int:
        """Samples that can be asked for; once the timeline is whole, with the last tail."""
        return self._spans[-1].start + self._spans[-1].samples if self._spans else 0

    def block(self, start: int, frames: int, gains: Gains = EVEN) -> Samples:
        """Return stereo frames from any place; fewer where the tale ends before."""
        end = min(start + frames, self.samples)
        out = np.zeros((max(0, end - start), 2), np.float32)
        while start < end:
            at = bisect_right(self._starts, start) - 1
            chunk, inside = divmod(start - self._starts[at], CHUNK)
            ready = self._finished(at, chunk, gains)[inside : inside + end - start]
            out[len(out) - end + start :][: len(ready)] = ready
            start += len(ready)
        return out

    def sounding_from(self, sample: int) -> int:
        """Return the first sample from this on whose passage can be heard; one without voice and bed is skipped."""
        at = bisect_right(self._starts, sample) - 1
        while sample < self.samples and self._is_lost(self._spans[at]):
            at, sample = at + 1, self._spans[at].start + self._spans[at].samples
        return sample

    @property
    def lost(self) -> Mapping[Artifact, TaleError | OSError]:
        """Stems that could not be read, and why, where that is forgiven."""
        return self._stems.lost

    def walk(self, gains: Gains = EVEN) -> Iterator[Samples]:
        """Give the whole tale as it is now, chunk by chunk."""
        for at, span in enumerate(self._spans):
            for chunk in range(span.chunks):
                yield self._finished(at, chunk, gains)

    def _finished(self, at: int, chunk: int, gains: Gains) -> Samples:
        """Return a chunk, limited."""
        ready = self._raw(at, chunk, gains)
        own = self._peaks_at(at, chunk, gains)
        # It looks ahead to the passage's end and no further: what follows may not be there yet.
        more = chunk + 1 < self._spans[at].chunks
        ahead = self._peaks_at(at, chunk + 1, gains)[: AHEAD_TICKS + 2] if more else own[:0]
        before = self._before(at, chunk, gains)
        around = np.concatenate([before, own, ahead])
        if around.max(initial=0) <= CEILING:
            return ready
        return turned_down(ready, gains_of(around, CEILING)[len(before) : len(before) + len(own) + 1])

    def _before(self, at: int, chunk: int, gains: Gains) -> Peaks:
        """Return the peaks that the limiter still remembers."""
        found: list[Peaks] = []
        while sum(map(len, found)) < MEMORY_TICKS and (at, chunk) > (0, 0):
            at, chunk = (at, chunk - 1) if chunk else (at - 1, self._spans[at - 1].chunks - 1)
            if chunk >= 0:
                found.insert(0, self._peaks_at(at, chunk, gains))
        return np.concatenate([np.zeros(0, np.float32), *found])[-MEMORY_TICKS:]

    def _peaks_at(self, at: int, chunk: int, gains: Gains) -> Peaks:
        key = (at, chunk, gains)
        return _kept(self._peaks, key, _MOST_PEAKS, lambda: peaks_of(self._raw(at, chunk, gains), CEILING))

    def _raw(self, at: int, chunk: int, gains: Gains) -> Samples:
        def made() -> Samples:
            added = self._added(self._spans[at], chunk, gains)
            # Open files survive a trim or an erase of their names: the tale is heard to its end.
            if chunk == 0 and at + 1 < len(self._spans):
                self._stems.hold(self._spans[at + 1].stems)
            return added

        return _kept(self._chunks, (at, chunk, gains), _MOST_CHUNKS, made)

    def _added(self, span: _Span, chunk: int, gains: Gains) -> Samples:
        start = chunk * CHUNK
        frames = min(CHUNK, span.samples - start)
        out = self._read(span.bed, start, frames) if span.bed else np.zeros((frames, 2), np.float32)
        for ring in span.rings:
            rung = self._stems.read(ring.stem, ring.offset + start, frames)
            out[: len(rung)] += rung
        out *= np.float32(gains.music * MAKE_UP)
        if span.voice:
            voice = self._stems.read(span.voice, start, frames)
            voice = voice.reshape(-1)  # of a lost one there is nothing
            # Seen as complex numbers, one addition puts the voice on both sides.
            out.view(np.complex64)[: len(voice), 0] += voice * np.complex64((1 + 1j) * gains.voice * MAKE_UP)
        return out

    def _is_lost(self, span: _Span) -> bool:
        own = [stem for stem in (span.bed, span.voice) if stem] or [ring.stem for ring in span.rings]
        return bool(own) and not any(self._stems.can_read(stem) for stem in own)

    def _read(self, stem: Artifact, start: int, frames: int) -> Samples:
        got = self._stems.read(stem, start, frames)
        return got if len(got) == frames else np.concatenate([got, np.zeros((frames - len(got), 2), np.float32)])

    def _rings(self, before: int, start: int) -> tuple[_Ring, ...]:
        """Return every earlier tail that reaches past `start`, also over a short passage into the one after."""
        return tuple(
            _Ring(one.scored.tail, start - one.end)
            for one in self.timeline.placed[:before]
            if one.end + one.scored.tail_samples > start
        )


def _kept(cache: OrderedDict[_Key, Samples], key: _Key, most: int, make: Callable[[], Samples]) -> Samples:
    """Cache the newest few, so that a walk forwards makes everything once."""
    if key not in cache:
        cache[key] = make()
        while len(cache) > most:
            cache.popitem(last=False)
    return cache[key]
