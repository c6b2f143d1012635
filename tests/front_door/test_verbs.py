"""Verbs, and slips of the finger."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import echotales
from pipeline.places import CHECKOUT


def test_help_lists_the_verbs_and_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert echotales.main([]) == 0
    said = capsys.readouterr().out
    assert "tell a tale" in said
    assert "run the tests" in said


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


@pytest.mark.parametrize("name", [name for name, verb in echotales.VERBS.items() if not verb.module.endswith("*")])
def test_a_verb_that_is_asked_for_help_says_how_it_is_used_and_does_nothing(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    importlib.import_module(echotales.VERBS[name].module)  # libraries look at the machine as they are imported
    for calls in ("run", "Popen"):
        monkeypatch.setattr(subprocess, calls, _nobody_is_called)
    with pytest.raises(SystemExit, match="0"):
        sys.exit(echotales._room(echotales.VERBS[name], [name, "--help"]))
    assert f"echotales.py {name}" in capsys.readouterr().out


@pytest.mark.parametrize("bench", echotales._rooms(echotales.VERBS["bench"].module))
def test_every_bench_says_how_it_is_used(bench: str) -> None:
    source = (CHECKOUT / "tests" / "bench" / f"{bench}.py").read_text(encoding="utf-8")
    assert "ArgumentParser(" in source


def _nobody_is_called(*words: object, **_more: object) -> None:
    raise AssertionError(words)
