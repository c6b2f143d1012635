"""Whether a wish does harm."""

from __future__ import annotations

from functools import cache

from pipeline.errors import Missing, Refused
from pipeline.roles import Embedder
from pipeline.telling.feel import typed_and_said
from pipeline.telling.studio import Studio
from pipeline.words.harm import Harm
from pipeline.words.prompt import Prompt, Rating
from pipeline.words.sound import Transcript
from pipeline.writing.harm import HarmHead, pieces_of


def rate(prompt: Prompt, transcript: Transcript | None, studio: Studio) -> None:
    """Raises Refused `prompt_harmful` before anything is made; where head or embedder lack, word lists stand alone.

    No step: it depends on the words alone, and a step more would part old journeys from new ones.
    """
    head = _head()
    text = typed_and_said(prompt, transcript)
    # A text told as it is written is a story, and the head learned nothing of stories: word lists hold it.
    pieces = pieces_of(text) if head is not None and not prompt.as_written else []
    if head is None or not pieces:
        return
    try:
        with studio.borrow(Embedder) as embedder:
            rows = embedder.embed(pieces)
    except Missing:
        return
    harms = head.found(rows) - _let_pass(prompt)
    if harms:
        raise Refused("prompt_harmful", kind=_gravest(harms).value)


def _let_pass(prompt: Prompt) -> frozenset[Harm]:
    """What grown-ups may hear; and a tale that goes on may lead through danger."""
    adult = {Harm.ADULT} if prompt.rating is Rating.ADULT else set()
    return frozenset(adult | ({Harm.DANGER} if prompt.before else set()))


def _gravest(harms: frozenset[Harm]) -> Harm:
    """Whoever is in danger gets help, whatever else they say."""
    return max(harms, key=list(Harm).index)


@cache
def _head() -> HarmHead | None:
    return HarmHead.shipped()
