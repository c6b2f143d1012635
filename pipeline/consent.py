"""What a member reads aloud, beforehand unknown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from pipeline.tables import FALLBACK, by_language

LEAST_NUMBER, MOST_NUMBER = 21, 98


@dataclass(frozen=True)
class _Consent:
    """What is read aloud, and what it is drawn from."""

    consent: str
    seen: str
    things: tuple[str, ...]
    where: tuple[str, ...]
    who: tuple[str, ...]


@dataclass(frozen=True)
class _Sentences:
    """Of a file data/languages/<code>/sentences.toml."""

    consent: _Consent | None = None


def consent_sentence(language: str, chance: str) -> str:
    """A consent, and something seen that `chance` picks out of a hundred thousand, so that no old recording fits."""
    tables = _sentences().get(language) or _sentences()[FALLBACK]
    drawn = int.from_bytes(hashlib.sha256(chance.encode()).digest()[:16], "big")
    picked = {}
    for slot in ("things", "where", "who"):
        words: tuple[str, ...] = getattr(tables, slot)
        drawn, at = divmod(drawn, len(words))
        picked[slot] = words[at]
    number = LEAST_NUMBER + drawn % (MOST_NUMBER - LEAST_NUMBER + 1)
    return f"{tables.consent} {tables.seen.format(number=number, **picked)}"


@cache
def _sentences() -> dict[str, _Consent]:
    return {code: one.consent for code, one in by_language("sentences", _Sentences).items() if one.consent}
