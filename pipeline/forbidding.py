"""Forbidden and harmless words, for both wings."""

from __future__ import annotations

from functools import cache

from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.forbidden import Forbidden, Harmless


@cache
def forbidden() -> Forbidden:
    """data/ratings.toml."""
    return read_table(DATA / "ratings.toml", Forbidden)


@cache
def harmless() -> Harmless:
    """data/harmless.toml."""
    return read_table(DATA / "harmless.toml", Harmless)
