"""Chords that follow one another."""

from __future__ import annotations

import itertools
import random

MODES: dict[str, tuple[int, ...]] = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "phrygian_dominant": (0, 1, 4, 5, 7, 8, 10),
}

_FAMILY = {"ionian": "bright", "lydian": "bright", "mixolydian": "bright", "dorian": "dark", "aeolian": "dark"}
"""The others close by the flat second."""
_TONIC, _DOMINANT, _FLAT_SECOND = 0, -1, 1
# Degrees that may stand for home (T) and for leaving it (S), and the one that leads back (D).
_FUNCTIONS: dict[str, tuple[tuple[int, ...], tuple[int, ...], int]] = {
    "bright": ((0, 5), (3, 1, 5), _DOMINANT),
    "dark": ((0, 5), (3, 5, 2), _DOMINANT),
    "flat": ((0, 5), (3, 6, 5), _FLAT_SECOND),
}
_PHRASE_BARS = 4
_PARALLEL_COST, _CENTRE_COST = 14.0, 0.3

Chord = tuple[int, ...]
"""Pitch classes, root first."""
Voicing = tuple[int, ...]
"""MIDI keys, low to high."""


def chord_of(tonic: int, mode: str, degree: int) -> Chord:
    """The triad on a degree of the mode; a diminished one gets a pure fifth where the mode is dark."""
    scale = MODES[mode]
    root, third, fifth = ((tonic + scale[(degree + step) % 7]) % 12 for step in (0, 2, 4))
    if (fifth - root) % 12 == 6 and _family(mode) == "flat":
        fifth = (root + 7) % 12
    return (root, third, fifth)


def dominant_of(tonic: int) -> Chord:
    """The seventh chord that asks for this tonic, with the raised leading note."""
    return tuple((tonic + step) % 12 for step in (7, 11, 2, 5))


def harmony_at(seed: str, tonic: int, mode: str, place: int) -> Chord:
    """The chord of a scene's place-th bar: four-bar phrases, to a half cadence and then home, in turn."""
    phrase, bar = divmod(place, _PHRASE_BARS)
    rng = random.Random(f"{seed}:{phrase}")
    homes, leaves, back = _FUNCTIONS[_family(mode)]
    home, leave = rng.choice(homes), rng.choice(leaves)
    degrees = (_TONIC, home, leave, back) if phrase % 2 == 0 else (home, leave, back, _TONIC)
    return _function(tonic, mode, degrees[bar])


def cadence(tonic: int, mode: str, bars: int) -> list[Chord]:
    """The last bars of a tale: away, the dominant, home."""
    leave = _FUNCTIONS[_family(mode)][1][0]
    closing = [chord_of(tonic, mode, leave), dominant_of(tonic), chord_of(tonic, mode, _TONIC)]
    return closing[-bars:]


def _function(tonic: int, mode: str, degree: int) -> Chord:
    return dominant_of(tonic) if degree == _DOMINANT else chord_of(tonic, mode, degree)


def _family(mode: str) -> str:
    return _FAMILY.get(mode, "flat")


def lead_voices(chord: Chord, before: Voicing, bass: int, register: tuple[int, int]) -> Voicing:
    """Three voices nearest to `before` (its last entry is the bass then), shunning parallel fifths and octaves."""
    low, high = register
    # A seventh chord over its own bass: the fifth is left out.
    upper = chord if len(chord) == 3 else (chord[1], chord[3], chord[0])
    candidates = (
        _stacked(order, first)
        for order in itertools.permutations(upper)
        for first in (low + (order[0] - low) % 12, low + 12 + (order[0] - low) % 12)
    )
    fitting = [voices for voices in candidates if voices[-1] <= high + 5]
    return min(fitting, key=lambda voices: (_cost(voices, before, bass, (low + high) / 2), voices))


def _stacked(order: Chord, first: int) -> Voicing:
    voices = [first]
    for pitch in order[1:]:
        voices.append(voices[-1] + 1 + (pitch - voices[-1] - 1) % 12)
    return tuple(voices)


def _cost(voices: Voicing, before: Voicing, bass: int, centre: float) -> float:
    cost = abs(sum(voices) / 3 - centre) * _CENTRE_COST
    if not before:
        return cost
    moved = sum(abs(new - old) for new, old in zip(voices, before, strict=False))
    now = (*voices, bass)
    parallels = sum(
        (now[i] - now[j]) % 12 in (0, 7)
        and (now[i] - now[j]) % 12 == (before[i] - before[j]) % 12
        and now[i] != before[i]
        for i, j in itertools.combinations(range(4), 2)
    )
    return cost + moved + _PARALLEL_COST * parallels
