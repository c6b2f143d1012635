"""Silence after the turning line."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.music.frame import Frame
from pipeline.music.harmony import Voicing
from pipeline.music.melody import AFTER_SPEECH_S, next_eighth
from pipeline.music.notes import Note, Part

HUSH_S = 1.05
"""How long there is nothing."""
DYING_S = 0.45
"""How long the chord before it dies away."""
REST_S = 1.9
"""Behind the line: a breath, one chord, nothing."""
_LEAST_CHORD_S = 0.2


def hush_from_s(frame: Frame) -> float:
    """When the last of the music must be gone."""
    return max(0.0, frame.end_s - HUSH_S)


def hushed(frame: Frame, notes: Iterable[Note], voices: Voicing) -> list[Note]:
    """All that sounds until the last word, then one chord, or its bass alone where the mood breaks, and no more."""
    word_s = frame.speech[-1].end_s
    gone_s = hush_from_s(frame)
    chord_s = min(next_eighth(frame, word_s + AFTER_SPEECH_S), gone_s - DYING_S - _LEAST_CHORD_S)
    kept = [note._replace(off_s=min(note.off_s, chord_s)) for note in notes if note.on_s < min(word_s, chord_s - 0.05)]
    *upper, bass = voices
    touch = int(frame.velocity)
    struck = [] if frame.slots[-1].bare else [(part, key) for part in (Part.PAD, Part.FIGURE) for key in upper]
    return [*kept, *(Note(chord_s, gone_s, part, key, touch) for part, key in (*struck, (Part.BASS, bass)))]
