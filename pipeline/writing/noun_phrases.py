"""Whom and what a wish names."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.writing.cast_tale import names_of, parted
from pipeline.writing.deeds import verbs_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, Lexicon, lexicon_of
from pipeline.writing.readings import Reading
from pipeline.writing.tongue import WORD, words_of


def put_right(reading: Reading, text: str, language: str) -> Reading:
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
    inside = range(1 if not is_determiner(words[0], forms) else 2, len(words))
    if any(is_determiner(words[at], forms) and words[at - 1].lower() not in words_of(forms.links) for at in inside):
        return False  # `perdi minha boneca` is a deed
    return lexicon.find(who) is not None or (is_determiner(words[0], forms) and len(words) > 1)


def _first_alive(text: str, forms: Forms, lexicon: Lexicon) -> str:
    spans = noun_spans(text, forms, lexicon)
    return next((text[slice(*span)] for span in spans if kind_at(text, span, lexicon) in ALIVE), "")


def _is_name(phrase: str, language: str, lexicon: Lexicon) -> bool:
    first = phrase.partition(" ")[0]
    given = bool(names_of(language).gender(first))
    if re.split("['’]", first.lower())[0] in words_of(forms_of(language).speaker):
        return False
    if not all(word[:1].isupper() or names_of(language).gender(word) for word in phrase.split()):
        return False
    return (first[:1].isupper() or given) and not is_determiner(first, forms_of(language)) and not lexicon.find(phrase)


def noun_spans(text: str, forms: Forms, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Nouns of the lexicon, each with what stands before it back to its article."""
    words = list(WORD.finditer(text))
    found: list[tuple[int, int]] = []
    lower = [match[0].lower() for match in words]
    for at, match in enumerate(words):
        length = 0 if is_determiner(match[0], forms) else lexicon.known_words(lower, at)
        length = length or int(match[0][:1].isupper() and lexicon.compound(lower[at]) is not None)
        if not length or (found and match.end() <= found[-1][1]):
            continue
        if found and length == 1 and words[at - 1].end() == found[-1][1] and _is_verb(lower[at], lexicon):
            continue  # `a boy promises`
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


def _is_verb(word: str, lexicon: Lexicon) -> bool:
    """Whether it is what somebody does, by its ending: `promises`, but not `promise`."""
    verbs = verbs_of(lexicon.language)
    row = verbs.row(word) if verbs is not None and verbs.is_known(word) else None
    return row is not None and word != row[0]


def _article_before(words: list[re.Match[str]], at: int, forms: Forms) -> int:
    """Where the noun phrase begins that ends at this word; the word itself where it has no article."""
    for back in range(at - 1, max(-1, at - 4), -1):
        if is_determiner(words[back][0], forms) or words[back][0].lower() in words_of(forms.numerals):
            return back
        if words[back][0].lower() in words_of(forms.links) or (forms.large_nouns and words[back][0][:1].isupper()):
            break
    return at


def kind_at(text: str, span: tuple[int, int], lexicon: Lexicon) -> str:
    noun = lexicon.find(text[slice(*span)])
    return noun.kind if noun else ""
