"""Transcripts compared by their sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.backends.kokoro.espeak_phonemes import Espeak
from pipeline.speaking.spoken import spoken
from pipeline.speaking.takes import edits, words_alone

LOST = 0.5
"""Share of sounds wrong from which a sentence counts as skipped."""
_LOCALES = {"en": "en-GB", "pt": "pt-BR", "es": "es-ES", "fr": "fr-FR", "it": "it-IT"}
_NO_SOUND = re.compile(r"[\sˌː^\-ʔ\W]+")
_STRESS = "ˈ"
_WRITE_STRESS = frozenset({"pt", "es", "it"})
"""Their spelling shows where it lies: `arrivo` is not `arrivò`."""
_UNWRITTEN = {"it": str.maketrans("ɛɔ", "eo")}
"""What their spelling does not show: no transcriber can say whether it heard an open vowel or a closed one."""
_MOST_WORDS = 4
"""So many words at once may sound like so many others: `tourna` and `tourne à`."""


def word_error(text: str, heard: str) -> float:
    """Word error rate between what was to be said and what a transcriber heard, punctuation and case apart."""
    wanted, found = words_alone(text), words_alone(heard)
    return edits(wanted, found) / max(1, len(wanted))


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


@dataclass(frozen=True)
class _Sound:
    bare: str
    stressed: str
    """With its stress, where the language writes it."""


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
        sounds, others = _together(ours), _together(theirs)
        lost = edits(sounds, others) > LOST * len(sounds)
        wrong = min(_edits_by_sound(ours, theirs), len(wanted))
        return Compared(len(wanted), wrong, min(round(word_error(line, heard) * len(wanted)), len(wanted)), lost)

    def _spelled(self, word: str, language: str) -> _Sound:
        groups = self._espeak.spell(word, _LOCALES[language])
        sound = _sounding("".join(group.phonemes for group in groups)).translate(_UNWRITTEN.get(language, {}))
        bare = sound.replace(_STRESS, "")
        return _Sound(bare, sound if language in _WRITE_STRESS else bare)


def _sounding(phonemes: str) -> str:
    """Without length, whichever way it is written, and ties; a nasal vowel keeps its tilde, a word its stress."""
    kept = ("\u0303", _STRESS)
    sound = "".join(one for one in unicodedata.normalize("NFD", phonemes) if one in kept or not _NO_SOUND.match(one))
    return re.sub(r"(\w)\1", r"\1", sound)


def _together(sounds: Sequence[_Sound]) -> str:
    return "".join(sound.bare for sound in sounds)


def _alike(ours: Sequence[_Sound], theirs: Sequence[_Sound]) -> bool:
    """Where words ran together, nobody hears where each had its stress."""
    if len(ours) == len(theirs):
        return "".join(one.stressed for one in ours) == "".join(one.stressed for one in theirs)
    return _together(ours) == _together(theirs)


def _words(text: str, language: str) -> list[str]:
    said = " ".join(one.spoken for one in spoken(text.replace("’", "'"), language))
    return [word.strip("'") for word in re.findall(r"[\w']+", said.casefold()) if word.strip("'")]


def _edits_by_sound(ours: Sequence[_Sound], theirs: Sequence[_Sound]) -> int:
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
                if _alike(ours[at - a : at], theirs[to - b : to])
            ]
            cost[at, to] = min(ways, default=0)
    return cost[len(ours), len(theirs)]
