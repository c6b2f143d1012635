"""Wishes read by the writer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from pipeline.places import DATA
from pipeline.roles import Ask, Kind, Turn
from pipeline.tables import read_table
from pipeline.writing.cast_tale import names_of, parted
from pipeline.writing.deeds import verbs_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, Lexicon, lexicon_of
from pipeline.writing.readings import Reading
from pipeline.writing.tongue import words_of

KEYS = ("hero", "who", "deed")
"""What the writer is asked for; where thing, place and the other one stand, the lexicon tells."""
END = "."
LOOKED_AT_CHARS = 500
MOST_TOKENS = 48
MOST_DEED_WORDS, MOST_CLAUSE_WORDS = 9, 8
PLACES = frozenset({"land", "building", "water", "way", "sky"})
"""Kinds of noun that a tale can happen at."""
FAINT = frozenset({"time", "feeling"})
"""Kinds that a tale is about only where the wish names nothing else: `every night`, `is afraid of`."""
Complete = Callable[[Turn, Ask], str]
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class _Example:
    wish: str
    hero: str = ""
    who: str = ""
    deed: str = ""
    other: str = ""
    thing: str = ""
    place: str = ""


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
    if not _WORD.search(text):
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
    reading = _put_right(reading, text, language)
    first = min((at for part in (reading.hero, reading.who) if part and (at := text.find(part)) >= 0), default=0)
    deed = reading.deed or _rest(text, (reading.hero, reading.who), forms)
    reading = replace(reading, deed="" if _is_no_deed(deed, forms) else deed)
    spans = noun_spans(text, forms, lexicon)
    people = [(at, at + len(part)) for part in (reading.hero, reading.who) if part and (at := text.find(part)) >= 0]
    free = [span for span in spans if span[0] >= first and not any(a < span[1] and span[0] < b for a, b in people)]
    free = [span for span in free if not _is_done(text, span, deed, language)]
    free = [span for span in free if _kind(text, span, lexicon) not in FAINT] or free
    inside = [span for span in free if text[slice(*span)] in deed] or free
    living = [text[slice(*span)] for span in inside if _kind(text, span, lexicon) in ALIVE]
    things = [text[slice(*span)] for span in inside if _kind(text, span, lexicon) not in ALIVE]
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
    return "; ".join(f"{key}: {value}" for key in KEYS if (value := getattr(one, key))) + END


def _parts(answer: str, text: str) -> list[tuple[str, str]]:
    """Only what stands in the wish, letter by letter."""
    found = re.findall(rf"({'|'.join(KEYS)}): ([^;\n]+?)\s*(?=;|\.?\s*$|\.\n)", answer)
    return [(key, value) for key, value in found if value and value in text]


def _put_right(reading: Reading, text: str, language: str) -> Reading:
    """A name is a name and a being a being, whichever way round they were said; what is neither is nothing."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    hero, who = reading.hero or reading.who, reading.who if reading.hero else ""
    name = _name_first(hero, forms)
    if name != hero:
        hero, who = name, who or hero[len(name) :].strip(" ,")
    if hero and not all(_is_name(one, language, lexicon) for one in parted(hero, forms)):
        hero, who = "", who or hero
    if not hero and (titled := _titled(who, language, lexicon)):
        hero, who = titled, ""
    if not hero:
        who = _who(who, reading.deed, text, language)
    return replace(reading, hero=hero, who="" if who == hero or not _is_being(who, forms, lexicon) else who)


