"""Whom and what a wish names."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.writing.deeds import PAST, PRESENT, verbs_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, Lexicon, lexicon_of
from pipeline.writing.names import names_of, parted
from pipeline.writing.readings import WishReading
from pipeline.writing.tongue import WORD, words_of

MOST_NAME_WORDS = 3
FAINT = frozenset({"time", "feeling"})
"""Kinds that a tale is about only where the wish names nothing else: `every night`, `is afraid of`."""


def put_right(reading: WishReading, text: str, language: str) -> WishReading:
    """A name is a name and a being a being, whichever way round they were said; what is neither is nothing."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    hero, who = reading.hero or reading.who, reading.who if reading.hero else ""
    name = _name_first(hero, forms, language)
    if name != hero:
        hero, who = name, who or hero[len(name) :].strip(" ,")
    if hero and not all(_is_name(one, language, lexicon) for one in parted(hero, forms)):
        hero, who = "", hero if _is_said_first(hero, who, text) else who
    if not hero and (titled := _titled(who, language, lexicon)):
        hero, who = titled, ""
    hero = _with_title(hero, text, language)
    if not hero:
        who, deed = _acting(_whole(who, text, forms, lexicon), reading.deed, text, forms, lexicon)
        return replace(reading, hero="", who=_who(who, deed, text, language), deed=deed)
    who = who.removesuffix(hero).strip(" ,") or _what_before(hero, text, forms, lexicon)
    known = who.lower() in hero.lower() or hero.lower() in who.lower()
    return replace(reading, hero=hero, who="" if known or not _is_being(who, forms, lexicon) else who)


def _is_said_first(hero: str, who: str, text: str) -> bool:
    return not who or text.find(hero) <= text.find(who)


def _whole(who: str, text: str, forms: Forms, lexicon: Lexicon) -> str:
    """With its article, where the reader left that out; without the verb that follows: `the tooth fairy do`."""
    last, verbs = (who.split() or [""])[-1], verbs_of(lexicon.language)
    if verbs and len(who.split()) > 2 and verbs.is_known(last.lower()) and not lexicon.find(last):
        who = who.rsplit(maxsplit=1)[0]
    before = text[: text.find(who)].split() if who and who in text else []
    return (
        f"{before[-1]} {who}" if before and is_determiner(before[-1], forms) and f"{before[-1]} {who}" in text else who
    )


def _with_title(hero: str, text: str, language: str) -> str:
    """`vovó Lurdes` of `a vovó Lurdes`; but `Leo` of `my son Leo`."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    before = text[: text.find(hero)].split() if hero and hero in text else []
    title = before[-1] if before and f"{before[-1]} {hero}" in text else ""
    noun = lexicon.find(title) if title else None
    titled = title.lower().rstrip(".") in words_of(forms.titles) or (noun is not None and noun.kind == "person")
    if not title or not titled or title.lower() in forms.relations:
        return hero
    return f"{title} {hero}"


def _what_before(hero: str, text: str, forms: Forms, lexicon: Lexicon) -> str:
    """`my hamster` of `my hamster Nugget`."""
    at = text.find(hero)
    spans = noun_spans(text[:at].rstrip(), forms, lexicon) if at > 0 else []
    said = text[slice(*spans[-1])] if spans and spans[-1][1] == len(text[:at].rstrip()) else ""
    return said if said and is_determiner(said.split()[0], forms) else ""


def _acting(who: str, deed: str, text: str, forms: Forms, lexicon: Lexicon) -> tuple[str, str]:
    """Who does it, where the reader took `the day` or `someone` for the hero and left the hero in the deed."""
    if _is_anybody(text, forms):
        return "", text.partition(" ")[2].rstrip(" .!?")
    day = bool(who) and any(word.lower() in words_of(forms.days) for word in who.split()[-1:])
    if (not who or day) and deed and deed in text and is_determiner(deed.split(maxsplit=1)[0], forms):
        led = [span for span in noun_spans(deed, forms, lexicon) if span[0] == 0]
        if led:
            return deed[slice(*led[0])], deed[led[0][1] :].strip()
    return ("" if day else who), deed


def _is_anybody(text: str, forms: Forms) -> bool:
    """Whether the wish begins with `someone`, or asks who it was."""
    return text.partition(" ")[0].lower() in words_of(forms.nobodies)


def _who(who: str, deed: str, text: str, language: str) -> str:
    """Somebody who lives comes before something that does not, if they come before the deed."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    verbs = verbs_of(language)
    first = who.partition(" ")[0]
    if verbs is not None and verbs.is_known(first.lower()) and lexicon.find(first) is None:
        who = ""  # `saves a lost lamb` is nobody
    noun = lexicon.find(who) if _is_being(who, forms, lexicon) else None
    before = text.find(deed) if deed and deed in text else len(text)
    if noun is not None and noun.kind in ALIVE and text.find(who) <= before:
        return who
    if _is_anybody(text, forms):
        return ""
    joined = who in text and text[text.find(who) + len(who) :].startswith(forms.together[1])
    alive = _first_alive(text[:before], forms, lexicon) if not joined else ""
    if alive or _is_being(who, forms, lexicon):
        return alive or who
    return _subject(text[:before], forms) or _first_alive(text[:before], forms, lexicon)


