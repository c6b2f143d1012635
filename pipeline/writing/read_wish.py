"""Wishes read by the writer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from pipeline.places import DATA
from pipeline.roles import FACT_KEYS, Ask, Kind, Turn
from pipeline.tables import read_table
from pipeline.writing.deeds import verbs_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, Lexicon, lexicon_of
from pipeline.writing.noun_phrases import kind_at, noun_spans, put_right
from pipeline.writing.readings import Reading
from pipeline.writing.tongue import WORD, words_of

END = "."
LOOKED_AT_CHARS = 500
MOST_TOKENS = 48
MOST_DEED_WORDS, MOST_CLAUSE_WORDS = 9, 8
PLACES = frozenset({"land", "building", "water", "way", "sky"})
"""Kinds of noun that a tale can happen at."""
FAINT = frozenset({"time", "feeling"})
"""Kinds that a tale is about only where the wish names nothing else: `every night`, `is afraid of`."""
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


def turn_of(wish: str) -> Turn:
    """What the writer sees of a wish."""
    return Turn(system(), f"wish: {looked_at(wish)}", "")


def looked_at(wish: str) -> str:
    """As much of a long wish as is read, on one line."""
    return " ".join(wish.split())[:LOOKED_AT_CHARS]


def read_wish(wish: str, language: str, seed: int, complete: Complete) -> Reading:
    """Hero, what the hero is and the deed by the writer; thing, other and place by the lexicon."""
    text = looked_at(wish)
    if not WORD.search(text):
        return Reading()
    wanted, text = text, matter_of(text, language)
    ask = Ask(Kind.FACTS, seed, max_tokens=MOST_TOKENS, temperature=0.0, source=text)
    told = dict(_parts(complete(turn_of(text), ask), text))
    reading = completed(Reading(told.get("hero", ""), told.get("who", ""), told.get("deed", "")), text, language)
    return replace(reading, how=" ".join(part for part in (wanted.removesuffix(text).strip(), reading.how) if part))


def matter_of(text: str, language: str) -> str:
    """A wish without `tell me a story about`: what the tale is about, if anything is left of it."""
    rest = re.sub(forms_of(language).story_about, "", text, count=1, flags=re.IGNORECASE)
    return rest if len(rest.split()) > 1 else text


def completed(reading: Reading, text: str, language: str) -> Reading:
    """Names and beings in their places, and what the lexicon finds beside them."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    reading = put_right(reading, text, language)
    first = min((at for part in (reading.hero, reading.who) if part and (at := text.find(part)) >= 0), default=0)
    deed = reading.deed or _rest(text, (reading.hero, reading.who), forms)
    reading = replace(reading, deed="" if _is_no_deed(deed, forms) else deed)
    spans = noun_spans(text, forms, lexicon)
    people = [(at, at + len(part)) for part in (reading.hero, reading.who) if part and (at := text.find(part)) >= 0]
    free = [span for span in spans if span[0] >= first and not any(a < span[1] and span[0] < b for a, b in people)]
    free = [span for span in free if not _is_done(text, span, deed, language)]
    free = [span for span in free if kind_at(text, span, lexicon) not in FAINT] or free
    inside = [span for span in free if text[slice(*span)] in deed] or free
    living = [text[slice(*span)] for span in inside if kind_at(text, span, lexicon) in ALIVE]
    things = [text[slice(*span)] for span in inside if kind_at(text, span, lexicon) not in ALIVE]
    if not living and not things and (last := _last_phrase(deed, forms)):
        things = [last]
    return replace(
        reading,
        other=_with_clause("".join(living[:1]), text, forms),
        thing=_with_clause("".join(things[:1]), text, forms),
        place=_place(text, spans, forms, lexicon),
        how=_outside(text, (reading.hero, reading.who, reading.deed)),
    )


def _is_done(text: str, span: tuple[int, int], deed: str, language: str) -> bool:
    """A noun without an article where the verb stands: `promises to`, `learned to whistle`."""
    verbs = verbs_of(language)
    if " " in text[slice(*span)].strip() or verbs is None:
        return False
    before = text[: span[0]].split()
    leads = bool(before) and before[-1].lower() in words_of(verbs.after) | words_of(verbs.plain)
    leads = leads and verbs.is_known(text[slice(*span)].lower())
    return leads or (bool(deed) and span[0] == text.find(deed))


def _with_clause(phrase: str, text: str, forms: Forms) -> str:
    """With what the wish says of it: `a clock that runs backwards`, `the island where lost socks go`."""
    after = text[text.find(phrase) + len(phrase) :] if phrase else ""
    words = re.split(r"[.,;:!?]", after)[0].split()
    if not words or words[0].lower() not in words_of(forms.clauses):
        return phrase
    end = next((at for at, word in enumerate(words) if at and word.lower() in words_of(forms.breaks)), len(words))
    return f"{phrase} {' '.join(words[:end])}" if 1 < end <= MOST_CLAUSE_WORDS else phrase


def _rest(text: str, people: tuple[str, ...], forms: Forms) -> str:
    """What follows whom the tale is about, up to the sentence's end, without `who`."""
    end = max((text.find(part) + len(part) for part in people if part and part in text), default=len(text))
    words = re.split(r"(?<=[.!?])\s", text[end:].strip(" ,;:") + " ")[0].split()
    while words and words[0].lower().strip(",") in words_of(forms.relatives):
        words = words[1:]
    return " ".join(words[:MOST_DEED_WORDS]).strip(" ,;:.!?")


def _is_no_deed(deed: str, forms: Forms) -> bool:
    """`in the city` is where, `a postman` is who: a deed begins with what is done."""
    first = deed.partition(" ")[0].lower().strip(",")
    return first in words_of(forms.links) | words_of(forms.places) or is_determiner(first, forms)


def _line(one: _Example) -> str:
    return "; ".join(f"{key}: {value}" for key in FACT_KEYS if (value := getattr(one, key))) + END


def _parts(answer: str, text: str) -> list[tuple[str, str]]:
    """Only what stands in the wish, letter by letter."""
    found = re.findall(rf"({'|'.join(FACT_KEYS)}): ([^;\n]+?)\s*(?=;|\.?\s*$|\.\n)", answer)
    return [(key, value) for key, value in found if value and value in text]


def _last_phrase(deed: str, forms: Forms) -> str:
    """The last words of a deed behind an article: a noun that stands in no lexicon."""
    words = deed.split()
    at = next((at for at in range(len(words) - 1, 0, -1) if is_determiner(words[at], forms)), 0)
    return " ".join(words[at:]).strip(" ,;:.!?") if at and at < len(words) - 1 else ""


def _place(text: str, spans: list[tuple[int, int]], forms: Forms, lexicon: Lexicon) -> str:
    """A preposition of place with its noun."""
    for start, end in spans:
        before = text[:start].split()
        if before and before[-1].lower() in words_of(forms.places) and kind_at(text, (start, end), lexicon) in PLACES:
            return f"{before[-1]} {text[start:end]}"
    return ""


def _outside(text: str, parts: tuple[str, ...]) -> str:
    """What stands before and after all that the tale is about: how it should be told."""
    found = [(at, at + len(part)) for part in parts if part and (at := text.find(part)) >= 0]
    if not found:
        return ""
    first, last = min(at for at, _ in found), max(end for _, end in found)
    return " ".join(part for part in (text[:first].strip(" ,;:.!?"), text[last:].strip(" ,;:.!?")) if part)
