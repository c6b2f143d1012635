"""The commands about the narrator's voice."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot.actions import tale_choices
from bot.actions.clone_panels import Invitation, Leave, Own
from bot.actions.tale_choices import voice_name, voice_table
from bot.gate.caller import Asker, asker_of
from bot.gate.gate import hold_to_rules
from bot.gate.word_filter import hold_out_of_danger, hold_to_words
from bot.library.records import ServerSettings
from bot.moderation.mod_log import note_refused
from bot.momentary import momentary_folder
from bot.request_tale.options import Curve, Energy, Pace, Pitch, ProsodyOptions, rating_of
from bot.services import Services, services_of
from bot.ui.escape import shown
from bot.wording import language_of, narrators, said
from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of
from pipeline.errors import Refused
from pipeline.tables import FALLBACK
from pipeline.words.answer import Sampled
from pipeline.words.prompt import Speaking
from pipeline.words.request import Asked, Sample
from pipeline.words.sound import Artifact, Samples, Spoken

MOST_SAID = 300
"""Most characters of a sample."""
SAMPLE_WITHIN_S = 14 * 60.0
"""Longest wait for a sample: an interaction can be answered for fifteen minutes."""
MOST_WORDS, MOST_LETTERS = 60, 60
"""Words in a server's table of pronunciations, and the letters of each."""
_FORM = ".mp3"
"""The format that every phone and desktop plays by a tap."""


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the group of commands to the tree."""
    group = app_commands.Group(name="voice", description=said("commands.voice.says"))
    choose: Any = app_commands.command(name="choose")(choose_voice)
    hear: Any = app_commands.command(name="hear")(app_commands.choices(language=tale_choices.languages())(hear_voice))
    speak: Any = app_commands.command(name="speak")(speak_so)
    teach: Any = app_commands.command(name="say-as")(say_as)
    for command in (choose, hear):
        command.autocomplete("voice")(tale_choices.offer_voices)
    learn: Any = app_commands.command(name="clone")(app_commands.choices(language=tale_choices.languages())(clone))
    for command in (choose, hear, speak, teach, learn):
        group.add_command(command)
    tree.add_command(group)


async def choose_voice(interaction: discord.Interaction, voice: str | None = None) -> None:
    """Choose the member's narrator from now on, in every server."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, asker = services_of(interaction), asker_of(interaction)
    name = await _known(services, voice, asker.member, asker.server, asker.locale) if voice else ""
    await services.library.voices.choose(asker.member, voice or "")
    told = said("voice.chosen", asker.locale, voice=name) if voice else said("voice.free", asker.locale)
    await interaction.followup.send(told)


async def hear_voice(
    interaction: discord.Interaction,
    voice: str,
    text: app_commands.Range[str, 1, MOST_SAID] | None = None,
    language: str | None = None,
) -> None:
    """Play a sample: a sentence of the voice's language, or the member's words, in the manner they chose."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, asker = services_of(interaction), asker_of(interaction)
    await _hold_to_rules(interaction, services, asker, text or "")
    name = await _known(services, voice, asker.member, asker.server, asker.locale)
    spoken_in = language or _language_of(voice, asker.locale)
    voices = services.library.voices
    sample = Sample(voice, spoken_in, text or "", await voices.speaking(asker.member))
    if learnt := await voices.get(voice, asker.member, asker.server):
        sample = replace(sample, voice=learnt.blend or learnt.id, learnt=learnt.learnt)
    await let_hear(interaction, await spoken(interaction, sample), said("voice.hear", asker.locale, voice=name))


async def _hold_to_rules(interaction: discord.Interaction, services: Services, asker: Asker, text: str) -> None:
    """Check words for a voice as a wish is checked; raises Refused, which is noted in the mod log."""
    rules = await services.library.servers.of(asker.server)
    reading = services.pools.words
    try:
        await reading.run(hold_out_of_danger, text, asker.locale)
        await services.gate.welcome(asker, rules)
        await reading.run(hold_to_words, text, rules, rating_of(asker, rules))
    except Refused as error:
        await note_refused(interaction, rules, error)
        raise


async def speak_so(
    interaction: discord.Interaction,
    pace: Pace | None = None,
    pitch: Pitch | None = None,
    energy: Energy | None = None,
    curve: Curve | None = None,
) -> None:
    """Choose how the member's tales are spoken; options left out stay, and none at all resets them."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, asker = services_of(interaction), asker_of(interaction)
    await services.gate.unblocked(asker)
    voices = services.library.voices
    wished = ProsodyOptions(pace, pitch, energy, curve)
    if wished == ProsodyOptions():
        await voices.manner(asker.member, Speaking())
        await interaction.followup.send(said("voice.as_usual", asker.locale))
        return
    speaking = wished.over(await voices.speaking(asker.member))
    chosen = await voices.chosen(asker.member)
    voice = chosen if chosen in voice_table().voices else teller_of(asker.locale)
    sample = Sample(voice, _language_of(voice, asker.locale), "", speaking)
    # Heard before it is kept: the narrator refuses a curve that it cannot read.
    sampled = await spoken(interaction, sample)
    await voices.manner(asker.member, speaking)
    await let_hear(interaction, sampled, said("voice.speaks_so", asker.locale, **_figures(speaking)))


