"""Names that a language gives its heroes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.tables import language_file, read_table
from pipeline.writing.forms import Forms


@dataclass(frozen=True)
class Names:
    """data/languages/<code>/names.toml; a name with its gender: `Ivy:f`."""

    names: tuple[str, ...]
    given: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """Two heroes: `Mina:f`, `Jo:f`."""
    roles: tuple[str, ...]
    """Heroes for a wish that names nobody: `a lamplighter:person`."""

    def gender(self, name: str) -> str:
        """Of a given name; empty where it is open."""
        return _genders(self).get(name.partition(" ")[0].lower(), "")


@cache
def names_of(language: str) -> Names:
    """The names of one language."""
    return read_table(language_file(language, "names"), Names)


@cache
def _genders(names: Names) -> dict[str, str]:
    told = (one.partition(":") for one in (*names.given, *names.names))
    return {name.lower(): gender for name, _, gender in told}


def parted(phrase: str, forms: Forms) -> list[str]:
    """`Otto, Lin and Bo` one by one."""
    comma, last = (re.escape(one.strip()) for one in forms.together)
    return [one.strip() for one in re.split(rf"\s*{comma}\s*|\s+{last}\s+|\s*&\s*", phrase) if one.strip()]
