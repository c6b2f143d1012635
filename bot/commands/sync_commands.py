"""Keeps Discord's list of commands up to date."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_rest import Json, delete_command, listed_commands, send_command
from bot.ui.translator import described
from pipeline.log import log_of

_EMPTY: tuple[object, ...] = (None, "", [], {}, False)
log = log_of("roster")


async def keep_true(tree: app_commands.CommandTree[Any]) -> int:
    """Send what changed and delete what is gone; returns how many calls that took."""
    client: discord.Client = tree.client
    application = client.application_id
    translator = tree.translator
    assert application is not None, "the roster is kept after the login"
    assert translator is not None, "commands have words in every language"
    # Compared, not overwritten: Discord allows 200 new commands a day, and restarts are many.
    ours = {_same(one): one for one in [await _payload(each, tree, translator) for each in tree.get_commands()]}
    theirs = {_same(one): one for one in await listed_commands(client, application)}
    gone = [one for same, one in theirs.items() if same not in ours]
    changed = [one for same, one in ours.items() if not holds(theirs.get(same), one)]
    for one in gone:
        await delete_command(client, application, one["id"])
    for one in changed:
        await send_command(client, application, one)
    if gone or changed:
        log.info("commands_sent", changed=[one["name"] for one in changed], gone=[one["name"] for one in gone])
    return len(gone) + len(changed)


def holds(theirs: Any, ours: Any) -> bool:
    """Whether Discord's copy holds all of ours; it adds fields of its own and leaves empty ones out."""
    if ours in _EMPTY:
        return theirs in _EMPTY
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(holds(theirs.get(key), value) for key, value in ours.items())
    if isinstance(ours, (list, tuple)):
        alike = isinstance(theirs, (list, tuple)) and len(theirs) == len(ours)
        return alike and all(holds(its, one) for its, one in zip(theirs, ours, strict=True))
    return bool(theirs == ours)


async def _payload(command: Any, tree: app_commands.CommandTree[Any], translator: app_commands.Translator) -> Json:
    payload: Json = await command.get_translated_payload(tree, translator)
    return described(payload)


def _same(command: Json) -> tuple[int, str]:
    return command.get("type", 1), command["name"]
