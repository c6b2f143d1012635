"""What the verb `speak` will not speak."""

from __future__ import annotations

import pytest

from pipeline.cli.speak import MOST_CHARS, main


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["😀🎉 …"], "nothing"),
        (["a" * (MOST_CHARS + 1)], f"{MOST_CHARS + 1} characters"),
        (["The sea was calm.", "--pace", "3"], "pace"),
    ],
)
def test_what_cannot_be_spoken_is_said_in_a_sentence_before_any_model_is_loaded(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*argv, "--offline"]) != 0
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err
