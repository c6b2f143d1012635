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
    CHANGE = "change"
    WHY = "why"
    HEART = "heart"
    SHARE = "share"
    TRANSCRIPT = "transcript"
    FILES = "files"
    FILM = "film"
    DELETE = "delete"
    ERASE = "erase"
    """Delete, confirmed."""
    REPORT = "report"
    UNNAME = "unname"
    """A member who is named in it takes it away."""


class Style(StrEnum):
    """How prominent a button is."""

    MAIN = "main"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True)
class Press:
    """A button; its id carries verb and tale, so that it works for years."""

    verb: ButtonAction
    tale: str
    label: str
    style: Style = Style.PLAIN
    detail: str = ""
    """Detail of the verb, letters and digits: `m4b`, `srt`, a mood."""
    row: int = 0
    """0..4, as Discord lays buttons out."""

    @property
    def custom_id(self) -> str:
        """The id: `echo:files:<tale>` or `echo:files:<tale>:m4b`."""
        return ":".join(part for part in ("echo", self.verb, self.tale, self.detail) if part)


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a message."""

    name: str
    path: Path
    description: str = ""
    """For readers who cannot see or hear it; at most 1,024 characters."""


@dataclass(frozen=True)
class Face:
    """Content of a message.

    An embed and attachments, not Components V2: those show a sound as a download, and the file must play by a tap.
    """

    title: str
    body: str
    colour: int  # 0xRRGGBB
    footer: str = ""
    presses: tuple[Press, ...] = ()
    content: str = ""
    """Text above the embed; only mentions here notify somebody."""
    picture: str = ""
    """File name of the attachment that is shown large."""
    files: tuple[Enclosure, ...] = ()
