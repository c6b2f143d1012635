"""Interactions, their two deadlines, their answers."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.reply import NO_ANSWER
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running
from tests.double.refused import refused

Answer = Callable[[discord.Interaction], Awaitable[None]]


@pytest.fixture
async def answering(double: LoopbackDiscord, guild: Neighbourhood) -> Any:
    """A bot whose /go does what the test says, and whose failures are kept."""

    class Bot(discord.Client):
        answer: Answer
        failure: BaseException | None = None
        over = asyncio.Event()

        async def setup_hook(self) -> None:
            self.over = asyncio.Event()

            @app_commands.command(name="go", description="Goes")
            async def go(interaction: discord.Interaction) -> None:
                try:
                    await self.answer(interaction)
                except BaseException as error:  # noqa: BLE001 - raised again in the test
                    self.failure = error
                self.over.set()

            tree = app_commands.CommandTree(self)
            tree.add_command(go)
            await tree.sync()

    double.limits.counting = False
    async with running(double, Bot(intents=discord.Intents.none(), connector=double.connector())) as bot:
        yield bot


async def run(bot: Any, guild: Neighbourhood, answer: Answer) -> Any:
    """Ana types /go, the bot answers so; gives her reply."""
    bot.answer = answer
    reply = await guild.member("Ana").slash("go")
    await asyncio.wait_for(bot.over.wait(), 5)
    if bot.failure is not None:
        raise bot.failure
    return reply


async def test_three_seconds_of_silence_are_shown_and_end_the_interaction(
    answering: Any, double: LoopbackDiscord, guild: Neighbourhood
) -> None:
    async def late(interaction: discord.Interaction) -> None:
        double.clock.advance(3.1)
        with refused(10062, 404):
            await interaction.response.send_message("Too late")

    assert (await run(answering, guild, late)).text == NO_ANSWER


async def test_an_interaction_is_answered_once(answering: Any, guild: Neighbourhood) -> None:
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("First")
        interaction.response._response_type = None  # discord.py would not let us ask
        with refused(40060, 400):
            await interaction.response.send_message("Second")

    assert (await run(answering, guild, twice)).text == "First"


async def test_after_fifteen_minutes_the_token_is_dead(
    answering: Any, double: LoopbackDiscord, guild: Neighbourhood
) -> None:
    async def slow(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        double.clock.advance(15 * 60 - 1)
        await interaction.edit_original_response(content="Just so")
        double.clock.advance(2)
        with refused(50027, 401):
            await interaction.edit_original_response(content="Too late")
        with refused(50027, 401):
            await interaction.followup.send("Too late")

    assert (await run(answering, guild, slow)).text == "Just so"


async def test_the_first_follow_up_fills_the_thinking_message(answering: Any, guild: Neighbourhood) -> None:
    async def follow(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        first = await interaction.followup.send("First", wait=True)
        second = await interaction.followup.send("Second", wait=True)
        assert first.id == (await interaction.original_response()).id
        await second.edit(content="Third")
        await interaction.delete_original_response()
        with refused(10008, 404):
            await interaction.edit_original_response(content="Gone")

    reply = await run(answering, guild, follow)
    assert (reply.shown.content, reply.shown.ephemeral, reply.shown.deleted) == ("First", True, True)
    assert [each.content for each in reply.followups] == ["Third"]


async def test_a_follow_up_before_any_answer_finds_no_webhook(answering: Any, guild: Neighbourhood) -> None:
    async def hasty(interaction: discord.Interaction) -> None:
        with refused(10015, 404):
            await interaction.followup.send("Too early")
        await interaction.response.send_message("Now")

    await run(answering, guild, hasty)


async def test_what_it_says_keeps_the_limits_of_messages(
    answering: Any, double: LoopbackDiscord, guild: Neighbourhood
) -> None:
    async def much(interaction: discord.Interaction) -> None:
        with refused(50035, 400):
            await interaction.response.send_message("x" * 2001)
        assert interaction.filesize_limit == guild.guild.upload_limit
        await interaction.response.defer()
        too_large = discord.File(io.BytesIO(bytes(interaction.filesize_limit + 1)), "x.ogg")
        with refused(40005, 413):
            await interaction.edit_original_response(attachments=[too_large])
        await interaction.edit_original_response(content="Fine")

    assert (await run(answering, guild, much)).text == "Fine"


async def test_members_locale_and_permissions_come_along(answering: Any, guild: Neighbourhood) -> None:
    seen: list[discord.Interaction] = []

    async def look(interaction: discord.Interaction) -> None:
        seen.append(interaction)
        await interaction.response.send_message("ok")

    answering.answer = look
    await guild.member("Rui", locale="pt-BR").slash("go")
    assert str(seen[0].locale) == "pt-BR"
    assert not seen[0].permissions.administrator
    assert seen[0].app_permissions.send_messages
