"""Says numbers in words."""

from __future__ import annotations

import re

from pipeline.speaking.tongues import SpokenForms

_DATE = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_YEARS = range(1100, 2100)
_MOST_DIGITS = 15
"""Longer ones are spelled digit by digit."""


def in_words(token: str, language: SpokenForms) -> str | None:
    """Spell a token that has a digit in words; None where it is no number in this language."""
    if not language.numbers or not any(char.isdigit() for char in token):
        return None
    for reader in (_date, _clock, _ordinal, _money, _share):
        said = reader(token, language)
        if said is not None:
            return said
    return _plain(token, language)


def _date(token: str, language: SpokenForms) -> str | None:
    found = _DATE.fullmatch(token)
    if not found:
        return None
    first, second, third = (int(part) for part in found.groups())
    # A first number above 31 can only be a year; else the language says which of the two comes first.
    year, month, day = (first, second, third) if first > 31 else (third, first, second)
    if first <= 31 and not language.month_first:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return language.date.format(
        day=_words(day, language),
        day_ordinal=_words(day, language, "ordinal"),
        month=language.months[month - 1],
        year=_words(year, language, "year"),
    )


def _clock(token: str, language: SpokenForms) -> str | None:
    found = _CLOCK.fullmatch(token)
    if not found:
        return None
    hour, minute = (int(part) for part in found.groups())
    form = language.clock if minute else language.clock_whole
    return form.format(hour=_words(hour, language), minute=_words(minute, language))


def _ordinal(token: str, language: SpokenForms) -> str | None:
    found = re.fullmatch(language.ordinal, token, re.IGNORECASE)
    return _words(int(found.group(1)), language, "ordinal") if found and len(found.group(1)) < _MOST_DIGITS else None


def _money(token: str, language: SpokenForms) -> str | None:
    # Longer signs first: `R$` before `$`.
    for sign, (one, many) in sorted(language.currency.items(), key=lambda pair: -len(pair[0])):
        if token.startswith(sign) or token.endswith(sign):
            amount = _plain(token.removeprefix(sign).removesuffix(sign), language)
            return amount and f"{amount} {one if token.strip(sign) == '1' else many}"
    return None


def _share(token: str, language: SpokenForms) -> str | None:
    for sign, word in (("%", language.percent), ("°", language.degrees)):
        if token.endswith(sign):
            amount = _plain(token.removesuffix(sign), language)
            return amount and f"{amount} {word}"
    if token.startswith("#"):
        amount = _plain(token.removeprefix("#"), language)
        return amount and f"{language.number} {amount}"
    return None


def _plain(token: str, language: SpokenForms) -> str | None:
    grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(language.group)}\d{{3}})+.*", token)
    bare = token.replace(language.group, "") if grouped else token
    found = re.fullmatch(rf"([-−]?)(\d+)(?:{re.escape(language.decimal)}(\d+))?", bare)
    if not found:
        return None
    sign, whole, part = found.groups()
    if len(whole) > _MOST_DIGITS or (len(whole) > 1 and whole.startswith("0")):
        return " ".join(_words(int(digit), language) for digit in whole)
    if part:
        return _words(float(f"{sign.replace('−', '-')}{whole}.{part[:6]}"), language)
    value = int(f"{sign.replace('−', '-')}{whole}")
    return _words(value, language, "year" if value in _YEARS and len(bare) == 4 and bare == token else "cardinal")


def _words(value: float, language: SpokenForms, kind: str = "cardinal") -> str:
    from num2words import num2words

    if kind == "year" and not language.says_years:
        kind = "cardinal"
    said: str = num2words(value, lang=language.numbers, to=kind)
    return said.replace(",", "")
