"""A given text, told as it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.words.story import NARRATOR, Line
from pipeline.writing.told_lines import MOST_LINES, PASSAGE_WORDS
from pipeline.writing.tongue import count_words, tongues, words_in, words_of

SCENE_WORDS = 90
OPENERS = {"“": "”", "«": "»", "„": "“", '"': '"', "‟": "”"}
SENTENCE = re.compile(r"\S.*?(?:[.!?…][\"”»)’']*(?=\s)|$)", re.DOTALL)
UNSPACED = re.compile(r".{1,60}?[。！？、，]+[」』]?|.{1,60}", re.DOTALL)
"""Stretches of a script that puts no spaces between words."""
UNSPACED_CHARS = 60
NAME_BESIDE = re.compile(r"\b([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’-]+)\b")


@dataclass(frozen=True)
class Piece:
    """A passage's worth of the text."""

    scene: int
    text: str
    lines: tuple[Line, ...]


def pieces_of(text: str) -> list[Piece]:
    """The text as passages, every word once and unchanged; blank lines part the scenes, and so does length."""
    scenes = [part for block in re.split(r"\n\s*\n", text) if block.strip() for part in _scenes(block)]
    return [Piece(at, *passage) for at, scene in enumerate(scenes) for passage in _passages(scene)]


def with_short_first(pieces: list[Piece]) -> list[Piece]:
    """Part the first piece after its first sentence, where no quotation lies across: it is heard the sooner."""
    first, *rest = pieces
    opening, *more = _sentences(first.text)
    if not more or any(char in first.text for char in OPENERS):
        return pieces
    halves = (opening, " ".join(more))
    return [*(Piece(first.scene, half, _Quoting().lines(half)) for half in halves), *rest]


def _scenes(block: str) -> list[list[str]]:
    """Sentences in stretches of about ninety words."""
    scenes: list[list[str]] = [[]]
    for sentence in _sentences(block):
        if count_words(" ".join(scenes[-1])) >= SCENE_WORDS:
            scenes.append([])
        scenes[-1].append(sentence)
    return scenes


def _sentences(block: str) -> list[str]:
    found = [one.strip() for one in SENTENCE.findall(block) if one.strip()]
    return [part for one in found for part in _parts(one)]


def _parts(sentence: str) -> list[str]:
    """A long sentence at its commas, else by words."""
    if len(sentence) > UNSPACED_CHARS and len(sentence) > UNSPACED_CHARS * sentence.count(" "):
        return UNSPACED.findall(sentence)
    if count_words(sentence) <= PASSAGE_WORDS:
        return [sentence]
    words = sentence.split()
    commas = [at + 1 for at, word in enumerate(words[:PASSAGE_WORDS]) if word[-1] in ",;:—–" and at >= 3]
    cut = commas[-1] if commas else PASSAGE_WORDS
    return [" ".join(words[:cut]), *_parts(" ".join(words[cut:]))]


def _passages(sentences: list[str]) -> list[tuple[str, tuple[Line, ...]]]:
    groups: list[list[str]] = []
    for sentence in sentences:
        if groups and len(groups[-1]) < MOST_LINES and _words([*groups[-1], sentence]) <= PASSAGE_WORDS:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    quoting = _Quoting()
    return [(" ".join(group), quoting.lines(" ".join(group))) for group in groups]


def _words(sentences: list[str]) -> int:
    return count_words(" ".join(sentences))


class _Quoting:
    """Knows whether a quotation opened in an earlier passage is still open."""

    def __init__(self) -> None:
        self._closing = ""
        self._speaker = NARRATOR

    def lines(self, text: str) -> tuple[Line, ...]:
        found: list[Line] = []
        stretch = ""
        for char in text:
            if self._closing and char == self._closing:
                found += _line(stretch, self._speaker)
                stretch, self._closing = "", ""
            elif not self._closing and char in OPENERS:
                found += _line(stretch, NARRATOR)
                stretch, self._closing, self._speaker = "", OPENERS[char], _speaker(text)
            else:
                stretch += char
        return tuple(found + _line(stretch, self._speaker if self._closing else NARRATOR))


def _line(stretch: str, speaker: str) -> list[Line]:
    words = stretch.strip()
    return [Line(words, speaker)] if any(char.isalnum() for char in words) else []


def _speaker(text: str) -> str:
    """A name beside the quotation: after or before a word of saying, as our own tales know them; else the narrator."""
    beside = re.sub(r"[“«„\"‟][^”»“\"]*[”»“\"]?", " ", text)
    for match in NAME_BESIDE.finditer(beside):
        around = words_in(beside[: match.start()])[-1:] + words_in(beside[match.end() :])[:1]
        if set(around) & _saying():
            return match[1]
    return NARRATOR


@cache
def _saying() -> frozenset[str]:
    return frozenset[str]().union(*(words_of(one.saying) for one in tongues().values()))
