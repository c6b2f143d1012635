"""A human hand over the notes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

from pipeline.music.notes import Note, Part

_LATE_S, _MOST_LATE_S = 0.005, 0.01
_TOUCH = 3.0
_HELD = frozenset({Part.PAD, Part.TEXTURE})
_GAP_S = 0.004


def polished(notes: Iterable[Note], seed: str) -> tuple[Note, ...]:
    """The notes in order, a little early or late, harder or softer; no key is struck while it still sounds."""
    rng = random.Random(f"{seed}:hand")
    return _untangled(sorted(_by_hand(note, rng) for note in sorted(notes)))


def _by_hand(note: Note, rng: random.Random) -> Note:
    late = max(-_MOST_LATE_S, min(_MOST_LATE_S, rng.gauss(0.0, _LATE_S)))
    harder = round(rng.gauss(0.0, _TOUCH))
    if note.channel in _HELD:
        return note
    on = max(0.0, note.on_s + late)
    return note._replace(on_s=on, off_s=max(on + 0.03, note.off_s), velocity=max(1, min(127, note.velocity + harder)))


def _untangled(notes: list[Note]) -> tuple[Note, ...]:
    by_key: dict[tuple[int, int], list[int]] = {}
    for place, note in enumerate(notes):
        by_key.setdefault((note.channel, note.key), []).append(place)
    for places in by_key.values():
        for first, second in pairwise(places):
            if notes[first].off_s > notes[second].on_s - _GAP_S:
                notes[first] = notes[first]._replace(off_s=max(notes[first].on_s, notes[second].on_s - _GAP_S))
    return tuple(note for note in notes if note.off_s > note.on_s)
