"""Signed links that end."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.errors import Refused

LINK_DAYS = 7
"""How long a shared link holds where nothing else is asked."""
MOST_LINK_DAYS = 365
_CHARS = 43
"""Hexadecimal digits of a signature: more than anybody can guess."""


@dataclass(frozen=True)
class Links:
    """Signs what a link allows, and checks it; nothing is kept of a link."""

    secret: bytes = field(repr=False)
    clock: Callable[[], float]

    def signed(self, what: str, until: int = 0) -> str:
        """Return the signature for this, until then (seconds since the epoch; 0 for as long as its key holds)."""
        return hmac.new(self.secret, f"{what}|{until}".encode(), hashlib.sha256).hexdigest()[:_CHARS]

    def hold(self, what: str, until: int, signature: str) -> None:
        """Raise Refused `link_wrong` or `link_over`."""
        if not hmac.compare_digest(self.signed(what, until).encode(), signature.encode("utf-8", "replace")):
            raise Refused("link_wrong")
        if until and until < self.clock():
            raise Refused("link_over")


def link_of(tale: str) -> str:
    """Return what the signature of a tale's link says."""
    return f"tale:{tale}"
