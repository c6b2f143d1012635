"""Refuses harmful wishes and stories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from pipeline.errors import Missing, Refused
from pipeline.roles import Embedder
from pipeline.telling.feel import typed_and_said
from pipeline.telling.studio import Studio
from pipeline.words.event import Event, Written
from pipeline.words.prompt import Harm, Prompt, Rating
from pipeline.words.sound import Transcript
from pipeline.writing.harm import SURE_OF_STORIES, HarmHead, pieces_of, sentences_of


def rate(prompt: Prompt, transcript: Transcript | None, studio: Studio) -> None:
    """Raise Refused `prompt_harmful` before anything is made; without classifier or embedder, only word lists hold.

    No durable step: it depends on the words alone. A text that is told as written is read as a story: see `rated`.
    """
    wish = "" if prompt.as_written else typed_and_said(prompt, transcript)
    pieces = [*pieces_of(wish), *pieces_of(prompt.storyteller.persona)]
    _hold(_found(pieces, 0.0, studio) - _let_pass(prompt))


def rated(prompt: Prompt, studio: Studio) -> Studio:
    """Return a studio that raises Refused `prompt_harmful` in place of a harmful passage.

    The opening is read together with the passage after it, so that the first word is not delayed.
    """
    pass_ = _let_pass(prompt) | (frozenset() if prompt.as_written else {Harm.DANGER})
    unread: list[str] = []

    def say(event: Event) -> None:
        if isinstance(event, Written):
            unread.extend(sentences_of(event.passage.text))
            if event.passage.index or event.passage.closes_tale:
                _hold(_found(unread, SURE_OF_STORIES, studio) - pass_)
                unread.clear()
        studio.say(event)

    return replace(studio, say=say)


def hold_to_rating(prompt: Prompt, texts: Sequence[str], studio: Studio) -> None:
    """Raise Refused `prompt_harmful` for words that somebody puts into a told tale."""
    read = [sentence for text in texts for sentence in sentences_of(text)]
    _hold(_found(read, SURE_OF_STORIES, studio) - _let_pass(prompt))


def harmful(prompt: Prompt, studio: Studio) -> Callable[[str], bool]:
    """Whether a text would be stopped by `rated`: asked of a draft, before anybody hears it."""
    pass_ = _let_pass(prompt) | {Harm.DANGER}
    return lambda text: bool(_found(sentences_of(text), SURE_OF_STORIES, studio) - pass_)


def _found(texts: Sequence[str], least: float, studio: Studio) -> frozenset[Harm]:
    """Return the harms found; none where there is nothing to read, or no model that reads."""
    head = _head()
    if head is None or not texts:
        return frozenset()
    try:
        with studio.borrow(Embedder) as embedder:
            return head.found(embedder.embed(list(texts)), least)
    except Missing:
        return frozenset()


def _hold(harms: frozenset[Harm]) -> None:
    """Refuse by the gravest harm: somebody in danger gets help, whatever else they say."""
    if harms:  # Harm is declared from the least grave to the gravest
        raise Refused("prompt_harmful", kind=max(harms, key=list(Harm).index).value)


def _let_pass(prompt: Prompt) -> frozenset[Harm]:
    """Return harms that are allowed: adult ones by rating, and danger in a tale that goes on."""
    adult = {Harm.ADULT} if prompt.rating is Rating.ADULT else set()
    return frozenset(adult | ({Harm.DANGER} if prompt.before else set()))


@cache
def _head() -> HarmHead | None:
    return HarmHead.shipped()
