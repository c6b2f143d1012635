"""How a style and a teller sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from pipeline.tables import language_file, lists, read_table
from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Prompt
from pipeline.writing.fill import capital
from pipeline.writing.seeds import choice, shuffled
from pipeline.writing.tongue import count_words, tongues, words_in
from pipeline.writing.wish import cleaned

ANYBODY = "anybody"
"""The teller whose lines suit whoever is wished."""
LEAST_WORDS, LONG_WORDS = 180, 300
"""Of a tale: a shorter one has room for a teller's first line alone, a longer one for two asides."""
SURE = 0.4
"""How certain a feeling must be to silence a style that must not meet it."""


@dataclass(frozen=True)
class Register:
    """The lines of one style or one teller, with {persona} for what the teller is called."""

    first: tuple[str, ...]
    asides: tuple[str, ...]
    """Between scenes: true whatever happens there."""
    last: tuple[str, ...]
    words: str = ""
    """Of a teller: words by which a persona is known; `*` for any ending."""
    never: tuple[Emotion, ...] = ()
    """Of a style: feelings it must not meet."""


@dataclass(frozen=True)
class Registers:
    """A file data/languages/<code>/registers.toml."""

    styles: dict[str, Register]
    tellers: dict[str, Register]
    """The last one is for anybody."""


@dataclass(frozen=True)
class Sayings:
    """What style and teller add to one tale."""

    first: str = ""
    asides: tuple[str, ...] = ()
    last: str = ""

    @property
    def words(self) -> int:
        """Of all of them."""
        return sum(map(count_words, (self.first, *self.asides, self.last)))


@cache
def registers_of(language: str) -> Registers:
    """The table of one language."""
    return read_table(language_file(language, "registers"), Registers)


def persona_of(prompt: Prompt) -> str:
    """Who is wished as the teller; nobody where that is an order to us."""
    return "" if orders_us(prompt) else _persona(prompt)


def orders_us(prompt: Prompt) -> bool:
    """Whether the persona says what we should do rather than who tells the tale."""
    persona = _persona(prompt)
    return any(re.search(one.orders, persona, re.IGNORECASE) for one in tongues().values())


def sayings_of(prompt: Prompt, language: str, mood: Mood) -> Sayings:
    """First line, asides and last line: the teller's own where somebody is wished, with one aside of the style."""
    known, persona = registers_of(language), persona_of(prompt)
    teller = _teller(known, persona) if persona else None
    style = known.styles.get(prompt.style or "") if prompt.words >= LEAST_WORDS else None
    if style and mood.emotion in style.never and mood.certainty >= SURE:
        style = None  # nobody who mourns is told that it is allowed to laugh
    leads = teller or style
    if leads is None:
        return Sayings()
    asides = [_some(one.asides, prompt, "aside") for one in (teller, style) if one]
    asides = asides if len(asides) > 1 else shuffled(leads.asides, prompt.seed, "aside")
    count = 0 if prompt.words < LEAST_WORDS else 1 if prompt.words <= LONG_WORDS else 2
    last = _some(leads.last, prompt, "last") if count else ""
    return _named(Sayings(_some(leads.first, prompt, "persona"), tuple(asides[:count]), last), persona)


def spread(scenes: int, asides: Sequence[str]) -> dict[int, str]:
    """Behind which scene each aside comes; none behind the last two."""
    last = scenes - 3
    return {round(last * (at + 1) / (len(asides) + 1)): one for at, one in enumerate(asides)} if last >= 0 else {}


def _persona(prompt: Prompt) -> str:
    return cleaned(prompt.storyteller.persona).rstrip(" ,;:.!?")


def _teller(known: Registers, persona: str) -> Register:
    """The first that knows a word of the persona, else the one for anybody."""
    said, anybody = words_in(persona), known.tellers[ANYBODY]
    return next(
        (one for one in known.tellers.values() if any(lists(word, said) for word in one.words.split())), anybody
    )


def _some(lines: Sequence[str], prompt: Prompt, key: str) -> str:
    return choice(lines, prompt.seed, key)


def _named(one: Sayings, persona: str) -> Sayings:
    def put(line: str) -> str:
        return line.replace("{persona}", persona).replace("{Persona}", capital(persona))

    first = put(one.first)
    return replace(one, first=capital(first), asides=tuple(map(put, one.asides)), last=put(one.last))
