"""Turns attachments into wishes."""

from __future__ import annotations

import asyncio
from pathlib import PurePath

import discord

from bot.request_tale.options import Draft
from bot.ui.escape import shown
from bot.uploads import Upload
from pipeline.errors import Refused, Unwell

TEXT = (".txt", ".md", ".markdown", ".text")
SOUND = (".ogg", ".opus", ".mp3", ".wav", ".flac", ".m4a", ".aac", ".webm", ".mp4", ".mov")
MOST_TEXT_BYTES = 150_000
"""More than the longest tale in any script; its length in minutes is checked elsewhere."""
MOST_SOUND_MB = 25
_WITHIN_S = 20.0  # for Discord's file server to send it
_NAME_CHARS = 60


_AT_START = (b"OggS", b"ID3", b"fLaC", b"\x1aE\xdf\xa3", b"caff", b"#!AMR", b"FORM")
"""First bytes of Ogg, tagged mp3, FLAC, Matroska and WebM, CAF, AMR, AIFF."""
_INSIDE = ((8, b"WAVE"), (4, b"ftyp"))
"""Marks further inside, with their offset: WAV, and the family of MP4."""
_LEAST_BYTES = 12


def is_sound(file: discord.Attachment) -> bool:
    """Whether it is a voice message, or a file that may hold a voice."""
    return _suffix(file) in SOUND or (file.content_type or "").startswith(("audio/", "video/"))


async def draft_of(file: discord.Attachment, speaker: str = "") -> Draft:
    """Read an attachment: a text is told as written, a recording is a spoken wish. Raises Refused.

    What it holds decides, not its name. Nothing is kept of it here.
    """
    text = _suffix(file) in TEXT or (file.content_type or "").startswith("text/")
    _hold_to_size(file, text=text and not is_sound(file))
    data = await _fetched(file)
    if is_sound(file) or holds_sound(data):
        return _spoken(file, data, speaker)
    if not text:
        raise Refused("gate_file_kind", file=_name(file))
    try:
        return Draft(data.decode("utf-8-sig"), as_written=True)
    except UnicodeDecodeError as error:
        raise Refused("file_not_text", file=_name(file)) from error


def _hold_to_size(file: discord.Attachment, *, text: bool) -> None:
    if text and file.size > MOST_TEXT_BYTES:
        raise Refused("gate_file_long", file=_name(file), most_kb=MOST_TEXT_BYTES // 1000)
    if file.size > MOST_SOUND_MB * 1_000_000:
        raise Refused("sound_too_big", most_mb=MOST_SOUND_MB)


def _spoken(file: discord.Attachment, data: bytes, speaker: str) -> Draft:
    if not data:
        raise Refused("sound_empty")
    suffix = _suffix(file) if _suffix(file) in SOUND else ".ogg"
    return Draft(upload=Upload(data, suffix), names=(speaker,) if speaker else ())


async def _fetched(file: discord.Attachment) -> bytes:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await file.read()
    except (discord.HTTPException, TimeoutError) as error:
        raise Unwell("gate_file_unreachable", file=_name(file)) from error


def _suffix(file: discord.Attachment) -> str:
    return PurePath(file.filename).suffix.lower()


def _name(file: discord.Attachment) -> str:
    return shown(file.filename[:_NAME_CHARS])


def holds_sound(data: bytes) -> bool:
    """Whether it is sound by its first bytes; headerless mp3 and AAC by the mark of their frames."""
    if len(data) < _LEAST_BYTES:
        return False
    if data.startswith(_AT_START) or any(data[at : at + len(mark)] == mark for at, mark in _INSIDE):
        return True
    # Eleven bits set, and then a layer and a rate that exist: UTF-16 begins with FF FE, whose layer does not.
    return data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] != 0xFE and data[2] & 0xF0 != 0xF0
