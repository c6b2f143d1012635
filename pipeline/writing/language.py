"""Which language a text is in."""

from __future__ import annotations

import unicodedata

from pipeline.writing.tongue import Tongue, tongues, words_in, words_of

DEFAULT = "en"
LEAST_SCRIPT_SHARE = 0.4
"""Of letters in another script before it names the language."""
SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "HANGUL": "ko", "DEVANAGARI": "hi", "ARABIC": "ar", "HEBREW": "he",
    "CYRILLIC": "ru", "GREEK": "el", "THAI": "th",
}  # fmt: skip
RIGHT_TO_LEFT = frozenset({"ar", "he"})
MARKS = {"pt": "ãõ", "es": "ñ¿¡", "de": "ßäö", "fr": "œèêùû", "it": "ìò"}
"""Letters that hardly stand in another of our languages."""


def detect(text: str) -> str:
    """ISO 639-1 of the language most of it is in; English where nothing tells."""
    foreign = _script(text)
    if foreign:
        return foreign
    scores = votes(text)
    best = max(scores, key=lambda language: (scores[language], language == DEFAULT))
    return best if scores[best] > 0 else DEFAULT


def votes(text: str) -> dict[str, float]:
    """How many words and letters speak for each written language."""
    found = words_in(text)
    return {code: _vote(found, text, code, tongue) for code, tongue in tongues().items()}


def kept(text: str, language: str, least_words: int = 6) -> bool:
    """Whether a stretch stays in the language; short stretches are believed."""
    if len(words_in(text)) < least_words:
        return True
    scores = votes(text)
    return scores.get(language, 0.0) >= max(scores.values())


def _vote(found: list[str], text: str, code: str, tongue: Tongue) -> float:
    stopwords = words_of(tongue.stopwords)
    marks = sum(char in MARKS.get(code, "") for char in text.lower())
    return sum(word in stopwords for word in found) + 0.6 * marks


def _script(text: str) -> str | None:
    letters = [char for char in text if char.isalpha()]
    counts: dict[str, int] = {}
    for char in letters:
        script = unicodedata.name(char, "").split(" ")[0].split("-")[0]
        if script in SCRIPTS:
            counts[SCRIPTS[script]] = counts.get(SCRIPTS[script], 0) + 1
    if sum(counts.values()) <= LEAST_SCRIPT_SHARE * len(letters):
        return None
    # Japanese mixes kana with the characters it shares with Chinese.
    return "ja" if counts.get("ja") else max(counts, key=lambda language: counts[language], default=None)
