"""Text into the signs Kokoro knows, by language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.backends.kokoro.chinese import ChineseReader
from pipeline.backends.kokoro.espeak_phonemes import TIE, Espeak, Spelled
from pipeline.backends.kokoro.japanese import JapaneseReader
from pipeline.errors import Missing
from pipeline.speaking.counted import counted

MOST_TOKENS = 500
"""Most signs of one run: the style table has 510 rows."""
MARKS = frozenset(';:,.!?—…"“”()')
"""Signs that are a pause."""

# The model was trained on one sign for what espeak writes as a bound pair.
_ONE_SIGN = [
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("o^ʊ", "O"), ("ə^ʊ", "Q"),
    ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("t^s", "ʦ"), ("d^z", "ʣ"), ("s^s", "S"),
]  # fmt: skip
_ENGLISH = [
    ("ʔn\u0329", "tᵊn"), ("ə^l", "ᵊl"), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"),
    ("\u0303", ""),
]  # fmt: skip
_BRITISH = [("e^ə", "ɛː"), ("i^ə", "ɪə")]
_AMERICAN = [("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪ^ə", "iə"), ("ɾ", "T"), ("ː", "")]
_LIKEWISE = {"g": "ɡ", "«": "“", "»": "”"}


@dataclass(frozen=True)
class SpeechChunk:
    """The words and signs of one run."""

    groups: tuple[Spelled, ...]
    signs: str
    """Those the model knows."""
    owners: tuple[int, ...]
    """For each sign the group it belongs to."""


def pieces(groups: Sequence[Spelled], locale: str, vocabulary: Mapping[str, int]) -> list[SpeechChunk]:
    """Cut into as few runs as the style table allows, after punctuation where there is any."""
    signs = [_signs(group.phonemes, locale, vocabulary) for group in groups]
    found: list[SpeechChunk] = []
    since = 0
    while since < len(groups):
        end = _reach(signs, since)
        found.append(_piece(groups[since:end], signs[since:end]))
        since = end
    return [piece for piece in found if piece.signs.strip("".join(MARKS) + " ")]


def _reach(signs: Sequence[str], since: int) -> int:
    length, end = 0, since
    while end < len(signs) and (end == since or length + len(signs[end]) < MOST_TOKENS):
        length += len(signs[end]) + 1
        end += 1
    if end == len(signs):
        return end
    return next((at + 1 for at in range(end - 1, since, -1) if signs[at][-1:] in MARKS), end)


def _piece(groups: Sequence[Spelled], signs: Sequence[str]) -> SpeechChunk:
    sounding = [(owner, word) for owner, word in enumerate(signs) if word]
    joined = [(sign, owner) for owner, word in sounding for sign in word[: MOST_TOKENS - 1] + " "][:-1]
    return SpeechChunk(tuple(groups), "".join(sign for sign, _ in joined), tuple(owner for _, owner in joined))


def own_signs(phonemes: str, locale: str) -> str:
    """Turn espeak's spelling into the model's signs; what is in them already stays."""
    own = {"en-GB": [*_BRITISH, *_ENGLISH], "en-US": [*_AMERICAN, *_ENGLISH]}.get(locale, [])
    for pair, sign in [*_ONE_SIGN, *own]:
        phonemes = phonemes.replace(pair, sign)
    return "".join(_LIKEWISE.get(one, one) for one in phonemes.replace(TIE, ""))


def _signs(phonemes: str, locale: str, vocabulary: Mapping[str, int]) -> str:
    return "".join(sign for sign in own_signs(phonemes, locale) if sign in vocabulary)


_OPENING = {"「": "“", "『": "“", "《": "“", "〈": "“", "【": "“", "“": "“", "«": "“", "‘": "“", "(": "(", "（": "("}
_CLOSING = {
    "」": "”", "』": "”", "》": "”", "〉": "”", "】": "”", "”": "”", "»": "”", "’": "”", ")": ")", "）": ")", ",": ",",
    "、": ",", "，": ",", ".": ".", "。": ".", "!": "!", "?": "?", ":": ":", ";": ";", "…": "…", "⋯": "…", "—": "—",
    "―": "—", "─": "—", "–": "—", "〜": "—", "~": "—",
}  # fmt: skip
_RUN = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*|[^\WA-Za-zÀ-ɏ_]+|.", re.DOTALL)
"""Latin letters, other letters, or one mark."""
_GIVEN = re.compile(r"(\W*)/([^/]+)/(\W*)")
_FOREIGN = "en-US"
"""How Latin letters among Han and kana are read."""


class Reader(Protocol):
    """Reads the words of an unspaced language."""

    def read(self, run: str) -> Iterable[tuple[str, str]]:
        """Return (word, its signs) in order, covering the run; no signs for what cannot be read."""


_READERS: Mapping[str, Callable[[], Reader]] = {"zh-CN": ChineseReader, "ja-JP": JapaneseReader}


class Spelling:
    """Spells by espeak, but Chinese and Japanese by readers of their own."""

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._readers: dict[str, Reader] = {}

    def spell(self, text: str, locale: str) -> tuple[Spelled, ...]:
        """Return the text's words in order; raises Missing `language_unspoken` where its reader is not installed."""
        if locale not in _READERS:
            return self._espeak.spell(text, locale)
        reader = self._reader(locale)
        return tuple(word for token in text.split() for word in self._unspaced(token, locale[:2], reader))

    def _reader(self, locale: str) -> Reader:
        if locale not in self._readers:
            try:
                self._readers[locale] = _READERS[locale]()
            except ImportError as error:
                raise Missing("language_unspoken", language=locale[:2]) from error
        return self._readers[locale]

    def _unspaced(self, token: str, language: str, reader: Reader) -> list[Spelled]:
        given = _GIVEN.fullmatch(token)
        if given:
            before, signs, after = given.groups()
            return [Spelled((token,), _marks(before, _OPENING) + signs + _marks(after, _CLOSING))]
        pairs = counted(token, language)
        # For each sign that is said, what it was written as: all of a figure stands with its first sign.
        written = [part if not at else "" for said, part in pairs for at in range(len(said))]
        row = _Row()
        at = 0
        for run in _RUN.findall("".join(said for said, _ in pairs)):
            for word, signs in self._read(run, reader):
                row.add(word, "".join(written[at : at + len(word)]), signs)
                at += len(word)
        return row.closed()

    def _read(self, run: str, reader: Reader) -> Iterable[tuple[str, str]]:
        if not run[0].isalnum():
            return [(run, _OPENING.get(run) or _CLOSING.get(run, ""))]
        if ord(run[0]) > 0x24F:
            return reader.read(run)
        spelled = self._espeak.spell(run, _FOREIGN)
        return [(run, own_signs(" ".join(one.phonemes for one in spelled), _FOREIGN))]


