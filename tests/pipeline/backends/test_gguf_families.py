"""Families of GGUF writers, with random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from pipeline.backends.write_gguf import GgufWriter, open_backend
from pipeline.cancelled import Cancelled
from pipeline.roles import Ask, Kind, Turn
from tests.tiny_models.gguf import FAMILIES, make

TURN = Turn("You tell short stories aloud.", "Tell how Mira finds a bell.", "")
SCENE = Ask(Kind.SCENE, 5, 2, max_tokens=20, says=(" said Mira.",), comma_inside=True)


@pytest.fixture(scope="module")
def writers(
    weights: Callable[[str], Mapping[str, Path]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], GgufWriter]]:
    """Each family's opened once, in whatever order it is asked for."""

    @cache
    def of(family: str) -> GgufWriter:
        file = tmp_path_factory.mktemp(family) / "model.gguf"
        made = make(file, family, weights("smollm2-135m")["model.gguf"])
        opened.append(open_backend({"model.gguf": made}, 1, drafts=3))
        return opened[-1]

    opened: list[GgufWriter] = []
    yield of
    for one in opened:
        one.close()


@pytest.fixture(params=FAMILIES)
def writer(request: pytest.FixtureRequest, writers: Callable[[str], GgufWriter]) -> GgufWriter:
    return writers(request.param)


def test_three_drafts_are_the_same_from_warm_and_cold(writer: GgufWriter) -> None:
    def made() -> list[str]:
        writer.settle(TURN.system)
        return writer.drafts(TURN, SCENE, 3, Cancelled())

    first = made()
    assert len({*first}) == 3
    writer.drafts(Turn(TURN.system, "Tell something else.", ""), SCENE, 3, Cancelled())
    assert made() == first
    assert not any(set(text) & set("*#<>[]{}") for text in first)


def test_a_model_that_can_think_is_told_not_to(writer: GgufWriter) -> None:
    writer.drafts(TURN, SCENE, 1, Cancelled())
    assert writer._prompt(TURN).endswith("<think>\n\n</think>\n\n")
