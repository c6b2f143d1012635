"""Errors are sentences with exit codes."""

from __future__ import annotations

import json

import pytest

from pipeline.cli.saying import EXIT_CODES, exit_code, run
from pipeline.errors import Refused, TaleCancelled, Unwell
from pipeline.wording import terminal_locale


def failing(error: BaseException) -> int:
    raise error


def test_an_error_is_one_sentence_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "pt_BR.UTF-8")
    assert run(lambda: failing(Refused("prompt_empty"))) == EXIT_CODES["prompt_empty"]
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "Traceback" not in told.err
    assert "prompt_empty" not in told.err


def test_a_script_gets_code_and_sentence_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    run(lambda: failing(Unwell("disk_full", folder="/x")), as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["error"] == "disk_full"
    assert "/x" in said["says"]


def test_ctrl_c_is_no_traceback() -> None:
    assert run(lambda: failing(KeyboardInterrupt())) == TaleCancelled.exit_code


def test_what_a_script_may_tell_apart_has_its_own_number() -> None:
    numbers = list(EXIT_CODES.values())
    assert len(numbers) == len(set(numbers))
    assert exit_code(Unwell("never_heard_of")) == Unwell.exit_code


@pytest.mark.parametrize(("lang", "locale"), [("de_DE.UTF-8", "de"), ("C", "en"), ("zz", "en")])
def test_the_terminals_language_is_spoken_where_we_can(lang: str, locale: str) -> None:
    assert terminal_locale({"LANG": lang}) == locale
