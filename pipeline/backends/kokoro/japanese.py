"""Japanese text into the signs Kokoro knows."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "ɡ": "ガギグゲゴ", "s": "サシスセソ", "ʣ": "ザジズゼゾ", "t": "タチツテト",
    "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ",
    "ɾ": "ラリルレロ",
}  # fmt: skip
_VOWELS = "aiɯeo"
_OWN = {
    "キ": "kʲi", "ギ": "ɡʲi", "シ": "ɕi", "ジ": "ʥi", "ス": "sɨ", "ズ": "zɨ", "チ": "ʨi", "ヂ": "ʥi", "ツ": "ʦɨ",
    "ヅ": "zɨ", "ニ": "ɲi", "ヒ": "çi", "フ": "ɸɯ", "ビ": "bʲi", "ピ": "pʲi", "ミ": "mʲi", "リ": "ɾʲi", "ヤ": "ja",
    "ユ": "jɯ", "ヨ": "jo", "ワ": "βa", "ヰ": "i", "ヱ": "e", "ヲ": "o", "ヴ": "vɯ", "ァ": "a", "ィ": "i", "ゥ": "ɯ",
    "ェ": "e", "ォ": "o", "ャ": "ja", "ュ": "jɯ", "ョ": "jo", "ヮ": "βa", "ヵ": "ka", "ヶ": "ke", "イェ": "je",
    "ウィ": "βi", "ウェ": "βe", "ウォ": "βo", "クァ": "kᵝa", "クィ": "kᵝi", "クェ": "kᵝe", "クォ": "kᵝo",
    "グァ": "ɡᵝa", "グィ": "ɡᵝi", "グェ": "ɡᵝe", "グォ": "ɡᵝo", "ツィ": "ʦʲi", "ティ": "tʲi", "テュ": "tʲɨ",
    "ディ": "dʲi", "デュ": "dʲɨ", "フィ": "ɸʲi", "フュ": "ɸʲɨ", "フョ": "ɸʲo", "ヴィ": "vʲi", "ヴュ": "bʲɨ",
    "ヴョ": "bʲo",
}  # fmt: skip
_SIGNS = {kana: stem + vowel for stem, row in _ROWS.items() for kana, vowel in zip(row, _VOWELS, strict=True)} | _OWN
_SMALL = {"ャ": "a", "ュ": "ɨ", "ョ": "o", "ァ": "a", "ィ": "i", "ゥ": "ɯ", "ェ": "e", "ォ": "o", "ヮ": "a"}
"""What a small kana makes of the vowel before it."""
_MORA = re.compile(r"[^ァィゥェォャュョヮ][ァィゥェォャュョヮ]?|.", re.DOTALL)
_LONG, _STOP, _NASAL = "ー", "ッ", "ン"
_NASAL_BEFORE = (("mpb", "m"), ("kɡ", "ŋ"), ("ɲʨʥ", "ɲ"), ("ntdɾz", "n"))
"""How ン sounds before which signs."""
_LONG_E = re.compile("([エケゲセゼテデネヘベペメレ])イ")
_HIRAGANA, _TO_KATAKANA = re.compile("[ぁ-ゖ]"), 0x60
_KATAKANA_ALONE = re.compile("[ァ-ヶー]+")
_HAN = re.compile("[一-鿿々]")
_STANDING = {"間": "アイダ", "家": "イエ"}
"""How they sound where no other character stands before them."""
_LEANING = {"て", "で", "ば", "ちゃ", "じゃ", "たり", "だり", "ちゃっ", "じゃっ"}
"""Said in one breath with the verb before them."""
_NUMERALS = {
    "〇": "ゼロ", "零": "ゼロ", "一": "イチ", "二": "ニ", "三": "サン", "四": "ヨン", "五": "ゴ", "六": "ロク",
    "七": "ナナ", "八": "ハチ", "九": "キュー", "十": "ジュー", "百": "ヒャク", "千": "セン", "万": "マン",
    "億": "オク", "兆": "チョー",
}  # fmt: skip
_JOINED = [
    ("サンヒャク", "サンビャク"), ("ロクヒャク", "ロッピャク"), ("ハチヒャク", "ハッピャク"), ("サンセン", "サンゼン"),
    ("ハチセン", "ハッセン"), ("イチセン", "イッセン"), ("イチチョー", "イッチョー"), ("ハチチョー", "ハッチョー"),
    ("ジューチョー", "ジュッチョー"),
]  # fmt: skip
_TOGETHER = {
    ("一", "人"): "ヒトリ", ("二", "人"): "フタリ", ("二", "日"): "フツカ", ("三", "日"): "ミッカ",
    ("四", "日"): "ヨッカ", ("五", "日"): "イツカ", ("六", "日"): "ムイカ", ("七", "日"): "ナノカ",
    ("八", "日"): "ヨーカ", ("九", "日"): "ココノカ", ("十", "日"): "トーカ", ("二十", "日"): "ハツカ",
    ("二十", "歳"): "ハタチ", ("二十", "才"): "ハタチ",
}  # fmt: skip
"""As written, and said in no other way."""
# Number and counter that sound otherwise side by side: how both begin and end, and how the number then ends.
_CALLED = [
    ("ヨン", ("ニン", "ジ", "ネン", "エン"), "ヨ"), ("キュー", ("ジ", "ガツ"), "ク"), ("ナナ", ("ジ", "ガツ"), "シチ"),
    ("ヨン", ("ガツ",), "シ"),
]  # fmt: skip
_K, _S, _T, _H = "カキクケコ", "サシスセソ", "タチツテト", "ハヒフヘホ"
_CUT_SHORT = [
    ("イチ", "イッ", _K + _S + _T + _H), ("ハチ", "ハッ", _K + _S + _T + _H), ("ジュー", "ジュッ", _K + _S + _T + _H),
    ("ロク", "ロッ", _K + _H), ("ヒャク", "ヒャッ", _K + _H),
]  # fmt: skip
"""How a number ends, how it is cut short, and before which beginnings of a counter."""
_HARD, _SOFT = str.maketrans(_H, "パピプペポ"), str.maketrans(_H, "バビブベボ")
_SOFTENS = ("サン", "セン", "マン", "ナン")
_STAYS_HARD = ("フン", "ハク", "ハツ")
"""Minutes, nights and shots."""


@dataclass(frozen=True)
class Read:
    """A word with how it is said."""

    written: str
    kana: str
    """Katakana as it sounds; empty where it cannot be read."""
    kind: str
    """The dictionary's own: `動詞,自立,*,*`."""


