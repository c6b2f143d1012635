"""Phonemes in Kokoro's own signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.backends.espeak_phonemes import TIE, Spelled

MOST_TOKENS = 500
"""Of one run; the style table has 510 rows."""
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
    """What one run speaks."""

    groups: tuple[Spelled, ...]
    signs: str
    """Those the model knows."""
    owners: tuple[int, ...]
    """For each sign the group it belongs to."""


def pieces(groups: Sequence[Spelled], locale: str, vocabulary: Mapping[str, int]) -> list[SpeechChunk]:
    """As few runs as the style table allows; a join falls after punctuation where there is one."""
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
    """espeak's spelling in the signs this model was trained on; what is in them already stays."""
    own = {"en-GB": [*_BRITISH, *_ENGLISH], "en-US": [*_AMERICAN, *_ENGLISH]}.get(locale, [])
    for pair, sign in [*_ONE_SIGN, *own]:
        phonemes = phonemes.replace(pair, sign)
    return "".join(_LIKEWISE.get(one, one) for one in phonemes.replace(TIE, ""))


def _signs(phonemes: str, locale: str, vocabulary: Mapping[str, int]) -> str:
    return "".join(sign for sign in own_signs(phonemes, locale) if sign in vocabulary)
