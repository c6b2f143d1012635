"""Figures in words without spaces between."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from pipeline.tables import by_language

_NUMBER = re.compile(
    r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})(?!\d)"
    r"|(?P<hour>[01]?\d|2[0-3])[:：](?P<minute>[0-5]\d)(?!\d)"
    r"|(?P<minus>(?<!\w)[-−])?(?P<money>[¥￥$€£])?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:[.．](?P<part>\d+))?(?P<unit>[%％°℃])?"
)
_MOST_DIGITS = 16
"""Longer ones are said digit by digit."""
_WIDE, _WIDE_BY = range(0xFF01, 0xFF5F), 0xFEE0
"""Signs as wide as a Han character, and how far they stand from their narrow kin."""
_NARROW_DIGITS = {ord(wide): str(digit) for digit, wide in enumerate("０１２３４５６７８９")}


@dataclass(frozen=True)
class Counting:
    """How a language says figures, as its data/languages/<code>/counting.toml gives it."""

    digits: str
    """From zero to nine."""
    tens: str
    """Ten, a hundred, a thousand."""
    year: str
    """What stands behind the number of a year."""
    scales: tuple[str, ...]
    """What four digits stand for, the lowest first."""
    point: str
    minus: str
    percent: str
    degrees: str
    date: str
    clock: str
    clock_whole: str
    currency: dict[str, str] = field(default_factory=dict)
    bridges: bool = False
    """Whether a zero is said where a place is empty, and a one where it leads no number."""
    years_by_digit: bool = False
    pair: str = ""
    """The word for two of something, where it is not the numeral."""
    paired: str = ""
    """The counting words before which `pair` is said."""


def counted(text: str, language: str) -> tuple[tuple[str, str], ...]:
    """Yield (spoken, written) in order: a figure together with its signs, all else sign by sign."""
    way = _ways().get(language)
    pairs: list[tuple[str, str]] = []
    at = 0
    for found in _NUMBER.finditer(text.translate(_NARROW_DIGITS)) if way else ():
        assert way is not None
        pairs += ((_narrow(char), char) for char in text[at : found.start()])
        pairs.append((_said(found, text[found.end() :], way), text[found.start() : found.end()]))
        at = found.end()
    return (*pairs, *((_narrow(char), char) for char in text[at:]))


def _said(found: re.Match[str], after: str, way: Counting) -> str:
    if found["year"]:
        year, month, day = (int(found[part]) for part in ("year", "month", "day"))
        said_year = _by_digit(str(year), way) if way.years_by_digit else _numeral(year, way)
        return way.date.format(year=said_year, month=_numeral(month, way), day=_numeral(day, way))
    if found["hour"]:
        hour, minute = int(found["hour"]), int(found["minute"])
        said_hour = way.pair if way.pair and hour == 2 else _numeral(hour, way)
        form = way.clock if minute else way.clock_whole
        return form.format(hour=said_hour, minute=_numeral(minute, way))
    amount = _amount(found["whole"].replace(",", ""), found["part"] or "", after, way)
    if found["money"]:
        amount = way.currency[_narrow(found["money"]).replace("￥", "¥")].format(amount)
    if found["unit"]:
        amount = (way.percent if found["unit"] in "%％" else way.degrees).format(amount)
    return (way.minus if found["minus"] else "") + amount


def _amount(whole: str, part: str, after: str, way: Counting) -> str:
    is_year = way.years_by_digit and len(whole) == 4 and after.startswith(way.year)
    if is_year or len(whole) > _MOST_DIGITS or (len(whole) > 1 and int(whole[0]) == 0):
        return _by_digit(whole, way)
    if part:
        return _numeral(int(whole), way) + way.point + _by_digit(part, way)
    if int(whole) == 2 and after[:1] and after[0] in way.paired:
        return way.pair
    return _numeral(int(whole), way)


def _by_digit(digits: str, way: Counting) -> str:
    return "".join(way.digits[int(digit)] for digit in digits)


def _numeral(value: int, way: Counting) -> str:
    if not value:
        return way.digits[0]
    said, gap = "", False
    # In fours from the highest: these languages count by ten thousands, not by thousands.
    for scale in range(len(way.scales) - 1, -1, -1):
        four = value // 10_000**scale % 10_000
        if four:
            bridge = way.digits[0] if said and way.bridges and (gap or four < 1_000) else ""
            said += bridge + _four(four, way, leads=not said) + way.scales[scale]
        gap = not four
    return said


def _four(value: int, way: Counting, *, leads: bool) -> str:
    """Up to four digits; a leading one before ten is left out, in Japanese every one before ten, hundred, thousand."""
    said = ""
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if not digit:
            continue
        if said and way.bridges and not value // 10 ** (power + 1) % 10:
            said += way.digits[0]
        unsaid = digit == 1 and power and (not way.bridges or (power == 1 and leads and not said))
        said += ("" if unsaid else way.digits[digit]) + (way.tens[power - 1] if power else "")
    return said


def _narrow(char: str) -> str:
    return chr(ord(char) - _WIDE_BY) if ord(char) in _WIDE else char


@cache
def _ways() -> dict[str, Counting]:
    return by_language("counting", Counting)
