"""Written words as they are spoken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.speaking.numerals import in_words
from pipeline.speaking.tongues import SpokenForms, tongue

_LINK = re.compile(r"\[([^\]]+)\]\((?:[^)\s]+)\)")
_ADDRESS = re.compile(r"(?:https?://|www\.)(?:www\.)?([^\s/]+)\S*")
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w+:)\d+>")
_FENCES = re.compile(r"```\w*|~~|\|\||__|\*+|`|^\s{0,3}(?:#{1,6}|>)\s+|^\s*[-•]\s+", re.MULTILINE)
_UNDERLINED = re.compile(r"(?<!\w)_([^_]+)_(?!\w)")
_DASHES = re.compile(r"\s*(?:—|–|--+)\s*")
_REPEATED = re.compile(r"([!?,;:])\1+")
_STRETCHED = re.compile(r"(\w)\1{4,}")
_SPACED_NUMBER = re.compile(r"(?<=\d)[\u202f\u00a0 ](?=\d{3}(?!\d))")
_EDGES = re.compile(r"^([\"'“‘«¿¡(\[]*)(.*?)([\"'”’»)\],;:!?…]*(?:\.+[\"'”’»)\]]*)?)$", re.DOTALL)
_LOOSE_SIGN = re.compile(r"(R\$|[$€£¥#])\s+(?=\d)")
_LOOSE_UNIT = re.compile(r"(?<=\d)\s+(?=[€%°])")
WIDE_FROM = 0x2E80
"""From this sign on, words stand without spaces."""


@dataclass(frozen=True)
class SpokenWord:
    """One written word and what is spoken for it."""

    written: str
    spoken: str
    """One or more words; empty where nothing is said."""


def spoken(text: str, language: str, say_as: Mapping[str, str] | None = None) -> tuple[SpokenWord, ...]:
    """Return the text word by word, as a narrator speaks it; `say_as` maps words to a respelling or to /IPA/."""
    own = {key.casefold(): put for key, put in (say_as or {}).items()}
    signs = tongue(language)
    return tuple(SpokenWord(token, _said(token, signs, own)) for token in plain(text).split())


def plain(text: str) -> str:
    """Remove markdown, addresses, mentions, emoji and control characters; quotation marks stay."""
    text = unicodedata.normalize("NFC", text)
    text = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", _MENTION.sub(" ", text)))
    text = _UNDERLINED.sub(r"\1", _FENCES.sub("", text))
    text = "".join(char for char in text if char.isspace() or not _unspeakable(char))
    text = _STRETCHED.sub(r"\1\1\1", _REPEATED.sub(r"\1", _DASHES.sub(" — ", text)))
    return " ".join(_LOOSE_UNIT.sub("", _LOOSE_SIGN.sub(r"\1", _SPACED_NUMBER.sub("", text))).split())


def speakable(text: str) -> bool:
    """Whether there is anything to say."""
    return any(char.isalnum() for char in plain(text))


def _unspeakable(char: str) -> bool:
    """Emoji, dingbats, variation selectors, control characters."""
    kind = unicodedata.category(char)
    return kind in {"Cc", "Cf", "Co", "Cs", "Cn", "So", "Sk"} and char != "°"


def _said(token: str, signs: SpokenForms, say_as: Mapping[str, str]) -> str:
    edges = _EDGES.match(token)
    before, core, after = edges.groups() if edges else ("", token, "")
    wished = say_as.get(core.casefold())
    if wished is not None:
        return f"{before}{wished}{after}" if wished.strip() else after
    if not signs.numbers and any(ord(sign) >= WIDE_FROM for sign in core):
        return before + _respelled(core, say_as) + after
    number = in_words(token.strip("\"'“”«»()[],;:!?…"), signs) if after.startswith((".", "%")) else None
    if number is None:
        number = in_words(core, signs)
    if number is not None:
        return f"{before}{number}{after}"
    return before + _abbreviation(core, after, signs)


def _respelled(core: str, say_as: Mapping[str, str]) -> str:
    """Respell the words of the table, in a stretch without spaces too."""
    if not say_as:
        return core
    known = re.compile("|".join(map(re.escape, sorted(say_as, key=len, reverse=True))), re.IGNORECASE)
    return known.sub(lambda found: _apart(say_as.get(found[0].casefold(), found[0])), core).strip()


def _apart(wished: str) -> str:
    """What is given in IPA stands between spaces."""
    return f" {wished} " if wished.startswith("/") else wished


def _abbreviation(core: str, after: str, signs: SpokenForms) -> str:
    dotted = (core + after[:1]).casefold()
    if after.startswith(".") and dotted in signs.abbreviations:
        return signs.abbreviations[dotted] + after[1:]
    if core.casefold() in signs.abbreviations:
        return signs.abbreviations[core.casefold()] + after
    return core + after
