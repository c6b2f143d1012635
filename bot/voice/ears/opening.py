"""A listening, asked for."""

from __future__ import annotations

import random
import uuid
from typing import Any

import discord

from bot.gate.asker import asker_of
from bot.gate.permissions import hold_to_rules
from bot.library.kept import Delivery, ServerSettings, Where
from bot.refusals import refuse
from bot.services import services_of
from bot.teller import Wish
from bot.voice.ears.buttons import buttons
from bot.voice.ears.session import Terms
from bot.wording import said
from pipeline.errors import Refused, TaleError
from pipeline.words.prompt import Prompt, Said


async def open_ears(interaction: discord.Interaction[Any]) -> None:
    """Join the asker's call and listen; refused in one sentence to them alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        room = await _opened(interaction)
    except TaleError as error:
        await refuse(interaction, error)
        return
    text = said("ears.answer.begun", interaction.locale.value, channel=f"<#{room}>")
    await interaction.followup.send(text, ephemeral=True)


async def _opened(interaction: discord.Interaction[Any]) -> int:
    services, asker = services_of(interaction), asker_of(interaction)
    rules = await services.library.servers.of(asker.server)
    hold_to_rules(asker, rules)
    member, place = interaction.user, interaction.channel
    if not isinstance(member, discord.Member) or member.voice is None or member.voice.channel is None:
        raise Refused("ears_sit_first")
    room = member.voice.channel
    if not rules.listening or not rules.voice_allowed or str(room.id) in rules.never_here:
        raise Refused("ears_forbidden", channel=f"<#{room.id}>")
    if not isinstance(place, discord.abc.Messageable):
        raise Refused("ears_forbidden", channel=f"<#{room.id}>")
    locale = interaction.locale.value

    async def tell(told: tuple[Said, ...]) -> None:
        await services.teller.begin(_wish(interaction, told, rules))

    terms = Terms(member.id, locale, words_only=not rules.read_feeling)
    await services.ears.begin(room, place, terms, lambda ended: buttons(ended, locale), tell)
    return int(room.id)


def _wish(interaction: discord.Interaction[Any], told: tuple[Said, ...], rules: ServerSettings) -> Wish:
    asker = asker_of(interaction)
    prompt = Prompt(
        "",
        random.getrandbits(31),
        words=rules.words,
        language=rules.language or None,
        voice=rules.voice or None,
        read_feeling=rules.read_feeling,
        rating=rules.rating,
        said=told,
        names=tuple(dict.fromkeys(one.name for one in told if one.name)),
    )
    where = Where.UPLOAD if rules.words_only else Where.BOTH
    delivery = Delivery(where, text=rules.text, locale=asker.locale, plain=rules.plain)
    return Wish(uuid.uuid4().hex, asker.server, asker.channel, asker.member, prompt, delivery, sits_in=asker.sits_in)
