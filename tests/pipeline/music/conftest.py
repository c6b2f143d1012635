"""A composer, and the players he has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from pipeline.music.figures import read_figures
from pipeline.music.font import FontPlayer
from pipeline.music.palette import read_palettes
from pipeline.music.piece import Score


@pytest.fixture(scope="session")
def score() -> Score:
    return Score(read_palettes(), read_figures())


@pytest.fixture(scope="session")
def font(weights: Callable[[str], Mapping[str, Path]]) -> Path:
    pytest.importorskip("tinysoundfont")
    return next(iter(weights("fluidr3mono-sub").values()))


@pytest.fixture(scope="session")
def player(font: Path) -> Iterator[FontPlayer]:
    playing = FontPlayer(font)
    yield playing
    playing.close()
