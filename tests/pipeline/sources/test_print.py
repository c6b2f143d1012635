"""Scans and photos of print are read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import Refused
from pipeline.places import Places
from pipeline.sources.print import MODEL, _blobs
from pipeline.sources.reading import read_here
from pipeline.words.jsonable import from_json
from pipeline.words.source import StorySource
from tests.pipeline.sources.making import letters, picture, scan

WEIGHTS = Places.here().weights
LINES = (
    *("The harbour at Lomvik was built in 1887.", "Its bell weighs 412 kilograms and came", "from Bergen by sea."),
    *("", "In the winter of 1954 the bell cracked."),
)
TOLD = ["The harbour at Lomvik was built in 1887.", "Its bell weighs 412 kilograms and came from Bergen by sea."]
needs_weights = pytest.mark.skipif(not (WEIGHTS / MODEL).is_dir(), reason="the weights of ppocr-v5 are not here")


def here(path: Path, weights: Path = WEIGHTS) -> StorySource:
    return from_json(StorySource, json.loads(read_here(str(path), "a scan", str(weights))))


@needs_weights
@pytest.mark.weights_embedded
@pytest.mark.parametrize("turned", [0, 180])
def test_a_scan_is_read_also_upside_down(turned: int, tmp_path: Path) -> None:
    letters(tmp_path / "page.png", LINES, turned=turned)
    scan(tmp_path / "scan.pdf", tmp_path / "page.png")
    assert [fact.text for fact in here(tmp_path / "scan.pdf").facts][:2] == TOLD


@needs_weights
@pytest.mark.weights_embedded
def test_a_photo_of_a_page_is_not_silent_and_a_picture_without_words_is(tmp_path: Path) -> None:
    letters(tmp_path / "page.png", LINES)
    photo = here(tmp_path / "page.png")
    assert not photo.is_silent
    assert "1954" in photo.numbers
    picture(tmp_path / "sea.png")
    assert here(tmp_path / "sea.png").is_silent


def test_a_scan_without_the_weights_is_refused_in_a_sentence(tmp_path: Path) -> None:
    letters(tmp_path / "page.png", LINES)
    scan(tmp_path / "scan.pdf", tmp_path / "page.png")
    with pytest.raises(Refused, match="file_wordless"):
        here(tmp_path / "scan.pdf", tmp_path)


def test_patches_of_ink_that_touch_are_one() -> None:
    ink = np.zeros((6, 12), bool)
    ink[1:3, 1:4] = ink[2:5, 3:6] = True
    ink[1:5, 8] = ink[4, 8:11] = True
    assert sorted(_blobs(ink)) == [(1, 5, 1, 6), (1, 5, 8, 11)]
