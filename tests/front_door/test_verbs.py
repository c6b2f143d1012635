"""Verbs, and slips of the finger."""

from __future__ import annotations

import pytest

import echotales


def test_help_lists_the_verbs_and_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert echotales.main([]) == 0
    said = capsys.readouterr().out
    assert "tell a tale" in said
    assert "prove the code" in said


def test_a_slip_of_the_finger_is_answered_with_the_near_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert echotales.main(["docter"]) == echotales.UNKNOWN_VERB
    assert "Did you mean doctor?" in capsys.readouterr().err


def test_a_bench_that_is_not_there_names_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    bench = echotales.VERBS["bench"]
    assert echotales._room(bench, ["bench", "../../setup"]) == echotales.UNKNOWN_VERB
    assert "takes one of" in capsys.readouterr().err


def test_an_extra_is_taken_out_of_the_verbs_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHOTALES_EXTRA", "")
    assert echotales._extra(["tell", "x", "--extra", "gpu", "--seed", "1"]) == (("gpu",), ["tell", "x", "--seed", "1"])
    assert echotales._extra(["--extra", "gpu,fast", "tell"]) == (("gpu", "fast"), ["tell"])
    assert echotales._extra(["tell", "x"]) == ((), ["tell", "x"])
