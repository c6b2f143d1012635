"""Makes members' words harmless to show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

MOST_MARKS = 2
"""Most combining marks on a letter; Vietnamese and Hebrew need two, zalgo takes dozens."""
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MANY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_MANY_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u3000]{3,}")
_RUN = re.compile(r"(\S)\1{7,}")
_MARKDOWN = re.compile(r"([\\*_~`|\[\]<>])")
_LINE_START = re.compile(r"(?m)^(\s*\d*)([#.-])(?=\s|#)")
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}):(?=//)")
_AT = re.compile(r"@(?=\w|&|!)")
_MENTION = re.compile(r"<(@[!&]?|#)(\d{15,21})>")
_EMOJI = re.compile(r"<a?:(\w{2,32}):\d{15,21}>")
_STAMP = re.compile(r"<(?:t:-?\d+(?::\w)?|/[^:>]{1,100}:\d{15,21}|id:\w+)>")
_THIN = "\u200b"
"""Put between an at sign and a name: invisible, and nobody is notified."""


def shown(text: str) -> str:
    """Return a text that the bot may show: no mention, no hidden link, no heading, no marks over other lines."""
    quiet = _RUN.sub(lambda run: run[1] * 7, _without_tricks(text))
    escaped = _LINE_START.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", quiet))
    # An address stays readable but cannot be clicked: the bot does not recommend what a member wrote.
    return _AT.sub(f"@{_THIN}", _SCHEME.sub(rf"\1{_THIN}:", escaped)).strip()


def told_of(text: str, names: Mapping[str, str]) -> str:
    """Return a text as a wish: people, roles and channels by the names in `names` (by id), emoji by their own."""
    named = _MENTION.sub(lambda found: names.get(found[2], ""), text)
    plain = _STAMP.sub("", _EMOJI.sub(lambda found: found[1].replace("_", " "), named))
    return _without_tricks(plain).strip()


def named_in(text: str) -> tuple[str, ...]:
    """Return the ids of the people that are mentioned, each once, in order."""
    return tuple(dict.fromkeys(found[2] for found in _MENTION.finditer(text) if found[1] in ("@", "@!")))


def _without_tricks(text: str) -> str:
    """Remove direction overrides, invisible letters, piles of marks, and runs of blank lines."""
    # Composed first: an accent that has a letter of its own is no mark.
    seen = _CONTROL.sub(" ", _UNSEEN.sub("", _BIDI.sub("", text.replace("\r\n", "\n"))))
    low = "".join(_few_marks(unicodedata.normalize("NFC", seen)))
    return _MANY_SPACES.sub("  ", _MANY_LINES.sub("\n\n", low))


def _few_marks(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return kept