async def spoken(interaction: discord.Interaction, sample: Sample) -> Sampled:
    services, asker = services_of(interaction), asker_of(interaction)
    wish = Asked(uuid.uuid4().hex, sample, asker.server, asker.member)
    async with asyncio.timeout(SAMPLE_WITHIN_S):
        return await services.door.answered(wish, Sampled, services.artifacts)


async def let_hear(interaction: discord.Interaction, sampled: Sampled, told: str) -> None:
    path_of = services_of(interaction).artifacts.path
    async with momentary_folder("sample") as folder:
        file = await asyncio.to_thread(written, sampled.spoken, path_of, folder)
        await interaction.followup.send(told, file=discord.File(file))


@app_commands.guild_only()
async def say_as(
    interaction: discord.Interaction,
    word: app_commands.Range[str, 1, MOST_LETTERS],
    said_so: app_commands.Range[str, 0, MOST_LETTERS] = "",
) -> None:
    """Set how a word is pronounced in every tale of this server."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    servers, asker = services_of(interaction).library.servers, asker_of(interaction)
    if not asker.manages:
        raise Refused("gate_manager")
    table = dict((await servers.of(asker.server)).say_as)
    table.pop(word, None)
    if said_so:
        table[word] = said_so
    if len(table) > MOST_WORDS:
        raise Refused("say_as_full", most=MOST_WORDS)
    await servers.change(asker.server, say_as=tuple(table.items()))
    told = "voice.noted" if said_so else "voice.forgotten"
    await interaction.followup.send(said(told, asker.locale, word=shown(word), said=shown(said_so)))


async def _known(services: Services, voice: str, member: str, server: str, locale: str) -> str:
    """Return the voice's name; raises Refused `voice_unheard_of`."""
    if voice in voice_table().voices:
        return voice_name(voice, locale)
    learnt = await services.library.voices.get(voice, member, server)
    if learnt is None:
        raise Refused("voice_unheard_of", voice=shown(voice[:MOST_LETTERS]))
    return shown(learnt.name)


def _language_of(voice: str, locale: str) -> str:
    return voice_table().voices.get(voice, tale_choices.VoiceFacts(locale)).locale[:2] or FALLBACK


def teller_of(locale: str) -> str:
    """Return the usual narrator of this member's language."""
    return (narrators().get(language_of(locale)) or narrators()[FALLBACK])[0]


def _figures(speaking: Speaking) -> dict[str, str]:
    figures = {"pitch": speaking.pitch_semitones, "energy": speaking.energy_db}
    signed = {name: f"{value:+g}" if value else "0" for name, value in figures.items()}
    return {"pace": f"{speaking.pace:g}", "curve": shown(speaking.curve) or "—", **signed}


async def clone(interaction: discord.Interaction, language: str | None = None) -> None:
    """Show the member's own voice, where there is one; else the sentence to read for it."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    mine = await services_of(interaction).library.voices.of_member(str(interaction.user.id))
    if mine:
        own = Own(interaction, mine[-1], admitted)
        await interaction.followup.send(own.text(), view=own, ephemeral=True)
        return
    await _ruled(interaction)
    invitation = Invitation(interaction, language or language_of(interaction.locale.value), admitted)
    await interaction.followup.send(invitation.text(), view=invitation, ephemeral=True)


async def admitted(interaction: discord.Interaction[Any]) -> Leave:
    """Return where a voice may be learnt now; raises Refused."""
    rules = await _ruled(interaction)
    member = interaction.user
    room = member.voice.channel if isinstance(member, discord.Member) and member.voice else None
    if room is None:
        raise Refused("ears_sit_first")
    if not rules.listening or not rules.voice_allowed or str(room.id) in rules.never_here:
        raise Refused("ears_forbidden", channel=f"<#{room.id}>")
    return Leave(room, rules, asker_of(interaction))


async def _ruled(interaction: discord.Interaction[Any]) -> ServerSettings:
    """Check that cloning is on, which it is not before a manager turns it on; raises Refused."""
    servers, asker = services_of(interaction).library.servers, asker_of(interaction)
    rules = await servers.of(asker.server)
    if await servers.blocks(asker.server, asker.member, asker.roles):
        raise Refused("gate_blocked")
    hold_to_rules(asker, rules)
    if not rules.cloning:
        raise Refused("cloning_off")
    return rules


def written(spoken: Sequence[Spoken], path_of: Callable[[Artifact], Path], folder: Path) -> Path:
    """Write a sample's passages into one file."""

    def blocks() -> Iterator[Samples]:
        for one in spoken:
            yield from blocks_of(path_of(one.voice))

    file = folder / f"voice{_FORM}"
    encode(file, blocks(), FORMS[_FORM], mono=True)
    return file
