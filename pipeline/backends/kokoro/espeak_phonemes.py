"""Text into phonemes, word by word."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from pipeline.speaking.voices import espeak_dialects

# espeak keeps its state in the process, so that only one thread may ask it at a time.
_ASKING = threading.Lock()

TIE = "^"
"""Binds the two halves of a diphthong or an affricate."""

_IPA = re.compile(r"(?<!\S)/([^/\s][^/]*)/(?=[\s.,;:!?…]|$)")
_At = tuple[int, int]
"""How many words and how many sounds are matched so far."""
_MOST_MERGED = 3
"""Most small words that espeak runs together (`of the`)."""


@dataclass(frozen=True)
class Spelled:
    """Words that espeak keeps together, with how they sound."""

    words: tuple[str, ...]
    phonemes: str
    """Its punctuation stays where it was."""


class Espeak:
    """One espeak for all dialects; they are opened when first asked for."""

    def __init__(self) -> None:
        import espeakng_loader
        from phonemizer.backend.espeak.wrapper import EspeakWrapper

        with _ASKING:
            EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
            EspeakWrapper.set_library(espeakng_loader.get_library_path())
        self._dialects: dict[str, Any] = {}

    def spell(self, text: str, locale: str) -> tuple[Spelled, ...]:
        """Return the text's words in order; a stretch between slashes (/ˈnɪərəs/) is taken as phonemes already."""
        spelled: list[Spelled] = []
        at = 0
        for given in _IPA.finditer(text):
            spelled += self._spell(text[at : given.start()], locale)
            spelled.append(Spelled((given.group(0),), given.group(1)))
            at = given.end()
        return (*spelled, *self._spell(text[at:], locale))

    def _spell(self, text: str, locale: str) -> list[Spelled]:
        words = text.split()
        if not words:
            return []
        with _ASKING:
            backend = self._dialect(locale)
            whole: str = backend.phonemize([" ".join(words)], strip=True)[0]
            alone: list[str] = backend.phonemize(words, strip=True)
        # Of marks alone it may say nothing at all.
        lengths = [_length(*one) for one in zip(words, alone, strict=True)] if len(alone) == len(words) else []
        return _matched(words, lengths or [len(word) for word in words], whole.split())

    def _dialect(self, locale: str) -> Any:
        if locale not in self._dialects:
            from phonemizer.backend import EspeakBackend

            self._dialects[locale] = EspeakBackend(
                espeak_dialects()[locale],
                preserve_punctuation=True,
                with_stress=True,
                tie=TIE,
                language_switch="remove-flags",
                words_mismatch="ignore",
            )
        return self._dialects[locale]


def _length(word: str, alone: str) -> int:
    """Return how many phonemes it will have among others: a mark has its own, a small word is no letter's name."""
    return min(len(alone), 2 * len(word)) if any(sign.isalnum() for sign in word) else len(word)


def _matched(words: Sequence[str], lengths: Sequence[int], sounds: Sequence[str]) -> list[Spelled]:
    """Return the words of each sound group, by the split whose lengths differ least from the words spoken alone."""
    if len(words) == len(sounds):
        return [Spelled((word,), sound) for word, sound in zip(words, sounds, strict=True)]
    if not sounds:
        return []
    best: dict[_At, tuple[float, _At]] = {(0, 0): (0.0, (0, 0))}
    for at in product(range(len(words) + 1), range(len(sounds) + 1)):
        for to, cost in _steps(at, lengths, sounds) if at in best else ():
            total = best[at][0] + cost
            if to not in best or total < best[to][0]:
                best[to] = (total, at)
    return _walked_back(words, sounds, {to: at for to, (_, at) in best.items()})


_STEPS = [(1, 1), *((n, 1) for n in range(2, _MOST_MERGED + 1)), *((1, n) for n in range(2, 12)), (1, 0), (0, 1)]


def _steps(at: _At, lengths: Sequence[int], sounds: Sequence[str]) -> Iterator[tuple[_At, float]]:
    """Yield where a group that begins here may end, and by how much its lengths differ."""
    for more_words, more_sounds in _STEPS:
        to = (at[0] + more_words, at[1] + more_sounds)
        if to[0] <= len(lengths) and to[1] <= len(sounds):
            gap = abs(sum(lengths[at[0] : to[0]]) - sum(len(one) for one in sounds[at[1] : to[1]]))
            # A word that is said nowhere costs double: `with a` in one breath is two words, not one and a lost one.
            lost = not more_words or not more_sounds
            yield to, gap * (1 + lost) + 0.1 * (more_words + more_sounds)


def _walked_back(words: Sequence[str], sounds: Sequence[str], before: Mapping[_At, _At]) -> list[Spelled]:
    to = (len(words), len(sounds))
    groups: list[Spelled] = []
    while to != (0, 0):
        at = before[to]
        groups.append(Spelled(tuple(words[at[0] : to[0]]), " ".join(sounds[at[1] : to[1]])))
        to = at
    return groups[::-1]
