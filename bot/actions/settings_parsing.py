"""Reads and shows values of settings."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions import role_quotas
from bot.actions.settings_schema import KNOBS, Knob, SettingKind
from bot.actions.tale_choices import voice_table
from bot.library.records import LEARNT, Music, ServerSettings, TextShown
from bot.wording import said
from pipeline.errors import Refused
from pipeline.words.prompt import Rating

MOST_WORDS_OF_A_LIST, MOST_CHARS_OF_A_WORD = 200, 60
_HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_KINDS: Mapping[str, type[Rating | Music | TextShown]] = {
    "rating": Rating,
    "music": Music,
    "text": TextShown,
}


def turned(name: str, values: Sequence[str], now: ServerSettings) -> Any:
    """Return the field's new value after a menu or a button; raises Refused `setting_unknown`."""
    knob = KNOBS[name]
    match knob.kind:
        case SettingKind.TOGGLE:
            return not getattr(now, name)
        case SettingKind.CHANNEL:
            return values[0] if values else ""
        case SettingKind.CHOICE:
            return _chosen(name, knob, values[0] if values else "")
        case _:
            return tuple(values)


def written(name: str, text: str, locale: str) -> Any:
    """Return the field's new value after a form; raises Refused with what would fit."""
    knob, text = KNOBS[name], text.strip()
    match knob.kind:
        case SettingKind.NUMBER:
            return _number(name, knob, text, locale)
        case SettingKind.WORDS:
            words = (one.strip() for one in re.split(r"[,\n]", text))
            # dict.fromkeys: without doubles, in the order in which they were written.
            return tuple(dict.fromkeys(one[:MOST_CHARS_OF_A_WORD] for one in words if one))[:MOST_WORDS_OF_A_LIST]
        case SettingKind.PAIRS:
            return _pairs(text)
        case _ if name == "timezone":
            return _zone(text)
        case _ if name == "voice":
            return _voice(text)
        case _ if name in ("quiet_from", "quiet_to"):
            return _hour(text)
        case _:
            return text


def as_written(name: str, now: ServerSettings) -> str:
    """Return a value as a form shows it before it is changed."""
    value = getattr(now, name)
    if KNOBS[name].kind is SettingKind.PAIRS:
        return "\n".join(f"{word} = {how}" for word, how in value)
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def told(name: str, now: ServerSettings, locale: str) -> str:
    """Return a value for a reader; a word where nothing is set."""
    knob, value = KNOBS[name], getattr(now, name)
    if knob.kind is SettingKind.TOGGLE:
        return said("settings.yes" if value else "settings.no", locale)
    if knob.kind is SettingKind.CHOICE:
        return label_of(name, str(value), locale)
    if value in ("", ()):
        return said(f"settings.empty.{name}", locale)
    if value == 0 and knob.least == 0:  # False == 0 too, but toggles were answered above
        return said("settings.no_limit", locale)
    if knob.kind is SettingKind.SHARES:
        return "; ".join(role_quotas.told_of(one, locale) for one in value)
    mark = {
        SettingKind.ROLES: "<@&{}>",
        SettingKind.CHANNELS: "<#{}>",
        SettingKind.CHANNEL: "<#{}>",
        SettingKind.MEMBERS: "<@{}>",
    }.get(knob.kind)
    if mark:
        ids = value if isinstance(value, tuple) else (value,)
        # An erased member's id is kept as a mark, which is no id and would show as one that nobody has.
        return " ".join(mark.format(one) for one in ids if one.isdigit())
    if knob.kind in (SettingKind.WORDS, SettingKind.PAIRS):
        return said("settings.entries", locale, count=len(value))
    return str(value)


def label_of(name: str, choice: str, locale: str) -> str:
    """Return a choice as a member reads it."""
    if name == "language" and choice:
        return said("language.name", choice)
    key = f"settings.choice.{name}.{choice or 'none_set'}"
    label = said(key, locale)  # the key itself where nobody wrote a label: then the value is its own
    return choice if label == key else label


def _chosen(name: str, knob: Knob, value: str) -> Any:
    value = "" if value == "none_set" else value  # Discord takes no empty value in a menu
    if value not in knob.choices:
        raise Refused("setting_unknown")
    if name == "words":
        return int(value)
    return _KINDS[name](value) if name in _KINDS else value


def _number(name: str, knob: Knob, text: str, locale: str) -> int:
    # The length first: int() of a text of thousands of digits is slow, and refused by Python itself.
    if not text.isdecimal() or len(text) > 9 or not knob.least <= int(text) <= knob.most:
        label = said(f"settings.label.{name}", locale)
        raise Refused("setting_number", label=label, least=knob.least, most=knob.most)
    return int(text)


def _hour(text: str) -> str:
    found = _HOUR.fullmatch(text)
    if text and not found:
        raise Refused("setting_hour", text=text[:20])
    return f"{int(found[1]):02}:{found[2]}" if found else ""


def _zone(text: str) -> str:
    try:
        return zoneinfo.ZoneInfo(text).key if text else "UTC"
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder's name opens a directory
        raise Refused("setting_timezone", text=text[:40]) from error


def _voice(text: str) -> str:
    """Return a voice by id or unique name; an unknown one is refused, since every tale of the server would fail."""
    known = voice_table().voices
    named = [one for one in known if one.rpartition("_")[2] == text.casefold()]
    if text and text not in known and not text.startswith(LEARNT) and len(named) != 1:
        raise Refused("voice_unheard_of", voice=text[:40])
    return text if text in known or not named else named[0]


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    lines = (line.partition("=") for line in text.splitlines())
    pairs = [(word.strip()[:MOST_CHARS_OF_A_WORD], how.strip()[:MOST_CHARS_OF_A_WORD]) for word, _, how in lines]
    return tuple((word, how) for word, how in pairs if word and how)[:MOST_WORDS_OF_A_LIST]
