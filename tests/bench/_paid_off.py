"""What listeners miss, counted."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from itertools import combinations

from pipeline.writing.forms import forms_of
from pipeline.writing.lexicon import ALIVE, lexicon_of
from pipeline.writing.tongue import words_in, words_of
from tests.bench._stories import Told

STEM = 4
"""Letters by which a word is known again: `star` in `stars`."""
PASTED_WORDS = 5
"""So many words of the wish in a row, but for its deed, are pasted."""


def sentences_of(text: str) -> list[str]:
    """As a listener hears them."""
    return [one.strip() for one in re.split(r"(?<=[.!?…])[\"”»]?\s+", text) if one.strip()]


def introduced(told: Told) -> list[tuple[str, int, bool]]:
    """(stem, sentence, whether it lives) of every noun that comes with an indefinite article, once each."""
    forms, lexicon = forms_of(told.language), lexicon_of(told.language)
    new = words_of(" ".join(forms.new_articles))
    found: dict[str, tuple[str, int, bool]] = {}
    for at, sentence in enumerate(sentences_of(told.text)):
        words = words_in(sentence)
        for place, word in enumerate(words[:-1]):
            noun = lexicon.find(" ".join(words[place + 1 : place + 3])) if word in new else None
            if noun and stem(noun.names[0]) not in found:
                found[stem(noun.names[0])] = (stem(noun.names[0]), at, noun.kind in ALIVE)
    return list(found.values())


def paid_off(told: Told) -> list[bool]:
    """Of each thing and being that is introduced before the last sentence, whether it comes again later."""
    sentences = sentences_of(told.text)
    return [_comes_again(key, at, sentences) for key, at, _ in introduced(told) if at < len(sentences) - 1]


def orphans(told: Told) -> int:
    """Beings that come once and never again."""
    sentences = sentences_of(told.text)
    return sum(alive and not _comes_again(key, at, sentences) for key, at, alive in introduced(told))


def answered(told: Told) -> bool:
    """Whether the last two sentences take up what was wished: its deed, its thing, its other one or its hero."""
    read = told.read or {}
    small = words_of(forms_of(told.language).links) | words_of(forms_of(told.language).determiners)
    wished = " ".join(read.get(key, "") for key in ("deed", "thing", "other", "who")) or told.wish
    wanted = {stem(word) for word in words_in(wished) if word not in small and len(word) > 2}
    last = " ".join(sentences_of(told.text)[-2:])
    return bool(wanted & {stem(word) for word in words_in(last)})


def pasted(told: Told) -> int:
    """Stretches of the wish that stand in the tale as they were typed, its deed left out."""
    deed = " ".join(words_in((told.read or {}).get("deed", "")))
    wish, text = words_in(told.wish), f" {' '.join(words_in(told.text))} "
    stretches = [" ".join(wish[at : at + PASTED_WORDS]) for at in range(len(wish) - PASTED_WORDS + 1)]
    return sum(f" {one} " in text and one not in deed for one in stretches)


def names_per_scene(told: Told) -> float:
    """How often a scene says its hero's name."""
    return statistics.mean([scene.count(told.hero) for scene in told.scenes] or [0]) if told.hero else 0.0


def replied(told: Told) -> list[bool]:
    """Of each question put by somebody, whether somebody else speaks next."""
    return [
        at + 1 < len(told.lines) and told.lines[at + 1][0] != who
        for at, (who, words) in enumerate(told.lines)
        if words.rstrip().endswith("?")
    ]


def shared_sentences(tales: Sequence[Told]) -> float:
    """The mean share of sentences that two tales of one frame and language have in common."""
    shares = []
    for one, two in combinations(tales, 2):
        if one.frame and one.frame == two.frame and one.language == two.language:
            first, second = (set(sentences_of(told.text)) for told in (one, two))
            shares.append(len(first & second) / max(1, min(len(first), len(second))))
    return statistics.mean(shares or [0.0])


def stem(word: str) -> str:
    """What is left of a word when its ending may change."""
    return word.lower()[: max(STEM, len(word) - 2)]


def _comes_again(key: str, at: int, sentences: Sequence[str]) -> bool:
    return any(word.startswith(key) for later in sentences[at + 1 :] for word in words_in(later))
