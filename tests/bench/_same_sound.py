"""Transcripts compared by their sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.backends.espeak_phonemes import Espeak
from pipeline.speaking.spoken import spoken
from pipeline.speaking.takes import edits, word_error

LOST = 0.5
"""Share of sounds wrong from which a sentence counts as skipped."""
_LOCALES = {"en": "en-GB", "pt": "pt-BR", "es": "es-ES", "fr": "fr-FR", "it": "it-IT", "hi": "hi-IN"}
_NO_SOUND = re.compile(r"[\sˈˌː^\-ʔ\W]+")
_MOST_WORDS = 4
"""So many words at once may sound like so many others: `tourna` and `tourne à`."""


@dataclass(frozen=True)
class Compared:
    """One line and its transcript."""

    words: int
    """That were to be said."""
    wrong: int
    """Words that were heard as something that sounds different."""
    misspelled: int
    """Words that were not spelled as written, whether they sound the same or not."""
    lost: bool
    """Hardly anything of it was heard."""


class SameSound:
    """Compares by sound: a transcriber cannot hear whether `seul` or `seule`, `10` or `dix` was written."""

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._sound = cache(self._spelled)

    def compared(self, line: str, heard: str, language: str) -> Compared:
        """Both through the same front end, so that digits and abbreviations meet as words."""
        wanted, found = _words(line, language), _words(heard, language)
        theirs = tuple(self._sound(word, language) for word in found)
        ours = tuple(self._sound(word, language) for word in wanted)
        sounds, others = "".join(ours), "".join(theirs)
        lost = edits(sounds, others) > LOST * len(sounds)
        wrong = min(_edits_by_sound(ours, theirs), len(wanted))
        return Compared(len(wanted), wrong, min(round(word_error(line, heard) * len(wanted)), len(wanted)), lost)

    def _spelled(self, word: str, language: str) -> str:
        groups = self._espeak.spell(word, _LOCALES[language])
        return _bare("".join(group.phonemes for group in groups))


def _bare(phonemes: str) -> str:
    """Without stress, length and ties; a nasal vowel keeps its tilde."""
    kept = (one for one in unicodedata.normalize("NFD", phonemes) if one == "\u0303" or not _NO_SOUND.match(one))
    return "".join(kept)


def _words(text: str, language: str) -> list[str]:
    said = " ".join(one.spoken for one in spoken(text.replace("’", "'"), language))
    return [word.strip("'") for word in re.findall(r"[\w'ऀ-ॣ]+", said.casefold()) if word.strip("'")]


def _edits_by_sound(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """The fewest wrong words, where runs of words that sound alike together cost nothing."""
    cost = {(0, 0): 0}
    for at in range(len(ours) + 1):
        for to in range(len(theirs) + 1):
            ways = [cost[at - 1, to] + 1] if at else []
            ways += [cost[at, to - 1] + 1] if to else []
            ways += [cost[at - 1, to - 1] + 1] if at and to else []
            ways += [
                cost[at - a, to - b]
                for a in range(1, min(at, _MOST_WORDS) + 1)
                for b in range(1, min(to, _MOST_WORDS) + 1)
                if "".join(ours[at - a : at]) == "".join(theirs[to - b : to])
            ]
            cost[at, to] = min(ways, default=0)
    return cost[len(ours), len(theirs)]
