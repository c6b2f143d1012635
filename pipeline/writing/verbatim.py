"""A given text, told as it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.words.story import NARRATOR, Line
from pipeline.writing.pace import PASSAGE_WORDS
from pipeline.writing.tongue import count_words

MOST_LINES = 3
SCENE_WORDS = 90
OPENERS = {"“": "”", "«": "»", "„": "“", '"': '"', "‟": "”"}
SENTENCE = re.compile(r"[^.!?…。！？]+[.!?…。！？]*[\"”»)’']*\s*|[.!?…。！？]+\s*")
NAME_BESIDE = re.compile(r"\b([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’-]+)\b")
COMMON = frozenset(
    ["The", "A", "An", "And", "But", "Then", "So", "He", "She", "They", "It", "We", "You", "I", "His", "Her", "O", "A", "Os", "As", "E", "Mas", "Ele", "Ela", "Eu", "El", "La", "Los", "Las", "Y", "Pero", "Le", "Les", "Et", "Mais", "Il", "Elle", "Je", "Der", "Die", "Das", "Und", "Er", "Sie", "Es", "Ich", "Lo", "Gli", "Ma", "Lui", "Lei", "Io", "When", "As", "If", "That", "This", "What", "Why", "How", "Where", "No", "Yes", "Oh", "Ah"]
)


@dataclass(frozen=True)
class Piece:
    """A passage's worth of the text."""

    scene: int
    text: str
    lines: tuple[Line, ...]


def pieces_of(text: str) -> list[Piece]:
    """The text as passages, every word once and unchanged; blank lines part the scenes, long scenes are parted again."""
    scenes = [part for block in re.split(r"\n\s*\n", text) if block.strip() for part in _scenes(block)]
    return [Piece(at, *passage) for at, scene in enumerate(scenes) for passage in _passages(scene)]


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
    if count_words(sentence) <= PASSAGE_WORDS:
        return [sentence]
    words = sentence.split()
    commas = [at + 1 for at, word in enumerate(words[:PASSAGE_WORDS]) if word[-1] in ",;:—–" and at >= 3]
    cut = commas[-1] if commas else PASSAGE_WORDS
    return [" ".join(words[:cut]), *_parts(" ".join(words[cut:]))]


def _passages(sentences: list[str]) -> list[tuple[str, tuple[Line, ...]]]:
    groups: list[list[str]] = []
    for sentence in sentences:
        room = groups and len(groups[-1]) < MOST_LINES and count_words(" ".join([*groups[-1], sentence])) <= PASSAGE_WORDS
        if room and groups:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    quoting = _Quoting()
    return [(" ".join(group), quoting.lines(" ".join(group))) for group in groups]


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
    """A name that stands beside the quotation, else the narrator."""
    beside = re.sub(r"[“«„\"‟][^”»“\"]*[”»“\"]?", " ", text)
    names = [name for name in NAME_BESIDE.findall(beside) if name not in COMMON]
    return names[0] if names else NARRATOR
