"""Every backend stops soon after being asked."""

from __future__ import annotations

import pytest

from pipeline.cli.here import opened
from tests.bench._brakes import brakes

MOST_SHARE = 0.25
"""Of the work that was left, what a stopped backend may still do: machines differ, shares do not."""
ALWAYS = 0.3
"""Seconds of processor time that are no matter, where the whole is small."""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("profile", ["tiny", pytest.param("embedded", marks=pytest.mark.weights_embedded)])
def test_a_stopped_backend_leaves_most_of_its_work_undone(profile: str) -> None:
    with opened(profile, yes=True, quiet=True) as here:
        for role, braked in brakes(here):
            assert braked.stopped, role
            assert braked.after <= max(ALWAYS, MOST_SHARE * braked.whole), role
