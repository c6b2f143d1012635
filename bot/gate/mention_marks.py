"""Hashed marks of members a tale names."""

from __future__ import annotations

import hashlib

from bot.library.records import KeptTale

MARK_CHARS = 16


def mark_of(tale: str, member: str) -> str:
    """Return a mark by which a member can be recognised; it differs from tale to tale.

    It hides an id, but not from somebody who can read it and tries all members of a server.
    """
    return hashlib.sha256(f"{tale}:{member}".encode()).hexdigest()[:MARK_CHARS]


def names(tale: KeptTale, member: str) -> bool:
    """Whether this member is mentioned in its wish, or wrote the message that it tells."""
    return mark_of(tale.id, member) in tale.delivery.named
