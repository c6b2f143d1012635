"""What the ears make of a call."""

from __future__ import annotations

import asyncio
import os

import discord
import numpy as np
import pytest

from bot.voice.receive.opus import Pcm
from tests.bot.voice.listening.listener import Listener, listening
from tests.bot.voice.listening.speech import silence, spoken
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members import opus
from tests.discord_double.members.opus import Samples
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.voice import rtp
from tests.discord_double.voice.opcodes import Close
from tests.discord_double.voice.weather import ROUGH, Weather
from tests.double.calls import settled

WELL = 0.95
"""Likeness of what came whole."""
SHORT = "Calm sea."


def likeness(heard: Pcm, said: Samples) -> float:
    """How much of what was said is in what was heard, at the best place: 1 where they are the same."""
    mono = said.mean(axis=1)
    size = 1 << int(np.ceil(np.log2(len(heard) + len(mono))))
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(mono, size)), size)
    at = int(found[: len(heard)].argmax())
    part = heard[at : at + len(mono)].astype(float)
    return float(part @ mono[: len(part)] / (np.linalg.norm(part) * np.linalg.norm(mono) + 1e-9))


async def test_a_consenting_member_is_heard_through_both_encryptions(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ana, rui = guild.member("Ana"), guild.member("Rui")
    await ana.joins(guild.voice)
    await rui.joins(guild.voice)
    async with listening(client, guild, ana, clock=double.clock.now_s) as ear:
        await asyncio.gather(ana.says(spoken()), rui.says(spoken(gender="f")))
        await asyncio.sleep(0.3)
        assert likeness(ear.timeline(ana.id), spoken()) > 0.95
        assert ear.hearing.opened[rui.id] == 0
        assert not ear.placed[rui.id]
        assert ear.hearing.counts["unconsented"] > 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weather", "least"),
    [
        (Weather(padded_share=0.1, empty_share=0.1, extended=True, reports_every=10, swapped_share=0.1), WELL),
        (Weather(repeated_share=0.3, padding=8), WELL),
        (ROUGH, 0.8),
        (Weather(lost_share=0.05), 0.75),
    ],
)
async def test_weather_costs_only_what_is_lost(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood, weather: Weather, least: float
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    async with listening(client, guild, ana, clock=double.clock.now_s) as ear:
        await ana.says(spoken(), weather)
        await asyncio.sleep(0.3)
        assert likeness(ear.timeline(ana.id), spoken()) > least


@pytest.mark.slow
async def test_a_camera_a_late_name_and_rubbish_in_the_middle_are_lived_through(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    async with listening(client, guild, ana, clock=double.clock.now_s) as ear:

        async def rubbish() -> None:
            for length in range(0, 200, 3):
                ear.hearing.packet(os.urandom(length))
                forged = rtp.HEADER.pack(0x90, rtp.OPUS, length, length, ana.voice.ssrc if ana.voice else 0)
                ear.hearing.packet(forged + os.urandom(length))
                await asyncio.sleep(0.01)

        await asyncio.gather(ana.says(spoken(), announced_after=3), ana.films(1.0), rubbish())
        await asyncio.sleep(0.3)
        assert ear.hearing.counts["held"] >= 3
        assert ear.hearing.counts["other_stream"] >= 20
        assert ear.hearing.counts["sealed"] > 0
        assert likeness(ear.timeline(ana.id), spoken()) > WELL


async def test_several_at_once_are_heard_apart_and_in_step(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    people = [guild.member(name) for name in ("Ana", "Rui", "Eva")]
    for each in people:
        await each.joins(guild.voice)
    click = np.concatenate([silence(0.5), opus.tone(1_000, 0.1, 0.8), silence(0.5)])
    async with listening(client, guild, *people, clock=double.clock.now_s) as ear:
        await settled(lambda: ear.voice.keyed)
        await asyncio.gather(*(each.locked() for each in people))
        await asyncio.gather(*(each.says(click) for each in people))
        await asyncio.sleep(0.3)
        starts = [int(np.argmax(np.abs(ear.timeline(each.id)) > 3_000)) for each in people]
        assert max(starts) - min(starts) < 0.04 * 48_000


@pytest.mark.slow
async def test_consent_taken_back_ends_the_hearing_at_once(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    async with listening(client, guild, ana, clock=double.clock.now_s) as ear:

        async def takes_it_back() -> None:
            await settled(lambda: len(ear.placed[ana.id]) > 20)
            ear.hearing.hears(frozenset())
            ear.gather()
            ear.opened_by_then = ear.hearing.opened[ana.id]

        await asyncio.gather(ana.says(spoken()), takes_it_back())
        await asyncio.sleep(0.3)
        assert ear.hearing.opened[ana.id] == ear.opened_by_then
        assert ear.hearing.counts["unconsented"] > 50


@pytest.mark.slow
async def test_new_keys_a_new_server_and_a_new_session_do_not_end_the_hearing(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda self: 0.01)
    ana, rui = guild.member("Ana"), guild.member("Rui")
    await ana.joins(guild.voice)
    await rui.joins(guild.voice)
    async with listening(client, guild, ana, rui, clock=double.clock.now_s) as ear:
        group = guild.hall.room(guild.voice).group
        assert group is not None
        await said_and_heard(ear, ana)
        group.restart()
        await settled(lambda: ear.voice.keyed and not group.pending)
        await said_and_heard(ear, rui)
        before = guild.seat_of(double.bot)
        guild.hall.change_server(guild.guild, guild.me(double.bot))
        # The old connection looks well until the new one takes its place.
        await settled(lambda: guild.hall.seat_of(guild.me(double.bot)) not in (None, before))
        await settled(lambda: ear.voice.keyed and not group.pending)
        await said_and_heard(ear, ana)
        before = guild.seat_of(double.bot)
        before.close(Close.SESSION_INVALID)
        await settled(lambda: guild.hall.seat_of(guild.me(double.bot)) not in (None, before))
        await settled(lambda: ear.voice.is_connected() and ear.voice.keyed and not group.pending)
        await said_and_heard(ear, ana)


async def test_who_leaves_and_comes_back_and_a_bot_that_is_moved_hear_on(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ana, rui = guild.member("Ana"), guild.member("Rui")
    await ana.joins(guild.voice)
    await rui.joins(guild.voice)
    attic = guild.channel(Kind.VOICE, "Attic")
    async with listening(client, guild, ana, clock=double.clock.now_s) as ear:
        await said_and_heard(ear, ana)
        await ana.leaves()
        await ana.joins(guild.voice)
        await said_and_heard(ear, ana)
        guild.owner.moves(double.bot, attic)
        await settled(lambda: ear.voice.is_connected() and ear.voice.channel.id == attic.id)
        await ana.joins(attic)
        await said_and_heard(ear, ana)


async def said_and_heard(ear: Listener, who: Person) -> None:
    """Says a short line and finds it at the end of the timeline."""
    ear.placed.clear()
    await who.locked()
    await settled(lambda: ear.voice.keyed)
    await who.says(spoken(SHORT))
    await settled(lambda: ear.placed[who.id])
    await asyncio.sleep(0.3)
    assert likeness(ear.timeline(who.id), spoken(SHORT)) > WELL
