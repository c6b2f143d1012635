"""What the tests of the line share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.cli.here import Here
from tests.pipeline.telling.studios import tiny


@pytest.fixture(scope="session")
def here() -> Iterator[Here]:
    """The tiny profile's shelf, its models loaded once for all tests; what they did before changes no tale."""
    with tiny() as opened:
        yield opened
