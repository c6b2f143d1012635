"""What a tale and its scenes are called."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.words.story import NARRATOR, Passage
from pipeline.writing.context import first_sentence
from pipeline.writing.seeds import shuffled
from pipeline.writing.starters import FIELD, contracted
from pipeline.writing.tongue import Tongue

SMALL = frozenset({"a", "an", "the", "and", "of", "in", "on", "at", "to", "for", "with", "by", "from"})
MOST_TITLE_CHARS, MOST_SYNOPSIS_CHARS, MOST_PICTURE_CHARS = 60, 200, 160


def title_of(words: dict[str, str], tongue: Tongue, seed: int) -> str:
    """The hero's name and what the prompt gave, in one of the language's ways."""
    fit = [one for one in tongue.titles if all(words.get(field) for field in FIELD.findall(one))]
    rich = [one for one in fit if len(FIELD.findall(one)) > 1]
    for template in shuffled(rich or fit, seed, "title") + fit:
        title = contracted(template.format(**words), tongue)
        if len(title) <= MOST_TITLE_CHARS:
            return _capitals(title) if tongue.title_case else title[:1].upper() + title[1:]
    return words["name"]


def synopsis_of(passages: Sequence[Passage]) -> str:
    """One line: how it begins and what goes wrong."""
    firsts = [one for one in passages if one.scene in (0, 1)]
    told = dict.fromkeys(first_sentence(one.text) for one in _firsts_of_scenes(firsts))
    return _clipped(" ".join(told), MOST_SYNOPSIS_CHARS)


def picture_of(passages: Sequence[Passage]) -> str:
    """One line that describes a scene's picture: its most visible narrated sentence."""
    told = [line.text for one in passages for line in one.lines if line.speaker == NARRATOR]
    return _clipped(max(told, key=len, default=""), MOST_PICTURE_CHARS)


def _firsts_of_scenes(passages: Sequence[Passage]) -> list[Passage]:
    return [one for at, one in enumerate(passages) if at == 0 or one.scene != passages[at - 1].scene]


def _capitals(title: str) -> str:
    words = title.split()
    return " ".join(word if at and word in SMALL else word[:1].upper() + word[1:] for at, word in enumerate(words))


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
