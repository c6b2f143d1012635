"""Whether bytes are a recording."""

from __future__ import annotations

_AT_START = (b"OggS", b"ID3", b"fLaC", b"\x1aE\xdf\xa3", b"caff", b"#!AMR", b"FORM")
"""Ogg, tagged mp3, FLAC, Matroska and WebM, CAF, AMR, AIFF."""
_INSIDE = ((8, b"WAVE"), (4, b"ftyp"))
"""Where in a file: WAV, and the family of MP4."""
_LEAST_BYTES = 12


def holds_sound(data: bytes) -> bool:
    """By its first bytes, whatever its name says; headerless mp3 and AAC by the mark of their frames."""
    if len(data) < _LEAST_BYTES:
        return False
    if data.startswith(_AT_START) or any(data[at : at + len(mark)] == mark for at, mark in _INSIDE):
        return True
    # Eleven bits set, and then a layer and a rate that exist: UTF-16 begins with FF FE, whose layer does not.
    return data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] != 0xFE and data[2] & 0xF0 != 0xF0
