"""Tales and news at a server's hours."""

from __future__ import annotations

import re
import secrets
from datetime import time
from typing import Any

import discord
from discord import app_commands

from bot.actions.review_buttons import PARTS
from bot.actions.tale_choices import lengths_of_news, manners
from bot.gate.caller import Asker
from bot.gate.word_filter import hold_to_words
from bot.library.records import ServerSettings
from bot.library.scheduled import EVERY_DAY, Scheduled
from bot.moderation.mod_log import note
from bot.newsroom import news_words
from bot.request_tale.options import rating_of
from bot.request_tale.timetable import new_schedule
from bot.services import services_of
from bot.ui.escape import shown, told_of
from bot.wording import said
from pipeline.errors import Refused
from pipeline.words.prompt import MAX_PROMPT_CHARS

_MOST_WISH_CHARS = 500


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the group of commands to the tree, for managers, and the buttons of the review to the client."""
    group = app_commands.Group(
        name="schedule",
        description=said("commands.schedule.says"),
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    add: Any = app_commands.choices(length=lengths_of_news(), manner=manners())(add_schedule)
    group.add_command(app_commands.command(name="add")(add))
    group.add_command(app_commands.command(name="remove")(remove_schedule))
    tree.add_command(group)
    tree.client.add_dynamic_items(PARTS)


async def add_schedule(
    interaction: discord.Interaction,
    at: str,
    wish: app_commands.Range[str, 1, _MOST_WISH_CHARS] | None = None,
    length: str = "60",
    manner: str = "",
    days: str = EVERY_DAY,
    review: bool = False,
) -> None:
    """Tell a tale of this wish, or the news, in this channel at this hour of the server's time zone."""
    server, services = _managed(interaction), services_of(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    rules = await services.library.servers.of(server)
    words = told_of(wish or "", {})[:MAX_PROMPT_CHARS]
    asker = Asker("", server, str(interaction.channel_id))
    await services.pools.words.run(hold_to_words, words, rules, rating_of(asker, rules))
    one = Scheduled(
        secrets.token_hex(4),
        _hour(at),
        str(interaction.channel_id),
        words,
        news_words(int(length)),
        manner,
        _days(days),
        review,
        services.clock(),
    )
    rules = await services.library.servers.change(server, schedules=new_schedule(rules, one))
    locale = interaction.locale.value
    line = said("schedule.added", locale, what=_line(one, locale), zone=rules.timezone)
    await note(interaction.client, rules, f"{interaction.user.mention}: {line}")
    await interaction.followup.send(line, ephemeral=True)


async def remove_schedule(interaction: discord.Interaction, number: int = 0) -> None:
    """Remove one by its number; without one, list them."""
    server, locale = _managed(interaction), interaction.locale.value
    servers = services_of(interaction).library.servers
    rules = await servers.of(server)
    if 1 <= number <= len(rules.schedules):
        kept = tuple(one for nth, one in enumerate(rules.schedules, 1) if nth != number)
        rules = await servers.change(server, schedules=kept)
    await interaction.response.send_message(_list(rules, locale) or said("schedule.none", locale), ephemeral=True)


def _list(rules: ServerSettings, locale: str) -> str:
    return "\n".join(f"{nth}. {_line(one, locale)}" for nth, one in enumerate(rules.schedules, 1))


def _line(one: Scheduled, locale: str) -> str:
    what = shown(one.wish) if one.wish else said("schedule.news", locale)
    days = "" if one.days == EVERY_DAY else f" ({one.days})"
    return f"{one.at}{days} <#{one.channel}>: {what}"


def _hour(text: str) -> str:
    try:
        return time.fromisoformat(text.strip().zfill(5)).strftime("%H:%M")
    except ValueError as error:
        raise Refused("setting_hour", text=text[:20]) from error


def _days(text: str) -> str:
    days = "".join(sorted(set(re.sub(r"[\s,;]", "", text))))
    if not days or not set(days) <= set(EVERY_DAY):
        raise Refused("schedule_days", text=text[:20])
    return days


def _managed(interaction: discord.Interaction) -> str:
    """Return the server; raises Refused `settings_managers_only`."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise Refused("settings_managers_only")
    return str(interaction.guild_id)
