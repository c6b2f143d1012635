"""Notes played by a SoundFont."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import Missing, Refused
from pipeline.music.notes import Note, Part
from pipeline.music.soundfont import cut
from pipeline.words.sound import RATE_HZ, Samples

if TYPE_CHECKING:
    from tinysoundfont import Synth

PAN = {Part.PAD: -0.25, Part.FIGURE: 0.35, Part.BASS: 0.0, Part.LEAD: 0.12, Part.DRUMS: -0.1, Part.TIMPANI: -0.3}
_GAIN_DB = -6.0
_FLUSH_SAMPLES = 9_600
"""What a synth still holds of its last piece is gone after so many."""
_SOFTEST_FULL = 110
_CC_PAN, _CC_EXPRESSION = 10, 11
_PIANO = 0

_ON, _OFF = 1, 0


class FontPlayer:
    """Plays notes with one font; each thread that plays at a time has a synth of its own."""

    def __init__(self, font: Path) -> None:
        """Missing `tinysoundfont_missing` without the synth; Refused `soundfont_damaged` where the file is none."""
        self._bytes = cut(font.read_bytes())
        self._lock = threading.Lock()
        self._idle = [self._new()]

    def play(self, notes: Sequence[Note], programs: Mapping[int, int], samples: int) -> Samples:
        """Stereo, exactly so many samples; the same bytes every time."""
        out = np.zeros((samples, 2), np.float32)
        if not notes:
            return out
        with self._synth() as (synth, font):
            _settle(synth, font, programs)
            _run(synth, notes, out)
        return out

    def close(self) -> None:
        """Let the synths go."""
        with self._lock:
            self._idle.clear()

    @contextmanager
    def _synth(self) -> Iterator[tuple[Synth, int]]:
        with self._lock:
            held = self._idle.pop() if self._idle else None
        held = held or self._new()
        try:
            yield held
        finally:
            with self._lock:
                self._idle.append(held)

    def _new(self) -> tuple[Synth, int]:
        try:
            from tinysoundfont import Synth
        except ImportError as error:
            raise Missing("tinysoundfont_missing") from error
        synth = Synth(gain=_GAIN_DB, samplerate=RATE_HZ)
        try:
            return synth, synth.sfload(self._bytes)
        except Exception as error:
            raise Refused("soundfont_damaged", why=str(error)) from error


def _settle(synth: Synth, font: int, programs: Mapping[int, int]) -> None:
    """Bring a used synth to the state of a new one."""
    synth.sounds_off()
    synth.generate(_FLUSH_SAMPLES)
    for part, pan in PAN.items():
        synth.control_change(part, _CC_PAN, int(64 + 63 * pan))
        synth.control_change(part, _CC_EXPRESSION, 127)
    for channel, program in programs.items():
        if not synth.sfpreset_name(font, 0, program):
            program = _PIANO  # noqa: PLW2901 - a font that lacks an instrument plays its first
        synth.program_select(channel, font, 0, program)
    synth.program_select(Part.DRUMS, font, 128, 0, is_drums=True)


def _run(synth: Synth, notes: Sequence[Note], out: Samples) -> None:
    view = memoryview(out.data).cast("B")
    at, end = 0, len(out)
    for when, kind, channel, key, velocity in _events(notes):
        until = min(end, when)
        if until > at:
            synth.generate_simple(until - at, buffer=view[at * 8 : until * 8])
            at = until
        if kind == _ON and when < end:
            synth.noteon(channel, key, _louder(velocity))
        elif kind == _OFF:
            synth.noteoff(channel, key)
    if at < end:
        synth.generate_simple(end - at, buffer=view[at * 8 : end * 8])


def _events(notes: Sequence[Note]) -> list[tuple[int, int, int, int, int]]:
    events = [(round(note.on_s * RATE_HZ), _ON, note.channel, note.key, note.velocity) for note in notes]
    events += [(round(note.off_s * RATE_HZ), _OFF, note.channel, note.key, 0) for note in notes]
    return sorted(events)


def _louder(velocity: int) -> int:
    """The synth halves the range the font's norm asks for: bend it back."""
    return max(1, velocity * velocity // _SOFTEST_FULL if velocity < _SOFTEST_FULL else velocity)
