"""What a sound file says about itself."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale

ARTIST = "EchoTales"
MADE_BY_AI = "Written, narrated and scored by AI with EchoTales."
_TITLE_CHARS = 48
_FRONT_COVER = 3


@dataclass(frozen=True)
class Chapter:
    """A scene as an audiobook player shows it."""

    title: str
    start_s: float
    end_s: float


def tags_of(tale: Tale) -> dict[str, str]:
    """Title, language, that it is made by AI, and whom to credit."""
    return {
        "title": tale.story.title,
        "artist": ARTIST,
        "album": tale.story.title,
        "genre": "Audiobook",
        "language": tale.plan.language,
        "comment": " · ".join([MADE_BY_AI, *tale.rights.credits]),
        "synopsis": tale.story.synopsis,
    }


def chapters_of(tale: Tale) -> list[Chapter]:
    """One a scene, named by its first words; the intro belongs to the first."""
    starts: dict[int, float] = {}
    for placed in tale.timeline.placed:
        if placed.spoken is not None:
            starts.setdefault(placed.scored.scene, placed.start / RATE_HZ if starts else 0.0)
    edges = [*starts.values(), tale.master.samples / RATE_HZ]
    said = {scene.index: scene.passages[0].text for scene in tale.story.scenes if scene.passages}
    return [
        Chapter(_short(said.get(scene, str(scene + 1))), start, end)
        for scene, start, end in zip(starts, edges[:-1], edges[1:], strict=True)
    ]


def ogg_picture(png: bytes) -> str:
    """A cover as Ogg files carry it: FLAC's picture block, in base64."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    kind = b"image/png"
    head = struct.pack(">II", _FRONT_COVER, len(kind)) + kind
    return base64.b64encode(head + struct.pack(">IIIIII", 0, width, height, 24, 0, len(png)) + png).decode()


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _TITLE_CHARS else words[:_TITLE_CHARS].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
