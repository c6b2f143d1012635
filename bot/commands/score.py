"""The command for music alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import discord
from discord import app_commands
from discord.ui import Button, Select

from bot.actions import tale_choices
from bot.commands.play import seat_of
from bot.gate.caller import asker_of
from bot.gate.word_filter import hold_to_words
from bot.request_tale.options import rating_of
from bot.services import services_of
from bot.ui.escape import shown, told_of
from bot.ui.persistent import Item, parts, show, view_of
from bot.ui.private_panel import Sheet
from bot.voice.player.score_source import TRACKS
from bot.voice.player.scores import ScoreWish
from bot.wording import language_of, said
from pipeline.errors import Refused
from pipeline.words.mood import Emotion, Mood

ROOM = "score"
MOST_CHARS = 100
STEPS = (0, 20, 40, 60, 80, 100)
"""What a slider may be set to, in hundredths."""
SURPRISES = tuple(one for one in Emotion if one is not Emotion.DISGUST)


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and its buttons to the client."""
    offering = app_commands.choices(mood=tale_choices.moods())(score)
    tree.add_command(app_commands.guild_only(app_commands.command(name="score")(offering)))
    tree.client.add_dynamic_items(PARTS)


async def score(
    interaction: discord.Interaction,
    words: app_commands.Range[str, 1, MOST_CHARS] | None = None,
    mood: str | None = None,
) -> None:
    seat_of(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    chosen = Mood.pure(Emotion(mood)) if mood else None
    if not words and chosen is None:
        chosen = Mood.pure(random.choice(SURPRISES))
    await _play(interaction, words or "", chosen)


async def _pressed(interaction: discord.Interaction, what: str, values: tuple[str, ...]) -> None:
    """Answer `level:<track>` with a step, `surprise`, `other` or `stop`."""
    verb, _, track = what.partition(":")
    guild_id, services = interaction.guild_id or 0, services_of(interaction)
    seat = seat_of(interaction)  # who does not sit in a call steers none
    playing = services.scores.wish(guild_id)
    if verb == "other":
        await interaction.response.send_modal(OtherWords(interaction.locale.value))
        return
    await interaction.response.defer()
    if playing is None and verb != "surprise":
        raise Refused("score_silent")
    match verb:
        case "level" if values and values[0].isdecimal() and track in TRACKS:
            services.scores.slide(guild_id, TRACKS.index(track), min(100, int(values[0])) / 100)
        case "surprise":
            await _play(interaction, playing.words if playing else "", Mood.pure(random.choice(SURPRISES)))
            return
        case "stop":
            await services.scores.stop(guild_id, services.booths.call(seat.guild.id))
    await _panel(interaction)


PARTS = parts(ROOM, _pressed)


class OtherWords(Sheet):
    """Form that asks what the music is for."""

    def __init__(self, locale: str) -> None:
        super().__init__(title=said("score.other", locale), timeout=900)
        self._words: discord.ui.TextInput[OtherWords] = discord.ui.TextInput(
            label=said("score.words", locale), max_length=MOST_CHARS, custom_id="words"
        )
        self.add_item(self._words)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Play it from now on."""
        await interaction.response.defer()
        await _play(interaction, self._words.value, None)


async def _play(interaction: discord.Interaction, words: str, mood: Mood | None) -> None:
    """Play this where the member sits; raises Refused by the server's rules."""
    services, asker, seat = services_of(interaction), asker_of(interaction), seat_of(interaction)
    await services.gate.unblocked(asker)
    rules = await services.library.servers.of(asker.server)
    text = told_of(words, {}).replace("\n", " ")
    await services.pools.words.run(hold_to_words, text, rules, rating_of(asker, rules))
    services.booths.check(seat.guild.id, seat.id, rules)
    if rules.voice_roles and not asker.manages and not asker.roles & set(rules.voice_roles):
        raise Refused("booth_roles")
    language = rules.language or language_of(asker.locale)
    wish = ScoreWish(text, language, random.getrandbits(31), mood)
    await services.scores.play(seat.guild.id, services.booths.call(seat.guild.id), seat.id, wish)
    await _panel(interaction)


async def _panel(interaction: discord.Interaction) -> None:
    services, locale, guild_id = services_of(interaction), interaction.locale.value, interaction.guild_id or 0
    wish = services.scores.wish(guild_id)
    text = said("score.plays", locale, words=shown(wish.words) or "♪") if wish else said("score.silence", locale)
    await show(interaction, text, view_of(_items(services.scores.levels(guild_id), locale), PARTS))


def _items(levels: tuple[float, ...], locale: str) -> Iterator[Item]:
    for row, (track, level) in enumerate(zip(TRACKS, levels, strict=True)):
        name = said(f"score.track.{track}", locale)
        options = [
            discord.SelectOption(label=f"{name}: {step} %", value=str(step), default=step == round(level * 100))
            for step in sorted({*STEPS, round(level * 100)})
        ]
        yield Select(custom_id=f"{ROOM}:level:{track}", placeholder=name, options=options, row=row)
    for verb in ("surprise", "other", "stop"):
        style = discord.ButtonStyle.danger if verb == "stop" else discord.ButtonStyle.secondary
        yield Button(label=said(f"score.{verb}", locale), style=style, custom_id=f"{ROOM}:{verb}", row=4)
