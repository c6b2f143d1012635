"""The verb `feel` reads what its help says."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.cli import feel
from tests.pipeline.backends.test_text_e5 import reader

TEXTS = "I waited all night, but nobody came.\n\n  \nWe won, we won, hurrah!\nThe train leaves at nine.\n"
LINES = [line for line in TEXTS.splitlines() if line.strip()]

__all__ = ["reader"]


class _Lender:
    """Lends the one real reader that this verb needs."""

    def __init__(self, model: object) -> None:
        self._model = model

    @contextmanager
    def borrow(self, *_: object, **__: object) -> Iterator[object]:
        yield self._model

    def evict_all(self) -> None:
        """Nothing else is held."""


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch, reader: object) -> None:
    """What stands on standard input, and the models of a machine."""

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[Any]:
        yield SimpleNamespace(shelf=_Lender(reader))

    monkeypatch.setattr(feel, "opened", opened)
    monkeypatch.setattr("sys.stdin", io.StringIO(TEXTS))


def test_a_dash_reads_a_text_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert feel.main(["-"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.partition("%  ")[2] for line in told] == LINES


def test_a_dash_with_json_gives_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert feel.main(["-", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["text"] for one in told] == LINES
    assert len({json.dumps(one["mood"]) for one in told}) == len(LINES), "each was read by itself"


def test_a_text_alone_is_one_object_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert feel.main([LINES[0], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "text" not in told
