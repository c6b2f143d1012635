"""Spite shows nothing, calls nobody, reaches nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.hostile.night import spent

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7_200)]


async def test_a_night_of_spite_does_no_harm(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    figures = await spent(request.config.option.hostile, request.config.option.seed, tmp_path)
    assert figures.alive
    harm = (figures.tracebacks, figures.mentions, figures.leaked_bytes, figures.broke, figures.unanswered)
    assert harm == (0, 0, 0, 0, 0), figures
