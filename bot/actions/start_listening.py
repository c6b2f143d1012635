"""Starts a listening."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.actions.listen_buttons import buttons
from bot.gate.caller import Asker, asker_of
from bot.gate.word_filter import DANGER
from bot.moderation.mod_log import note_listening, note_refused
from bot.moderation.private_notice import tell_alone
from bot.request_tale.request import wish_of_call
from bot.services import services_of
from bot.ui.refusals import refuse
from bot.voice.listening.session import Handed, Terms
from bot.wording import language_of, said
from pipeline.errors import Refused, TaleError
from pipeline.wording import sentence


async def open_ears(interaction: discord.Interaction[Any]) -> None:
    """Join the asker's call and listen; a refusal is one sentence to them alone."""
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
    # Before anybody is heard: whose wish would be refused at the end need not speak it.
    await services.gate.admit(asker, rules, min(rules.words, rules.most_words), services.clock())
    member, place = interaction.user, interaction.channel
    if not isinstance(member, discord.Member) or member.voice is None or member.voice.channel is None:
        raise Refused("ears_sit_first")
    room = member.voice.channel
    if not rules.listening or not rules.voice_allowed or str(room.id) in rules.never_here:
        raise Refused("ears_forbidden", channel=f"<#{room.id}>")
    if not isinstance(place, discord.abc.Messageable):
        raise Refused("ears_forbidden", channel=f"<#{room.id}>")
    locale = interaction.locale.value

    async def tell(told: Handed) -> bool:
        return await _tell(interaction, asker if told.welcome else replace(asker, sits_in=""), told)

    terms = Terms(member.id, locale, words_only=not rules.read_feeling)
    over = partial(note_listening, interaction, rules, room.id, "ended")
    await services.ears.begin(room, place, terms, lambda ended: buttons(ended, locale), tell, over)
    await note_listening(interaction, rules, room.id, "began")
    return int(room.id)


async def _tell(interaction: discord.Interaction[Any], asker: Asker, told: Handed) -> bool:
    """Ask for the tale; what is refused is erased, and danger is answered to the asker alone."""
    services = services_of(interaction)
    # Read again: minutes went by, and a manager may have changed them.
    rules = await services.library.servers.of(asker.server)
    try:
        await services.teller.begin(
            await wish_of_call(services, asker, rules, told.said, {str(one) for one in told.speakers})
        )
    except TaleError as error:
        recordings = [one.recording for one in told.said]
        await services.pools.files.run(services.artifacts.erase, recordings)
        await services.door.tell_erased(recordings)
        if isinstance(error, Refused):
            await note_refused(interaction, rules, error)
        if error.code != DANGER:
            raise
        await tell_alone(interaction.client, asker.member, sentence(error, language_of(asker.locale)))
        return False
    return True
