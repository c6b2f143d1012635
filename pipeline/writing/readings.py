"""What a wish says, in its own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WishReading:
    """Spans of the wish, or nothing; nothing in it was invented."""

    hero: str = ""
    """A name, or several: `Pip`, `Otto and Lin`."""
    who: str = ""
    """What the hero is: `a retired pirate`, `my dog`."""
    deed: str = ""
    """What the tale is about: `opens a tea shop for ghosts`."""
    other: str = ""
    """The other one: `the king`, `a storm`."""
    thing: str = ""
    place: str = ""
    state: str = ""
    """What is said of the hero without a verb: `with a toothache`, `where nobody has a shadow`."""
    how: str = ""
    """How it should be told: style, for whom, by whom."""
    gender: str = ""
    """The hero's, where an earlier tale told it: `f` or `m`; then also the `figure` that they are."""
    figure: str = ""
    kind: str = ""
    """The frame's id, where the reader was asked to choose one."""


def done_of(reading: WishReading) -> str:
    """What is done, and what is said of the hero without a verb: sets are found by its words."""
    return f"{reading.deed} {reading.state}".strip()
