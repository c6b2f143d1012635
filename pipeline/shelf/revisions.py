"""Branches held to the commit they were first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.shelf.manifest import Member, Source
from pipeline.shelf.receipts import read_note, write_note

_COMMIT = re.compile(r"[0-9a-f]{40}")
_NOTE = "revisions.json"


def held(source: Source, member: Member, home: Path, commit_of: Callable[[str], str]) -> Source:
    """The same source at one commit: a hub's branch is asked for its commit once, and that is written down in `home`.

    Nothing is asked where the manifest names a commit, or a hash that vouches for the file whatever the branch holds.
    """
    revision = source.hub.partition("@")[2]
    if not source.hub or _COMMIT.fullmatch(revision) or member.expected(source)[1]:
        return source
    noted = read_revisions(home)
    if source.hub not in noted:
        noted[source.hub] = commit_of(source.hub)
        home.mkdir(parents=True, exist_ok=True)
        write_note(home / _NOTE, noted)
    return replace(source, hub=f"{source.hub.partition('@')[0]}@{noted[source.hub]}")


def read_revisions(home: Path) -> dict[str, str]:
    """`owner/name@branch` to the commit it was at the first pull."""
    return read_note(home / _NOTE)
