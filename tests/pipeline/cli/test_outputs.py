"""Files of a tale are whole or absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.outputs import folder_for, whole_folder, writable
from pipeline.errors import Unwell


def test_files_appear_together_at_the_end(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "tale") as half:
        (half / "story.md").write_text("Once", encoding="utf-8")
        assert not (tmp_path / "tale" / "story.md").exists()
    assert [path.name for path in (tmp_path / "tale").iterdir()] == ["story.md"]


def test_nothing_stays_of_a_tale_that_was_cut_off(tmp_path: Path) -> None:
    def cut_off() -> None:
        with whole_folder(tmp_path / "tale") as half:
            (half / "story.md").write_text("On", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert list((tmp_path / "tale").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_before_the_tale_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(Unwell) as told:
        writable(tmp_path / "file" / "tale")
    assert told.value.code == "folder_refused"


def test_every_tale_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    first = folder_for("O Robô & a Lua!", tmp_path)
    assert first.name == "o-robo-a-lua"
    first.mkdir()
    assert folder_for("O Robô & a Lua!", tmp_path).name == "o-robo-a-lua-2"
    assert folder_for("狐", tmp_path).name == "tale"
