"""What keeps ears out of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.wording import language_of, said
from pipeline.errors import Refused
from pipeline.wording import sentence

_TO_SPEAKERS: Final[Mapping[str, str]] = {
    "booth_full": "ears_full", "booth_gone": "ears_sit_first", "booth_no_connect": "ears_no_way",
    "booth_no_speak": "ears_no_way", "booth_muted": "ears_silenced", "booth_deafened": "ears_silenced",
    "booth_audience": "ears_silenced", "booth_unanswered": "ears_unanswered",
}  # fmt: skip
"""The booth's sentences promise a file, and who wants to be heard waits for none."""
_FOR_A_WHILE: Final = {"booth_muted": "muted", "booth_deafened": "deafened", "booth_audience": "audience"}
"""Undone within a minute, it goes on."""


def to_speakers(refused: Refused) -> Refused:
    """Why it cannot be entered, as who wants to be heard reads it."""
    code = _TO_SPEAKERS.get(refused.code)
    return Refused(code, **refused.fields) if code else refused


def silenced(why: Refused | None) -> bool:
    """Whether it ended because the server kept us silent or deaf."""
    return why is not None and why.code in _FOR_A_WHILE


def trouble_of(why: Refused | None, locale: str) -> str:
    """What is the matter with the call; "" for nothing."""
    if why is None:
        return ""
    if why.code in _FOR_A_WHILE:
        return said(f"ears.trouble.{_FOR_A_WHILE[why.code]}", locale)
    return sentence(to_speakers(why), language_of(locale))
