"""What joins the parts of longer tales."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.tables import language_file, read_table


@dataclass(frozen=True)
class Meeting:
    """How somebody comes into a tale from outside its frame, and what comes of it."""

    meet: str
    """With {N} the hero and {Z} the other one."""
    after: str
    """Behind the end: what was said or shared comes back."""


@dataclass(frozen=True)
class Joints:
    """A file data/languages/<code>/joints.toml."""

    bridges: tuple[str, ...]
    """From one tale of the same people to the next."""
    meanwhile: tuple[str, ...]
    """Before an episode of the hero, while the tale around it stands open."""
    elsewhere: tuple[str, ...]
    """Before the second thread, {Z}."""
    again: tuple[str, ...]
    """Before the second thread goes on."""
    meeting: str
    """What the scene is called in which the two threads meet."""
    meetings: tuple[Meeting, ...]
    """How the two threads meet: {Z} tells what happened."""
    onward: tuple[str, ...]
    """How a sequel begins, with {closing} for where the last tale stood."""
    returns: tuple[Meeting, ...]
    """How somebody of the last tale, {Z}, is met again: behind the beginning, and behind the end."""


@cache
def joints_of(language: str) -> Joints:
    """The table of one language."""
    return read_table(language_file(language, "joints"), Joints)
