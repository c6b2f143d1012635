"""Every knob, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import Refused
from pipeline.settings import Settings, read_settings


def test_the_environment_stands_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# knobs\nECHOTALES_PROFILE='tiny'\nECHOTALES_BUDGET_GB=2.5\nDISCORD_TOKEN=secret\n", encoding="utf-8"
    )
    read = read_settings({"ECHOTALES_PROFILE": "embedded"}, file)
    assert (read.profile, read.budget_gb) == ("embedded", 2.5)


def test_nothing_set_is_the_default(tmp_path: Path) -> None:
    assert read_settings({}, tmp_path / "absent") == Settings()


@pytest.mark.parametrize("source", ["environment", "file"])
def test_a_value_that_does_not_fit_is_refused_with_its_key_and_place(tmp_path: Path, source: str) -> None:
    file = tmp_path / ".env"
    file.write_text("ECHOTALES_BUDGET_GB=much\n" if source == "file" else "", encoding="utf-8")
    environ = {"ECHOTALES_BUDGET_GB": "much"} if source == "environment" else {}
    with pytest.raises(Refused) as told:
        read_settings(environ, file)
    assert told.value.fields["key"] == "ECHOTALES_BUDGET_GB"
    assert told.value.fields["where"] == ("environment" if source == "environment" else str(file))
