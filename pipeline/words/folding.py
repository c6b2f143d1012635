"""Words behind their disguises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_ALIKE = str.maketrans(
    "абвгдеёзіїјкмнорсѕтухԁһԛԝᴀοαερικντυχѵ",
    "abbrdee3iijkmhopcstyxdhqwaoaepikvtuxv",
)
"""Letters of other alphabets that are drawn like ours; looked at only in a word that holds some of ours too."""
_FIGURES = str.maketrans("013457@$!|+€", "oieastasilte")
"""Figures and signs that people write for a letter."""
# No sign is both letter and gap here: were `_` both, a line of them could be cut in more ways than anybody can try.
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\W_]{1,3}){2,}[^\W_](?![^\W_])")
"""`s p a c e d` or `d.o.t.t.e.d` out letter by letter."""
_WORD = re.compile(r"[\w@$!|+€'’.*-]+")
_LONG_RUN = re.compile(r"(\w)\1{2,}")
_TWIN_VOWEL = re.compile(r"([iu])\1+")
_NAME_CHARS = 48
_EDGES = ".!?'’*-+|,;:_"
_MOST_MARKS = 8
"""Marks on one letter; no script takes so many."""
_LONG = str.maketrans({"\ufdfa": " ", "\ufdfb": " "})
"""Whole sentences in one sign, which would make a short text long."""


@dataclass(frozen=True)
class Reading:
    """The words of a text as they are written, and as they may be meant."""

    plain: frozenset[str]
    """Its words, accents kept: Spanish `cono` is no `coño`."""
    bare: frozenset[str]
    """Without accents, figures for letters, letters of other alphabets, gaps and long runs."""
    line: str
    """All words bare, in their order, parted and framed by single spaces: for phrases."""


def read(text: str, harmless: frozenset[str] = frozenset()) -> Reading:
    """Folds a text once, so that many lists can be checked against it; words in `harmless` are left out."""
    seen = _WORD.sub(lambda word: "" if word[0].strip(_EDGES) in harmless else word[0], _seen(text))
    plain = [word.strip(_EDGES) for word in _WORD.findall(seen)]
    open_text = _without_accents(seen)
    bare = [one for word in _WORD.findall(open_text) for one in _bare(word.strip(_EDGES))]
    joined = [re.sub(r"[\W_]", "", found[0]) for found in _SPACED.finditer(open_text)]
    spaced = [_meant(one) for whole in joined for one in (whole, whole[1:])]  # `a s p a c e d` word has an article
    meant = frozenset((*bare, *spaced, *(short for word in (*bare, *spaced) for short in _squeezed(word))))
    return Reading(frozenset(plain), meant - {""}, phrase(seen))


def phrase(text: str) -> str:
    """Words alone, parted and framed by single spaces."""
    words = re.findall(r"\w+", _without_accents(_seen(text)).replace("'", "").replace("’", ""))
    return f" {' '.join(_meant(word) for word in words)} "


def slug(title: str) -> str:
    """Return a title as a file name that every system keeps, and Discord does not change."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_NAME_CHARS].strip("-") or "tale"


def holds(reading: Reading, stems: Iterable[str]) -> bool:
    """Whether the text has any of the stems; a star ends a stem, and several words are a phrase."""
    wanted = [one for one in (stem.casefold().strip() for stem in stems) if one.strip("* ")]
    single = [one for one in wanted if " " not in one]
    # A stem with an accent means that accent: held against bare words, `coño` would find every `cono`.
    open_ones = [one for one in single if one.isascii()]
    return (
        any(_in_line(reading, one) for one in wanted if " " in one)
        or _among(reading.plain, single)
        or _among(reading.bare, open_ones)
    )


def _in_line(reading: Reading, told: str) -> bool:
    folded = _phrase_of_list(told.rstrip("*"))
    return (folded.rstrip() if told.endswith("*") else folded) in reading.line


@lru_cache(maxsize=10_000)
def _phrase_of_list(told: str) -> str:
    """A phrase of a list, folded; kept, because the same hundreds are looked for in every text."""
    return phrase(told)


def _among(words: frozenset[str], stems: list[str]) -> bool:
    starts = tuple(stem[:-1] for stem in stems if stem.endswith("*"))
    return not words.isdisjoint(stems) or any(word.startswith(starts) for word in words)


def _seen(text: str) -> str:
    """The text in small letters, without the signs nobody sees: joiners, soft hyphens, overrides of direction."""
    if text.isascii():
        return text.casefold()
    folded = unicodedata.normalize("NFKC", _without_towers(text.translate(_LONG))).casefold()
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def _without_towers(text: str) -> str:
    """Drops the marks of a letter beyond the eighth."""
    # Normalizing sorts the marks of each letter, in a time that grows with the square of their number.
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))


def _bare(word: str) -> list[str]:
    """The word as it may be meant; with its inner marks left out, too."""
    return [_meant(word), _meant(re.sub(r"[-.*_'’]", "", word))]


def _meant(word: str) -> str:
    """The word with look-alike letters and figures replaced by the letters they stand for."""
    if not any(char.isalpha() for char in word):
        return word  # a number alone stays a number: `1057` is not `iost`
    ours = word.translate(_ALIKE) if re.search("[a-z]", word) else word
    return ours.translate(_FIGURES)


def _squeezed(word: str) -> list[str]:
    """The shorter words that a drawn-out one may be: `nooo` is `noo` or `no`."""
    runs = [_LONG_RUN.sub(r"\1\1", word), _LONG_RUN.sub(r"\1", word)]
    return [one for run in runs for one in (run, _TWIN_VOWEL.sub(r"\1", run)) if one != word]
