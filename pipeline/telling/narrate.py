"""Narrates passages one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from pipeline.errors import TaleCancelled, TaleError, Unserved
from pipeline.log import log_of
from pipeline.roles import Narrator, Needs
from pipeline.shelf.ladder import is_memory_short
from pipeline.telling.ahead import Ahead
from pipeline.telling.performance import Performance, Take
from pipeline.telling.studio import Studio
from pipeline.words.event import Narrated
from pipeline.words.mood import Feeling
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Spoken
from pipeline.words.story import Facts, Passage, Person, Plan

STAND_INS = 2
"""How many other narrators are tried when one fails in the middle of a tale."""
_OURS_TO_MEND = frozenset({"voice_unknown", "curve_unreadable"})
"""Errors of the prompt, which no other narrator would avoid."""

log = log_of("narrate")


@dataclass(frozen=True)
class NarratedPassage:
    """A passage with its voice."""

    passage: Passage
    spoken: Spoken


def narrate(
    prompt: Prompt,
    plan: Plan,
    passages: Iterable[Passage],
    studio: Studio,
    ahead: Ahead | None = None,
    words_before: int = 0,
) -> Iterator[NarratedPassage]:
    """Speak each passage line by line; one durable step for each, and nothing remembered between them.

    `words_before` are told already, where only a later part is spoken.
    """
    ahead = ahead or Ahead()
    performance = Performance(prompt, plan, studio)
    words = words_before

    def early(passage: Passage, share: float) -> list[Take]:
        with studio.borrow(Narrator, language=performance.language) as narrator:
            return performance.takes(narrator, passage, share, own_voices=True)

    def work(passage: Passage, share: float, share_after: float) -> Spoken:
        # In this order: the early takes of this passage are fetched before the next one's are begun.
        takes = ahead.takes_of(passage)
        begin(passage, share_after)
        return performance.dressed(passage, takes) if takes else _spoken(performance, passage, share, studio)

    with ahead.beside(early) as begin:
        for passage in passages:
            before, words = words, words + len(passage.text.split())
            shares = [told / max(1, prompt.words) for told in (before, words)]
            spoken = studio.once("narrate", str(passage.index), Spoken, partial(work, passage, *shares))
            studio.say(Narrated(spoken))
            yield NarratedPassage(passage, spoken)


def speak_early(prompt: Prompt, feeling: Feeling, passage: Passage, language: str, studio: Studio) -> list[Take]:
    """Speak a passage of the narrator alone, before there is a plan."""
    # A plan of no people: voices are drawn from seed and language, as the true plan will draw them.
    nobody = Facts(Person("", "hero"))
    plan = Plan("", language, "", prompt.seed, feeling, nobody, (), 0)
    with studio.borrow(Narrator, language=language) as narrator:
        return Performance(prompt, plan, studio).takes(narrator, passage, 0.0, own_voices=True)


def _spoken(performance: Performance, passage: Passage, share: float, studio: Studio) -> Spoken:
    """Speak it with the first narrator that can; where one fails, the next one goes on in the same language."""
    first: TaleError | None = None
    for nth in range(STAND_INS + 1):
        needs: Needs = {"language": performance.language}
        if nth:
            needs["stand_in"] = nth
        try:
            with studio.borrow(Narrator, **needs) as narrator:
                return performance.of(narrator, passage, share, own_voices=nth == 0)
        except TaleCancelled:
            raise
        except TaleError as error:
            first = first or error
            if error.code in _OURS_TO_MEND or isinstance(error, Unserved):
                raise first from error
            if is_memory_short(error):
                raise  # the step's ladder tries it leaner: another narrator would not find more memory
            log.warning("narrator_passed_over", code=error.code, passage=passage.index, **error.fields)
    assert first is not None
    raise first