def _subject(before: str, forms: Forms) -> str:
    """What stands before the deed, without `the day` or `the night when`: `gravity`."""
    words = before.strip(" ,;:").split()
    days = False
    while words and (
        is_determiner(words[0], forms) or words[0].lower() in words_of(forms.days) | words_of(forms.links)
    ):
        days = days or words[0].lower() in words_of(forms.days)
        words = words[1:]
    return " ".join(words) if days and 1 <= len(words) <= 3 else ""


def _titled(phrase: str, language: str, lexicon: Lexicon) -> str:
    """`Captain Wilhelmina`, `vovó Lurdes`: what somebody is, and then a name."""
    words = phrase.split()
    while words and is_determiner(words[0], forms_of(language)):
        words = words[1:]
    title = lexicon.find(words[0]) if words else None
    named = len(words) in {2, 3} and words[-1][:1].isupper() and not forms_of(language).large_nouns
    person = title is not None and (title.kind == "person" or lexicon.find(words[-1]) is None)
    return " ".join(words) if named and person else ""


def _name_first(hero: str, forms: Forms, language: str) -> str:
    """`Bo` of `Bo the beaver`."""
    words = hero.split()
    joint = forms.together[1].strip()
    ends = words_of(forms.links) - {joint}
    at = next((at for at, word in enumerate(words) if at and (is_determiner(word, forms) or word in ends)), len(words))
    given = bool(words) and bool(words[0][:1].isupper() or names_of(language).gender(words[0]))
    led = given and not is_determiner(words[0], forms)
    led = led and words[0].lower() not in words_of(forms.nobodies) and at <= MOST_NAME_WORDS
    return " ".join(words[:at]).rstrip(" ,") if led else hero


def _is_being(who: str, forms: Forms, lexicon: Lexicon) -> bool:
    """A noun of the lexicon, or an article with words behind it that say what it is."""
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