def _who(who: str, deed: str, text: str, language: str) -> str:
    """Somebody who lives comes before something that does not, if they come before the deed."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    verbs = verbs_of(language)
    if (
        verbs is not None
        and verbs.is_known(who.partition(" ")[0].lower())
        and lexicon.find(who.partition(" ")[0]) is None
    ):
        who = ""  # `saves a lost lamb` is nobody
    noun = lexicon.find(who) if _is_being(who, forms, lexicon) else None
    before = text.find(deed) if deed and deed in text else len(text)
    if noun is not None and noun.kind in ALIVE and text.find(who) <= before:
        return who
    alive = _first_alive(text[:before], forms, lexicon)
    if alive or _is_being(who, forms, lexicon):
        return alive or who
    return _subject(text[:before], forms) or _first_alive(text, forms, lexicon)


def _subject(before: str, forms: Forms) -> str:
    """What stands before the deed, without `the day` or `the night when`: `gravity`."""
    words = before.strip(" ,;:").split()
    while words and (
        is_determiner(words[0], forms) or words[0].lower() in words_of(forms.days) | words_of(forms.links)
    ):
        words = words[1:]
    return " ".join(words) if 1 <= len(words) <= 3 else ""


def _titled(phrase: str, language: str, lexicon: Lexicon) -> str:
    """`Captain Wilhelmina`, `vovó Lurdes`: what somebody is, and then a name."""
    words = phrase.split()
    while words and is_determiner(words[0], forms_of(language)):
        words = words[1:]
    named = len(words) in {2, 3} and words[-1][:1].isupper() and lexicon.find(words[-1]) is None
    return " ".join(words) if named and lexicon.find(words[0]) is not None else ""


def _name_first(hero: str, forms: Forms) -> str:
    """`Bo` of `Bo the beaver`."""
    words = hero.split()
    at = next((at for at, word in enumerate(words) if at and is_determiner(word, forms)), len(words))
    return (
        " ".join(words[:at]).rstrip(" ,")
        if at and words[0][:1].isupper() and not is_determiner(words[0], forms)
        else hero
    )


def _is_being(who: str, forms: Forms, lexicon: Lexicon) -> bool:
    """A noun of the lexicon, or an article with words behind it that say what it is."""
    words = who.split()
    if not words or re.split("['’]", words[0].lower())[0] in words_of(forms.speaker):
        return False
    return lexicon.find(who) is not None or (is_determiner(words[0], forms) and len(words) > 1)


def _first_alive(text: str, forms: Forms, lexicon: Lexicon) -> str:
    spans = noun_spans(text, forms, lexicon)
    return next((text[slice(*span)] for span in spans if _kind(text, span, lexicon) in ALIVE), "")


def _is_name(phrase: str, language: str, lexicon: Lexicon) -> bool:
    first = phrase.partition(" ")[0]
    given = bool(names_of(language).gender(first))
    if re.split("['’]", first.lower())[0] in words_of(forms_of(language).speaker):
        return False
    return (first[:1].isupper() or given) and not is_determiner(first, forms_of(language)) and not lexicon.find(phrase)


def noun_spans(text: str, forms: Forms, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Nouns of the lexicon, each with what stands before it back to its article."""
    words = list(_WORD.finditer(text))
    found: list[tuple[int, int]] = []
    lower = [match[0].lower() for match in words]
    for at, match in enumerate(words):
        length = 0 if is_determiner(match[0], forms) else lexicon.known_words(lower, at)
        length = length or int(match[0][:1].isupper() and lexicon.compound(lower[at]) is not None)
        if not length or (found and match.end() <= found[-1][1]):
            continue
        back = _article_before(words, at, forms)
        if found and words[back].start() < found[-1][1]:
            beside = not text[
                found[-1][1] : match.start()
            ].strip()  # `a silver clock`, but not `um faroleiro guarda luzes`
            if not beside:
                back = at
        if found and words[back].start() < found[-1][1]:
            found[-1] = (found[-1][0], words[at + length - 1].end())
        else:
            found.append((words[back].start(), words[at + length - 1].end()))
    return found


def _article_before(words: list[re.Match[str]], at: int, forms: Forms) -> int:
    """Where the noun phrase begins that ends at this word; the word itself where it has no article."""
    for back in range(at - 1, max(-1, at - 4), -1):
        if is_determiner(words[back][0], forms) or words[back][0].lower() in words_of(forms.numerals):
            return back
        if words[back][0].lower() in words_of(forms.links) or (forms.large_nouns and words[back][0][:1].isupper()):
            break
    return at


def _kind(text: str, span: tuple[int, int], lexicon: Lexicon) -> str:
    noun = lexicon.find(text[slice(*span)])
    return noun.kind if noun else ""


def _last_phrase(deed: str, forms: Forms) -> str:
    """The last words of a deed behind an article: a noun that stands in no lexicon."""
    words = deed.split()
    at = next((at for at in range(len(words) - 1, 0, -1) if is_determiner(words[at], forms)), 0)
    return " ".join(words[at:]).strip(" ,;:.!?") if at and at < len(words) - 1 else ""


def _place(text: str, spans: list[tuple[int, int]], forms: Forms, lexicon: Lexicon) -> str:
    """A preposition of place with its noun."""
    for start, end in spans:
        before = text[:start].split()
        if before and before[-1].lower() in words_of(forms.places) and _kind(text, (start, end), lexicon) in PLACES:
            return f"{before[-1]} {text[start:end]}"
    return ""


def _outside(text: str, parts: tuple[str, ...]) -> str:
    """What stands before and after all that the tale is about: how it should be told."""
    found = [(at, at + len(part)) for part in parts if part and (at := text.find(part)) >= 0]
    if not found:
        return ""
    first, last = min(at for at, _ in found), max(end for _, end in found)
    return " ".join(part for part in (text[:first].strip(" ,;:.!?"), text[last:].strip(" ,;:.!?")) if part)
