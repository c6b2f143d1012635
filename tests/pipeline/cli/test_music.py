"""Music for a mood, at a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import mido
import numpy as np
import pytest

from pipeline.audio.decode import read_stem
from pipeline.audio.loudness import loudness
from pipeline.cli.music import main
from pipeline.telling.music_alone import LUFS
from pipeline.words.sound import RATE_HZ


def asked(out: Path, *more: str) -> list[str]:
    return ["--mood", "joy", "--model", "score-synth", "--offline", "--seed", "4", "--out", str(out), *more]


def test_a_mood_becomes_a_file_of_at_least_the_asked_length(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, notes = tmp_path / "joy.wav", tmp_path / "joy.mid"
    assert main(asked(out, "--seconds", "12", "--midi", str(notes), "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    sound = read_stem(out)
    assert len(sound) / RATE_HZ == pytest.approx(told["seconds"], abs=0.01)
    assert told["seconds"] >= 12
    assert loudness(sound) == pytest.approx(LUFS, abs=1.0)
    assert np.abs(sound).max() < 0.9
    assert np.abs(sound[-10:]).max() < 0.001
    assert mido.MidiFile(notes).length >= 12
    assert told["mode"] == "ionian"


def test_a_seed_is_the_same_music(tmp_path: Path) -> None:
    one, other = tmp_path / "one.wav", tmp_path / "other.wav"
    main(asked(one, "--seconds", "5"))
    main(asked(other, "--seconds", "5"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("seconds", ["0", "-3", "301"])
def test_a_length_that_cannot_be_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: str
) -> None:
    assert main(asked(tmp_path / "x.wav", "--seconds", seconds)) == 2
    said = capsys.readouterr().err
    assert said.strip().count("\n") == 0
    assert "300" in said
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(asked(tmp_path / "file" / "x.wav", "--seconds", "4")) == 30
    assert "Traceback" not in capsys.readouterr().err
