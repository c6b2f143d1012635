"""The limits of an application command."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from enum import IntEnum

from tests.discord_double import refusal
from tests.discord_double.refusal import Form, Json, Refusal

NAME_MOST, DESCRIPTION_MOST, OPTIONS_MOST, CHOICES_MOST, TEXT_MOST = 32, 100, 25, 25, 8000
MOST_BY_TYPE = {1: 100, 2: 15, 3: 15, 4: 1}
SUBCOMMAND, GROUP = 1, 2
# fmt: off
LOCALES = frozenset((
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR",
    "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko",
))
# fmt: on
SCRIPTS_WITH_MARKS = ("DEVANAGARI", "THAI")


class Option(IntEnum):
    """Option types that carry a value."""

    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


def check_all(commands: object) -> list[Json]:
    """The commands of a bulk overwrite, refused together when any is unlawful."""
    sheet = Form()
    if not isinstance(commands, list):
        raise Refusal(400, 50035, "Invalid Form Body")
    for number, command in enumerate(commands):
        _check(sheet, f"{number}.", command)
    for kind, most in MOST_BY_TYPE.items():
        if sum(each.get("type", 1) == kind for each in commands) > most:
            raise refusal.TOO_MANY_COMMANDS
    identities = [(each.get("type", 1), each.get("name")) for each in commands]
    for number, identity in enumerate(identities):
        if identity in identities[:number]:
            sheet.wrong(str(number), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
    sheet.check()
    return commands


def check(command: Json) -> None:
    """One command, refused when it is unlawful."""
    sheet = Form()
    _check(sheet, "", command)
    sheet.check()


def is_lawful_name(name: object) -> bool:
    """Letters and digits of any script in lower case, with - _ ' between."""
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_MOST or name != name.lower():
        return False
    return all(_is_lawful_letter(letter) for letter in name)


def _is_lawful_letter(letter: str) -> bool:
    if letter in "-_'" or unicodedata.category(letter)[0] in "LN":
        return True
    return unicodedata.name(letter, "").startswith(SCRIPTS_WITH_MARKS)


def _check(sheet: Form, path: str, command: Json) -> None:
    kind = command.get("type", 1)
    if kind == 1:
        _check_named(sheet, path, command)
        _check_options(sheet, path, command.get("options") or [], depth=0)
    else:
        sheet.length(f"{path}name", command.get("name"), NAME_MOST, 1)
        if command.get("description"):
            wrong = "Context menu commands cannot have description"
            sheet.wrong(f"{path}description", "APPLICATION_COMMAND_INVALID_DESCRIPTION", wrong)
    if _text_of(command) > TEXT_MOST:
        wrong = "Command exceeds maximum size (8000)"
        sheet.wrong(f"{path}name", "APPLICATION_COMMAND_TOO_LARGE", wrong)


def _check_named(sheet: Form, path: str, thing: Json) -> None:
    """Name, description and both in other languages."""
    names = {"name": thing.get("name")} | _localized(sheet, path, thing, "name_localizations")
    for key, name in names.items():
        if not is_lawful_name(name):
            wrong = "Command name is invalid"
            sheet.wrong(path + key, "APPLICATION_COMMAND_INVALID_NAME", wrong)
    texts = {"description": thing.get("description")}
    texts |= _localized(sheet, path, thing, "description_localizations")
    for key, text in texts.items():
        sheet.length(path + key, text, DESCRIPTION_MOST, 1)


def _localized(sheet: Form, path: str, thing: Json, key: str) -> Json:
    found = thing.get(key) or {}
    for locale in found:
        if locale not in LOCALES:
            sheet.wrong(f"{path}{key}.{locale}", "ENUM_TYPE_COERCE", f"{locale} is not a locale")
    return {f"{key}.{locale}": text for locale, text in found.items()}


def _check_options(sheet: Form, path: str, options: object, depth: int) -> None:
    listed = sheet.count(f"{path}options", options, OPTIONS_MOST)
    names = [each.get("name") for each in listed]
    optional_seen = False
    for number, option in enumerate(listed):
        at = f"{path}options.{number}."
        _check_option(sheet, at, option, depth)
        if option.get("name") in names[:number]:
            sheet.wrong(at + "name", "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", "Option name already used")
        if option.get("required") and optional_seen:
            wrong = "Required options must be placed before non-required options"
            sheet.wrong(at[:-1], "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", wrong)
        optional_seen |= not option.get("required")


def _check_option(sheet: Form, path: str, option: Json, depth: int) -> None:
    kind = option.get("type")
    _check_named(sheet, path, option)
    sheet.choice(f"{path}type", kind, tuple(range(1, 12)))
    if kind in (SUBCOMMAND, GROUP):
        if depth >= (2 if kind == SUBCOMMAND else 1):
            sheet.wrong(f"{path}type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deep")
        _check_options(sheet, path, option.get("options") or [], depth + 1)
    choices = sheet.count(f"{path}choices", option.get("choices") or [], CHOICES_MOST)
    for number, choice in enumerate(choices):
        check_choice(sheet, f"{path}choices.{number}.", choice, kind)
    if choices and option.get("autocomplete"):
        sheet.wrong(f"{path}autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "No choices with autocomplete")


def check_choice(sheet: Form, path: str, choice: Json, kind: object) -> None:
    """One choice of an option, fixed or suggested while typing."""
    sheet.length(f"{path}name", choice.get("name"), 100, 1)
    value = choice.get("value")
    if kind == Option.STRING:
        sheet.length(f"{path}value", value, 100, 1)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        sheet.wrong(f"{path}value", "NUMBER_TYPE_COERCE", "Value is not a number.")


def _text_of(command: Json) -> int:
    return sum(_longest(thing, key) for thing in _parts(command) for key in ("name", "description", "value"))


def _longest(thing: Json, key: str) -> int:
    texts = [thing.get(key), *(thing.get(f"{key}_localizations") or {}).values()]
    return max(len(text) if isinstance(text, str) else 0 for text in texts)


def _parts(command: Json) -> Iterator[Json]:
    yield command
    yield from command.get("choices") or []
    for option in command.get("options") or []:
        yield from _parts(option)
