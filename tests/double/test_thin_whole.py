"""One visit, from login to voice."""

from __future__ import annotations

import asyncio

from tests.discord_double.demo import DemoBot
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood


async def test_a_member_types_tale_and_sees_the_card_move_to_its_file(guild: Neighbourhood, bot: DemoBot) -> None:
    ana = guild.member("Ana")
    reply = await ana.tale("a lighthouse keeper")
    assert reply.shown.loading
    assert "Writing (calm)" in (await reply.shown.until(lambda seen: "Writing" in seen.text)).text
    shown = await reply.shown.until(lambda seen: seen.files)
    assert "Once upon a time there was a lighthouse keeper." in shown.text
    assert shown.files[0].data == b"OggSa lighthouse keeper"
    assert [each.label for each in shown.buttons] == ["Cancel", "Again"]


async def test_a_member_in_voice_hears_the_bot_play(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    reply, heard = await asyncio.gather(ana.slash("play"), ana.hears_out())
    assert reply.text == "Playing."
    assert 1.1 < heard.speech_s < 1.4
    assert heard.missing == 0
    assert heard.speakers == {double.bot.id}
    assert not guild.seat_of(double.bot).room.violations


async def test_press_modal_autocomplete_menu_and_upload_reach_the_bot(
    double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot
) -> None:
    ana, rui = guild.member("Ana"), guild.member("Rui")
    assert [each["value"] for each in await ana.typing("tale", "mood", "ee", prompt="x")] == ["eerie"]
    told = await ana.tale("a fox", mood="eerie")
    await told.shown.until(lambda seen: seen.buttons)
    await ana.press("Cancel")
    assert (await told.shown.until(lambda seen: "Cancelled." in seen.text)).buttons == []
    again = await ana.tale("an owl")
    shown = await again.shown.until(lambda seen: seen.files)
    form = await rui.press("Again", on=shown)
    other = await rui.submits(form, About="a heron")
    assert "a heron" in (await other.shown.until(lambda seen: seen.files)).text
    explained = await ana.context("Explain", ana.writes("Ahoy"))
    assert explained.text == "It says: Ahoy"
    assert explained.shown.ephemeral
    assert "It says" not in "".join(each.text for each in rui.screen())
    answer = await ana.slash("listen", recording=double.file("voice.ogg", b"OggS"))
    await answer.until(lambda reply: "voice.ogg: 4 bytes" in reply.text)
