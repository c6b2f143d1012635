"""The news of a server, told."""

from __future__ import annotations

from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.actions.tale_choices import lengths_of_news, manners
from bot.gate.caller import asker_of
from bot.newsroom import MOST_FEEDS, news_words
from bot.request_tale.options import Draft, TaleOptions
from bot.request_tale.request import begin
from bot.services import services_of
from bot.ui.escape import shown
from bot.wording import said
from pipeline.errors import Refused
from pipeline.words.source import TellerManner


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the group of commands to the tree."""
    group = app_commands.Group(name="news", description=said("commands.news.says"), guild_only=True)
    now: Any = app_commands.choices(length=lengths_of_news(), manner=manners())(tell_news)
    group.add_command(app_commands.command(name="now")(now))
    group.add_command(app_commands.command(name="add")(add_feed))
    group.add_command(app_commands.command(name="remove")(remove_feed))
    tree.add_command(group)


async def tell_news(interaction: discord.Interaction, length: str = "60", manner: str = "") -> None:
    """Tell what the server's feeds say now."""
    await interaction.response.defer(thinking=True)
    gathered = partial(_gathered, interaction, TellerManner(manner or TellerManner.ANCHOR))
    await begin(interaction, Draft(""), TaleOptions(words=news_words(int(length))), gathered)


async def add_feed(interaction: discord.Interaction, link: str) -> None:
    """Add a feed that can be read now, for managers."""
    server = _managed(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, locale = services_of(interaction), interaction.locale.value
    rules = await services.library.servers.of(server)
    if len(rules.feeds) >= MOST_FEEDS:
        raise Refused("news_full", most=MOST_FEEDS)
    source = await services.newsroom.feed(link.strip())
    await services.library.servers.change(server, feeds=tuple(dict.fromkeys((*rules.feeds, link.strip()))))
    items = len({fact.part for fact in source.facts})
    told = said("news.added", locale, feed=shown(source.title or source.origin), items=items)
    await interaction.followup.send(told, ephemeral=True)


async def remove_feed(interaction: discord.Interaction, number: int = 0) -> None:
    """Remove one of the server's feeds by its number; without one, list them."""
    server, locale = _managed(interaction), interaction.locale.value
    servers = services_of(interaction).library.servers
    feeds = (await servers.of(server)).feeds
    if 1 <= number <= len(feeds):
        feeds = tuple(one for nth, one in enumerate(feeds, 1) if nth != number)
        await servers.change(server, feeds=feeds)
    lines = "\n".join(f"{nth}. {shown(link)}" for nth, link in enumerate(feeds, 1))
    await interaction.response.send_message(lines or said("news.none", locale), ephemeral=True)


async def _gathered(interaction: discord.Interaction, manner: TellerManner) -> Draft:
    source = await services_of(interaction).newsroom.gathered(asker_of(interaction).server, manner)
    return Draft("", source=source)


def _managed(interaction: discord.Interaction) -> str:
    """Return the server; raises Refused `settings_managers_only`."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise Refused("settings_managers_only")
    return str(interaction.guild_id)
