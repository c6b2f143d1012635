"""Chinese text into the signs Kokoro knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘"}
"""The neutral one is unmarked."""
_INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip
# The zero stands where the tone is written: behind the syllable's heart.
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ",
    "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n", "ing": "i0ŋ",
    "iong": "jʊ0ŋ", "iou": "jou0", "iu": "jou0", "o": "wo0", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "ua": "wa0",
    "uai": "wai0", "uan": "wa0n", "uang": "wa0ŋ", "uei": "wei0", "ui": "wei0", "uen": "wə0n", "un": "wə0n",
    "ueng": "wə0ŋ", "uo": "wo0", "v": "y0", "ve": "ɥe0", "van": "ɥɛ0n", "vn": "y0n",
}  # fmt: skip
_ALONE = {
    "er": "ɚ0", "r": "ɚ0", "o": "ɔ0", "yo": "jɔ0", "ê": "ɛ0", "m": "m0", "n": "n0", "ng": "ŋ0", "hm": "hm0",
    "hng": "hŋ0",
}  # fmt: skip
"""Syllables that are no initial with a final."""
_BUZZED = "ɨ0"
"""The vowel of zhi, chi, shi, ri, zi, ci, si."""
_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([a-zê]+)")


class ChineseReader:
    """Reads Han characters by phrases, since many of them sound otherwise in another word."""

    def __init__(self) -> None:
        from pypinyin import Style, lazy_pinyin
        from pypinyin.seg.mmseg import seg

        self._cut = seg.cut
        self._pinyin = lazy_pinyin
        self._numbered = Style.TONE3

    def read(self, run: str) -> Iterator[tuple[str, str]]:
        """Return (word, its signs) in order; no signs for what is no Chinese."""
        for word in self._cut(run):
            yield word, "".join(syllable_signs(one) for one in self.syllables(word))

    def syllables(self, text: str) -> list[str]:
        """Return the pinyin of each syllable, with its tone as a figure: `hao3`."""
        found: list[str] = self._pinyin(text, style=self._numbered, neutral_tone_with_five=True)
        return found


def syllable_signs(pinyin: str) -> str:
    """Return the signs of a syllable such as `hao3`; "" for what is no syllable."""
    letters, tone = pinyin.rstrip("12345").replace("ü", "v"), pinyin[-1:]
    spelled = _ALONE.get(letters) or _parted(letters)
    return spelled.replace("0", _TONES.get(tone, ""))


def _parted(letters: str) -> str:
    found = _SYLLABLE.fullmatch(letters)
    if not found:
        return ""
    initial, final = found.groups()
    if initial in {"y", "w"}:
        initial, final = "", _unglided(initial, final)
    if initial in {"j", "q", "x"} and final.startswith("u"):
        final = "v" + final[1:]
    if final == "i" and initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        return _INITIALS[initial] + _BUZZED
    if final not in _FINALS:
        return ""
    return _INITIALS.get(initial, "") + _FINALS[final]


def _unglided(glide: str, final: str) -> str:
    """Undo pinyin's y and w for i and u where no consonant stands before them: `yan` is ian, `yuan` is van."""
    if glide == "y" and final.startswith("u"):
        return "v" + final[1:]
    vowel = {"y": "i", "w": "u"}[glide]
    return final if final.startswith(vowel) else vowel + final
