"""A sound as large as allowed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of
from pipeline.audio.encode import deliver
from pipeline.errors import Refused
from pipeline.words.folding import slug
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.tale import Tale
from pipeline.words.timeline import Timeline

EVERYWHERE = ".mp3"
"""The format that every phone and desktop plays by a tap."""
GOOD_KBPS = 64
"""Below this rate two files are better than one that sounds worse."""
MOST_PARTS = 10
MOST_TRIES = 4
"""How often a sound is made smaller that Discord found too large, whatever limit it had named."""
_SMALLER = 0.7  # of the refused size: four tries reach a quarter


@dataclass(frozen=True)
class SoundFile:
    """One file of the sound."""

    path: Path
    name: str  # as members see it
    seconds: float


def fitted(
    story: Tale, master: Path, folder: Path, limit_bytes: int, suffix: str = EVERYWHERE, cover: Path | None = None
) -> list[SoundFile]:
    """Encode the tale into as few files as sound well, each within the limit; blocks, so not for the event loop.

    Raises Refused `sound_over_limit` where even ten parts are too large.
    """
    good = story.master.samples / RATE_HZ * GOOD_KBPS * 125 if FORMS[suffix].most_kbps else master.stat().st_size
    # An estimate; encoding finds out. kbit/s times 125 is bytes a second; a lossless file is as large as its master.
    count = min(MOST_PARTS, max(1, math.ceil(good / limit_bytes)))
    while True:
        try:
            return _encoded(story, master, folder, limit_bytes, suffix, cover, count)
        except Refused as error:
            if error.code != "sound_over_limit" or count >= MOST_PARTS:
                raise
            count += 1


def smaller(parts: Sequence[SoundFile], limit_bytes: int) -> int:
    """Return the limit to try next where these files were refused."""
    largest = max((part.path.stat().st_size for part in parts), default=limit_bytes)
    return int(min(limit_bytes, largest) * _SMALLER)


def cuts(timeline: Timeline, samples: int, count: int) -> list[int]:
    """Return where `count` parts begin and the last one ends: at the joins of passages nearest to equal parts."""
    # Fewer than `count` where a tale has fewer joins: a cut within a passage would cut a word.
    joins = sorted({placed.start for placed in timeline.placed} - {0})
    inner: list[int] = []
    for nth in range(1, count):
        later = [join for join in joins if not inner or join > inner[-1]]
        inner += [min(later, key=lambda join: abs(join - samples * nth / count))] if later else []
    return [0, *inner, samples]


def _encoded(
    story: Tale, master: Path, folder: Path, limit_bytes: int, suffix: str, cover: Path | None, count: int
) -> list[SoundFile]:
    name = slug(story.story.title)
    if count == 1:
        whole = folder / f"{name}{suffix}"
        _delivered(master, whole, story, cover, limit_bytes)
        return [SoundFile(whole, whole.name, story.master.samples / RATE_HZ)]
    edges = cuts(story.timeline, story.master.samples, count)
    pieces = _cut(master, edges, folder)
    parts = []
    for nth, (piece, (start, end)) in enumerate(zip(pieces, pairwise(edges), strict=True), 1):
        to = folder / f"{name}-{nth}{suffix}"
        _delivered(piece, to, _stretch(story, nth, len(pieces), start, end), cover, limit_bytes)
        piece.unlink()  # at once: ten lossless pieces of an hour would fill a small disk
        parts.append(SoundFile(to, to.name, (end - start) / RATE_HZ))
    return parts


def _delivered(master: Path, to: Path, story: Tale, cover: Path | None, limit_bytes: int) -> None:
    """Encode one file; a lossless one comes out the same size each time, so one try shows that it is too large."""
    lossless = not FORMS[to.suffix].most_kbps
    deliver(master, to, story, cover, None if lossless else limit_bytes)
    if lossless and to.stat().st_size > limit_bytes:
        to.unlink()
        seconds = round(story.master.samples / RATE_HZ)
        raise Refused("sound_over_limit", limit_mb=round(limit_bytes / 2**20, 1), seconds=seconds)


def _stretch(story: Tale, nth: int, of: int, start: int, end: int) -> Tale:
    """Return the tale as if it were only this part of it, for the file's tags and chapters."""
    placed = tuple(
        replace(one, start=one.start - start) for one in story.timeline.placed if start <= one.start < end
    )  # fmt: skip
    told = replace(story.story, title=f"{story.story.title} ({nth}/{of})")
    sound = replace(story.master, samples=end - start)
    return replace(story, story=told, master=sound, timeline=Timeline(placed, whole=True))


def _cut(master: Path, edges: Sequence[int], folder: Path) -> list[Path]:
    """Cut the master into lossless pieces, decoded once, in constant memory."""
    blocks, held = blocks_of(master), _Held()
    made = []
    for nth, (start, end) in enumerate(pairwise(edges)):
        last = end == edges[-1]
        piece = folder / f"piece-{nth}.flac"
        # The last takes all there is: the decoder may give a few samples more than the timeline counts.
        encode(piece, held.taken(blocks, None if last else end - start), FORMS[".flac"])
        made.append(piece)
    return made


class _Held:
    """Holds what was decoded past a cut for the next piece."""

    def __init__(self) -> None:
        self._left: Samples | None = None

    def taken(self, blocks: Iterator[Samples], frames: int | None) -> Iterator[Samples]:
        """Give this many frames, or all there are."""
        while frames is None or frames > 0:
            block = self._left if self._left is not None else next(blocks, None)
            self._left = None
            if block is None:
                return
            if frames is not None and len(block) > frames:
                block, self._left = block[:frames], block[frames:]
            if frames is not None:
                frames -= len(block)
            yield block
