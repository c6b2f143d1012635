"""A wish read without a model: by capitals and by the nouns of the lexicon."""

from __future__ import annotations

import re

from pipeline.writing.cast_tale import names_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, lexicon_of
from pipeline.writing.read_wish import completed, looked_at, noun_spans
from pipeline.writing.readings import Reading
from pipeline.writing.tongue import words_of

MOST_DEED_WORDS = 9
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def read_plainly(wish: str, language: str) -> Reading:
    """Name, being, deed and thing where they lie in the usual order; nothing where they do not."""
    text = re.split(r"(?<=[.!?])\s", looked_at(wish))[0].rstrip(" .!?")
    if not _WORD.search(text):
        return Reading()
    forms, lexicon = forms_of(language), lexicon_of(language)
    name = _name(text, language, forms)
    spans = noun_spans(text, forms, lexicon)
    nouns = [(text[slice(*span)], lexicon.find(text[slice(*span)])) for span in spans]
    who = next((said for said, noun in nouns if noun and noun.kind in ALIVE), "") or (nouns[0][0] if nouns else "")
    if name and text.find(who) > text.find(name) + len(name) + 2 and not text[: text.find(name)].strip():
        who = ""  # `Mara opens a shop for ghosts`: the ghosts are not what she is
    ends = [text.find(part) + len(part) for part in (name, who) if part]
    return completed(Reading(name, who, _deed(text[max(ends, default=0) :], forms)), text, language)


def _name(text: str, language: str, forms: Forms) -> str:
    lexicon, small = lexicon_of(language), words_of(forms.links) | words_of(forms.determiners) | {"i"}
    for at, match in enumerate(_WORD.finditer(text)):
        word = match[0]
        given = bool(names_of(language).gender(word))
        if (
            word[:1].isupper()
            and (given or at)
            and word.lower() not in words_of(forms.speaker)
            and not lexicon.find(word)
            and word.lower() not in small
        ):
            return word
    return ""


def _deed(rest: str, forms: Forms) -> str:
    """What follows whom the tale is about, without `who`."""
    words = rest.strip(" ,;:").split()
    while words and (words[0].lower().strip(",") in words_of(forms.links) or is_determiner(words[0], forms)):
        words = words[1:]
    return " ".join(words[:MOST_DEED_WORDS]).strip(" ,;:.!?")
