"""Nobody drowns the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.gate.asker import Asker
from bot.gate.floods import Floods
from bot.gate.quotas import Share, hold_to_quotas
from bot.library.kept import ServerSettings
from pipeline.errors import Refused
from tests.bot.scene import Scene, on_stage

ANA = Asker("100", "1", "10", roles=frozenset({"7"}))
OPEN = ServerSettings(most_a_minute=0, server_a_minute=0)
NOW = 1_000_000.0


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


@pytest.mark.parametrize(
    ("rules", "share", "code", "at"),
    [
        (replace(OPEN, most_a_minute=2), Share((NOW - 50, NOW - 5), ()), "gate_minute", NOW + 10),
        (replace(OPEN, most_a_day=2), Share((NOW - 50, NOW - 5), ()), "gate_day", NOW - 50 + 86_400),
        (replace(OPEN, server_a_minute=3), Share((), (NOW - 59, NOW - 30, NOW - 1)), "gate_server_minute", NOW + 1),
        (replace(OPEN, server_a_day=1), Share((), (NOW - 3_600,)), "gate_server_day", NOW + 82_800),
        (replace(OPEN, cooldown_s=60), Share((NOW - 59,), ()), "gate_cooldown", NOW + 1),
    ],
)
def test_every_limit_says_when_there_is_room_again(rules: ServerSettings, share: Share, code: str, at: float) -> None:
    with pytest.raises(Refused) as refused:
        hold_to_quotas(ANA, rules, 50, share, NOW)
    assert refused.value.code == code
    assert f"<t:{round(at)}:" in refused.value.fields["at"]
    hold_to_quotas(ANA, rules, 50, share, at + 1)
    hold_to_quotas(replace(ANA, manages=True), rules, 50, share, NOW)


def test_a_role_may_have_a_share_of_its_own() -> None:
    rules = replace(OPEN, most_a_day=1, special_roles=("7",), special_a_day=3)
    twice = Share((NOW - 500, NOW - 400), ())
    hold_to_quotas(ANA, rules, 50, twice, NOW)
    with pytest.raises(Refused, match="gate_day"):
        hold_to_quotas(replace(ANA, roles=frozenset()), rules, 50, twice, NOW)
    with pytest.raises(Refused, match="gate_day"):
        hold_to_quotas(ANA, rules, 50, Share((NOW - 500, NOW - 400, NOW - 300), ()), NOW)


def test_presses_that_come_too_fast_are_held_back_and_only_those() -> None:
    floods = Floods(most=3, within_s=10.0, remembered=2)
    for at in (0.0, 1.0, 2.0):
        floods.hold("ana", at)
    with pytest.raises(Refused, match="gate_flood") as refused:
        floods.hold("ana", 3.0)
    assert refused.value.fields["at"] == "<t:11:R>"
    floods.hold("ben", 3.0)
    floods.hold("ana", 10.0)
    with pytest.raises(Refused):
        floods.hold("ana", 10.5)
    floods.hold("eva", 10.5)
    floods.hold("ben", 10.5)  # forgotten meanwhile, and welcome


async def test_a_script_is_told_when_to_come_back_and_everybody_else_goes_on(scene: Scene) -> None:
    async with scene.running(clock=lambda: NOW) as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        for _ in range(40):
            last = await ana.slash("help")
        assert "too quick" in last.text
        assert all(one.ephemeral for one in last.followups)
        assert "too quick" not in (await ben.slash("help")).text
        assert not bot.is_closed()


async def test_a_server_that_is_full_for_now_says_so(scene: Scene) -> None:
    async with scene.running(clock=lambda: NOW) as bot:
        await bot.services.library.servers.change(str(scene.guild.id), server_a_minute=1)
        await (await scene.guild.member("Ana").tale("a fox")).done()
        told = await scene.guild.member("Ben").tale("a crow")
        await told.until(lambda one: f"<t:{round(NOW) + 60}:R>" in one.text)
