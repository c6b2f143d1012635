"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a finding stands."""

    WELL = "well"
    HINT = "hint"
    """Works, and could be better."""
    ILL = "ill"
    """Something will not work until it is mended."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at, and what to do about it."""

    name: str
    """`ram`, `weights:kokoro-82m`, `token`."""
    grade: Grade
    says: str
    """What was found, in a sentence."""
    mend: str = ""
    """What to do, as a sentence or a command; empty where nothing is to be done."""
