"""Filled turns as lines, each with its speaker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pipeline.words.mood import Mood
from pipeline.words.story import NARRATOR, Line, Passage
from pipeline.writing.fill import BLANK, END, OR
from pipeline.writing.tongue import count_words

PASSAGE_WORDS = 21
"""Under eight seconds of speech."""
LEAST_FIRST_WORDS, MOST_FIRST_WORDS = 3, 9
"""Of what is heard first."""
MOST_LINES = 3
_BLANK = re.compile(f"{BLANK}([^{END}]*){END}")
_WHO = r"@(?:([A-Z])|\{([^{}]*)\})(?:\(([^)]*)\))?\s*"
"""A speaker by a frame's letter, or by name."""
_MARK = re.compile(_WHO + r"(?=“)")
_QUOTE = re.compile(f"(?:{_WHO})?“([^”]*)”")
_SENTENCE = re.compile(
    r"(?:[^.!?…“”@]*(?:@(?:[A-Z]|\{[^{}]*\})(?:\([^)]*\))?\s*)?“[^”]*”)*[^.!?…“”@]*(?:[.!?…]+[’)]*(?=\s|$)|$)"
)
Choose = Callable[[str, Sequence[str]], int]
"""Given what stands before a blank and its candidates, which of them."""


def with_blanks(text: str, before: str, choose: Choose) -> str:
    """The text with every blank decided."""
    while blank := _BLANK.search(text):
        options = blank[1].split(OR)
        lead = plain_text(f"{before} {text[: blank.start()]}")
        text = text[: blank.start()] + options[choose(lead, options)] + text[blank.end() :]
    return text


def plain_text(text: str) -> str:
    """As a reader sees it: no marks of who speaks, straight quotation marks, the first candidate of a blank."""
    text = _BLANK.sub(lambda match: match[1].split(OR)[0], text)
    return _MARK.sub("", text).replace("“", '"').replace("”", '"').strip()


def sentences_of(text: str) -> list[str]:
    """Sentences, a quotation with what stands beside it as one of them."""
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _SENTENCE.match(text, at)
        end = match.end() if match and match.end() > at else len(text)
        if piece := text[at:end].strip():
            found.append(piece)
        at = end
    return found


def passages_of(sentences: Sequence[str]) -> Iterator[str]:
    """Sentences put together as far as a passage may go."""
    held = ""
    for sentence in sentences:
        whole = f"{held} {sentence}".strip()
        if held and (count_words(plain_text(whole)) > PASSAGE_WORDS or len(lines_of(whole)) > MOST_LINES):
            yield held
            whole = sentence
        held = whole
    if held:
        yield held


def passage_of(text: str, scene: int, index: int, mood: Mood, *, closes_scene: bool, closes_tale: bool) -> Passage:
    """A stretch of filled turns as the line knows it."""
    return Passage(scene, index, plain_text(text), lines_of(text), mood, closes_scene, closes_tale)


def texts_of(turns: Sequence[str], *, alone: bool) -> list[str]:
    """Turns as passages to come; `alone` keeps the first sentence for itself, so that it is soon heard."""
    sentences = [sentence for turn in turns for sentence in sentences_of(turn)]
    first = sentences[:1] if alone else []
    return [*(part for one in first for part in _soon_heard(one)), *passages_of(sentences[len(first) :])]


def _soon_heard(sentence: str) -> list[str]:
    """A long first sentence in two at a comma: its first words are spoken while the rest still is to be."""
    head, *rest = re.split(r"(?<=[,;:])\s", sentence, maxsplit=1)
    short = LEAST_FIRST_WORDS <= count_words(head) < count_words(sentence) and count_words(sentence) > MOST_FIRST_WORDS
    return [head, *rest] if short and count_words(head) <= MOST_FIRST_WORDS and "“" not in sentence else [sentence]


def lines_of(text: str) -> tuple[Line, ...]:
    """A passage's lines: what is quoted is the speaker's, the rest the narrator's."""
    found: list[Line] = []
    end = 0
    for match in _QUOTE.finditer(text):
        found.append(Line(text[end : match.start()]))
        found.append(Line(match[4], match[2] or match[1] or NARRATOR, match[3] or ""))
        end = match.end()
    found.append(Line(text[end:]))
    cleaned = [replace(line, text=re.sub(r"^[,;.\s]+", "", line.text).strip()) for line in found]
    return tuple(line for line in cleaned if any(char.isalnum() for char in line.text))
