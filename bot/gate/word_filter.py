"""Checks whether words may become a tale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from bot.library.records import ServerSettings
from bot.wording import language_of
from pipeline.errors import Refused
from pipeline.forbidding import forbidden, harmless
from pipeline.tables import by_language
from pipeline.words.folding import Reading, holds, read
from pipeline.words.prompt import Prompt, Rating, Said

DANGER = "prompt_danger"
"""Error code of a wish that gets help lines, and of which nothing is kept."""
HARMFUL = "prompt_harmful"
"""Error code of the executor, for a wish that its classifier finds harmful."""


def hold_to_words(text: str, rules: ServerSettings, rating: Rating) -> None:
    """Check a wish or a story. Raises Refused `words_unwelcome` or `prompt_unfit`, without the word in question."""
    # Harmless words are taken out first: they hold a forbidden one within them.
    reading = read(text, frozenset(harmless().words))
    if holds(reading, rules.bad_words):
        raise Refused("words_unwelcome")
    if holds(reading, forbidden().under(rating)):
        raise Refused("prompt_unfit", rating=rating.value)


def hold_out_of_danger(text: str, locale: str) -> None:
    """Raise Refused `prompt_danger`, with help lines in the member's language."""
    if in_danger(read(text)):
        raise Refused("prompt_danger", lines=help_lines(locale))


def in_danger(reading: Reading) -> bool:
    """Whether it speaks of danger in any language: somebody far from home writes in another."""
    return any(holds(reading, one.danger) for one in _safety().values())


def help_lines(locale: str) -> str:
    """Return the help lines for readers of this language."""
    return "\n".join(f"- {line}" for line in _safety()[language_of(locale)].help_lines)


def words_of(prompt: Prompt) -> str:
    """Return all that members put into it: typed, attached, said, quoted, and what it continues."""
    before = prompt.before
    earlier = [before.title, before.synopsis, *before.facts.values()] if before else []
    read = [prompt.source.text] if prompt.source else []
    return "\n".join([said_in(prompt.text, prompt.said), *prompt.names, prompt.storyteller.persona, *earlier, *read])


def said_in(text: str, said: tuple[Said, ...]) -> str:
    """Return typed words, and spoken ones as far as they are transcribed by now."""
    return "\n".join([text, *(one.heard.text for one in said if one.heard is not None)])


@dataclass(frozen=True)
class _Safety:
    """The file data/languages/<code>/safety.toml."""

    danger: tuple[str, ...] = ()
    help_lines: tuple[str, ...] = ()


@cache
def _safety() -> dict[str, _Safety]:
    return by_language("safety", _Safety)
