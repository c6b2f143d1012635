"""Discord's voice is gone for a while."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.voice.call import Health
from bot.voice.player.status import Doing
from pipeline.words.sound import RATE_HZ
from tests.bot.voice.calling import QUICK, settled, sounds_for
from tests.bot.voice.telling import evening_of
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.permissions import May
from tests.discord_double.voice.opcodes import Close
from tests.pipeline.audio.making import Made

ALL = 99
"""Every event of a tale."""
GONE_S = 20.0
LINE_S = 18.2
"""Where a passage's line begins: two seconds of intro, two passages of eight, a breath."""


@pytest.mark.slow
async def test_twenty_seconds_without_voice_are_waited_for_and_the_line_is_told_again(
    client: discord.Client, double: LoopbackDiscord, guild: Neighbourhood, long: Made, tmp_path: Path
) -> None:
    evening = evening_of(client, guild, long, tmp_path, patience=replace(QUICK, mend_s=90.0))
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id, begin_at=round((LINE_S + 2) * RATE_HZ))(ALL)
    await settled(lambda: evening.booth.now.at_s > LINE_S + 3)
    allowed = guild.voice.overwrites.copy()
    guild.owner.forbids(double.bot, guild.voice, May.CONNECT)  # nobody answers, as in an outage
    guild.seat_of(double.bot).close(Close.CRASHED)
    await settled(lambda: evening.booth.now.doing is Doing.MENDING)
    await asyncio.sleep(GONE_S)
    assert evening.booth.now.doing is Doing.MENDING
    assert evening.cards["one"].refused == []
    guild.voice.overwrites = allowed
    await settled(lambda: evening.booth.now.doing is Doing.TELLING)
    assert evening.call.health is Health.WELL
    await settled(lambda: LINE_S <= evening.booth.now.at_s < LINE_S + 3)
    await ana.locked()
    await sounds_for(ana, 0.5)
    assert evening.cards["one"].refused == []
    await evening.booths.close()
