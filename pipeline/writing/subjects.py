"""Finds whom a wish is about."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.writing.deeds import PAST, PRESENT, known_forms, verbs_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, Lexicon, lexicon_of
from pipeline.writing.names import names_of, parted
from pipeline.writing.noun_phrases import FAINT, kind_at, noun_spans
from pipeline.writing.readings import WishReading
from pipeline.writing.tongue import words_of

MOST_NAME_WORDS, MOST_SAID_WORDS = 3, 5
_SHORTEST = 4
"""Letters of a word that may be said of somebody; pronouns of a verb are shorter."""


def put_right(reading: WishReading, text: str, language: str) -> WishReading:
    """Sort names and beings, whichever way round the reader gave them; drop what is neither."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    reading = _of_an_owner(reading, text, forms, lexicon)
    hero, who = reading.hero or _with_name(reading.who, text, forms), reading.who if reading.hero else ""
    name = _name_first(hero, forms, language)
    if name != hero:
        hero, who = name, who or hero[len(name) :].strip(" ,")
    if hero and not all(_is_name(one, language, lexicon) for one in parted(hero, forms)):
        hero, who = "", hero if _is_said_first(hero, who, text) else who
    if not hero and (titled := _titled(who, language, lexicon)):
        hero, who = titled, ""
    elif not hero and (called := _called_last(who, forms)):
        hero, who = called, who.removesuffix(called).strip()
    hero = _with_title(hero, text, language)
    if not hero:
        who, deed = _acting(_whole(who, text, forms, lexicon), reading.deed, text, forms, lexicon)
        return replace(reading, hero="", who=_who(who, deed, text, language), deed=deed)
    who = who.removesuffix(hero).strip(" ,") or _what_before(hero, text, forms, lexicon)
    known = who.lower() in hero.lower() or hero.lower() in who.lower()
    return replace(reading, hero=hero, who="" if known or not _is_being(who, forms, lexicon) else who)


def _of_an_owner(reading: WishReading, text: str, forms: Forms, lexicon: Lexicon) -> WishReading:
    """`o papagaio do seu Zé` is about the parrot: a name behind `of` says whose it is."""
    before = text[: text.find(reading.hero)].split() if reading.hero and reading.hero in text else []
    end = -2 if before[-1:] and before[-1].lower().rstrip(".") in words_of(forms.titles) else -1
    if len(before) < 1 - end or before[end].lower() not in words_of(forms.of):
        return reading
    start = text.rfind(before[end], 0, text.find(reading.hero))
    owned = next((span for span in noun_spans(text, forms, lexicon) if span[1] == start - 1), None)
    whole = text[owned[0] : text.find(reading.hero) + len(reading.hero)] if owned else ""
    return replace(reading, hero="", who=whole) if owned else reading


def with_verb_before(reading: WishReading, text: str, language: str) -> WishReading:
    """`morreu o papagaio`, `warum schläft der Mond am Tag`: what is done stands before whoever does it."""
    forms, verbs, who = forms_of(language), verbs_of(language), reading.who or reading.hero
    before = text[: text.find(who)].split() if who and who in text and not reading.deed else []
    behind = text[text.find(who) + len(who) :].strip(" .!?").split() if who in text else []
    led = not behind or behind[0].lower() in words_of(forms.links) | words_of(forms.places)
    if verbs is None or not led or not 1 <= len(before) <= MOST_NAME_WORDS or re.search(r"[.,;:!?]", " ".join(before)):
        return reading
    rows = [known_forms(word.lower(), language) for word in before]
    told = [at for at, row in enumerate(rows) if row is not None and before[at].lower() in row[PRESENT : PAST + 1]]
    if not told or not (rows[-1] is not None or before[-1].lower() == before[told[0]].lower()):
        return reading
    first = told[0] - (told[0] > 0 and len(before[told[0] - 1]) < _SHORTEST - 1 and len(before) > 1)
    if behind and behind[0].lower() in words_of(forms.of):
        return replace(reading, who=" ".join([who, *behind]), deed=" ".join(before[first:]))
    return replace(reading, deed=" ".join([*before[first:], *behind]))


