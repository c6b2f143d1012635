"""What keeps a writer's own words telling."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from pipeline.words.prompt import Rating
from pipeline.writing.forms import forms_of
from pipeline.writing.language import kept
from pipeline.writing.reins.asking import asking_in
from pipeline.writing.tongue import WORD, count_words, tongues, words_in, words_of
from pipeline.writing.wish import fits

SHORTEST, LONGEST = 0.45, 1.9
"""Of the asked length."""
MOST_REPEATED = 0.12
"""Of a draft's runs of four words: how many may have stood before."""
LEAST_KEPT = 0.4
"""Of an outline's own words, how many a retelling must hold: below, a small writer told something else.

A line of the writer's plan says less."""
LEAST_OF_A_LINE = 0.15
MUTE = 0.25
_MARKUP = re.compile(r"[*<>{}#\[\]_`|~^=\\/@]|\b\d+[.)]\s|(?:^|\s)[-•–]\s(?=[A-ZÀ-Þ])")
_THOUGHTS = re.compile(r"</?think|thinking process|^\s*\w+:\s", re.IGNORECASE)
_GLUED = re.compile(r"[a-zà-ÿ][A-ZÀ-Þ]")
_QUOTED = re.compile(r'["“«„]')
_END = re.compile(r"[.!?…][\"”»’]?$")


@dataclass(frozen=True)
class DraftBounds:
    """What a draft is held against."""

    language: str
    rating: Rating
    words: int
    """Asked length."""
    outline: str
    told: str
    """All that the listener heard before."""
    known: str
    """All texts whose names may come: the wish, the people, the plan."""
    people: tuple[str, ...]
    least_kept: float = LEAST_KEPT


def fault_of(text: str, bounds: DraftBounds) -> str:
    """Why the draft is not told; empty where it may be."""
    words = count_words(text)
    faults = {
        "empty": words == 0,
        "thoughts": _THOUGHTS.search(text) is not None,
        "markup": _MARKUP.search(text) is not None,
        "assistant": re.search(asking_in(bounds.language).assistant, text, re.IGNORECASE) is not None,
        "unfinished": _END.search(text.rstrip()) is None,
        "length": not SHORTEST * bounds.words <= words <= LONGEST * bounds.words,
        "language": not kept(text, bounds.language),
        "glued": _GLUED.search(text) is not None,
        "loop": repeated(text, bounds.told) > MOST_REPEATED or _says_twice(text),
        "stranger": bool(strangers(text, bounds)),
        "lost": kept_share(text, bounds) < bounds.least_kept or _nobody_named(text, bounds),
        "unfit": not fits(text, bounds.rating),
    }
    return next((code for code, found in faults.items() if found), "")


def worth(text: str, bounds: DraftBounds) -> float:
    """Of drafts without a fault: what it keeps of the outline, how near its length is, how little it says again.

    Where somebody speaks in the outline, a draft in which nobody does comes after one in which they do.
    """
    off = abs(count_words(text) - bounds.words) / max(1, bounds.words)
    mute = MUTE * (_QUOTED.search(bounds.outline) is not None and _QUOTED.search(text) is None)
    return kept_share(text, bounds) - 0.8 * off - 3 * repeated(text, bounds.told) - mute


def repeated(text: str, told: str) -> float:
    """Share of its runs of four words that stood before, in it or in the tale."""
    runs = _runs(text)
    before = {*_runs(told)}
    counted = Counter(runs)
    again = sum(count if run in before else count - 1 for run, count in counted.items())
    return again / max(1, len(runs))


def kept_share(text: str, bounds: DraftBounds) -> float:
    """How much of the outline's matter the draft names."""
    wanted = _matter(bounds.outline, bounds.language)
    return len(wanted & _matter(text, bounds.language)) / len(wanted) if wanted else 1.0


def strangers(text: str, bounds: DraftBounds) -> list[str]:
    """Names inside a sentence that nobody gave; where every noun is large nothing tells them apart."""
    if forms_of(bounds.language).large_nouns:
        return []
    known = {*words_in(f"{bounds.known} {bounds.told} {bounds.outline} {' '.join(bounds.people)}")}
    found = []
    for match in WORD.finditer(text):
        before = text[: match.start()].rstrip()
        begins = not before or before[-1] in '.!?…:“"«„¿¡‘-–—'
        word = match[0].partition("'")[0].partition("’")[0]
        if match[0][0].isupper() and not begins and word != "I" and word.lower() not in known:
            found.append(match[0])
    return found


def _nobody_named(text: str, bounds: DraftBounds) -> bool:
    said = {*words_in(text)}
    names = {word for name in bounds.people for word in words_in(name)} - words_of(tongues()[bounds.language].stopwords)
    return bool(names & {*words_in(bounds.outline)}) and not names & said


def _says_twice(text: str) -> bool:
    sentences = [one for one in map(str.strip, re.split(r"[.!?…]+", text.lower())) if len(one.split()) > 3]
    return len({*sentences}) < len(sentences)


def _runs(text: str) -> list[tuple[str, ...]]:
    words = words_in(text)
    return [tuple(words[at : at + 4]) for at in range(len(words) - 3)]


def _matter(text: str, language: str) -> set[str]:
    """Its words but for the small ones, whatever their ending."""
    small = words_of(tongues()[language].stopwords)
    return {word[:5] for word in words_in(text) if len(word) > 3 and word not in small}