class JapaneseReader:
    """Reads by a dictionary of words, which alone knows how their characters sound here."""

    def __init__(self) -> None:
        from lindera import Tokenizer, load_dictionary

        self._tokenizer = Tokenizer(load_dictionary("embedded://ipadic"), mode="normal")
        self._asking = threading.Lock()

    def read(self, run: str) -> Iterator[tuple[str, str]]:
        """Return (word, its signs) in order; no signs for what cannot be read."""
        for word in self.words(run):
            yield word.written, in_signs(word.kana)

    def words(self, run: str) -> list[Read]:
        """Return the words, with numbers and verb endings joined."""
        return _leant(_numbered(_alone(self._looked_up(run))))

    def _looked_up(self, run: str) -> list[Read]:
        with self._asking:
            found = [_read(one) for one in self._tokenizer.tokenize(run)]
            return [self._by_sign(one) if not one.kana and len(one.written) > 1 else one for one in found]

    def _by_sign(self, word: Read) -> Read:
        """Read a word that no dictionary knows, each character as it sounds alone."""
        parts = [_read(part) for sign in word.written for part in self._tokenizer.tokenize(sign)]
        return Read(word.written, "".join(part.kana for part in parts), word.kind)


def in_signs(kana: str) -> str:
    """Return katakana in the model's signs."""
    morae = _MORA.findall(kana)
    signs = ""
    for mora, after in zip(morae, [*morae[1:], ""], strict=False):
        if mora == _NASAL:
            signs += _nasal_before(_mora_signs(after))
        else:
            signs += {_LONG: "ː", _STOP: "ʔ"}.get(mora) or _mora_signs(mora)
    return signs


def _mora_signs(mora: str) -> str:
    if mora in _SIGNS or len(mora) < 2:
        return _SIGNS.get(mora, "")
    whole, small = mora[0], mora[1]
    if whole in (_LONG, _STOP, _NASAL):
        return {_LONG: "ː", _STOP: "ʔ", _NASAL: "ɴ"}[whole] + _SIGNS[small]
    return _SIGNS.get(whole, "")[:-1] + _SMALL[small]


