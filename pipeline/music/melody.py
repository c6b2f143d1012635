"""Plays the motif in the pauses."""

from __future__ import annotations

import math

from pipeline.music.frame import Frame, Span
from pipeline.music.harmony import MODES, Chord
from pipeline.music.motif import Motif, head, varied
from pipeline.music.notes import Note, Part

LEAST_PAUSE_S, LEAST_PAUSE_BEATS = 0.9, 1.5  # the shorter of the two, but never under _SHORTEST_S
AFTER_SPEECH_S, BEFORE_SPEECH_S = 0.12, 0.05
_SHORTEST_S = 0.7
_BREATH_BEATS = 2  # rest between two returns of the motif in one pause
_SLOW_BEAT_S = 0.6
_LEAST_NOTES, _ENOUGH_NOTES = 2, 4  # one note alone is no motif; from four on it is recognised
_QUICKEST_S = 0.11
"""Seconds of the shortest note of the motif."""
_SEMITONES = (1, 11)  # a half tone above or below, in any octave
_ON_BEAT = 0.01


def sing(frame: Frame, motif: Motif, returns: int, end_s: float) -> tuple[list[Note], int]:
    """Play the motif in every pause that is long enough, up to `end_s`; returns also how often it has returned."""
    notes: list[Note] = []
    for pause in frame.pauses(end_s):
        if pause.end_s - pause.start_s < _least_pause_s(frame):
            continue
        sung, returns = _fill(frame, motif, returns, pause)
        notes += sung
    return notes, returns


def next_eighth(frame: Frame, at_s: float) -> float:
    """Return the time of the next eighth, or of the next sixteenth where the beat is slow: pauses are short."""
    grid = frame.beat_s / (4 if frame.beat_s >= _SLOW_BEAT_S else 2)
    return math.ceil(at_s / grid - 1e-6) * grid


def _least_pause_s(frame: Frame) -> float:
    return max(_SHORTEST_S, min(LEAST_PAUSE_S, LEAST_PAUSE_BEATS * frame.beat_s))


def _fill(frame: Frame, motif: Motif, returns: int, pause: Span) -> tuple[list[Note], int]:
    notes: list[Note] = []
    # Where nobody has spoken yet, the motif may begin on the downbeat itself.
    start = next_eighth(frame, pause.start_s + (AFTER_SPEECH_S if pause.start_s > 0 else 0.0))
    end = pause.end_s - BEFORE_SPEECH_S
    while True:
        phrase, eighth_s = _fitting(frame, varied(motif, returns), end - start)
        if len(phrase.degrees) < _LEAST_NOTES:
            return notes, returns
        sung = _sung(frame, phrase, start, eighth_s, end)
        notes += sung
        returns += 1
        start = next_eighth(frame, start + sum(phrase.lengths) * eighth_s + _BREATH_BEATS * frame.beat_s)


def _fitting(frame: Frame, motif: Motif, room_s: float) -> tuple[Motif, float]:
    """Return the whole motif, or twice as fast where more of it fits then, or its head; and an eighth's seconds."""
    eighth_s = frame.beat_s / 2
    calm, quick = head(motif, room_s / eighth_s), head(motif, 2 * room_s / eighth_s)
    if calm == motif or eighth_s / 2 < _QUICKEST_S or len(calm.degrees) >= _ENOUGH_NOTES:
        return calm, eighth_s
    return quick, eighth_s / 2


def _sung(frame: Frame, phrase: Motif, start: float, eighth_s: float, end: float) -> list[Note]:
    notes: list[Note] = []
    at, last = start, len(phrase.degrees) - 1
    for place, (degree, length) in enumerate(zip(*phrase, strict=True)):
        slot = frame.slot_at(at)
        chord = slot.chord
        on_beat = abs(at / frame.beat_s - round(at / frame.beat_s)) < _ON_BEAT
        strong = slot.closing or place in (0, last) or length > 1 or on_beat
        key = _tuned(frame, _key(frame, degree), chord, strong=strong)
        # A little short, so that a repeated key is struck anew; the last note may ring.
        sounding_s = length * eighth_s * 0.96 if place < last else max(length * eighth_s, 1.5 * frame.beat_s)
        off = _let_go(frame, key, at, min(end, at + sounding_s))
        velocity = min(118.0, frame.velocity + (12 if place == 0 else 6))
        notes.append(Note(at, off, Part.LEAD, key, int(velocity)))
        at += length * eighth_s
    return notes


def _key(frame: Frame, degree: int) -> int:
    octave, step = divmod(degree, 7)
    tonic = frame.tempo.tonic
    # The nearer way to the tonic: no key lies more than half an octave from the lead's register.
    home = frame.palette.lead_octave + (tonic if tonic <= 6 else tonic - 12)
    return home + 12 * octave + MODES[frame.tempo.mode][step]


def _tuned(frame: Frame, key: int, chord: Chord, *, strong: bool) -> int:
    """Move a strong note into the chord; a weak one only where it lies a half tone beside it."""
    if strong:
        within = (key + step for step in (0, -1, 1, -2, 2, -3, 3) if (key + step) % 12 in chord)
        return min(within, key=lambda k: abs(k - key), default=key)
    if not _rubs(key, chord):
        return key
    scale = {(frame.tempo.tonic + step) % 12 for step in MODES[frame.tempo.mode]}
    near = (key + step for step in (-2, 2, -1, 1))
    return min((k for k in near if k % 12 in scale and not _rubs(k, chord)), key=lambda k: abs(k - key), default=key)


def _rubs(key: int, chord: Chord) -> bool:
    return any((key - pitch) % 12 in _SEMITONES for pitch in chord)


def _let_go(frame: Frame, key: int, on: float, off: float) -> float:
    """Return when a note ends: before the next chord that it would clash with."""
    for slot in frame.slots:
        start = slot.start * frame.beat_s
        if on + 0.02 < start < off and _rubs(key, slot.chord):
            return start - 0.01
    return off
