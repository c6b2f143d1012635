"""Parts beneath the melody."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pipeline.music.figures import Figure, Figures, Onset
from pipeline.music.frame import Frame, Slot
from pipeline.music.harmony import Voicing, lead_voices
from pipeline.music.notes import Note, Part

STIRRED = 0.5
"""From this arousal on, figure and pulse go on, thinned, beneath a line; below it pad and bass alone."""
_TIMPANI_LOW, _BASS_LOW = 36, 38
_BREATH = 0.98
"""Share of a chord's length that the pad sounds."""


def arrange(frame: Frame, figures: Figures, before: Voicing) -> tuple[list[Note], Voicing]:
    """Pad, bass, figure, drums and texture of all slots; `before` and the result are voices with their bass last."""
    notes: list[Note] = []
    rng = random.Random(f"{frame.seed}:figure")
    for slot in frame.slots:
        bass = _bass_key(slot.chord[0])
        voices = lead_voices(slot.chord, before, bass, frame.palette.register)
        before = (*voices, bass)
        notes += _pad(frame, slot, voices)
        if slot.closing:
            notes += _close(frame, slot)
            continue
        notes += _bass(frame, slot, figures.basses[frame.palette.bass_pattern], bass)
        if not slot.bare:
            notes += _figure(frame, slot, figures.figures[frame.palette.figure_pattern], voices, rng)
            notes += _drums(frame, slot, figures)
    return notes, before


def _pad(frame: Frame, slot: Slot, voices: Voicing) -> Iterator[Note]:
    if slot.bare:
        return
    start, end = slot.start * frame.beat_s, (slot.start + slot.beats * (1 if slot.closing else _BREATH)) * frame.beat_s
    for key in voices:
        yield Note(start, end, Part.PAD, key, _touch(frame.velocity * 0.62 + 8))
    if frame.palette.texture != "none":
        root = 48 + slot.chord[0]
        for key in (root, root + (slot.chord[2] - slot.chord[0]) % 12):
            yield Note(start, end, Part.TEXTURE, key, _touch(frame.velocity * 0.5))


def _close(frame: Frame, slot: Slot) -> Iterator[Note]:
    start, end = slot.start * frame.beat_s, (slot.start + slot.beats) * frame.beat_s
    tonic = slot.chord[0]
    yield Note(start, end, Part.BASS, _bass_key(tonic), _touch(frame.velocity * 0.9))
    yield Note(start, end, Part.FIGURE, 60 + tonic, _touch(frame.velocity * 0.7))


def _bass(frame: Frame, slot: Slot, figure: Figure, bass: int) -> Iterator[Note]:
    fifth = bass + (slot.chord[2] - slot.chord[0]) % 12
    tonic = _bass_key(frame.tempo.tonic) if frame.tempo.tonic in slot.chord else bass
    if slot.bare:
        figure = Figure((Onset(0, 99, (0,), 0.8),), (Onset(0, 99, (0,), 0.8),))
    for step, on, off in _steps(frame, slot, figure, beneath=True):
        key = (bass, fifth, tonic)[step.tones[0]]
        yield Note(on, off, Part.BASS, key, _touch(frame.velocity * step.force))


def _figure(frame: Frame, slot: Slot, figure: Figure, voices: Voicing, rng: random.Random) -> Iterator[Note]:
    low, high = frame.palette.register
    tones = sorted(key + lift for key in voices for lift in (0, 12) if low <= key + lift <= high + 7)
    for step, on, off in _steps(frame, slot, figure, beneath=frame.arousal >= STIRRED):
        if figure.chance < 1.0 and rng.random() >= figure.chance:
            continue
        keys = sorted({tones[_wrapped(tone, len(tones))] for tone in step.tones})
        for place, key in enumerate(keys):
            touch = _touch(frame.velocity * step.force)
            yield Note(on + place * figure.roll_s, off, Part.FIGURE, key + 12 * figure.octave, touch)


def _wrapped(tone: int, count: int) -> int:
    return tone % count if tone >= 0 else max(0, count + tone)


def _steps(frame: Frame, slot: Slot, figure: Figure, *, beneath: bool) -> Iterator[tuple[Onset, float, float]]:
    """Each step that sounds with its on and off: the free ones in pauses, the thin ones beneath lines."""
    start, end = slot.start * frame.beat_s, (slot.start + slot.beats) * frame.beat_s
    chosen = [(step, False) for step in figure.open] + [(step, True) for step in figure.under if beneath]
    for step, thin in chosen:
        on = start + _swung(step.at, frame) * frame.beat_s / 2
        if step.at < slot.beats * 2 and frame.spoken(on) == thin:
            yield step, on, min(end, on + step.length * frame.beat_s / 2) - 0.01


def _drums(frame: Frame, slot: Slot, figures: Figures) -> Iterator[Note]:
    start, pattern = slot.start * frame.beat_s, figures.drums[frame.palette.drums]
    timpani = _TIMPANI_LOW + (frame.tempo.tonic - _TIMPANI_LOW) % 12
    chosen = [(stroke, False) for stroke in pattern.open] + [(stroke, True) for stroke in pattern.under]
    for stroke, thin in chosen:
        on = start + _swung(stroke.at, frame) * frame.beat_s / 2
        if stroke.at >= slot.beats * 2 or frame.arousal < stroke.arousal or frame.spoken(on) != thin:
            continue
        part, key, length = (Part.DRUMS, stroke.key, 0.2) if stroke.key else (Part.TIMPANI, timpani, 0.6)
        yield Note(on, on + length, part, key, _touch(stroke.velocity * (0.75 + 0.4 * frame.arousal)))


def _swung(at: float, frame: Frame) -> float:
    """Off-beat eighths come late."""
    return at + 2 * frame.palette.swing if at % 2 == 1 else at


def _bass_key(pitch: int) -> int:
    key = 36 + pitch % 12
    return key + 12 if key < _BASS_LOW else key


def _touch(velocity: float) -> int:
    return int(max(1, min(127, velocity)))
