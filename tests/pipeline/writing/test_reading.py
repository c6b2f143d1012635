"""Facts of a prompt, read by a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.backends.grammar import grammar_of
from pipeline.backends.write_gguf import open_backend
from pipeline.cancelled import Cancelled
from pipeline.roles import Ask, Kind, Turn, Writer
from pipeline.telling.plan import plan
from pipeline.words.prompt import Prompt
from pipeline.words.story import Facts
from tests.pipeline.writing.telling import CALM, planned, studio_of

OPEN = "Odile, who is forever mending clocks by the old canal, whatever it costs"
"""A wish whose place our own reading does not find."""


class Reader:
    """A writer big enough to be asked, which answers as it is told."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.asked: list[tuple[Turn, Ask]] = []

    def settle(self, system: str) -> None: ...

    def read_ahead(self, turn: Turn, check: Cancelled) -> None: ...

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        self.asked.append((turn, ask))
        yield self._answer


def _facts(answer: dict[str, Any] | str, text: str = OPEN) -> Facts:
    told = answer if isinstance(answer, str) else json.dumps(answer)
    return plan(Prompt(text, 1), None, CALM, studio_of(cast(Writer, Reader(told)), reads_wishes=True)).facts


def test_what_our_own_reading_left_open_is_filled() -> None:
    assert planned(Prompt(OPEN, 1)).facts.place == ""
    found = _facts({"place": "by the old canal", "wish": "", "things": []})
    assert found.place == "by the old canal"
    assert found.hero.name == "Odile"


def test_what_we_read_ourselves_is_never_replaced() -> None:
    text = "Mira wants to find a silver rope, and only a silver rope, in the old forest"
    ours = planned(Prompt(text, 1)).facts
    assert (ours.place, ours.wish) == ("in the old forest", "find a silver rope")
    reader = Reader("{}")
    plan(Prompt(text, 1), None, CALM, studio_of(cast(Writer, reader), reads_wishes=True))
    assert len(reader.asked) == (0 if ours.things else 1)
    assert _facts({"place": "in a wood", "wish": "find", "things": []}, text).place == ours.place


@pytest.mark.parametrize(
    "answer",
    [
        "no object at all",
        "{",
        '{"place": 3}',
        {"place": "on the moon", "wish": "rule the world", "things": ["a dragon"]},
        {"place": "Odile", "wish": "", "things": ["", "clocks"]},
        {"place": "by the canal of Mars", "wish": "mending " * 20, "things": ["the ROM"]},
    ],
)
def test_what_does_not_stand_in_the_wish_is_left_out(answer: dict[str, Any] | str) -> None:
    assert _facts(answer) == planned(Prompt(OPEN, 1)).facts


def test_only_a_writer_that_is_big_enough_is_asked() -> None:
    reader = Reader(json.dumps({"place": "by the old canal", "wish": "", "things": []}))
    assert plan(Prompt(OPEN, 1), None, CALM, studio_of(cast(Writer, reader))).facts.place == ""
    assert reader.asked == []


@pytest.mark.slow
def test_a_real_model_keeps_to_the_schema(weights: Callable[[str], Mapping[str, Path]]) -> None:
    ask = Ask(Kind.FACTS, 1, max_tokens=120, temperature=0.0)
    assert "things" in grammar_of(ask, "")
    writer = open_backend(weights("qwen2.5-coder-1.5b"), 2)
    turn = Turn("You copy words.", f"The wish: {OPEN}. Answer with one JSON object: place, wish, things.", "")
    answer = json.loads("".join(writer.complete(turn, ask, Cancelled())))
    writer.close()
    assert set(answer) == {"place", "wish", "things"}
    assert isinstance(answer["things"], list)
