"""Notes as a MIDI file."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from pipeline.errors import Refused
from pipeline.words.score import Cue, Tempo

_PER_BEAT = 480
_HEADER = struct.Struct(">4sIHHH")
_TRACK = struct.Struct(">4sI")
_END = b"\xff\x2f\x00"
_META, _NOTE_OFF, _PROGRAM = 0xFF, 0x80, 0xC0

Message = tuple[int, bytes]
"""Ticks from the start, and the bytes of one event."""


def midi_of(cue: Cue) -> bytes:
    """One passage as a file of its own, exactly as many ticks long as its bars."""
    tempo = cue.tempo
    messages = [*_heading(tempo), *_programs(cue.programs), *_notes(cue.notes, tempo)]
    return _file(messages, tempo.bars * tempo.metre * _PER_BEAT)


def joined(files: Sequence[bytes]) -> bytes:
    """The files of a tale's passages, one after the other; what holds no MIDI of ours raises `midi_damaged`."""
    messages: list[Message] = []
    at = 0
    for file in files:
        of_one, length = _read(file)
        messages += [(at + ticks, event) for ticks, event in of_one]
        at += length
    return _file(messages, at)


def _heading(tempo: Tempo) -> list[Message]:
    quarter_us = round(60_000_000 / tempo.bpm)
    beats = b"\xff\x58\x04" + bytes((tempo.metre, 2, 24, 8))
    return [(0, b"\xff\x51\x03" + quarter_us.to_bytes(3, "big")), (0, beats)]


def _programs(programs: Mapping[int, int]) -> list[Message]:
    return [(0, bytes((_PROGRAM | channel, program))) for channel, program in sorted(programs.items())]


def _notes(notes: Sequence[tuple[float, float, int, int, int]], tempo: Tempo) -> list[Message]:
    per_s = _PER_BEAT * tempo.bpm / 60
    end = tempo.bars * tempo.metre * _PER_BEAT
    messages: list[Message] = []
    for on_s, off_s, channel, key, velocity in notes:
        on = min(round(on_s * per_s), end - 1)
        off = min(max(on + 1, round(off_s * per_s)), end)
        messages += [(on, bytes((0x90 | channel, key, velocity))), (off, bytes((_NOTE_OFF | channel, key, 0)))]
    return messages


def _file(messages: Sequence[Message], length: int) -> bytes:
    # At one moment: tempo and programs, then what ends, then what begins.
    ordered = sorted(messages, key=lambda one: (one[0], _rank(one[1]), one[1]))
    body, at = bytearray(), 0
    for ticks, event in (*ordered, (length, _END)):
        body += _variable(ticks - at) + event
        at = ticks
    return _HEADER.pack(b"MThd", 6, 0, 1, _PER_BEAT) + _TRACK.pack(b"MTrk", len(body)) + bytes(body)


def _rank(event: bytes) -> int:
    kind = event[0] if event[0] == _META else event[0] & 0xF0
    return {_META: 0, _PROGRAM: 1, _NOTE_OFF: 2}.get(kind, 3)


def _variable(value: int) -> bytes:
    digits = [value & 0x7F]
    while value > 0x7F:
        value >>= 7
        digits.insert(0, value & 0x7F | 0x80)
    return bytes(digits)


def _read(file: bytes) -> tuple[list[Message], int]:
    """The events of a file that `midi_of` wrote, and its length in ticks."""
    messages: list[Message] = []
    place, at = _HEADER.size + _TRACK.size, 0
    try:
        if _HEADER.unpack_from(file)[0] != b"MThd":
            raise Refused("midi_damaged")
        while True:
            ticks, place = _number(file, place)
            at += ticks
            event = file[place : place + _length(file, place)]
            if event == _END:
                return messages, at
            messages.append((at, event))
            place += len(event)
    except (IndexError, struct.error) as error:
        raise Refused("midi_damaged") from error


def _number(file: bytes, place: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | file[place] & 0x7F
        place += 1
        if not file[place - 1] & 0x80:
            return value, place


def _length(file: bytes, place: int) -> int:
    if file[place] == _META:
        return 3 + file[place + 2]
    return 2 if file[place] & 0xF0 == _PROGRAM else 3