class _Row:
    """Words as they come, each with the marks about it."""

    def __init__(self) -> None:
        self._words: list[tuple[str, str]] = []
        self._waiting = ("", "")
        """What stands before a word that is still to come."""

    def add(self, word: str, written: str, signs: str) -> None:
        """Add a word; `written` is the tale's own text for it, "" for the second word of a figure."""
        sounds = bool(signs) and word not in _CLOSING
        if word in _OPENING or (not sounds and (self._waiting[0] or not self._words)):
            self._waiting = (self._waiting[0] + written, self._waiting[1] + (signs if word in _OPENING else ""))
        elif sounds and (written or not self._words):
            self._words.append((self._waiting[0] + written, self._waiting[1] + signs))
            self._waiting = ("", "")
        else:
            self._lengthen(written, f" {signs}" if sounds else signs)

    def _lengthen(self, written: str, signs: str) -> None:
        before, heard = self._words[-1]
        self._words[-1] = (before + written, heard if signs and heard.endswith(signs) else heard + signs)

    def closed(self) -> list[Spelled]:
        """Return all words; their written forms joined are the whole token."""
        if self._words:
            self._lengthen(*self._waiting)
        elif self._waiting[0]:
            self._words = [self._waiting]
        return [Spelled((written,), signs) for written, signs in self._words]


def _marks(text: str, known: Mapping[str, str]) -> str:
    return "".join(known.get(mark, "") for mark in text)
