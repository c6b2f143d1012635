"""Facts as words for starters."""

from __future__ import annotations

from pipeline.writing.facts import Given, definite
from pipeline.writing.tongue import Tongue


def placeholders(given: Given) -> dict[str, str]:
    """What fills {N}, {R}, {H}...; what the facts lack is empty."""
    facts = given.facts
    helper = facts.helper.name if facts.helper else ""
    return {
        "N": facts.hero.name,
        "name": facts.hero.name,
        "R": given.role,
        "h": helper,
        "H": helper[:1].upper() + helper[1:],
        "a_h": given.helper_as_met,
        "O": facts.people[0].name if facts.people else "",
        "t": "",
        "a_t": "",
        "wish": facts.wish,
        "at": facts.place,
        "At": facts.place[:1].upper() + facts.place[1:],
    }


def things(given: Given, tongue: Tongue) -> tuple[dict[str, str], ...]:
    """Each of the prompt's things as what fills {t} and {a_t}."""
    return tuple({"t": definite(thing, tongue), "a_t": thing} for thing in given.facts.things)
