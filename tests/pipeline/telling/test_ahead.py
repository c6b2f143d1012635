"""The next passage, spoken before its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.roles import Delivery, Narrator, Utterance, Voice
from pipeline.telling.ahead import FROM_PASSAGE, Ahead
from pipeline.telling.narrate import NarratedPassage, narrate
from pipeline.telling.performance import Take
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Prompt
from pipeline.words.story import Line, Passage
from tests.pipeline.telling.test_narrate import CALM, PLAN, Studios

DOORS = ("oak", "iron", "glass", "paper", "last")
TALE = tuple(
    Passage(0, at, f"The {door} door was open.", (Line(f"The {door} door was open."),), CALM, at == 4, at == 4)
    for at, door in enumerate(DOORS)
)


class Listed:
    """A narrator that writes down what it is asked, and fails once where it is told to."""

    def __init__(self, inner: Narrator, *, fails_on: str = "never") -> None:
        self._inner = inner
        self._fails_on = fails_on
        self.asked: list[str] = []

    def voices(self) -> tuple[Voice, ...]:
        return self._inner.voices()

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        self.asked.append(text)
        if self._fails_on in text:
            self._fails_on = "never"
            raise Unwell("model_failed", model="listed", why="once")
        return self._inner.speak(text, delivery, check)


def _told(folder: Path, narrator: Listed, ahead: Ahead, tale: tuple[Passage, ...] = TALE) -> list[NarratedPassage]:
    """Passages come from a writer that always knows the next one."""
    studios = Studios(folder, narrator)
    studio = Studio(studios.borrow, studios.artifacts, studios.once, studios.events.append, Cancelled())

    def written() -> Iterator[Passage]:
        for at, passage in enumerate(tale):
            if at + 1 < len(tale):
                ahead.foretell(partial(TALE.__getitem__, at + 1))
            yield passage

    return list(narrate(Prompt("", 7), PLAN, written(), studio, ahead))


@pytest.mark.slow
def test_what_is_spoken_early_is_what_would_be_spoken_in_its_turn(
    tmp_path: Path, lent: Callable[[str, str], Narrator]
) -> None:
    kokoro = lent("narrate_kokoro", "kokoro-82m")
    plain, early = Listed(kokoro), Listed(kokoro)
    usual = _told(tmp_path / "usual", plain, Ahead(wanted=False))
    assert _told(tmp_path / "early", early, Ahead()) == usual
    assert sorted(early.asked) == sorted(plain.asked)


def test_the_first_passages_are_never_made_to_share_the_machine() -> None:
    begun: list[int] = []
    ahead = Ahead()

    def perform(passage: Passage, _share: float) -> list[Take]:
        begun.append(passage.index)
        return []

    with ahead.beside(perform) as begin:
        for at in range(len(TALE) - 1):
            ahead.foretell(partial(TALE.__getitem__, at + 1))
            begin(TALE[at], 0)
            ahead.takes_of(TALE[at + 1])
    assert begun == [passage.index for passage in TALE[FROM_PASSAGE:]]


@pytest.mark.parametrize("door", ["glass", "paper"])
def test_a_narrator_that_fails_early_is_asked_again_in_its_turn(tmp_path: Path, door: str) -> None:
    narrator = Listed(EspeakNarrator(), fails_on=door)
    told = _told(tmp_path, narrator, Ahead())
    assert [len(one.spoken.lines) for one in told] == [1] * len(TALE)
    assert sum(door in text for text in narrator.asked) == 2


def test_a_passage_that_turned_out_otherwise_is_spoken_as_it_is(tmp_path: Path) -> None:
    other = Passage(0, 3, "The paper door was shut.", (Line("The paper door was shut."),), CALM)
    told = _told(tmp_path, Listed(EspeakNarrator()), Ahead(), (*TALE[:3], other, TALE[4]))
    assert told[3].spoken.lines[0].text == "The paper door was shut."
