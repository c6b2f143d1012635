"""What is said for written signs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from pipeline.tables import by_language


@dataclass(frozen=True)
class SpokenForms:
    """A file data/languages/<code>/spoken.toml."""

    numbers: str = ""
    """What num2words calls the language; empty where digits are left to the narrator."""
    says_years: bool = False
    """Whether years are said in a way of their own: nineteen eighty-four."""
    most_chars: int = 190
    """The longest piece to hand to a narrator: the strictest of the models we know."""
    letters_s: float = 14.5
    """Letters a second of ordinary narration; one sign of Han or kana is a syllable."""
    decimal: str = "."
    group: str = ","
    """What stands between thousands."""
    percent: str = "%"
    degrees: str = "°"
    number: str = "#"
    at: str = "@"
    months: tuple[str, ...] = ()
    month_first: bool = False
    date: str = "{day} {month} {year}"
    ordinal: str = r"(\d+)(?!)"
    """A pattern whose group is the number."""
    clock: str = "{hour} {minute}"
    clock_whole: str = "{hour}"
    currency: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Sign to (one, many)."""
    abbreviations: dict[str, str] = field(default_factory=dict)
    """In lower case, with their full stops."""

    @property
    def stopped(self) -> frozenset[str]:
        """Abbreviations that end in a full stop which ends no sentence."""
        return frozenset(one for one in self.abbreviations if one.endswith("."))


@cache
def tongue(language: str) -> SpokenForms:
    """Return the language's own table, or one that leaves signs as they are."""
    return _all().get(language, SpokenForms())


@cache
def _all() -> dict[str, SpokenForms]:
    return by_language("spoken", SpokenForms)
