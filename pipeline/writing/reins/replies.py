"""Who says what in a written scene."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.writing.reins.asking import asking_in
from pipeline.writing.tongue import tongues, words_in, words_of

_QUOTE = re.compile(r'[“«„"]\s*([^“”«»„"]*?)\s*[”»“"]')
_ENDS = re.compile(r"[.!?…](?=\s|$)")


class Unattributed(Exception):
    """Somebody speaks, and nothing says who."""


def with_speakers(text: str, speakers: Sequence[str], language: str) -> str:
    """The scene as turns are written: `@{the duck} “Go on,” said the duck.`; raises Unattributed."""
    parts: list[str] = []
    end, last = 0, ""
    for match in _QUOTE.finditer(text):
        before, after = text[end : match.start()], text[match.end() :]
        who = _speaker(before, after, speakers, language) or (last if _goes_on(before) else "")
        if not who:
            raise Unattributed(match[0])
        parts += [before, f"@{{{who}}} “{match[1]}”"]
        end, last = match.end(), who
    rest = text[end:]
    whole = "".join([*parts, rest])
    if re.search(r'["«»„]', whole) or whole.count("“") != whole.count("”"):
        raise Unattributed(rest)
    return whole


def _goes_on(between: str) -> bool:
    """`... said the duck. "And hurry."`: the same one speaks on where nothing else is told between."""
    return len(words_in(between)) <= 6


def _speaker(before: str, after: str, speakers: Sequence[str], language: str) -> str:
    """Named beside a word of saying: behind the quotation in the same sentence, else before it."""
    end = _ENDS.search(after)
    behind = after[: end.end() if end else len(after)]
    start = max((match.end() for match in _ENDS.finditer(before)), default=0)
    for clause in (re.split(r'[“«„"]', behind)[0], before[start:]):
        if {*words_in(clause)} & _saying(language):
            named = [one for one in speakers if _named(one, clause)]
            if named:
                return max(named, key=len)
    return ""


def _named(who: str, clause: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(who)}(?!\w)", clause, re.IGNORECASE) is not None


def _saying(language: str) -> frozenset[str]:
    asking = asking_in(language)
    return words_of(tongues()[language].saying) | {*asking.verbs, *asking.verbs_many}
