"""What a tale and its scenes are called."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.words.story import NARRATOR, Passage
from pipeline.writing.told_lines import sentences_of
from pipeline.writing.tongue import tongues

SMALL = frozenset({"a", "an", "the", "and", "of", "in", "on", "at", "to", "for", "with", "by", "from"})
MOST_SYNOPSIS_CHARS, MOST_PICTURE_CHARS = 200, 160


def titled(title: str, language: str) -> str:
    """With the capitals that titles have in the language."""
    if not tongues()[language].title_case:
        return title[:1].upper() + title[1:]
    words = title.split()
    return " ".join(word if at and word in SMALL else word[:1].upper() + word[1:] for at, word in enumerate(words))


def synopsis_of(passages: Sequence[Passage]) -> str:
    """One line: how it begins and what goes wrong."""
    scenes = [" ".join(one.text for one in passages if one.scene == scene) for scene in (0, 1)]
    told = dict.fromkeys(sentences_of(text)[0] for text in scenes if text)
    return _clipped(" ".join(told), MOST_SYNOPSIS_CHARS)


def picture_of(passages: Sequence[Passage]) -> str:
    """One line that describes a scene's picture: its most visible narrated sentence."""
    told = [line.text for one in passages for line in one.lines if line.speaker == NARRATOR]
    return _clipped(max(told, key=len, default=""), MOST_PICTURE_CHARS)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
