"""What Discord refuses is said beforehand."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.maintenance.health import LEAST, examined, invitation
from pipeline.settings import Settings
from pipeline.wording import locales, table_of
from pipeline.words.finding import Grade
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.permissions import May


@pytest.fixture
async def double() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as double:
        yield double


async def test_no_token_is_a_hint_with_what_to_do() -> None:
    [found] = await examined(Settings(), "en")
    assert (found.name, found.grade) == ("token", Grade.HINT)
    assert "setup" in found.mend


async def test_a_wrong_token_is_one_sentence(double: LoopbackDiscord) -> None:
    [found] = await examined(Settings(token="wrong.token.here"), "de", double.connector())
    assert found.grade is Grade.ILL
    assert "kennt diesen Token nicht" in found.says


async def test_an_unreachable_discord_is_not_blamed_on_the_token(double: LoopbackDiscord) -> None:
    double.faults.fail("GET", "/users/@me", 0, times=50)
    found = await examined(Settings(token=double.token), "en", double.connector())
    assert "could not be reached" in found[0].says


async def test_a_good_token_shows_its_link_and_what_a_server_withholds(double: LoopbackDiscord) -> None:
    guild = double.guild("The harbour")
    guild.guild.roles[guild.id].permissions &= ~int(May.ATTACH_FILES)
    found = {one.name: one for one in await examined(Settings(token=double.token), "en", double.connector())}
    assert found["token"].grade is Grade.WELL
    assert found["invitation"].mend == invitation(double.bot.id)
    lack = found[f"permissions:{guild.id}"]
    assert "The harbour" in lack.says
    assert "Attach Files" in lack.says


def test_the_invitation_asks_for_the_least() -> None:
    assert f"permissions={LEAST.value}" in invitation(1)
    assert not LEAST.administrator
    assert not LEAST.manage_messages


def test_the_invitation_asks_for_what_an_answer_to_a_card_needs() -> None:
    assert LEAST.read_message_history


@pytest.mark.parametrize("language", locales())
async def test_every_permission_that_a_server_withholds_has_a_name(double: LoopbackDiscord, language: str) -> None:
    guild = double.guild("The harbour")
    guild.guild.roles[guild.id].permissions = 0
    found = {one.name: one for one in await examined(Settings(token=double.token), language, double.connector())}
    says = found[f"permissions:{guild.id}"].says
    assert "permissions." not in says
    assert all(table_of(language)["permissions"][name] in says for name in ("view_channel", "read_message_history"))
