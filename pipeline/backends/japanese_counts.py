"""Japanese numbers and counters in kana."""

from __future__ import annotations

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


def number_kana(numerals: str) -> str:
    """`三百` as サンビャク; nothing where a sign is no numeral."""
    if not numerals or any(sign not in _NUMERALS for sign in numerals):
        return ""
    said = "".join(_NUMERALS[sign] for sign in numerals)
    for apart, together in _JOINED:
        said = said.replace(apart, together)
    return said


def together_kana(numerals: str, counter: str) -> str:
    """`三` and `日` as ミッカ; nothing where the parts can still be heard."""
    return _TOGETHER.get((numerals, counter), "")


def counted_kana(number: str, counter: str) -> str:
    """A number and what is counted, as they sound together: サン and ホン are サンボン."""
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
