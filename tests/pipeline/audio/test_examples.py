"""The tales that are shipped to be heard."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.audio.decode import blocks_of
from pipeline.audio.dynamics import true_peak
from pipeline.audio.loudness import loudness
from pipeline.places import DATA
from pipeline.words.sound import RATE_HZ, Samples

FOLDERS = sorted(folder for folder in (DATA / "examples" / "to_hear").iterdir() if folder.is_dir())
FILES = {"tale.opus": 1_100_000, "captions.vtt": 20_000, "cover.png": 150_000, "tale.json": 60_000, "story.md": 20_000}
"""What each tale comes with, and how many bytes that may be."""


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def tale(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


def test_the_tales_have_three_moods_and_two_languages() -> None:
    told = [json.loads((folder / "tale.json").read_text(encoding="utf-8")) for folder in FOLDERS]
    assert len({one["mood"]["emotion"] for one in told}) >= 3
    assert len({one["language"] for one in told}) >= 2


def test_a_tale_is_whole_and_small(tale: Path) -> None:
    assert {file.name for file in tale.iterdir()} >= set(FILES)
    for name, most in FILES.items():
        assert 0 < (tale / name).stat().st_size <= most, name
    with av.open(str(tale / "cover.png")) as cover:
        assert next(cover.decode(video=0)).width >= 300


def test_a_tale_sounds_as_loud_as_promised_and_never_falls_silent_for_long(tale: Path) -> None:
    sound = heard(tale)
    assert loudness(sound) == pytest.approx(-16.0, abs=1.0)
    assert 20 * np.log10(true_peak(sound)) <= -1.0
    assert longest_silence_s(sound) < 2.0


def test_captions_and_lines_lie_inside_the_sound(tale: Path) -> None:
    told = json.loads((tale / "tale.json").read_text(encoding="utf-8"))
    seconds = len(heard(tale)) / RATE_HZ
    lines = [line for scene in told["scenes"] for line in scene["lines"]]
    assert told["audio"]["duration_s"] == pytest.approx(seconds, abs=0.1)
    assert all(0 <= line["start_s"] < line["end_s"] <= seconds for line in lines)
    captions = (tale / "captions.vtt").read_text(encoding="utf-8")
    assert captions.startswith("WEBVTT")
    assert all(line["text"].split()[0] in captions for line in lines)


def heard(tale: Path) -> Samples:
    return np.concatenate(list(blocks_of(tale / "tale.opus")))


def longest_silence_s(sound: Samples) -> float:
    """The longest stretch below -60 dBFS, by hundredths of a second."""
    hundredth = RATE_HZ // 100
    levels = np.square(sound[: len(sound) // hundredth * hundredth]).reshape(-1, hundredth * 2).mean(axis=1)
    loud = np.flatnonzero(levels > 10**-6)
    return float(np.diff(np.concatenate([[0], loud, [len(levels)]])).max()) / 100
