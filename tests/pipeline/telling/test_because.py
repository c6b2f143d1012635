"""An explanation one can see."""

from __future__ import annotations

import io

import av
import numpy as np
from av.container import InputContainer

from pipeline.telling.because import picture_of
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood


def words(*weights: tuple[str, float]) -> Feeling:
    """A fear explained by these words."""
    told = [Evidence("word", word, Emotion.FEAR, weight) for word, weight in weights]
    return Feeling(Mood.pure(Emotion.FEAR), evidence=tuple(sorted(told, key=lambda one: -one.weight)))


def lit_by_quarter(png: bytes) -> list[float]:
    """How tall the bars stand in each quarter of the picture."""
    with av.open(io.BytesIO(png)) as file:
        assert isinstance(file, InputContainer)
        pixels = next(file.decode(video=0)).to_ndarray(format="rgb24").astype(float)
    lit = (pixels.max(axis=2) > 150).sum(axis=0)[90:-90]
    return [float(np.sort(part)[-20]) for part in np.array_split(lit, 4)]


def test_the_word_that_mattered_stands_tallest_where_it_stands_in_the_text() -> None:
    feeling = words(("nothing", 0.01), ("moved", 0.02), ("until", 0.01), ("terror", 0.6))
    heights = lit_by_quarter(picture_of(feeling, "Nothing moved until terror".lower()))
    assert heights[3] > 3 * max(heights[:3])


def test_a_feeling_without_reasons_still_has_a_picture() -> None:
    assert picture_of(Feeling(Mood.pure(Emotion.NEUTRAL)), "").startswith(b"\x89PNG")
