"""What a completion must not do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from pipeline.words.prompt import Rating
from pipeline.writing.language import kept
from pipeline.writing.starters import Starter, contracted
from pipeline.writing.tongue import Tongue, words_in, words_of
from pipeline.writing.wish import fits

MOST_TOLD_BEFORE = 0.1
"""Share of four-grams that the tale may already hold."""
LEAK_WORDS, COPY_WORDS = 5, 8
HARD = frozenset({"rating", "leak"})
"""Faults that are never published."""


@dataclass(frozen=True)
class Guard:
    """Everything a completion is held against."""

    tongue: Tongue
    system: str
    prompt: str
    rating: Rating
    told: str
    """The tale so far."""

    def faults(self, starter: Starter, own: str, clipped: bool) -> frozenset[str]:
        """Codes of what is wrong with the model's words; `clipped` when they filled all their room."""
        whole = f"{starter.lead} {own}"
        found = {
            "short": len(words_in(own)) < 2,
            "repeats": repetition(own, self.told) > MOST_TOLD_BEFORE,
            "language": not kept(whole, self.tongue.language),
            "cut_off": clipped,
            "own_name": starter.spoken and _names(own, starter.speaker, self.tongue),
            "rating": not fits(own, self.rating),
            "leak": _shares(own, self.system, LEAK_WORDS) or bool(re.search(self.tongue.orders, own, re.IGNORECASE)),
            "copy": _shares(own, self.prompt, COPY_WORDS),
            "stutters": _stutters(own),
            "unsaid": not starter.spoken and _announces(own, self.tongue),
            "glued": bool(re.search(r"[a-zà-ÿ][A-ZÀ-Þ]", own)),
        }
        return frozenset(code for code, wrong in found.items() if wrong)


def repetition(text: str, told: str) -> float:
    """Share of the text's four-grams that were told before, or twice in itself."""
    mine = grams(words_in(text), 4)
    known = set(grams(words_in(told), 4))
    twice = len(mine) - len(set(mine))
    return (sum(one in known for one in set(mine)) + twice) / max(1, len(mine))


def grams(words: list[str], size: int) -> list[tuple[str, ...]]:
    """Runs of words."""
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def dangles(text: str, tongue: Tongue) -> bool:
    """Whether it ends on a word no sentence ends on."""
    words = words_in(text)
    return bool(words) and words[-1] in words_of(tongue.dangling)


def cut_back(own: str, tongue: Tongue, least_words: int = 4) -> str:
    """The longest beginning that stands as a sentence, cut at a comma or a joining word; empty where there is none."""
    words = own.rstrip(".!?").split()
    if not words or words[0].lower() in words_of(tongue.subordinate):
        return ""
    for end in range(len(words) - 1, least_words - 1, -1):
        comma = words[end - 1].endswith((",", ";"))
        joint = (comma and not _opens_clause(words[:end], tongue)) or words[end].lower() in words_of(tongue.joints)
        kept_words = " ".join(words[:end]).rstrip(",;")
        if joint and not dangles(kept_words, tongue):
            return kept_words + "."
    return ""


def _opens_clause(words: list[str], tongue: Tongue) -> bool:
    """Whether the last stretch between commas is a clause that only begins: `..., but after much work,`."""
    starts = [at + 1 for at, word in enumerate(words[:-1]) if word.endswith((",", ";"))]
    first = words[starts[-1]].lower() if starts else ""
    return first in words_of(tongue.joints) or first in words_of(tongue.subordinate)


def ended(own: str, tongue: Tongue) -> str:
    """Never without an end mark: what would dangle before it is left out."""
    words = own.split()
    while own and not own.endswith((".", "!", "?")) and words and words[-1].lower() in words_of(tongue.dangling):
        words.pop()
    return own if not own or own.endswith((".", "!", "?")) else " ".join(words).rstrip(",;") + "."


def repaired(own: str, tongue: Tongue) -> str:
    """With the contractions and articles a small model forgets."""
    return contracted(own, tongue)


def _names(own: str, speaker: str, tongue: Tongue) -> bool:
    mine = set(words_in(speaker)) - words_of(tongue.all_articles) - words_of(tongue.stopwords)
    return bool(mine & set(words_in(own)))


def _announces(own: str, tongue: Tongue) -> bool:
    """Whether narration promises speech that cannot follow: `and said, softly.`"""
    verbs = "|".join(words_of(tongue.asking))
    return re.search(rf"\b(?:{verbs})[,.!?]", own, re.IGNORECASE) is not None


def _shares(own: str, other: str, size: int) -> bool:
    return bool(set(grams(words_in(own), size)) & set(grams(words_in(other), size)))


def _stutters(own: str) -> bool:
    """The same word twice running, or a word glued to itself."""
    words = words_in(own)
    return any(one == two and len(one) > 1 for one, two in pairwise(words))
