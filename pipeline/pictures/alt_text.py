"""A picture in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.pictures.stage import MOST_FIGURES, MOST_THINGS
from pipeline.tables import FALLBACK, by_language
from pipeline.wording import mood_name
from pipeline.words.picture import SceneView

MOST_CHARS = 1_000
"""Discord's limit is 1024 for the description of a file."""


@dataclass(frozen=True)
class _Words:
    """Of a file data/languages/<code>/pictures.toml; `{}` stand for what is seen."""

    alt: str = ""
    alone: str = ""
    """Where there are no things."""
    nouns: dict[str, str] = field(default_factory=dict)
    """The language's own noun to the tables' one; empty in the tables' language."""


def alt_of(view: SceneView, language: str) -> str:
    """Return one or two sentences: who and what is to be seen, where, at which hour, in which light."""
    tables = {code: one for code, one in by_language("pictures", _Words).items() if one.alt and one.alone}
    code = language if language in tables else FALLBACK
    words = tables[code]
    who = ", ".join(dict.fromkeys(one.name for one in view.figures[:MOST_FIGURES]))
    own = {name: noun for noun, name in reversed(words.nouns.items())}
    shown = [own.get(name, "") if own else name for name, _ in view.things[:MOST_THINGS]]
    things = ", ".join(filter(None, shown))
    sentence = words.alt if things and who else words.alone
    said = sentence.format(
        who=who or things or view.place,
        things=things,
        place=view.place,
        hour=view.hour,
        mood=mood_name(view.mood, code),
    )
    return said[:1].upper() + said[1:MOST_CHARS]
