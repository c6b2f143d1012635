"""Arguments become a prompt."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from pipeline.artifacts import Artifacts
from pipeline.cli.wish import parser, prompt_of
from pipeline.errors import Refused
from pipeline.words.mood import Emotion
from pipeline.words.prompt import WORDS_PER_MINUTE, Prompt


def wish(tmp_path: Path, *words: str) -> Prompt:
    return prompt_of(parser().parse_args([*words]), Artifacts(tmp_path / "kept"), seed=5)


def test_seconds_become_words(tmp_path: Path) -> None:
    assert wish(tmp_path, "a cat", "--seconds", "60").words == WORDS_PER_MINUTE


def test_what_is_asked_for_stands_in_the_prompt(tmp_path: Path) -> None:
    asked = wish(tmp_path, "a cat", "--mood", "fear", "--language", "pt-BR", "--style", "quest", "--voice", "pf_dora")
    assert (asked.mood, asked.language, asked.style, asked.voice) == (Emotion.FEAR, "pt-BR", "quest", "pf_dora")
    assert asked.seed == 5


def test_words_as_written_come_from_a_file_or_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "story.txt"
    file.write_text("Once. Twice.", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO("Thrice."))
    assert wish(tmp_path, "--as-written", str(file)).text == "Once. Twice."
    assert wish(tmp_path, "--as-written", "-").text == "Thrice."


def test_a_recording_is_kept_by_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "wish.M4A"
    file.write_bytes(b"sound")
    recording = wish(tmp_path, "--recording", str(file)).recording
    assert recording is not None
    assert (recording.size, recording.suffix) == (5, ".m4a")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--as-written", "nowhere.txt"], "file_missing"),
        (["--recording", "nowhere.ogg"], "file_missing"),
        (["a cat", "--as-written", "-"], "prompt_and_as_written"),
        (["a cat", "--words", "7"], "length_out_of_range"),
        (["a cat", "--seconds", "999999"], "length_out_of_range"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(tmp_path: Path, words: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        wish(tmp_path, *words)
    assert refused.value.code == code


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(Refused) as refused:
        wish(tmp_path, "--as-written", str(file))
    assert refused.value.code == "file_not_text"
