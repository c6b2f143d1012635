"""Turns attachments into wishes."""

from __future__ import annotations

import asyncio
from pathlib import PurePath

import discord

from bot.momentary import momentary_folder
from bot.request_tale.options import Draft
from bot.ui.escape import shown
from bot.uploads import Upload
from pipeline.errors import Refused, Unwell
from pipeline.sources.fetch import fetch_politely, host_of
from pipeline.sources.kinds import holds_sound, kind_of, text_of
from pipeline.sources.reading import read_source
from pipeline.words.source import SourceKind

TEXT = (".txt", ".md", ".markdown", ".text")
SOUND = (".ogg", ".opus", ".mp3", ".wav", ".flac", ".m4a", ".aac", ".webm", ".mp4", ".mov")
MOST_TEXT_BYTES = 150_000
"""More than the longest tale in any script; its length in minutes is checked elsewhere."""
MOST_SOUND_MB = 25
_WITHIN_S = 20.0  # for Discord's file server to send it
_NAME_CHARS = 60


def is_sound(file: discord.Attachment) -> bool:
    """Whether it is a voice message, or a file that may hold a voice."""
    return _suffix(file) in SOUND or (file.content_type or "").startswith(("audio/", "video/"))


def is_text(file: discord.Attachment) -> bool:
    """Whether it says that it is plain text."""
    return _suffix(file) in TEXT or (file.content_type or "").startswith("text/plain")


def is_picture(file: discord.Attachment) -> bool:
    """Whether it says that it is a picture."""
    return (file.content_type or "").startswith("image/")


async def draft_of(file: discord.Attachment, speaker: str = "", words: str = "") -> Draft:
    """Read an attachment: a text is told as written, a recording is a spoken wish, all else is retold. Raises Refused.

    What it holds decides, not its name. Nothing is kept of it here. `words` say what a picture shows.
    """
    text = _suffix(file) in TEXT or (file.content_type or "").startswith("text/")
    _hold_to_size(file, text=text and not is_sound(file))
    data = await _fetched(file)
    if is_sound(file) or holds_sound(data):
        return _spoken(file, data, speaker)
    return await _draft_from(data, _name(file), words)


async def draft_of_link(link: str) -> Draft:
    """Read what stands at an address. Raises Refused, Unreachable."""
    fetched = await fetch_politely(link)
    if holds_sound(fetched.data):
        return Draft(upload=Upload(fetched.data, ".ogg"))
    return await _draft_from(fetched.data, host_of(fetched.address), "", retold=True)


async def _draft_from(data: bytes, called: str, words: str, *, retold: bool = False) -> Draft:
    async with momentary_folder("source") as folder:
        path = folder / "file"
        await asyncio.to_thread(path.write_bytes, data)
        if not retold and await asyncio.to_thread(kind_of, path) is SourceKind.TEXT:
            return Draft(text_of(data), as_written=True)
        source = await asyncio.to_thread(read_source, path, called)
    if source.is_silent and not words.strip():
        raise Refused("picture_question")
    return Draft(words, source=source)


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
