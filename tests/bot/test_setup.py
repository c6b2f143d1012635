"""Five questions make a whole .env."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.maintenance.setup import main, questions
from pipeline.places import Places
from pipeline.settings import Settings, read_settings
from pipeline.shelf.better_writer import want_writer
from pipeline.words.finding import Finding, Grade


def _good(settings: Settings, _locale: str) -> list[Finding]:
    right = settings.token == "right"
    return [Finding("token", Grade.WELL if right else Grade.ILL, "good" if right else "Discord does not know it")]


def test_at_most_five_things_are_asked() -> None:
    assert len(questions(Settings())) <= 5


def test_defaults_and_a_token_make_a_whole_file_that_only_we_can_read(tmp_path: Path) -> None:
    file, asked = tmp_path / ".env", list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        return "right" if len(asked) == 1 else ""

    assert main([], ask, _good, file, lambda: "") == 0
    assert len(asked) == 5
    assert read_settings({}, file).token == "right"
    assert file.stat().st_mode & 0o077 == 0


def test_flags_answer_beforehand_and_lines_that_stand_stay(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nECHOTALES_TOKEN=old\nECHOTALES_OFFLINE=true\n", encoding="utf-8")
    assert main(["--token", "right", "--profile", "tiny", "--yes"], _never, _good, file, lambda: "") == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# mine\nECHOTALES_TOKEN=right\nECHOTALES_OFFLINE=true\n")
    assert read_settings({}, file).profile == "tiny"


def test_a_wrong_token_is_tried_at_once_and_may_be_given_again(tmp_path: Path) -> None:
    answers = iter(["wrong", "", "", "", "", "right"])
    assert main([], lambda _question: next(answers), _good, tmp_path / ".env", lambda: "") == 0
    assert read_settings({}, tmp_path / ".env").token == "right"


def test_it_ends_with_the_better_writer_that_doctor_finds_for_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECHOTALES_HOME", str(tmp_path))
    want_writer(Places.here(), "qwen3-4b")
    assert main(["--token", "right", "--yes"], _never, _good, tmp_path / ".env") == 0
    assert "qwen3-4b is wanted and comes in the background" in capsys.readouterr().out


def _never(question: str) -> str:
    raise AssertionError(f"asked {question}")
