"""A message as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ButtonAction(StrEnum):
    """What a button does; each has its label under [card.press]."""

    CANCEL = "cancel"
    RETRY = "retry"
    PLAY = "play"
    AGAIN = "again"
    CONTINUE = "continue"
    WHY = "why"
    HEART = "heart"
    SHARE = "share"
    TRANSCRIPT = "transcript"
    FILES = "files"
    DELETE = "delete"
    ERASE = "erase"
    """Delete, confirmed."""
    REPORT = "report"
    UNNAME = "unname"
    """Somebody who is named in it takes it away."""


class Style(StrEnum):
    """How much a button asks to be pressed."""

    MAIN = "main"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True)
class Press:
    """One button; its id carries verb and tale, so that it works for years."""

    verb: ButtonAction
    tale: str
    label: str
    emoji: str = ""
    style: Style = Style.PLAIN
    detail: str = ""
    """What the verb is about, letters and digits: `m4b`, `srt`, a mood."""
    row: int = 0

    @property
    def custom_id(self) -> str:
        """`echo:files:<tale>` or `echo:files:<tale>:m4b`."""
        return ":".join(part for part in ("echo", self.verb, self.tale, self.detail) if part)


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a message."""

    name: str
    path: Path
    description: str = ""
    """For who cannot see or hear it; at most 1,024 characters."""


@dataclass(frozen=True)
class Face:
    """What a message shows. An embed and attachments, not Components V2: those show a sound as a mere download, and
    the file must play by a tap."""

    title: str
    body: str
    colour: int
    footer: str = ""
    presses: tuple[Press, ...] = ()
    content: str = ""
    """Above the embed; mentions stand here."""
    picture: str = ""
    """File name of the attachment that is shown large."""
    files: tuple[Enclosure, ...] = ()
