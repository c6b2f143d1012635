"""What is heard of languages without spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.backends.kokoro.chinese import ChineseReader
from pipeline.backends.kokoro.japanese import JapaneseReader
from pipeline.speaking.counted import counted
from pipeline.speaking.takes import edits

UNSPACED = ("ja", "zh")
LOST = 0.5
"""Share of sounds wrong from which a sentence counts as skipped."""
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Misheard:
    """One line and its transcript."""

    signs: int
    """That were to be said, marks apart."""
    wrong: int
    """Signs that were written as others, whether they sound the same or not."""
    sounds: int
    """Syllables of Chinese without their tones, kana of Japanese."""
    unlike: int
    """Sounds heard as others: a transcriber cannot hear which of the like-sounding signs was written."""

    @property
    def lost(self) -> bool:
        """Whether hardly anything of it was heard."""
        return self.unlike > LOST * self.sounds


class Sounds:
    """Chinese and Japanese as they sound."""

    def __init__(self) -> None:
        self._chinese, self._japanese = ChineseReader(), JapaneseReader()

    def compared(self, line: str, heard: str, language: str) -> Misheard:
        """Both with figures as they are said."""
        wanted, found = _letters(line, language), _letters(heard, language)
        sounds, others = self._sounds(wanted, language), self._sounds(found, language)
        wrong = edits("".join(wanted), "".join(found))
        return Misheard(len("".join(wanted)), wrong, len(sounds), edits(sounds, others))

    def _sounds(self, runs: Sequence[str], language: str) -> list[str]:
        if language == "zh":
            return [one.rstrip("12345") for run in runs for one in self._chinese.syllables(run)]
        return [kana for run in runs for word in self._japanese.words(run) for kana in word.kana or word.written]


def errors_of(language: str, found: Sequence[Misheard]) -> dict[str, float]:
    """By sound, and beside it by the signs written."""
    sounds, signs = sum(one.sounds for one in found) or 1, sum(one.signs for one in found) or 1
    return {
        f"cer_{language}": sum(one.unlike for one in found) / sounds,
        f"cer_{language}_written": sum(one.wrong for one in found) / signs,
    }


def _letters(text: str, language: str) -> list[str]:
    """Runs of letters between marks."""
    return _LETTERS.findall("".join(said for said, _ in counted(text, language)))
