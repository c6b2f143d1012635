"""What the model has read stays read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from pipeline.cancelled import Cancelled
from pipeline.roles import Ask, Turn
from pipeline.words.prompt import Prompt
from pipeline.writing.context import first_sentence
from tests.pipeline.writing.telling import told

WORDS = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
"""Plain words enough that no two sentences of the test are alike."""


class Listening:
    """A writer that never says a thing twice and remembers what it was shown."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._words = iter(dict.fromkeys(re.findall(r"\b[a-z]{4,}\b", WORDS)))

    def settle(self, system: str) -> None: ...

    def read_ahead(self, turn: Turn, check: Cancelled) -> None: ...

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        self.turns.append(turn)
        yield " " + " ".join(next(self._words) for _ in range(8)) + "."

    def sureness(self, before: Turn, after: Turn, check: Cancelled) -> float:
        return 0.0

    def close(self) -> None: ...


def test_each_sentence_goes_on_where_the_one_before_it_ended() -> None:
    writer = Listening()
    _, steps = told(Prompt("A baker finds a key in the bread", seed=3, words=200, language="en"), writer)
    assert len({step.passage.scene for step in steps}) > 3
    asked = list(dict.fromkeys(turn.told for turn in writer.turns))
    assert len(asked) > 8
    assert [after for before, after in pairwise(asked) if not after.startswith(before)] == []


def test_a_first_sentence_keeps_both_its_quotation_marks() -> None:
    assert first_sentence('"I wish I could!" said Fox. He ran.') == '"I wish I could!"'
    assert first_sentence("He ran... And fell.") == "He ran..."
    assert first_sentence("No end") == "No end"