def with_complement(reading: WishReading, text: str, language: str) -> WishReading:
    """`the moderator of our server`, `a mouse in a tuxedo`: what stands before the verb says who it is."""
    forms, who = forms_of(language), reading.who or reading.hero
    if not who or who not in text:
        return reading
    words = re.split(r"[.,;:!?]", text[text.find(who) + len(who) :])[0].split()
    end = _verb_behind(words, language) if len(words) > 1 and not _is_told(words[:2], language) else 0
    named = reading.who and reading.hero and reading.hero in " ".join(words[:end])
    if not end or named or not _says_more(words[:end], forms):
        return reading
    deed = words[end + (words[end].lower() in words_of(forms.relatives)) :]
    known = reading.deed in text and text.find(reading.deed) >= text.find(who) + len(" ".join([who, *words[:end]]))
    told = reading.deed if reading.deed and known else " ".join(deed)
    if not reading.who:  # `Steve from accounting brings fish`
        return replace(reading, deed=told) if words[0].lower() in words_of(forms.links) else reading
    return replace(reading, who=" ".join([who, *words[:end]]), deed=told)


def _is_told(words: list[str], language: str) -> bool:
    """Whether a deed begins at once: `discutem quem`, but not `cego vende`, where the second word does it."""
    rows = [known_forms(word.lower(), language) for word in words]
    first, second = (
        row is not None and word.lower() in row[PRESENT : PAST + 1] for word, row in zip(words, rows, strict=True)
    )
    return first and not second and lexicon_of(language).find(words[0]) is None


def _says_more(words: list[str], forms: Forms) -> bool:
    """Whether words behind somebody say who it is: `of our server`, `cego`; of a genitive `der Schule`."""
    small = words_of(forms.links) - words_of(forms.breaks) - words_of(forms.relatives) - words_of(forms.whose)
    if words[0].lower() in words_of(forms.of):
        return len(words) > 1
    if words[0].lower() in small | words_of(forms.beside) | words_of(forms.places):
        return len(words) > 1 and (forms.large_nouns or not any(word[:1].isupper() for word in words))
    if forms.large_nouns:
        return len(words) == 2 and is_determiner(words[0], forms) and words[1][:1].isupper()
    known = words_of(forms.breaks) | words_of(forms.relatives) | words_of(forms.determiners)
    said = len(words) == 1 and not forms.head_last and words[0].lower() not in known and words[0].islower()
    return said and len(words[0]) >= _SHORTEST


def _verb_behind(words: list[str], language: str) -> int:
    """Where what somebody does begins, behind one word or more; 0 where nothing is done."""
    forms, verbs, lexicon = forms_of(language), verbs_of(language), lexicon_of(language)
    found = []
    for at in range(1, min(len(words), MOST_SAID_WORDS + 1) if verbs else 0):
        word, before = words[at].lower(), words[at - 1].lower()
        small = words_of(forms.determiners) | words_of(forms.links) | words_of(forms.places)
        if word in words_of(forms.breaks) or before in small - words_of(forms.relatives):
            continue
        row = known_forms(word, language)
        told = row is not None and word in row[PRESENT : PAST + 1] and words[at].islower()
        if told or (word in words_of(forms.relatives) and words[at].islower()):
            found.append(at)
    at = next((at for at in found if lexicon.find(words[at]) is None), found[0] if found else 0)
    aside = words_of(verbs.adverbs) | words_of(verbs.plain) | words_of(forms.negations) if verbs else frozenset()
    while at and words[at - 1].lower() in aside:
        at -= 1  # `of a librarian still charges`, `não sai`
    return at


def _is_said_first(hero: str, who: str, text: str) -> bool:
    return not who or text.find(hero) <= text.find(who)


