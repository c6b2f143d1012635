"""Nobody drowns the others."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest
from hypothesis import find, strategies

import bot as wing
from bot.gate.caller import Asker
from bot.gate.gate import MOST, Floods, Share, hold_to_quotas
from bot.library.records import RoleShare, ServerSettings
from pipeline.errors import Refused
from tests.bot.scene import Scene, on_stage
from tests.discord_double.forms.components import Part
from tests.discord_double.interactions import Asked
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.refusal import Json
from tests.faults.hostile import forged

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
    with pytest.raises(Refused, match="gate_role_day"):
        hold_to_quotas(ANA, rules, 50, Share((NOW - 500, NOW - 400, NOW - 300), ()), NOW)


@pytest.mark.parametrize(
    ("roles", "a_day", "a_minute"),
    [
        ((), ("gate_day", 3), ("gate_minute", 1)),
        (("8",), ("gate_role_day", 2), ("gate_minute", 1)),
        (("8", "9"), ("gate_role_day", 4), ("gate_role_minute", 2)),
        (("7", "8"), ("gate_role_day", 5), ("gate_minute", 1)),
        (("8", "9", "10"), None, ("gate_role_minute", 2)),
    ],
)
def test_of_several_roles_the_most_generous_counts_and_what_a_role_leaves_open_is_as_for_everybody(
    roles: tuple[str, ...], a_day: tuple[str, int] | None, a_minute: tuple[str, int]
) -> None:
    shares = (RoleShare("8", a_day=2), RoleShare("9", a_day=4, a_minute=2), RoleShare("10", a_day=0))
    rules = replace(OPEN, most_a_day=3, most_a_minute=1, special_roles=("7",), special_a_day=5, role_shares=shares)
    asker = replace(ANA, roles=frozenset(roles))
    for limit, apart_s in ((a_day, 600.0), (a_minute, 10.0)):
        if limit is None:
            hold_to_quotas(asker, rules, 50, Share([NOW - 600.0 * number for number in range(1, 100)]), NOW)
            continue
        code, most = limit
        asked = [NOW - apart_s * number for number in range(1, most + 1)]
        hold_to_quotas(asker, rules, 50, Share(asked[1:]), NOW)
        with pytest.raises(Refused) as refused:
            hold_to_quotas(asker, rules, 50, Share(asked), NOW)
        assert (refused.value.code, refused.value.fields["most"]) == (code, most)


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


async def test_every_button_menu_and_form_of_ours_is_held_as_commands_are(scene: Scene) -> None:
    async with scene.running(clock=lambda: NOW):
        ana = scene.guild.member("Ana")
        shown = (await ana.slash("help")).shown.message
        for _ in range(MOST - 1):
            await ana.slash("help")
        for data in _presses():
            kind = Asked.COMPONENT if "component_type" in data else Asked.MODAL
            source = forged.bearing(shown, data) if kind is Asked.COMPONENT else None
            asked = scene.double.house.interactions.ask(kind, scene.double.bot, ana.user, ana.channel, data, source)
            told = await Reply(scene.double.world, scene.double.house.interactions, asked).answered()
            assert "too quick" in told.text, data


async def test_a_press_that_is_in_time_is_answered_as_ever_and_counts_once(scene: Scene) -> None:
    async with scene.running(clock=lambda: NOW):
        ana, boss = scene.guild.member("Ana"), scene.guild.owner
        page = (await boss.slash("tales")).shown
        for _ in range(MOST - 1):
            told = await _turned(boss, page)
        assert "too quick" not in told.text
        assert "too quick" in (await _turned(boss, page)).text
        assert "too quick" not in (await ana.slash("help")).text


async def _turned(boss: Person, page: Any) -> Reply:
    return await boss.press(page.buttons[0].label, page)


def _presses() -> Iterator[Json]:
    """One press of every kind of part that the bot's code names; one of a plain view, one form, one menu."""
    names = [one.name for one in pkgutil.walk_packages(wing.__path__, "bot.") if not one.name.endswith("__main__")]
    for name in names:
        importlib.import_module(name)
    kinds = [kind for kind in _below(discord.ui.DynamicItem) if kind.__module__.startswith("bot.")]
    assert len(kinds) >= 5
    for kind in kinds:
        template = kind.__discord_ui_compiled_template__
        made = find(strategies.from_regex(template, fullmatch=True), lambda one: 0 < len(one) <= forged.MOST_ID)
        yield {"custom_id": made, "component_type": int(Part.BUTTON), "id": 1}
    yield {"custom_id": "of a view", "component_type": int(Part.BUTTON), "id": 1}
    menu = int(Part.STRING_SELECT)
    yield {"custom_id": "of a menu", "component_type": menu, "id": 1, "values": ["x"], "resolved": {}}
    yield {"custom_id": "of a form", "components": []}


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
