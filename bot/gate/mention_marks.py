"""Whom a tale names, untold."""

from __future__ import annotations

import hashlib

from bot.library.records import KeptTale

MARK_CHARS = 16


def mark_of(tale: str, member: str) -> str:
    """Says whether a member who comes is meant; another tale has another mark.

    It names nobody by itself, but whoever can read it and knows a server's members finds who it is by trying them.
    """
    return hashlib.sha256(f"{tale}:{member}".encode()).hexdigest()[:MARK_CHARS]


def names(tale: KeptTale, member: str) -> bool:
    """Whether this member is mentioned in its wish, or wrote the message that it tells."""
    return mark_of(tale.id, member) in tale.delivery.named
