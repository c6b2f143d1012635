"""Many members and several bots in one box."""

from __future__ import annotations

import asyncio

import discord

from tests.discord_double.demo import DemoBot
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running


async def test_every_member_of_every_guild_gets_its_own_tale(double: LoopbackDiscord) -> None:
    people = [double.guild(f"Guild {number}").member(f"M{number}") for number in range(10)]
    async with running(double, DemoBot(double.connector())):

        async def tell(number: int) -> str:
            told = await people[number].tale(f"tale {number}")
            return (await told.shown.until(lambda seen: seen.files, within_s=20)).text

        told = await asyncio.gather(*map(tell, range(10)))
    assert all(f"there was tale {number}." in text for number, text in enumerate(told))
    assert [len(each.screen()) for each in people] == [1] * 10


async def test_two_bots_live_in_one_guild_without_hearing_each_others_commands(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot
) -> None:
    other = double.application("Other")
    guild.invites(other)

    class Quiet(discord.Client):
        async def on_interaction(self, interaction: discord.Interaction) -> None:
            heard.append(interaction.id)

    heard: list[int] = []
    client = Quiet(intents=discord.Intents.default(), connector=double.connector())
    async with running(double, client, other):
        await guild.member("Ana").tale("a fox")
        assert client.user is not None
        assert client.user.name == "Other"
        assert len(double.sessions(other)) == 1
    assert not heard


async def test_a_command_works_in_a_direct_conversation(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot
) -> None:
    ana = guild.member("Ana")
    ana.opens(double.world.conversation(ana.user, double.bot.user))
    told = await ana.tale("a fox")
    await told.shown.until(lambda seen: seen.files)
    assert len(ana.direct(double.bot)) == 1
    ana.opens(guild.text)
    assert ana.screen() == []
