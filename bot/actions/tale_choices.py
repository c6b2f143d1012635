"""Choices that the tale command offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.library.records import TextShown, Where
from bot.newsroom import LENGTHS_S
from bot.services import services_of
from bot.ui.translator import worded
from bot.wording import narrators, said
from pipeline.places import DATA
from pipeline.tables import codes_with, read_table
from pipeline.words.mood import Emotion
from pipeline.words.prompt import STYLES
from pipeline.words.source import TellerManner

WORDS = {"short": 220, "medium": 480, "long": 1_280}
"""Words of a tale: about one, three and eight minutes."""
TOLD_AS = (TellerManner.ANCHOR, TellerManner.FRIEND, TellerManner.TEACHER, TellerManner.FAIRY_TALE)
MOST_OFFERED = 25  # Discord takes no more suggestions


@dataclass(frozen=True)
class VoiceFacts:
    """What a member wants to know of a voice."""

    locale: str = ""  # of its speaker: en-GB
    gender: str = ""
    age: str = ""


@dataclass(frozen=True)
class VoiceTable:
    """The part of data/voices.toml that members see."""

    voices: dict[str, VoiceFacts] = field(default_factory=dict)


def lengths() -> list[Choice[str]]:
    """Choices of length: short, medium, long."""
    return [Choice(name=worded(f"choices.length.{name}"), value=name) for name in WORDS]


def lengths_of_news() -> list[Choice[str]]:
    """Choices of how many seconds the news take."""
    return [Choice(name=worded(f"choices.news_length.{one}"), value=str(one)) for one in LENGTHS_S]


def manners() -> list[Choice[str]]:
    """Choices of who seems to tell them."""
    return [Choice(name=worded(f"choices.manner.{one}"), value=str(one)) for one in TOLD_AS]


def moods() -> list[Choice[str]]:
    """Choices of mood: the seven feelings."""
    return [Choice(name=worded(f"choices.mood.{one}"), value=str(one)) for one in Emotion]


def languages() -> list[Choice[str]]:
    """Choices of language: those a tale can be written in."""
    return [Choice(name=worded(f"choices.language.{one}"), value=one) for one in codes_with("tongue")]


def places() -> list[Choice[str]]:
    """Choices of where it is told: in the call, as a file, or both."""
    return [Choice(name=worded(f"choices.where.{one}"), value=str(one)) for one in Where]


def texts() -> list[Choice[str]]:
    """Choices of when the story's text is seen."""
    return [Choice(name=worded(f"choices.text.{one}"), value=str(one)) for one in TextShown]


@cache
def voice_table() -> VoiceTable:
    """Return the stock voices of data/voices.toml, read once."""
    return read_table(DATA / "voices.toml", VoiceTable)


def voice_name(voice: str, locale: str) -> str:
    """`Fable · English (GB) · man` for `bm_fable`."""
    traits = voice_table().voices.get(voice, VoiceFacts())
    language, _, region = traits.locale.partition("-")
    spoken = said(f"choices.language.{language}", locale)
    told = f"{spoken} ({region})" if region else spoken
    gender = said(f"choices.gender.{traits.gender}", locale) if traits.gender else ""
    return " · ".join(part for part in (voice.rpartition("_")[2].title(), told, gender) if part)


async def offer_styles(interaction: discord.Interaction, so_far: str) -> list[Choice[str]]:
    """Suggest styles by their name in the member's language."""
    locale = interaction.locale.value
    named = [(said(f"choices.style.{one}", locale), one) for one in STYLES]
    return _fitting(named, so_far)


async def offer_voices(interaction: discord.Interaction, so_far: str) -> list[Choice[str]]:
    """Suggest the member's own voices first, then shared ones, then those of the wanted language."""
    locale, server = interaction.locale.value, str(interaction.guild_id or "")
    own = await services_of(interaction).library.voices.usable(str(interaction.user.id), server)
    # The namespace has only the options that are filled in so far.
    wanted = getattr(interaction.namespace, "language", None) or locale[:2]
    table = voice_table()
    tellers = {name for names in narrators().values() for name in names}
    ready = sorted(
        table.voices, key=lambda name: (not table.voices[name].locale.startswith(wanted), name not in tellers, name)
    )
    named = [(one.name, one.id) for one in own] + [(voice_name(one, locale), one) for one in ready]
    return _fitting(named, so_far)


def _fitting(named: list[tuple[str, str]], so_far: str) -> list[Choice[str]]:
    typed = so_far.casefold().strip()
    found = [(name, value) for name, value in named if typed in name.casefold() or typed in value.casefold()]
    return [app_commands.Choice(name=name[:100], value=value) for name, value in found[:MOST_OFFERED]]