def _whole(who: str, text: str, forms: Forms, lexicon: Lexicon) -> str:
    """Return it with the article that the reader left out, without a verb that follows: `the tooth fairy do`."""
    last, verbs = (who.split() or [""])[-1], verbs_of(lexicon.language)
    whole = who in (text[slice(*span)] for span in noun_spans(text, forms, lexicon))  # `our dungeon master`
    if verbs and len(who.split()) > 2 and verbs.is_known(last.lower()) and not lexicon.find(last) and not whole:
        who = who.rsplit(maxsplit=1)[0]
    before = text[: text.find(who)].split() if who and who in text else []
    return (
        f"{before[-1]} {who}" if before and is_determiner(before[-1], forms) and f"{before[-1]} {who}" in text else who
    )


def _with_title(hero: str, text: str, language: str) -> str:
    """Return `vovó Lurdes` of `a vovó Lurdes`; but `Leo` of `my son Leo`."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    before = text[: text.find(hero)].split() if hero and hero in text else []
    title = before[-1] if before and f"{before[-1]} {hero}" in text else ""
    noun = lexicon.find(title) if title else None
    titled = title.lower().rstrip(".") in words_of(forms.titles) or (noun is not None and noun.kind == "person")
    if not title or not titled or title.lower() in forms.relations:
        return hero
    return f"{title} {hero}"


def _what_before(hero: str, text: str, forms: Forms, lexicon: Lexicon) -> str:
    """Return `my hamster` of `my hamster Nugget`."""
    at = text.find(hero)
    spans = noun_spans(text[:at].rstrip(), forms, lexicon) if at > 0 else []
    said = text[slice(*spans[-1])] if spans and spans[-1][1] == len(text[:at].rstrip()) else ""
    return said if said and is_determiner(said.split()[0], forms) else ""


def _acting(who: str, deed: str, text: str, forms: Forms, lexicon: Lexicon) -> tuple[str, str]:
    """Return who does it, where the reader took `the day` or `someone` for the hero, whom the deed still holds."""
    if _is_mine(text, forms, lexicon):
        return "", re.split(r"[.,;:!?]", text)[0].strip()
    if _is_anybody(text, forms):
        return "", text.partition(" ")[2].rstrip(" .!?")
    day = bool(who) and any(word.lower() in words_of(forms.days) for word in who.split()[-1:])
    if (not who or day) and deed and deed in text and is_determiner(deed.split(maxsplit=1)[0], forms):
        led = [span for span in noun_spans(deed, forms, lexicon) if span[0] == 0]
        if led:
            return deed[slice(*led[0])], deed[led[0][1] :].strip()
    return ("" if day else who), deed


def _is_anybody(text: str, forms: Forms) -> bool:
    """Whether the wish begins with `someone` or `I`, or asks who it was."""
    first, second = (*text.lower().split(maxsplit=2), "", "")[:2]
    mine = first in words_of(forms.speaker) and second != forms.together[1].strip()
    return first in words_of(forms.nobodies) or mine


def _is_mine(text: str, forms: Forms, lexicon: Lexicon) -> bool:
    """Whether the first verb says that whoever wishes does it: `perdi meu dente`, `não consigo dormir`."""
    verbs, words = verbs_of(lexicon.language), text.lower().split()
    first = next((word.strip(",.!?") for word in words if word not in words_of(forms.negations)), "")
    return verbs is not None and verbs.is_mine(first)


def _who(who: str, deed: str, text: str, language: str) -> str:
    """Return the hero: somebody alive rather than something, if they are named before the deed."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    verbs = verbs_of(language)
    first = who.partition(" ")[0]
    if verbs is not None and verbs.is_known(first.lower()) and lexicon.find(first) is None:
        who = ""  # `saves a lost lamb` is nobody
    noun = lexicon.find(who) if _is_being(who, forms, lexicon) else None
    before = text.find(deed) if deed and deed in text else len(text)
    if noun is not None and noun.kind in ALIVE and text.find(who) <= before:
        return who
    if _is_anybody(text, forms) or _is_mine(text, forms, lexicon):
        return ""
    joined = who in text and text[text.find(who) + len(who) :].startswith(forms.together)
    joined = joined or (bool(who) and text.startswith(who))
    alive = _first_alive(text[:before], forms, lexicon) if not joined else ""
    if alive or _is_being(who, forms, lexicon):
        return alive or who
    return _subject(text[:before], forms) or _first_alive(text[:before], forms, lexicon)


