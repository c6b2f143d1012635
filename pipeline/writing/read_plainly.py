"""A wish read without a model: by capitals and by the nouns of the lexicon."""

from __future__ import annotations

import re

from pipeline.writing.cast_tale import names_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, Lexicon, lexicon_of
from pipeline.writing.readings import Reading
from pipeline.writing.tongue import words_of

LOOKED_AT_CHARS = 300
MOST_DEED_WORDS = 9
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
Span = tuple[int, int]


def read_plainly(wish: str, language: str) -> Reading:
    """Name, being, deed and thing where they lie in the usual order; nothing where they do not."""
    text = re.split(r"(?<=[.!?])\s", wish[:LOOKED_AT_CHARS])[0].rstrip(" .!?")
    forms, lexicon = forms_of(language), lexicon_of(language)
    name = _name(text, language, lexicon)
    phrases = _phrases(text, forms, lexicon)
    alive = [span for span in phrases if _kind(text, span, lexicon) in ALIVE]
    who = (alive or phrases)[:1]
    others = [span for span in phrases if span not in who]
    living = [span for span in others if span in alive]
    things = [span for span in others if span not in alive]
    after = max([span[1] for span in who] + [text.find(name) + len(name) if name else 0])
    return Reading(
        hero=name,
        who=_text(text, who),
        deed=_deed(text[after:], forms),
        other=_text(text, living[:1]),
        thing=_text(text, things[:1]),
    )


def _name(text: str, language: str, lexicon: Lexicon) -> str:
    words = list(_WORD.finditer(text))
    for at, match in enumerate(words):
        word = match[0]
        given = bool(names_of(language).gender(word))
        if word[:1].isupper() and (given or at) and not lexicon.find(word) and word.lower() not in _small(language):
            return word
    return ""


def _small(language: str) -> frozenset[str]:
    forms = forms_of(language)
    return words_of(forms.links) | words_of(forms.determiners) | {"i"}


def _phrases(text: str, forms: Forms, lexicon: Lexicon) -> list[Span]:
    """Nouns of the lexicon with what stands before them back to the article."""
    words = list(_WORD.finditer(text))
    found: list[Span] = []
    for at, match in enumerate(words):
        if not lexicon.find(match[0]) or (found and match.start() < found[-1][1]):
            continue
        first = next((back for back in range(at, max(-1, at - 4), -1) if is_determiner(words[back][0], forms)), at)
        found.append((words[first].start(), match.end()))
    return found


def _kind(text: str, span: Span, lexicon: Lexicon) -> str:
    noun = lexicon.find(text[slice(*span)])
    return noun.kind if noun else ""


def _text(text: str, spans: list[Span]) -> str:
    return text[slice(*spans[0])] if spans else ""


def _deed(rest: str, forms: Forms) -> str:
    """What follows whom the tale is about, without `who`."""
    words = rest.strip(" ,;:").split()
    while words and words[0].lower().strip(",") in words_of(forms.links):
        words = words[1:]
    return " ".join(words[:MOST_DEED_WORDS]).strip(" ,;:.!?")
