"""Uploads in, transcripts out."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import PurePath
from typing import Any

from starlette.requests import Request

from bot.request_tale.attachments import MOST_SOUND_MB, SOUND
from pipeline.errors import Refused
from pipeline.sources.kinds import holds_sound
from pipeline.words.sound import Transcript, WordTiming

MOST_PARTS = 32
MOST_FIELD_CHARS = 1_000
TRANSCRIPTS = ("json", "verbose_json", "text", "srt", "vtt")
_CUE_S = 6.0
"""Most seconds of one caption."""


@dataclass(frozen=True)
class UploadForm:
    """A form with one recording."""

    sound: bytes
    suffix: str
    fields: dict[str, str] = field(default_factory=dict)


async def form_of(request: Request) -> UploadForm:
    """Read a multipart form; raises Refused `request_unreadable`, `sound_empty` or `sound_unreadable`."""
    head = Message()
    head["content-type"] = request.headers.get("content-type", "")
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary:
        raise Refused("request_unreadable", why="multipart/form-data")
    body = await request.body()
    fields: dict[str, str] = {}
    file: tuple[bytes, str] | None = None
    pieces = body.split(b"--" + boundary.encode("utf-8", "replace"), MOST_PARTS)
    for piece in pieces[1:]:
        before, found, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found:
            continue
        part = BytesHeaderParser().parsebytes(before + b"\r\n\r\n")
        name, data = part.get_param("name", "", "content-disposition"), data.removesuffix(b"\r\n")
        if name == "file":
            file = data, PurePath(part.get_filename("")).suffix.lower()
        else:
            fields[str(name)] = data[:MOST_FIELD_CHARS].decode("utf-8", "replace").strip()
    if file is None or not file[0]:
        raise Refused("sound_empty")
    if len(file[0]) > MOST_SOUND_MB * 1_000_000:
        raise Refused("sound_too_big", most_mb=MOST_SOUND_MB)
    if not holds_sound(file[0]):
        raise Refused("sound_unreadable", why=file[0][:4].hex())
    return UploadForm(file[0], file[1] if file[1] in SOUND else ".ogg", fields)


def transcript_in(kind: str, told: Transcript) -> tuple[dict[str, Any] | str, str]:
    """Return a transcript in one of OpenAI's kinds, with its media type; raises Refused `format_unknown`."""
    match kind:
        case "json":
            return {"text": told.text}, ""
        case "verbose_json":
            words = [{"word": one.text, "start": one.start_s, "end": one.end_s} for one in told.words]
            cues = [
                {"id": nth, "start": some[0].start_s, "end": some[-1].end_s, "text": _text(some)}
                for nth, some in enumerate(_cues(told.words))
            ]
            length = told.words[-1].end_s if told.words else 0.0
            whole = {"task": "transcribe", "language": told.language, "duration": length, "text": told.text}
            return whole | {"words": words, "segments": cues}, ""
        case "text":
            return told.text + "\n", "text/plain"
        case "srt" | "vtt":
            return _captions(told, kind), "text/vtt" if kind == "vtt" else "text/plain"
    raise Refused("format_unknown", format=kind[:20], known=" ".join(TRANSCRIPTS))


def _captions(told: Transcript, kind: str) -> str:
    point = "." if kind == "vtt" else ","
    blocks = [
        f"{nth}\n{_clock(some[0].start_s, point)} --> {_clock(some[-1].end_s, point)}\n{_text(some)}"
        for nth, some in enumerate(_cues(told.words), 1)
    ]
    return "\n\n".join(["WEBVTT", *blocks] if kind == "vtt" else blocks) + "\n"


def _cues(words: tuple[WordTiming, ...]) -> list[list[WordTiming]]:
    cues: list[list[WordTiming]] = []
    for word in words:
        if not cues or word.end_s - cues[-1][0].start_s > _CUE_S or cues[-1][-1].text.endswith((".", "!", "?")):
            cues.append([])
        cues[-1].append(word)
    return cues


def _text(words: list[WordTiming]) -> str:
    return " ".join(one.text.strip() for one in words)


def _clock(seconds: float, point: str) -> str:
    ms = max(0, round(seconds * 1_000))
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1_000 % 60:02}{point}{ms % 1_000:03}"
