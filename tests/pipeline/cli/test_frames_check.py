"""Frames looked at by whoever writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.cli.frames import main, remembering
from pipeline.tables import language_file
from pipeline.writing.choose_frame import Array

SOUND = "There was one cup too many in {N's} cupboard."


def _checked(tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str) -> tuple[int, str]:
    file = tmp_path / "en" / "tales" / "befriend.toml"
    file.parent.mkdir(parents=True)
    written = language_file("en", "tales/befriend").read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new, 1), encoding="utf-8")
    return main(["check", str(file)]), capsys.readouterr().out


def test_a_frame_that_ships_has_no_fault_and_is_shown_told_of_three_wishes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(language_file("en", "tales/befriend"))]) == 0
    out = capsys.readouterr().out
    assert "\n- " not in f"\n{out}"
    assert out.count("\n## ") == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SOUND, "“Good,” it said.", "a quotation without @SPEAKER before it"),
        (SOUND, "In {place} there was one cup too many.", "a slot that not every tale of it has"),
        ("titles = [", "titles = []\n_ = [", "0 titles; 3 are wanted"),
    ],
)
def test_what_must_be_mended_is_said_in_plain_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    code, out = _checked(tmp_path, capsys, old, new)
    assert code == 1
    assert said in out


def test_a_blank_at_a_joint_is_a_doubt_and_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = _checked(tmp_path, capsys, "But {N} had nowhere else to be.", "But {N} had {blank.silly}.")
    assert code == 0
    assert "a blank at a joint cannot be spoken ahead" in out


def test_somebody_who_comes_once_and_a_sentence_of_another_frame_are_doubts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = '\n[[set]]\nfor = ["xylophone"]\nQ = {name = "the piper", gender = "m", kind = "person"}\n'
    shared = 'near = ["All along the street the windows opened."]\nmeet = ["x"]\nbond = ["x"]\nend = ["x"]\n'
    code, out = _checked(tmp_path, capsys, "\n[blanks]", f"{stranger}{shared}\n[blanks]")
    assert code == 0
    assert "the piper comes once and never again" in out
    assert "also in meets" in out


def test_a_wish_is_read_by_the_embedder_once_on_a_machine_and_again_by_another(tmp_path: Path) -> None:
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> Array:
        asked.extend(texts)
        return np.array([[len(text), 1.0] for text in texts], np.float32)

    file = tmp_path / "rows.npz"
    first = remembering(embed, "one", file)(["a fox", "an owl"])
    again = remembering(embed, "one", file)(["an owl", "a bear", "a fox"])
    assert asked == ["a fox", "an owl", "a bear"]
    assert again.tolist() == [first[1].tolist(), [6.0, 1.0], first[0].tolist()]
    remembering(embed, "another", file)(["a fox"])
    assert asked[-1] == "a fox"
