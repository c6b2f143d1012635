"""Which language a text is in."""

from __future__ import annotations

import unicodedata

from pipeline.tables import FALLBACK, all_languages
from pipeline.writing.tongue import Tongue, tongues, words_in, words_of

LEAST_SCRIPT_SHARE = 0.4
"""Of letters in another script before it names the language."""


def detect(text: str) -> str:
    """ISO 639-1 of the language most of it is in; English where nothing tells."""
    foreign = _script(text)
    if foreign:
        return foreign
    scores = votes(text)
    best = max(scores, key=lambda language: (scores[language], language == FALLBACK))
    return best if scores[best] > 0 else FALLBACK


def votes(text: str) -> dict[str, float]:
    """How many words and letters speak for each written language."""
    found = words_in(text)
    return {code: _vote(found, text, tongue) for code, tongue in tongues().items()}


def kept(text: str, language: str, least_words: int = 6) -> bool:
    """Whether a stretch stays in the language; short stretches are believed."""
    if len(words_in(text)) < least_words:
        return True
    scores = votes(text)
    return scores.get(language, 0.0) >= max(scores.values())


def _vote(found: list[str], text: str, tongue: Tongue) -> float:
    stopwords = words_of(tongue.stopwords)
    marks = sum(char in tongue.marks for char in text.lower())
    return sum(word in stopwords for word in found) + 0.6 * marks


def _script(text: str) -> str | None:
    letters = [char for char in text if char.isalpha()]
    counts: dict[str, int] = {}
    for char in letters:
        script = unicodedata.name(char, "").split(" ")[0].split("-")[0]
        if code := all_languages().scripts.get(script):
            counts[code] = counts.get(code, 0) + 1
    if sum(counts.values()) <= LEAST_SCRIPT_SHARE * len(letters):
        return None
    # Japanese mixes kana with the characters it shares with Chinese: any of its own letters tells.
    found = max(counts, key=lambda language: counts[language], default="")
    shares = all_languages().shared.get(found, "")
    return (shares if counts.get(shares) else found) or None
