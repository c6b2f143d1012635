"""Application commands and what makes them lawful."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.discord_double.demo import DemoBot
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.forms.command import check, is_lawful_name
from tests.discord_double.members.asking import NotOffered
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.refusal import Refusal
from tests.double.refused import refused

OPTION = {"type": 3, "name": "prompt", "description": "About"}
COMMAND = {"name": "tale", "description": "Tells", "type": 1}


@pytest.mark.parametrize("name", ["tale", "conto-de-fadas", "história", "物語", "कहानी", "o'tale", "a_1", "a" * 32])
def test_a_name_in_any_script_is_lawful(name: str) -> None:
    assert is_lawful_name(name)


@pytest.mark.parametrize("name", ["", "Tale", "two words", "a" * 33, "tale!", "HISTÓRIA", None, 5])
def test_other_names_are_not(name: object) -> None:
    assert not is_lawful_name(name)


@given(st.text(max_size=40))
def test_a_lawful_name_is_short_and_in_lower_case(name: str) -> None:
    if is_lawful_name(name):
        assert 1 <= len(name) <= 32
        assert name == name.lower()
        assert not any(each.isspace() for each in name)


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"options": [OPTION] * 26}, "options"),
        ({"options": [OPTION, OPTION]}, "options"),
        ({"options": [OPTION, {**OPTION, "name": "b", "required": True}]}, "options"),
        ({"options": [{**OPTION, "choices": [{"name": "a", "value": "a"}] * 26}]}, "options"),
        ({"options": [{**OPTION, "choices": [{"name": "a", "value": 1}]}]}, "options"),
        ({"options": [{**OPTION, "autocomplete": True, "choices": [{"name": "a", "value": "a"}]}]}, "options"),
        ({"options": [{**OPTION, "type": 12}]}, "options"),
        ({"name_localizations": {"pt": "conto"}}, "name_localizations"),
        ({"name_localizations": {"pt-BR": "Conto Novo"}}, "name_localizations"),
        ({"description_localizations": {"pt-BR": "x" * 101}}, "description_localizations"),
        ({"type": 2}, "description"),
    ],
)
def test_an_unlawful_command_is_refused_at_the_field_at_fault(change: dict[str, Any], at: str) -> None:
    check(COMMAND)
    with pytest.raises(Refusal) as no:
        check(COMMAND | change)
    assert (no.value.code, list(no.value.errors or {})) == (50035, [at])


def test_a_command_has_8000_letters_at_most() -> None:
    choices = [{"name": "n" * 100, "value": f"{number:0100}"} for number in range(25)]
    one = {**OPTION, "choices": choices}
    check(COMMAND | {"options": [one]})
    with pytest.raises(Refusal, match="8000"):
        check(COMMAND | {"options": [one, {**one, "name": "b"}]})


async def test_commands_are_kept_by_guild_and_overwritten_by_name(bot: DemoBot, guild: Neighbourhood) -> None:
    before = await bot.tree.sync()
    after = await bot.tree.sync()
    assert [each.id for each in before] == [each.id for each in after]
    here = discord.Object(guild.id)
    bot.tree.copy_global_to(guild=here)
    assert {each.guild_id for each in await bot.tree.sync(guild=here)} == {guild.id}
    assert len(await bot.tree.fetch_commands()) == len(before)
    await (await bot.tree.fetch_commands())[0].delete()
    assert len(await bot.tree.fetch_commands()) == len(before) - 1


async def test_commands_of_anothers_guild_are_refused(bot: DemoBot) -> None:
    with refused(10004, 404):
        await bot.tree.sync(guild=discord.Object(1))


async def test_a_client_offers_only_what_it_should(bot: DemoBot, double: LoopbackDiscord, guild: Neighbourhood) -> None:
    ana = guild.member("Ana")
    with pytest.raises(NotOffered, match="no command 'tales'"):
        await ana.slash("tales")
    with pytest.raises(NotOffered, match="filled in"):
        await ana.slash("tale")
    with pytest.raises(NotOffered, match="more than 1000"):
        await ana.tale("x" * 1001)
    with pytest.raises(NotOffered, match="no option"):
        await ana.tale("x", colour="red")
    for each in double.bot.commands.values():
        each["default_member_permissions"] = "8"
    with pytest.raises(NotOffered, match="not offered to Ana"):
        await ana.tale("x")
    await guild.owner.tale("x")