def _subject(before: str, forms: Forms) -> str:
    """Return what stands before the deed, without `the day` or `the night when`: `gravity`."""
    words = before.strip(" ,;:").split()
    days = False
    while words and (
        is_determiner(words[0], forms) or words[0].lower() in words_of(forms.days) | words_of(forms.links)
    ):
        days = days or words[0].lower() in words_of(forms.days)
        words = words[1:]
    return " ".join(words) if days and 1 <= len(words) <= 3 else ""


def _titled(phrase: str, language: str, lexicon: Lexicon) -> str:
    """Return `Captain Wilhelmina`, `vovó Lurdes`: what somebody is, then a name; else ""."""
    words = phrase.split()
    while words and is_determiner(words[0], forms_of(language)):
        words = words[1:]
    title = lexicon.find(words[0]) if words else None
    named = len(words) in {2, 3} and words[-1][:1].isupper() and not forms_of(language).large_nouns
    return " ".join(words) if named and title is not None and title.kind == "person" else ""


def _with_name(who: str, text: str, forms: Forms) -> str:
    """Return `my goldfish Bubbles`, where the reader left out the name."""
    called = re.match(r"\s[A-Z]\w+", text[text.find(who) + len(who) :]) if who and who in text else None
    return (
        who + called[0] if called and is_determiner(who.split(maxsplit=1)[0], forms) and not forms.large_nouns else who
    )


def _called_last(who: str, forms: Forms) -> str:
    """Return `Bubbles` of `my goldfish Bubbles`."""
    words = who.split()
    named = len(words) > 2 and words[-1][:1].isupper() and not words[-2][:1].isupper() and not forms.large_nouns
    plain = named and is_determiner(words[0], forms) and not {word.lower() for word in words} & words_of(forms.links)
    return words[-1] if plain else ""


def _name_first(hero: str, forms: Forms, language: str) -> str:
    """Return `Bo` of `Bo the beaver`."""
    words = hero.split()
    joint = forms.together[1].strip()
    ends = words_of(forms.links) - {joint}
    at = next((at for at, word in enumerate(words) if at and (is_determiner(word, forms) or word in ends)), len(words))
    given = bool(words) and bool(words[0][:1].isupper() or names_of(language).gender(words[0]))
    led = given and not is_determiner(words[0], forms)
    led = led and words[0].lower() not in words_of(forms.nobodies) and at <= MOST_NAME_WORDS
    return " ".join(words[:at]).rstrip(" ,") if led else hero


def _is_being(who: str, forms: Forms, lexicon: Lexicon) -> bool:
    """Whether it is a noun of the lexicon, or an article with words after it that say what it is."""
    words = who.split()
    small = words_of(forms.whenever) | words_of(forms.numerals)
    words = words[1:] if len(words) > 2 and words[0].lower() in small and is_determiner(words[1], forms) else words
    if not words or re.split("['’]", words[0].lower())[0] in words_of(forms.speaker):
        return False
    inside = range(1 if not is_determiner(words[0], forms) else 2, len(words))
    if any(is_determiner(words[at], forms) and words[at - 1].lower() not in words_of(forms.links) for at in inside):
        return False  # `perdi minha boneca` is a deed
    noun, verbs = lexicon.find(who), verbs_of(lexicon.language)
    does = verbs is not None and verbs.is_known(words[0].lower()) and lexicon.find(words[0]) is None
    said = noun is not None and noun.kind not in FAINT and not does  # `tenho vergonha`, `loves dinosaurs`
    first = is_determiner(words[0], forms) or words[0].lower() in words_of(forms.numerals)
    return said or (first and len(words) > 1)


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
