"""Words of whoever wishes, said of others."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.writing.forms import Forms, is_determiner
from pipeline.writing.lexicon import Being, Lexicon
from pipeline.writing.tongue import words_of


def retold(text: str, lexicon: Lexicon, forms: Forms, hero: Being | None) -> str:
    """`lost my phone` as `lost her phone`, where the speaker is the tale's hero; else as `lost the phone`.

    A narrator has no phone: what a member calls `my` belongs to somebody of the tale, or to nobody in particular.
    """
    words = text.split()
    told: list[str] = []
    for at, word in enumerate(words):
        found = _of_hero(word, forms, hero) if hero else _of_nobody(words[at:], lexicon, forms)
        article = told[-1].lower() if told else ""
        if found != word and (is_determiner(article, forms) or article in words_of(forms.joined_articles)) and not hero:
            continue  # `no meu quarto` as `no quarto`
        told.append(found)
    return " ".join(told)


def is_mine(phrase: str, forms: Forms) -> bool:
    """Whether a noun phrase begins with what is the speaker's, behind an article or not: `a minha filha`."""
    words = phrase.lower().split()[:2]
    return bool(words) and (
        words[0] in words_of(forms.mine) or (is_determiner(words[0], forms) and words[-1] in words_of(forms.mine))
    )


def of_hero(being: Being, phrase: str, forms: Forms, hero: Being) -> Being:
    """Somebody or something of the hero's: `her father` for `my father`."""
    words = phrase.split()
    at = next((at for at, word in enumerate(words) if word.lower() in words_of(forms.mine)), -1)
    owned = " ".join([*words[:at], _of_hero(words[at], forms, hero), being.bare])
    return replace(being, one=owned, the=owned, whole="", said=(phrase, being.the))


def _of_hero(word: str, forms: Forms, hero: Being) -> str:
    put = forms.mine_told.get(word.lower(), word)
    return re.sub(r"\{(\w+)\}", lambda slot: forms.form(slot[1], hero.class_), put)


def _of_nobody(words: list[str], lexicon: Lexicon, forms: Forms) -> str:
    """The article of what follows; `somebody` for the speaker."""
    first = words[0]
    if first.lower() in words_of(forms.mine) and len(words) > 1:
        return forms.known_articles[forms.classes.index(lexicon.being(" ".join(words[1:3])).class_)]
    return forms.speaker_told if first.lower() in words_of(forms.speaker_object) else first
