"""Another writer, taken up at a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipeline.cli.models import main
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.better_writer import offer_for, taken_up, tried_pace, wanted_writer
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.profiles import read_profiles

MODEL = "smollm2-135m"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("ECHOTALES_HOME", str(tmp_path))
    return Places.here()


def test_nothing_large_comes_where_nobody_agreed(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["use", "writer", "qwen3-4b"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert wanted_writer(read_manifest(), Settings(), places) is None
    assert not list(places.weights.glob("*"))


def test_what_is_no_writer_is_told_with_those_that_are(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["use", "writer", "kokoro-82m"]) == 2
    told = capsys.readouterr().err
    assert "qwen3-4b" in told
    assert "endpoint" not in told, "it has a setting of its own"


def test_a_setting_that_names_a_writer_is_said_before_anything_comes(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECHOTALES_WRITER", "endpoint")
    assert main(["use", "writer", "qwen3-4b", "--yes"]) == 2
    assert "ECHOTALES_WRITER=endpoint" in capsys.readouterr().err
    assert wanted_writer(read_manifest(), Settings(), places) is None


def test_one_that_is_declined_is_offered_no_more(places: Places) -> None:
    def offered() -> str:
        offer = offer_for(read_manifest(), Settings(), read_profiles()["embedded"], places, 220, lambda: 16_000)
        return offer.entry.id if offer else ""

    first = offered()
    assert main(["use", "writer", first, "--never"]) == 0
    assert offered() not in {"", first}


def test_terms_come_before_the_download(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["use", "writer", "lfm2-2.6b", "--yes"]) == 45
    assert "liquid" in capsys.readouterr().err


@pytest.mark.slow
def test_it_is_tried_by_a_process_of_its_own_and_then_takes_over(
    places: Places, weights: Callable[[str], Mapping[str, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    (places.weights / MODEL).mkdir(parents=True)
    (places.weights / MODEL / "model.gguf").symlink_to(weights(MODEL)["model.gguf"])
    assert main(["use", "writer", MODEL, "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"writer": MODEL, "here": False, "fetch_bytes": 0}
    until_s = time.monotonic() + 240
    while not tried_pace(places, MODEL) and time.monotonic() < until_s:
        assert taken_up(read_manifest(), Settings(), places) is None
        time.sleep(0.5)
    assert tried_pace(places, MODEL) > 0
    assert taken_up(read_manifest(), Settings(), places) == read_manifest()[MODEL]
    assert main(["use", "writer", "default"]) == 0
    assert taken_up(read_manifest(), Settings(), places) is None
