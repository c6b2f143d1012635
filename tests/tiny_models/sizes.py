"""How big a model is built."""

from __future__ import annotations

from enum import StrEnum


class Size(StrEnum):
    """The same layers, many and wide or few and narrow."""

    TINY = "tiny"
    """For tests: a few megabytes, or as little as the family allows."""
    FULL = "full"
    """The true architecture: what it takes in seconds and in memory does not hang on its weights' values."""
