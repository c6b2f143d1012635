"""One visit, from login to voice."""

from __future__ import annotations

from tests.discord_double.double import LoopbackDiscord
from tests.double.running import demo


async def test_a_member_types_tale_and_sees_the_card_move_to_its_file() -> None:
    async with LoopbackDiscord() as discord:
        ana = discord.guild().member("Ana")
        async with demo(discord):
            reply = await ana.tale("a lighthouse keeper")
            assert reply.shown.loading
            shown = await reply.shown.until(lambda seen: seen.files)
            assert "Once upon a time there was a lighthouse keeper." in shown.text
            assert shown.files[0].data == b"OggSa lighthouse keeper"
            assert [each.label for each in shown.buttons] == ["Cancel", "Again"]


async def test_a_member_in_voice_hears_the_bot_play() -> None:
    async with LoopbackDiscord() as discord:
        guild = discord.guild()
        ana = guild.member("Ana")
        await ana.joins(guild.voice)
        async with demo(discord):
            reply = await ana.slash("play")
            heard = await ana.hears_out()
            assert reply.text == "Playing."
            assert 1.1 < heard.speech_s < 1.4
            assert heard.missing == 0
            assert not guild.seat_of(discord.bot).room.violations
