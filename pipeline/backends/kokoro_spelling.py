"""Text in the sounds Kokoro learned, by language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from pipeline.backends.espeak_phonemes import Espeak, Spelled
from pipeline.backends.kokoro_chinese import ChineseReader
from pipeline.backends.kokoro_japanese import JapaneseReader
from pipeline.backends.kokoro_text import own_signs
from pipeline.errors import Missing
from pipeline.speaking.counted import counted

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
    """Knows how the words of an unspaced language sound."""

    def read(self, run: str) -> Iterable[tuple[str, str]]:
        """(word, its signs) in order, covering the run; no signs for what cannot be read."""


_READERS: Mapping[str, Callable[[], Reader]] = {"zh-CN": ChineseReader, "ja-JP": JapaneseReader}


class Spelling:
    """espeak for the languages Kokoro learned from it, a reader of its own for Chinese and for Japanese."""

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._readers: dict[str, Reader] = {}

    def spell(self, text: str, locale: str) -> tuple[Spelled, ...]:
        """The text's words in order; raises Missing `language_unspoken` where its reader is not installed."""
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
        """`written` is what the tale has for this word: nothing for the second word of a figure."""
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
        """All words, their written forms joined being the whole token."""
        if self._words:
            self._lengthen(*self._waiting)
        elif self._waiting[0]:
            self._words = [self._waiting]
        return [Spelled((written,), signs) for written, signs in self._words]


def _marks(text: str, known: Mapping[str, str]) -> str:
    return "".join(known.get(mark, "") for mark in text)
