"""Where a sentence ends."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[。！？]+[」』”]*|$)", re.DOTALL)


def sentences(text: str) -> list[str]:
    """Its sentences with their closing marks; joined by spaces they are the text again."""
    return [found for one in _SENTENCE.findall(text) if (found := one.strip())]
