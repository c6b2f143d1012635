"""Commands in every member's language."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as At
from discord.app_commands import TranslationContextTypes, locale_str

from bot.wording import said
from pipeline.wording import locales

_SLASH, _GROUP = 1, 2
SPOKEN = frozenset(one.value for one in discord.Locale if one.value.partition("-")[0] in locales())
"""Discord's locales whose language we speak."""


def worded(key: str) -> locale_str:
    """Return a name with translations under this key; for choices, which do not know their command."""
    return locale_str(said(key), key=key)


class Lettering(app_commands.Translator):
    """Finds names and descriptions by their place: `[commands.tale]` called, says, and a table for each option."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """Return the translation; None lets Discord show the English."""
        key = string.extras.get("key") or key_of(context)
        found = said(key, locale.value) if locale.value in SPOKEN and key else key
        return None if found == key else found


def described(payload: dict[str, Any], path: str = "commands") -> dict[str, Any]:
    """Return a command as Discord gets it, with its English descriptions from the locale files."""
    if payload.get("type", _SLASH) not in (_SLASH, _GROUP):
        return payload
    here = f"{path}.{payload['name']}"
    inner = [_described_option(one, here) for one in payload.get("options") or []]
    return payload | {"description": said(f"{here}.says"), "options": inner}


def _described_option(option: dict[str, Any], command: str) -> dict[str, Any]:
    if option["type"] in (_SLASH, _GROUP):
        return described(option, command)
    return option | {"description": said(f"{command}.{option['name']}.says")}


def key_of(context: TranslationContextTypes) -> str:
    """Return the key of the words of this command, option or group."""
    data: Any = context.data
    match context.location:
        case At.command_name if isinstance(data, app_commands.ContextMenu):
            return f"commands.{data.callback.__name__}.called"
        case At.command_name | At.group_name:
            return f"{_path(data)}.called"
        case At.command_description | At.group_description:
            return f"{_path(data)}.says"
        case At.parameter_name:
            return f"{_path(data.command)}.{data.name}.called"
        case At.parameter_description:
            return f"{_path(data.command)}.{data.name}.says"
        case _:
            return ""


def _path(command: Any) -> str:
    return "commands." + str(command.qualified_name).replace(" ", ".")
