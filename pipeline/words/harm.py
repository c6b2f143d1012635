"""What a wish may do to somebody."""

from __future__ import annotations

from enum import StrEnum


class Harm(StrEnum):
    """Kinds of wish, the harmless first."""

    HARMLESS = "harmless"
    ADULT = "adult"
    HATEFUL = "hateful"
    VIOLENT = "violent"
    """Asks how to hurt somebody, rather than for a story in which somebody is hurt."""
    DANGER = "danger"
    """Speaks of the asker's own danger."""
