"""Wishes read by the writer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from pipeline.places import DATA
from pipeline.roles import FACT_KEYS, Ask, Kind, Turn
from pipeline.tables import read_table
from pipeline.writing.complete_reading import completed
from pipeline.writing.deeds import known_forms
from pipeline.writing.forms import forms_of, is_determiner
from pipeline.writing.lexicon import lexicon_of
from pipeline.writing.names import names_of
from pipeline.writing.readings import WishReading
from pipeline.writing.tongue import WORD, words_of

END = "."
LOOKED_AT_CHARS = 500
MOST_TOKENS = 48
Complete = Callable[[Turn, Ask], str]


@dataclass(frozen=True)
class _Example:
    wish: str
    hero: str = ""
    who: str = ""
    deed: str = ""


@dataclass(frozen=True)
class _Examples:
    """data/reading/examples.toml."""

    system: str
    example: tuple[_Example, ...]


@cache
def system() -> str:
    """The same before every wish in every language, so that its reading is cached."""
    told = read_table(DATA / "reading" / "examples.toml", _Examples)
    return told.system + "".join(f"\n\nwish: {one.wish}\n{_line(one)}" for one in told.example)


def turn_of(text: str) -> Turn:
    """What the writer sees of a wish."""
    return Turn(system(), f"wish: {text}", "")


def looked_at(wish: str, language: str) -> str:
    """As much of a long wish as is read, on one line, with hasty spellings put right and a death said plainly."""
    text = " ".join(wish.split())[:LOOKED_AT_CHARS]
    for pattern, put in (*forms_of(language).spelled, *forms_of(language).mourned):
        text = re.sub(pattern, put, text)
    lexicon = lexicon_of(language)
    text = WORD.sub(lambda word: lexicon.accented(word[0]) if _is_unknown(word[0], language) else word[0], text)
    return _with_large_name(text.strip(), language)


def _is_unknown(word: str, language: str) -> bool:
    return word.isascii() and known_forms(word.lower(), language) is None and not names_of(language).gender(word)


def _with_large_name(text: str, language: str) -> str:
    """`Frank the crab` for `frank the crab`: a name in a hurry, before an article, `and`, `from` or what is done."""
    forms, (first, second) = forms_of(language), (*text.split()[:2], "", "")[:2]
    behind = words_of(forms.definite) | words_of(forms.links) | words_of(forms.relatives)
    led = second in behind or (known_forms(second, language) is not None and lexicon_of(language).find(second) is None)
    named = first.islower() and names_of(language).gender(first) and led
    plain = not lexicon_of(language).find(first) and known_forms(first, language) is None
    return text[:1].upper() + text[1:] if named and plain and not is_determiner(first, forms) else text


def read_wish(wish: str, language: str, seed: int, complete: Complete) -> WishReading:
    """Hero, what the hero is and the deed by the writer; thing, other and place by the lexicon."""
    text = looked_at(wish, language)
    if not WORD.search(text):
        return WishReading()
    wanted, text = text, matter_of(text, language)
    ask = Ask(Kind.FACTS, seed, max_tokens=MOST_TOKENS, temperature=0.0, source=text)
    told = dict(_parts(complete(turn_of(text), ask), text))
    reading = completed(WishReading(told.get("hero", ""), told.get("who", ""), told.get("deed", "")), text, language)
    return told_how(reading, wanted, text)


def told_how(reading: WishReading, wanted: str, matter: str) -> WishReading:
    """With what stands before and behind its matter: how the tale should be told."""
    before, _, behind = wanted.rpartition(matter)
    said = (before.strip(), reading.how, behind.strip(" ,.;:"))
    return replace(reading, how=" ".join(part for part in said if part))


def matter_of(text: str, language: str) -> str:
    """A wish without `tell me a story about` and `make it funny`: what the tale is about, if anything is left of it."""
    forms = forms_of(language)
    for pattern in (forms.for_whom, forms.story_about, forms.told_as):
        rest = re.sub(pattern, "", text, count=1, flags=re.IGNORECASE).lstrip("¿¡ ")
        words = rest.split()
        text = rest if len(words) > 1 and words[0].lower() not in words_of(forms.relatives) else text
    return text


def _line(one: _Example) -> str:
    return "; ".join(f"{key}: {value}" for key in FACT_KEYS if (value := getattr(one, key))) + END


def _parts(answer: str, text: str) -> list[tuple[str, str]]:
    """Only what stands in the wish, letter by letter."""
    found = re.findall(rf"({'|'.join(FACT_KEYS)}): ([^;\n]+?)\s*(?=;|\.?\s*$|\.\n)", answer)
    return [(key, value) for key, value in found if value and value in text]
