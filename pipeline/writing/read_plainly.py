"""Wishes read without a model."""

from __future__ import annotations

import re

from pipeline.writing.complete_reading import completed
from pipeline.writing.deeds import INFINITIVE, PAST, PRESENT, known_forms, verbs_of
from pipeline.writing.forms import Forms, forms_of
from pipeline.writing.lexicon import ALIVE, lexicon_of
from pipeline.writing.names import names_of
from pipeline.writing.noun_phrases import Span, noun_spans
from pipeline.writing.read_wish import looked_at, matter_of, told_how
from pipeline.writing.readings import WishReading
from pipeline.writing.tongue import WORD, words_of

MOST_CERTAIN_WORDS = 12
MOST_ASKING_WORDS = 3


def read_plainly(wish: str, language: str) -> WishReading:
    """Name, being, deed and thing where they lie in the usual order; nothing where they do not."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    asked = _first_sentence(looked_at(wish, language), forms)
    wanted = asked.rstrip(" .!?")
    text = matter_of(wanted, language)
    if not WORD.search(text):
        return WishReading()
    name = _name(text, language, forms)
    spans = noun_spans(text, forms, lexicon)
    if _is_nobodys(text, spans, language):
        return told_how(completed(WishReading(deed=text), text, language), wanted, text)
    nouns = [(text[slice(*span)], lexicon.find(text[slice(*span)])) for span in spans]
    who = next((said for said, noun in nouns if noun and noun.kind in ALIVE), "") or (nouns[0][0] if nouns else "")
    asks = bool(spans) and asked.endswith("?") and _is_asked(text, spans[0], language)
    if asks or (spans and not spans[0][0] and _is_done_before(text, spans, len(text), language)):
        who = nouns[0][0]  # `the sea brings back Grandma's ring`
    if name and _is_done_before(text, spans, text.find(name), language):
        name = ""  # `a star fell into Joaquim's garden`
    end = text.find(name) + len(name)
    if name and (text.find(who) > end + 2 or (text.find(who) == end + 1 and " " not in who)):
        who = ""  # `Mara opens a shop for ghosts`: the ghosts are not what she is
    deed = text[spans[0][1] :].strip() if asks else ""  # `why does the moon follow our car`
    reading = completed(WishReading(name, who if who not in name else "", deed), text, language)
    return told_how(reading, wanted, text)


def _is_nobodys(text: str, spans: list[Span], language: str) -> bool:
    """Whether it begins with what several did and goes on with one thing: `roubaram o sapato da cidade`."""
    verbs, first = verbs_of(language), text.partition(" ")[0].lower()
    begun = verbs is not None and bool(verbs.nobodys) and re.search(verbs.nobodys, first) and verbs.is_known(first)
    one = bool(spans) and not lexicon_of(language).being(text[slice(*spans[0])]).many
    return bool(begun) and one and spans[0][0] == len(first) + 1


def _first_sentence(text: str, forms: Forms) -> str:
    """Up to its end; the full stop of `Mr.` is none."""
    first, *others = re.split(r"(?<=[.!?])\s", text)
    while others and first.lower().split()[-1:] and first.lower().split()[-1].rstrip(".") in words_of(forms.titles):
        first, others = f"{first} {others[0]}", others[1:]
    return first


def _is_done_before(text: str, spans: list[tuple[int, int]], at: int, language: str) -> bool:
    """Whether somebody else does something before the name is said."""
    if not spans or spans[0][1] > at:
        return False
    between = text[spans[0][1] : at].lower().split()
    return any(word in (known_forms(word, language) or ())[PRESENT : PAST + 1] for word in between)


def _is_asked(text: str, span: Span, language: str) -> bool:
    """Whether a question begins there: `why does the moon follow`."""
    verbs = verbs_of(language)
    before, behind = text[: span[0]].split(), text[span[1] :].split()
    if verbs is None or not behind or lexicon_of(language).find(behind[0]):
        return False
    return verbs.is_known(behind[0].lower()) and 1 <= len(before) <= MOST_ASKING_WORDS


def _name(text: str, language: str, forms: Forms) -> str:
    """The first name, with those that are joined to it: `Otto and Lin`."""
    words = list(WORD.finditer(text))
    first = next((at for at in range(len(words)) if _is_name(words, at, language, forms)), -1)
    if first < 0:
        return ""
    last = first
    joint = forms.together[1].strip()
    while last + 1 < len(words):
        step = 2 if words[last + 1][0] == joint else 1
        comma = text[words[last].end() : words[last + 1].start()].strip() == ","
        if last + step >= len(words) or (step == 1 and not comma) or not _is_name(words, last + step, language, forms):
            break
        last += step
    return text[words[first].start() : words[last].end()]


def _is_name(words: list[re.Match[str]], at: int, language: str, forms: Forms) -> bool:
    word = words[at][0]
    small = words_of(forms.links) | words_of(forms.determiners) | words_of(forms.speaker)
    given = bool(names_of(language).gender(word)) or (at == 0 and _has_company(words, forms))
    led = words[at + 1][0].lower() in forms.known_articles if at + 1 < len(words) else False  # `Bo the beaver`
    given = given or (at == 0 and not forms.large_nouns and (led or _does(words[1:2], language)))
    return (
        word[:1].isupper()
        and bool(given or (at and not forms.large_nouns))
        and not lexicon_of(language).find(word)
        and word.lower() not in small
    )


def _does(following: list[re.Match[str]], language: str) -> bool:
    """Whether a verb comes next that tells what somebody does: `waits`."""
    row = known_forms(following[0][0], language) if following else None
    return row is not None and row[PRESENT] != row[INFINITIVE]


def _has_company(words: list[re.Match[str]], forms: Forms) -> bool:
    """Whether the first word is joined to another with a capital: `Otto and Lin`."""
    return len(words) > 2 and words[1][0] == forms.together[1].strip() and words[2][0][:1].isupper()


def is_certain(reading: WishReading, wish: str, language: str) -> bool:
    """Whether nothing of a short wish is left over: somebody, then what they do, and no word beside."""
    verbs = verbs_of(language)
    text = matter_of(looked_at(wish, language).rstrip(" .!"), language)
    people = reading.hero or reading.who
    first = reading.deed.partition(" ")[0].lower()
    if verbs is None or not people or not reading.deed or len(text.split()) > MOST_CERTAIN_WORDS:
        return False
    said = {re.split("['’]", word.lower())[0] for word in text.split()}
    if said & words_of(forms_of(language).speaker):
        return False
    whole = text.startswith(people) and text.endswith(reading.deed) and not re.search(r"[.!?:;,]", text)
    between = text[len(people) : len(text) - len(reading.deed)].split()
    led = len(between) == 1 and between[0].lower() in words_of(forms_of(language).relatives)
    return whole and len(between) <= 1 and (led or (not between and verbs.is_known(first)))
