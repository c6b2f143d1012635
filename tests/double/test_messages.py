"""Messages, their limits and their permissions."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import discord
import pytest
from discord import ui

from tests.discord_double.demo import DemoBot
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May
from tests.double.refused import refused

MIB = 1 << 20


@pytest.fixture
def text(double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot) -> discord.TextChannel:
    """The text channel as the bot sees it."""
    double.limits.counting = False
    channel = bot.get_channel(guild.text.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


def file(size: int, name: str = "tale.ogg") -> discord.File:
    return discord.File(io.BytesIO(bytes(size)), name)


async def test_a_message_is_seen_edited_and_deleted(text: discord.TextChannel, guild: Neighbourhood) -> None:
    ana = guild.member("Ana")
    message = await text.send("Once", file=file(3))
    shown = await ana.sees("Once")
    assert [(each.name, len(each.data)) for each in shown.files] == [("tale.ogg", 3)]
    assert await (await text.fetch_message(message.id)).attachments[0].read() == bytes(3)
    await message.edit(content="Twice", attachments=[])
    assert (shown.content, shown.files) == ("Twice", [])
    await message.delete()
    assert shown.deleted
    assert ana.screen() == []


async def test_text_over_its_limit_is_refused_with_the_field_at_fault(text: discord.TextChannel) -> None:
    await text.send("x" * 2000)
    with refused(50035, 400, "content", "2000 or fewer"):
        await text.send("x" * 2001)
    with refused(50035, 400, "embeds.0.description"):
        await text.send(embed=discord.Embed(description="x" * 4097))
    with refused(50035, 400, "6000"):
        await text.send(embeds=[discord.Embed(description="x" * 3001)] * 2)
    with refused(50035, 400, "embeds"):
        await text._state.http.request(
            discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=text.id),
            json={"embeds": [{"title": "x"}] * 11},
        )
    with refused(50006, 400):
        await text.send(" ")


async def test_a_file_may_weigh_what_the_guilds_tier_allows(
    text: discord.TextChannel, guild: Neighbourhood, double: LoopbackDiscord
) -> None:
    await text.send(file=file(10 * MIB))
    with refused(40005, 413):
        await text.send(file=file(10 * MIB + 1))
    guild.guild.tier = 2
    await text.send(file=file(12 * MIB))
    with refused(40005, 413):
        await text.send(files=[file(13 * MIB), file(13 * MIB)])


async def test_what_the_bot_may_not_do_is_refused(
    text: discord.TextChannel, guild: Neighbourhood, double: LoopbackDiscord
) -> None:
    ana = guild.member("Ana")
    hers = await text.fetch_message(ana.writes("Mine").id)
    with refused(50005, 403):
        await hers.edit(content="Yours")
    with refused(50013, 403):
        await hers.delete()
    guild.owner.forbids(double.bot, guild.text, May.ATTACH_FILES)
    with refused(50013, 403):
        await text.send(file=file(1))
    guild.owner.forbids(double.bot, guild.text, May.SEND_MESSAGES)
    with refused(50013, 403):
        await text.send("x")
    guild.owner.forbids(double.bot, guild.text, May.VIEW_CHANNEL)
    with refused(50001, 403):
        await text.send("x")
    guild.deletes(guild.text)
    with refused(10003, 404):
        await text.send("x")


async def test_buttons_are_checked(text: discord.TextChannel) -> None:
    with refused(50035, 400, "custom id cannot be duplicated"):
        await text.send(
            "x",
            view=ui.View().add_item(ui.Button(label="a", custom_id="1")).add_item(ui.Button(custom_id="1", label="b")),
        )
    with refused(50035, 400, "label"):
        await text.send("x", view=ui.View().add_item(ui.Button(label="a" * 81)))
    with refused(50035, 400, "options"):
        await text.send(
            "x",
            view=ui.View().add_item(
                ui.Select(options=[discord.SelectOption(label="a"), discord.SelectOption(label="a")])
            ),
        )


async def test_components_v2_stand_alone_and_are_for_ever(text: discord.TextChannel, guild: Neighbourhood) -> None:
    view = ui.LayoutView().add_item(ui.Container(ui.TextDisplay("Once upon a time"), ui.File("attachment://tale.ogg")))
    message = await text.send(view=view, file=file(3))
    assert "Once upon a time" in (await guild.owner.sees("Once")).text
    with refused(50035, 400, "content"):
        await message.edit(content="x")
    route = discord.http.Route("PATCH", f"/channels/{text.id}/messages/{message.id}")
    with refused(50035, 400, "flags"):
        await text._state.http.request(route, json={"flags": 0, "components": []})
    with refused(50035, 400, "No such attachment"):
        await text.send(view=ui.LayoutView().add_item(ui.File("attachment://other.ogg")), file=file(3))
    create = discord.http.Route("POST", f"/channels/{text.id}/messages")
    for number, code in ((40, 200), (41, 400)):
        body = {"flags": 1 << 15, "components": [{"type": 10, "content": "x"}] * number}
        if code == 200:
            await text._state.http.request(create, json=body)
        else:
            with refused(50035, 400, "components"):
                await text._state.http.request(create, json=body)


async def test_a_voice_message_is_one_sound_with_its_waveform(
    text: discord.TextChannel, guild: Neighbourhood, double: LoopbackDiscord
) -> None:
    about = {"id": 0, "filename": "v.ogg", "duration_secs": 1.5, "waveform": base64.b64encode(bytes(100)).decode()}
    sent = await post_voice_message(text, {"flags": 1 << 13, "attachments": [about]})
    shown = guild.owner.screen()[-1]
    assert (shown.files[0].duration_s, shown.files[0].media_type) == (1.5, "audio/ogg")
    with refused(50159, 400):
        await post_voice_message(text, {"flags": 1 << 13, "attachments": [about], "content": "x"})
    with refused(50161, 400):
        await post_voice_message(text, {"flags": 1 << 13, "attachments": [{"id": 0, "filename": "v.ogg"}]})
    with refused(50173, 400):
        await (await text.fetch_message(int(sent["id"]))).edit(content="x")
    guild.owner.forbids(double.bot, guild.text, May.SEND_VOICE_MESSAGES)
    with refused(50173, 403):
        await post_voice_message(text, {"flags": 1 << 13, "attachments": [about]})


async def post_voice_message(text: discord.TextChannel, form: dict[str, object]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"name": "payload_json", "value": json.dumps(form)},
        {"name": "files[0]", "value": b"OggS", "filename": "v.ogg", "content_type": "audio/ogg"},
    ]
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=text.id)
    answer: dict[str, Any] = await text._state.http.request(route, form=parts)
    return answer


async def test_reactions_threads_and_direct_messages(
    text: discord.TextChannel, guild: Neighbourhood, bot: DemoBot
) -> None:
    ana = guild.member("Ana")
    message = await text.send("Ahoy")
    await message.add_reaction("⭐")
    ana.reacts(ana.screen()[-1], "⭐")
    assert ana.screen()[-1].reactions == {"⭐": 2}
    thread = await message.create_thread(name="The tale")
    await thread.send("Inside")
    world = ana.world
    room = world.channel(thread.id)
    assert room is not None
    assert room.kind is Kind.PUBLIC_THREAD
    assert [each.text for each in ana.screen(room)] == ["Inside"]
    user = await bot.fetch_user(ana.id)
    await user.send("Psst")
    assert [each.text for each in ana.direct(world.applications[bot.application_id or 0])] == ["Psst"]
    ana.user.closed_dms = True
    with refused(50007, 403):
        await user.send("Psst")


async def test_a_voice_channels_status_has_its_permissions_and_its_length(
    text: discord.TextChannel, guild: Neighbourhood, bot: DemoBot, double: LoopbackDiscord
) -> None:
    voice = bot.get_channel(guild.voice.id)
    assert isinstance(voice, discord.VoiceChannel)
    with refused(50013, 403):
        await voice.edit(status="A tale")
    guild.me(double.bot).roles.add(guild.role("Teller", int(May.SET_VOICE_CHANNEL_STATUS | May.MANAGE_CHANNELS)).id)
    await voice.edit(status="A tale of a fox")
    assert guild.voice.status == "A tale of a fox"
    with refused(50035, 400, "500"):
        await voice.edit(status="x" * 501)


async def test_the_same_nonce_posts_once(text: discord.TextChannel, guild: Neighbourhood) -> None:
    route = discord.http.Route("POST", f"/channels/{text.id}/messages")
    form = {"content": "Once", "nonce": "tale-1", "enforce_nonce": True}
    first, second = [await text._state.http.request(route, json=form) for _ in range(2)]
    assert first["id"] == second["id"]
    assert [each.text for each in guild.owner.screen()] == ["Once"]


async def test_history_is_paged_newest_first(text: discord.TextChannel, guild: Neighbourhood) -> None:
    for number in range(7):
        guild.owner.writes(str(number))
    assert [each.content async for each in text.history(limit=3)] == ["6", "5", "4"]
    assert [each.content async for each in text.history(limit=2, oldest_first=True)] == ["0", "1"]


async def test_a_reply_needs_the_history_even_where_its_message_need_not_exist(
    text: discord.TextChannel, guild: Neighbourhood, double: LoopbackDiscord
) -> None:
    message = await text.send("Ahoy")
    guild.owner.forbids(double.bot, guild.text, May.READ_MESSAGE_HISTORY)
    with refused(160002, 400):
        await text.send("Ahoy yourself", reference=message.to_reference(fail_if_not_exists=False))
    await text.send("Ahoy all the same")


async def test_who_shares_no_server_gets_no_direct_message(
    text: discord.TextChannel, guild: Neighbourhood, bot: DemoBot
) -> None:
    ana = guild.member("Ana")
    user = await bot.fetch_user(ana.id)
    ana.world.part(guild.guild, ana.user)
    with refused(50278, 403):
        await user.send("Psst")


async def test_a_locked_thread_takes_no_message_and_an_archived_one_no_edit(
    text: discord.TextChannel, guild: Neighbourhood
) -> None:
    thread = await (await text.send("Ahoy")).create_thread(name="The tale")
    inside = await thread.send("Inside")
    room = guild.owner.world.channel(thread.id)
    assert room is not None
    room.archived = True
    with refused(50083, 400):
        await inside.edit(content="Changed")
    room.locked = True
    with refused(160005, 403):
        await thread.send("More")