def noun_spans(text: str, forms: Forms, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Nouns of the lexicon, each with what stands before it back to its article; and others behind an article."""
    words = list(WORD.finditer(text))
    known = _known_spans(text, words, forms, lexicon)
    other = [one for one in _unknown_spans(text, words, forms, lexicon) if not any(_meet(one, span) for span in known)]
    return [_to_its_end(text, span, words, forms, lexicon) for span in sorted([*known, *other])]


def _known_spans(text: str, words: list[re.Match[str]], forms: Forms, lexicon: Lexicon) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    lower = [match[0].lower() for match in words]
    for at, match in enumerate(words):
        length = 0 if is_determiner(match[0], forms) else lexicon.known_words(lower, at)
        length = length or int(match[0][:1].isupper() and lexicon.compound(lower[at]) is not None)
        if not length or (found and match.end() <= found[-1][1]) or lower[at] in words_of(forms.no_matter):
            continue
        behind = bool(found) and length == 1 and words[at - 1].end() == found[-1][1]
        if behind and _is_verb(lower[at], lexicon, many=lexicon.being(text[slice(*found[-1])]).many):
            continue  # `a boy promises`, `two brothers fight`
        back = _article_before(words, at, forms, lexicon)
        if found and words[back].start() < found[-1][1]:
            beside = not text[found[-1][1] : match.start()].strip()
            back = back if beside else at  # `a silver clock`, but not `um faroleiro guarda luzes`
        if found and words[back].start() < found[-1][1]:
            found[-1] = (found[-1][0], words[at + length - 1].end())
        else:
            found.append((words[back].start(), words[at + length - 1].end()))
    return found


def _to_its_end(
    text: str, span: tuple[int, int], words: list[re.Match[str]], forms: Forms, lexicon: Lexicon
) -> tuple[int, int]:
    """`the night cleaner`, where only `night` stands in the lexicon; `o planeta Saturno`, `uma estrela caída`."""
    after = next((match for match in words if match.start() >= span[1]), None)
    if after is None or text[span[1] : after.start()] != " ":
        return span
    word, article = after[0], text[span[0] :].split(maxsplit=1)[0].lower()
    if word[:1].isupper() and not forms.large_nouns:
        return span[0], after.end()
    ends, verbs = _may_end(text, after.end(), forms, lexicon), verbs_of(lexicon.language)
    if not forms.head_last:
        said = re.search(forms.adjectives, word) and not (verbs is not None and verbs.is_known(word.lower()))
        return (span[0], after.end()) if ends and said else span
    one = is_determiner(article, forms) and article not in words_of(forms.definite)
    last = not text[after.end() :].strip(" .!?")
    bare = one and last and verbs is not None and verbs.is_known(word) and (verbs.row(word) or ("",))[0] == word
    led = is_determiner(article, forms) and ends and (bare or _may_be_noun(word, forms, lexicon))
    return (span[0], after.end()) if led else span


def _may_end(text: str, end: int, forms: Forms, lexicon: Lexicon) -> bool:
    """Whether a noun phrase may end there: what follows belongs to nobody, or begins what somebody does."""
    following = (text[end:].split() or [""])[0].lower()
    if not following or text[end:].lstrip()[:1] in set(",.;:!?"):
        return True
    verbs = verbs_of(lexicon.language)
    small = words_of(forms.links) | words_of(forms.breaks) | words_of(forms.relatives) | words_of(forms.places)
    small -= words_of(verbs.after) if verbs and forms.head_last else frozenset()
    row = verbs.row(following) if verbs and verbs.is_known(following) else None
    return following in small or (row is not None and following in row[PRESENT : PAST + 1])


def _may_be_noun(word: str, forms: Forms, lexicon: Lexicon) -> bool:
    verbs = verbs_of(lexicon.language)
    small = words_of(forms.links) | words_of(forms.breaks) | words_of(forms.relatives) | words_of(forms.places)
    small |= words_of(forms.determiners) | words_of(forms.days) | words_of(forms.no_matter) | words_of(forms.unique)
    known = verbs is not None and (verbs.is_known(word) or word in words_of(verbs.adverbs) | words_of(verbs.plain))
    return len(word) > 1 and word not in small and not known and not word.endswith("ly")


def _unknown_spans(text: str, words: list[re.Match[str]], forms: Forms, lexicon: Lexicon) -> list[tuple[int, int]]:
    """`a podcast`: an article and the one word behind it that can be a noun, or two where nouns stand last."""
    found = []
    for at, match in enumerate(words[:-1]):
        article = is_determiner(match[0], forms)
        if not article and match[0].lower() not in words_of(forms.joined_articles):
            continue
        end = at + 1
        if not _may_be_noun(words[end][0].lower(), forms, lexicon) or _is_infinitive(match[0], words[end][0], lexicon):
            continue
        if forms.head_last and words[end][0].endswith(("'s", "’s")) and end + 1 < len(words):
            end += 1
        elif forms.head_last and end + 1 < len(words) and words[end + 1].start() == words[end].end() + 1:
            word = words[end + 1]
            end += _may_be_noun(word[0].lower(), forms, lexicon) and _may_end(text, word.end(), forms, lexicon)
        found.append((match.start() if article else words[at + 1].start(), words[end].end()))
    return found


def _is_infinitive(before: str, word: str, lexicon: Lexicon) -> bool:
    """Whether it is a verb after what looks like an article: `aprende a tocar`."""
    verbs = verbs_of(lexicon.language)
    return verbs is not None and before in words_of(verbs.after) and bool(re.search(verbs.infinitives, word))


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _is_verb(word: str, lexicon: Lexicon, *, many: bool) -> bool:
    """Whether it is what somebody does, by its ending: `promises`, but `promise` only of several."""
    verbs = verbs_of(lexicon.language)
    row = verbs.row(word) if verbs is not None and verbs.is_known(word) else None
    return row is not None and (many or word != row[0])


def _article_before(words: list[re.Match[str]], at: int, forms: Forms, lexicon: Lexicon) -> int:
    """Where the noun phrase begins that ends at this word; the word itself where it has no article."""
    for back in range(at - 1, max(-1, at - 4), -1):
        if back + 1 < at and _is_infinitive(words[back][0], words[back + 1][0], lexicon):
            break  # `a tocar piano`
        if is_determiner(words[back][0], forms) or words[back][0].lower() in words_of(forms.numerals):
            return back
        if words[back][0].lower() in words_of(forms.links) or (forms.large_nouns and words[back][0][:1].isupper()):
            break
    return at


def kind_at(text: str, span: tuple[int, int], lexicon: Lexicon) -> str:
    noun = lexicon.find(text[slice(*span)])
    return noun.kind if noun else ""
