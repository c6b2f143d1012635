"""What a model sees of a tale."""

from __future__ import annotations

import re
from collections.abc import Iterator

AT_ONCE = 8
"""Sentences that leave together: each time some leave, all that stays is read anew."""
_END = re.compile(r"[.!?…][\"”»’]?\s")


def endings(told: str) -> Iterator[str]:
    """All of it, then less and less of its beginning: whole paragraphs first, then sentences of the last one."""
    yield told
    paragraphs = told.split("\n\n")
    for start in range(1, len(paragraphs)):
        yield "\n\n".join(paragraphs[start:])
    last = paragraphs[-1]
    for match in list(_END.finditer(last))[AT_ONCE - 1 :: AT_ONCE]:
        yield last[match.end() :]