def _nasal_before(signs: str) -> str:
    return next((nasal for beginnings, nasal in _NASAL_BEFORE if signs[:1] and signs[0] in beginnings), "ɴ")


def _read(token: Any) -> Read:
    """Return a word with its pronunciation, the last of the dictionary's fields."""
    return Read(token.surface, _kana(token.surface, token.details[-1]), ",".join(token.details[:4]))


def _kana(written: str, said: str) -> str:
    """Return the dictionary's reading, else the word itself where it is kana; "" where neither is known."""
    if said and said != "*":
        # Its nouns are spelled センセイ, and are said センセー; names from abroad are said as they are spelled.
        return said if _KATAKANA_ALONE.fullmatch(written) else _LONG_E.sub(r"\1ー", said)
    spelled = _HIRAGANA.sub(lambda one: chr(ord(one[0]) + _TO_KATAKANA), written)
    return spelled if _KATAKANA_ALONE.fullmatch(spelled) else ""


def _alone(words: Iterable[Read]) -> Iterator[Read]:
    """Correct words of one character that the dictionary takes for parts of others."""
    before = ""
    for word in words:
        stands = word.written in _STANDING and not _HAN.search(before[-1:])
        yield Read(word.written, _STANDING[word.written], word.kind) if stands else word
        before = word.written


def _numbered(words: Iterable[Read]) -> list[Read]:
    """Join figures and their counters, as they sound together."""
    found: list[Read] = []
    for is_number, some in groupby(words, key=lambda one: one.kind.startswith("名詞,数")):
        run = list(some)
        if is_number:
            written = "".join(one.written for one in run)
            found.append(Read(written, number_kana(written) or "".join(one.kana for one in run), run[0].kind))
            continue
        if found and found[-1].kind.startswith("名詞,数") and run[0].kind.startswith("名詞,接尾,助数詞"):
            number = found.pop()
            counter = run.pop(0)
            own = together_kana(number.written, counter.written)
            kana = own or counted_kana(number.kana, counter.kana)
            found.append(Read(number.written + counter.written, kana, counter.kind))
        found += run
    return found


def _leant(words: Iterable[Read]) -> list[Read]:
    """Join endings to their verbs: 言っ and た are heard as one word."""
    found: list[Read] = []
    for word in words:
        if found and _leans(word, found[-1]):
            before = found.pop()
            found.append(Read(before.written + word.written, before.kana + word.kana, before.kind))
        else:
            found.append(word)
    return found


def _leans(word: Read, before: Read) -> bool:
    if before.kana.endswith(_STOP):
        return True
    ending = word.kind.startswith(("助動詞", "動詞,接尾")) or word.written in _LEANING
    return ending and before.kind.startswith(("動詞", "形容詞", "助動詞"))


def number_kana(numerals: str) -> str:
    """Read `三百` as サンビャク; "" where a sign is no numeral."""
    if not numerals or any(sign not in _NUMERALS for sign in numerals):
        return ""
    said = "".join(_NUMERALS[sign] for sign in numerals)
    for apart, together in _JOINED:
        said = said.replace(apart, together)
    return said


def together_kana(numerals: str, counter: str) -> str:
    """Read `三` and `日` as ミッカ; "" where the parts can still be heard."""
    return _TOGETHER.get((numerals, counter), "")


def counted_kana(number: str, counter: str) -> str:
    """Join a number and its counter as they sound: サン and ホン are サンボン."""
    for ending, counters, short in _CALLED:
        if number.endswith(ending) and counter.startswith(counters):
            return number.removesuffix(ending) + short + counter
    for ending, short, beginnings in _CUT_SHORT:
        if number.endswith(ending) and counter[:1] in beginnings:
            return number.removesuffix(ending) + short + counter[:1].translate(_HARD) + counter[1:]
    if counter.startswith(_STAYS_HARD) and number.endswith("ン"):
        return number + counter[:1].translate(_HARD) + counter[1:]
    if number.endswith(_SOFTENS):
        return number + counter[:1].translate(_SOFT) + counter[1:]
    return number + counter
