"""The command that tells a tale."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.actions import ideas, tale_choices
from bot.actions.picture_question import PictureQuestion
from bot.library.records import TextShown, Where
from bot.request_tale.attachments import draft_of, draft_of_link, is_picture
from bot.request_tale.options import Curve, Draft, Energy, Pace, Pitch, ProsodyOptions, TaleOptions
from bot.request_tale.request import begin
from pipeline.sources.fetch import is_link
from pipeline.words.mood import Emotion
from pipeline.words.prompt import MAX_PERSONA_CHARS, MAX_PROMPT_CHARS, Storyteller


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree."""
    tree.add_command(_command())


def _command() -> app_commands.Command[Any, ..., None]:
    offers = {
        "length": tale_choices.lengths(),
        "mood": tale_choices.moods(),
        "language": tale_choices.languages(),
        "where": tale_choices.places(),
        "text": tale_choices.texts(),
    }
    offering = app_commands.choices(**offers)(tale)
    command: app_commands.Command[Any, ..., None] = app_commands.command(name="tale")(offering)
    command.autocomplete("style")(tale_choices.offer_styles)
    command.autocomplete("voice")(tale_choices.offer_voices)
    return command


async def tale(
    interaction: discord.Interaction,
    prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARS] | None = None,
    length: str | None = None,
    mood: str | None = None,
    style: str | None = None,
    voice: str | None = None,
    language: str | None = None,
    where: str | None = None,
    text: str | None = None,
    only_me: bool = False,
    tell_me: bool = False,
    file: discord.Attachment | None = None,
    pace: Pace | None = None,
    pitch: Pitch | None = None,
    energy: Energy | None = None,
    curve: Curve | None = None,
    persona: app_commands.Range[str, 1, MAX_PERSONA_CHARS] | None = None,
    daring: app_commands.Range[float, -1.0, 1.0] | None = None,
    effects: bool = True,
) -> None:
    """Ask for a tale; a prompt alone is enough, and without one there are ideas."""
    chosen = TaleOptions(
        words=tale_choices.WORDS[length] if length else 0,
        style=style or "",
        mood=Emotion(mood) if mood else None,
        language=language or "",
        voice=voice or "",
        where=Where(where) if where else None,
        only_me=only_me,
        text=TextShown(text) if text else None,
        tell_me=tell_me,
        manner=ProsodyOptions(pace, pitch, energy, curve),
        storyteller=Storyteller(daring or 0.0, persona or ""),
        effects=effects,
    )
    if not prompt and file is None:
        await ideas.offer(interaction, chosen)
        return
    if file is not None and not prompt and is_picture(file):
        answered = partial(_ask, chosen, file)
        await interaction.response.send_modal(PictureQuestion(interaction.locale.value, answered))
        return
    await _ask(chosen, file, interaction, prompt or "")


async def _ask(
    chosen: TaleOptions, file: discord.Attachment | None, interaction: discord.Interaction, prompt: str
) -> None:
    await interaction.response.defer(thinking=True, ephemeral=chosen.only_me)
    # Handed on unread: a file or a page is fetched only once gate and quota let the member ask.
    link = partial(draft_of_link, prompt.strip()) if is_link(prompt) else None
    attached = partial(_read, file, prompt, interaction) if file else link
    await begin(interaction, Draft(prompt), chosen, attached)


async def _read(file: discord.Attachment, prompt: str, interaction: discord.Interaction) -> Draft:
    read = await draft_of(file, interaction.user.display_name, prompt)
    return read if read.as_written else replace(read, text=prompt)
