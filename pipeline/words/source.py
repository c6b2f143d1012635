"""Something that a tale is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MOST_USUAL_WORDS = 600
_HAPPENING_WORDS, _AROUND_WORDS = 14, 40


class SourceKind(StrEnum):
    """What something is, by its content."""

    PDF = "pdf"
    EPUB = "epub"
    DOCX = "docx"
    PAGE = "page"
    FEED = "feed"
    TABLE = "table"
    TEXT = "text"
    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"


class TellerManner(StrEnum):
    """Who seems to tell it: the sentences around the facts."""

    TELLER = "teller"
    ANCHOR = "anchor"
    FRIEND = "friend"
    TEACHER = "teacher"
    FAIRY_TALE = "fairy_tale"
    SOBER = "sober"
    """For grave matters, whatever was asked."""


MANNERS = {
    "news_tale": TellerManner.ANCHOR,
    "fairy_tale": TellerManner.FAIRY_TALE,
    "bedtime": TellerManner.FAIRY_TALE,
    "fable": TellerManner.FAIRY_TALE,
}
"""The manner that goes with a style, where none was chosen."""


@dataclass(frozen=True)
class Fact:
    """One thing that a source says, in its own words or as slots of a sentence."""

    text: str = ""
    """A sentence as it stands; empty where `happening` names one of the language's own."""
    place: str = ""
    """Where it stands: a page, a chapter, a row, a link."""
    part: int = 0
    """Counts the source's parts (chapters, items) from 0: a new part is a new scene."""
    happening: str = ""
    """Of a table or a picture: `record`, `rise`, `passed`, `light`..."""
    slots: dict[str, str] = field(default_factory=dict)
    """What fills that sentence: names and numbers as the source writes them."""


@dataclass(frozen=True)
class StorySource:
    """What was read of a file or a link: its facts in their order, and where they are from."""

    kind: SourceKind
    facts: tuple[Fact, ...]
    origin: str
    """A file's name, or an address, as credits and captions name it."""
    title: str = ""
    parts: tuple[str, ...] = ()
    """What each part is headed, by its number; empty where it has no heading."""
    people: tuple[str, ...] = ()
    """Names of people, as far as the words show them."""
    quotes: tuple[str, ...] = ()
    """What is quoted in it, without the marks."""
    numbers: tuple[str, ...] = ()
    """Every number of it, as it is written."""
    manner: TellerManner = TellerManner.TELLER
    liked: tuple[str, ...] = ()
    """Of news: what those who will hear it liked lately, so that the nearest items come first."""

    @property
    def is_silent(self) -> bool:
        """Whether it is a picture without a word in it: somebody must say what it shows."""
        return self.kind is SourceKind.PICTURE and not any(one.text for one in self.facts)

    @property
    def words(self) -> int:
        """How many words tell all of it, at most MOST_USUAL_WORDS: the length where nobody chose one."""
        told = sum(len(one.text.split()) if one.text else _HAPPENING_WORDS for one in self.facts)
        return min(MOST_USUAL_WORDS, round(told * 1.1) + _AROUND_WORDS)

    @property
    def text(self) -> str:
        """All its words, for those who must read them before anybody hears them."""
        return "\n".join([self.title, *(" ".join([one.text, *one.slots.values()]) for one in self.facts)])


@dataclass(frozen=True)
class Section:
    """A chapter of a document."""

    title: str
    text: str
    """Paragraphs parted by blank lines."""
    place: str = ""
    link: str = ""
    """Of a feed's item: where it can be read whole."""


@dataclass(frozen=True)
class Document:
    """A file or page as it was read, whole."""

    kind: SourceKind
    title: str = ""
    sections: tuple[Section, ...] = ()
    found: tuple[Fact, ...] = ()
    """What a table or a picture shows."""
    scanned: bool = False
    """Whether its words were read from pictures."""
