"""Shapes of tales."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.mood import Emotion, Feeling
from pipeline.words.prompt import Prompt
from pipeline.writing.seeds import shuffled
from pipeline.writing.tongue import words_in, words_of

MOST_ALIKE_LATELY = 3
"""Tales of one shape among a server's last twenty."""


@dataclass(frozen=True)
class BeatPlan:
    """One scene of a shape."""

    intent: str
    mood: dict[Emotion, float]
    share: float
    """Of the length, against the other beats."""
    slots: tuple[str, ...]
    """In order: `name!` must come, `name` if there is room, `name*` as often as there is; `a/b`: b if a lacks words."""
    from_words: int = 0
    """Shorter tales leave this beat out."""
    again: bool = False
    """Long tales come back to it."""


@dataclass(frozen=True)
class Shape:
    """A file of data/shapes."""

    moods: tuple[Emotion, ...]
    """Asked or read moods it suits."""
    ending: Emotion
    cues: dict[str, str]
    """By language: words of a prompt that call for it."""
    beats: tuple[BeatPlan, ...]
    starters: dict[str, dict[str, tuple[str, ...]]]
    """By language and slot: what this shape says in its own way; the language's own starters fill the rest."""


@cache
def shapes(folder: Path = DATA / "shapes") -> dict[str, Shape]:
    """All of them by id."""
    return {file.stem: read_table(file, Shape) for file in sorted(folder.glob("*.toml"))}


def shape_for(text: str, prompt: Prompt, language: str, feeling: Feeling) -> str:
    """The id of the asked style, else of the shape whose words and mood fit best, unlike the server's last tales."""
    known = shapes()
    if prompt.style in known:
        return prompt.style
    fresh = {name: one for name, one in known.items() if prompt.lately.shapes.count(name) < MOST_ALIKE_LATELY} or known
    called = {name: _calls(text, one.cues.get(language, "")) for name, one in fresh.items()}
    if max(called.values()) > 0:
        return max(fresh, key=lambda name: called[name])
    suited = [name for name, one in fresh.items() if feeling.mood.emotion in one.moods] or list(fresh)
    order = shuffled(suited, prompt.seed, "shape")
    return min(order, key=lambda name: (prompt.lately.shapes.count(name), order.index(name)))


def _calls(text: str, cues: str) -> int:
    return len(set(words_in(text)) & words_of(cues))
