"""What an executor with models can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, Unpack

import numpy as np

from pipeline.road.errands import kept_json, learn, let_hear, say_why, write_down
from pipeline.road.steps import Lender
from pipeline.roles import Narrator, Needs, VoiceLearner
from pipeline.telling.line import tell
from pipeline.telling.studio import Studio
from pipeline.words.jsonable import to_json
from pipeline.words.prompt import Order, Prompt
from pipeline.words.request import Clone, Explain, Request, Sample, Tell, Transcribe
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

R = TypeVar("R")


LEAST, MOST = 3, 4
"""Fewer than three are not worth choosing from."""
SPARE_S = 0.09
"""Of writing for a word, all its drafts together: a quarter of the time it takes to be spoken."""


@dataclass(frozen=True)
class ModelWorkshop:
    """The line and its errands, with the models of one shelf."""

    lender: Lender
    sign: Callable[[Tale], Tale]
    """Adds with what it was made, and what may be done with it."""
    make_room: Callable[[], None] = lambda: None
    """Before a tale is begun; raises Unwell where it could not be kept."""
    tidy: Callable[[], None] = lambda: None
    """After a tale, when nobody waits for its first word any more; never raises."""
    leisure: Leisure = field(default_factory=lambda: Leisure(lambda: 0.0))
    """How many drafts of a sentence this machine has time for."""
    order: Order = Order.FLOW
    """How a tale walks that nobody listens to meanwhile: stage by stage where models must be swapped."""

    def make(self, request: Request, studio: Studio) -> Artifact:
        """One job; of a tale, all of it as JSON."""
        match request:
            case Tell(prompt=prompt, live=live):
                # A step, so that a replay elsewhere walks the same way.
                walk = studio.once("walk", "0", Order, lambda: self._begun(prompt, live=live))
                at_work = _beside_the_writer(studio, prompt) if live else studio
                at_work = with_voice(at_work, prompt.voice, prompt.learnt)
                drafts = studio.once("drafts", "0", int, lambda: max(prompt.candidates, self.leisure.drafts()))
                made = tell(replace(prompt, order=walk, candidates=drafts), at_work)
                if not prompt.as_written:
                    self.leisure.told(_words(made), drafts)
                self.tidy()
                return self._signed(made, studio)
            case Transcribe():
                return write_down(request, studio)
            case Sample():
                return let_hear(request, with_voice(studio, request.voice, request.learnt))
            case Explain():
                return say_why(request, studio)
            case Clone():
                return learn(request, studio)

    def _begun(self, prompt: Prompt, *, live: bool) -> Order:
        self.make_room()
        return prompt.order if live or prompt.order is Order.LIST else self.order

    def _signed(self, tale: Tale, studio: Studio) -> Artifact:
        # A step, since what it cost and who made it would differ on a replay.
        return studio.once("sign", "0", Artifact, lambda: kept_json(to_json(self.sign(tale)), studio))


def _words(tale: Tale) -> int:
    return sum(len(passage.text.split()) for passage in tale.story.passages)


def _beside_the_writer(studio: Studio, prompt: Prompt) -> Studio:
    """While somebody listens the writer keeps the card, who can do without does; but a wished voice is brought."""

    def borrow(role: type[R], **needs: Unpack[Needs]) -> AbstractContextManager[R]:
        if role is Narrator and prompt.voice:
            return studio.borrow(role, **needs)
        needs["beside"] = "writer"
        return studio.borrow(role, **needs)

    return replace(studio, borrow=borrow)


def with_voice(studio: Studio, voice: str | None, learnt: Artifact | None) -> Studio:
    """A studio whose narrator knows this voice while the job holds it; nobody else's tale finds it among its voices.

    A narrator that cannot learn is left as it is, and says by itself that it does not know the voice.
    """
    if voice is None or learnt is None:
        return studio

    @contextmanager
    def borrow(role: type[Any], **needs: Unpack[Needs]) -> Iterator[Any]:
        with studio.borrow(role, **needs) as model:
            if role is not Narrator or not isinstance(model, VoiceLearner):
                yield model
                return
            with np.load(studio.keep.path(learnt)) as kept:
                model.know(voice, dict(kept))
            try:
                yield model
            finally:
                model.forget(voice)

    return replace(studio, borrow=borrow)


class Leisure:
    """One executor's writer, measured by the tales before; decided once before a tale, never inside it."""

    def __init__(self, held_s: Callable[[], float]) -> None:
        self._held_s = held_s
        """Seconds for which writers were borrowed so far."""
        self._words = 0

    def drafts(self) -> int:
        """For every sentence of the next tale."""
        if not self._words:
            return 1
        fit = int(SPARE_S * self._words / max(1e-9, self._held_s()))
        return min(fit, MOST) if fit >= LEAST else 1

    def told(self, words: int, drafts: int) -> None:
        """A tale of so many words was written in so many drafts."""
        self._words += words * drafts
