"""No tale is lost, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.client import TaleBot
from bot.library.records import KeptTale, TaleState
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.discord_double.permissions import May
from tests.faults.stage import eventually

WITHIN_S = 90.0
TITLE = "The Keeper and the Storm"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as scene:
        scene.double.limits.counting = False
        yield scene


@pytest.mark.parametrize(
    "wish",
    [
        "@everyone and @here come",
        "[a gift](https://evil.example/x) ```boom``` # LOUD",
        "Z" + "\u0348\u035a\u0337\u0361" * 60,
        "\u202egnp.exe\u202c",
        "||" * 200 + "**" * 200,
    ],
)
async def test_a_wild_wish_is_shown_as_words_alone(scene: Scene, wish: str) -> None:
    async with scene.running():
        ana = scene.guild.member("Ana")
        told = await ana.tale(wish)
        shown = (await told.done()).text
        for bad in ("@everyone", "@here", "```", "\u202e", "||||", "****", "://evil"):
            assert bad not in shown.replace("\u200b://", "")
        assert "](" not in shown.replace("\\](", "")
        assert len(shown) < 600
        assert all(not one.message.data["mention_everyone"] for one in ana.screen())


async def test_a_deleted_channel_ends_nothing_but_its_card(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await (await ana.tale("a fox")).done()
        [tale] = await bot.services.library.tales.open_ones()
        scene.guild.deletes(scene.guild.text)
        scene.executor(troupe=QUICK)
        assert (await _ended(bot, tale)).state is TaleState.DONE
        assert not bot.is_closed()


@pytest.mark.slow
async def test_lost_permissions_are_named_with_their_channel_and_the_tale_is_kept(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await (await ana.tale("a fox")).done()
        [tale] = await bot.services.library.tales.open_ones()
        scene.double.clock.advance(20 * 60)  # the interaction's token is dead: only the channel is left
        scene.guild.guild.roles[scene.guild.id].permissions &= ~int(May.SEND_MESSAGES | May.EMBED_LINKS)
        scene.executor(troupe=QUICK)
        assert (await _ended(bot, tale)).state is TaleState.DONE


async def test_what_lacks_is_said_at_once_to_the_asker_alone(scene: Scene) -> None:
    async with scene.running():
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        scene.guild.guild.roles[scene.guild.id].permissions &= ~int(May.ATTACH_FILES)
        told = await ana.tale("a fox")
        await told.until(lambda reply: f"<#{scene.guild.text.id}>: Attach Files" in reply.text)
        assert "Attach Files" not in "".join(one.text for one in ben.screen())


@pytest.mark.slow
async def test_a_kicked_bot_goes_on_elsewhere(scene: Scene) -> None:
    other = scene.double.guild("Elsewhere")
    async with scene.running() as bot:
        ana, eve = scene.guild.member("Ana"), other.member("Eve")
        await (await ana.tale("a fox")).done()
        [tale] = await bot.services.library.tales.open_ones()
        scene.guild.removes(scene.double.bot)
        scene.executor(troupe=QUICK)
        told = await eve.tale("an owl")
        await told.shown.until(lambda seen: TITLE in seen.text, within_s=WITHIN_S)
        assert (await _ended(bot, tale)).state is TaleState.DONE


async def test_who_closed_their_direct_messages_still_gets_a_sentence(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        ana.user.closed_dms = True
        ana.opens(scene.double.world.conversation(ana.user, scene.double.bot.user))
        scene.executor(troupe=QUICK)
        await (await ana.tale("a fox")).done()
        [tale] = await bot.services.library.tales.open_ones()
        assert (await _ended(bot, tale)).state is TaleState.DONE


@pytest.mark.slow
async def test_after_a_quarter_of_an_hour_the_tale_comes_to_the_channel(scene: Scene) -> None:
    async with scene.running(clock=scene.double.clock.now_s) as bot:
        ana = scene.guild.member("Ana")
        await (await ana.tale("a fox")).done()
        [tale] = await bot.services.library.tales.open_ones()
        scene.double.clock.advance(16 * 60)
        scene.executor(troupe=QUICK)
        await _ended(bot, tale)
        assert [seen for seen in ana.screen() if seen.files]


@pytest.mark.slow
@pytest.mark.parametrize("status", [500, 503, 0])
@pytest.mark.parametrize("after", [False, True], ids=["undone", "done, answer lost"])
async def test_discords_own_trouble_makes_no_second_message_and_loses_no_tale(
    scene: Scene, status: int, *, after: bool
) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await (await ana.tale("a fox")).done()
        [tale] = await bot.services.library.tales.open_ones()
        for method, path in (("PATCH", "/messages/"), ("POST", "/messages"), ("POST", "/webhooks/")):
            scene.double.faults.fail(method, path, status, times=2, after=after)
        scene.executor(troupe=QUICK)
        assert (await _ended(bot, tale)).state is TaleState.DONE
        assert len([seen for seen in ana.screen() if seen.files]) == 1
        assert len([seen for seen in ana.screen() if TITLE in seen.text]) == 1


@pytest.mark.slow
async def test_a_crowd_is_slowed_and_nobody_is_forgotten(scene: Scene) -> None:
    scene.double.limits.counting = True
    async with scene.running() as bot:
        people = [scene.guild.member(f"M{nth}") for nth in range(12)]
        told = await asyncio.gather(*(one.tale("a fox") for one in people))
        assert not any(one.failed for one in told)
        for one in told:
            await one.done()
        scene.executor(troupe=QUICK, tales_in_flight=4)
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        assert len([seen for seen in people[0].screen() if seen.files]) == len(people)


async def test_a_finger_that_presses_twice_gets_one_tale(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        asked = await ana.tale()
        label = asked.shown.buttons[0].label
        first, second = await asyncio.gather(ana.press(label, on=asked.shown), ana.press(label, on=asked.shown))
        assert not first.failed
        assert not second.failed
        await eventually(lambda: bot.services.teller.open == 1)
        assert len(await bot.services.library.tales.open_ones()) == 1


async def test_a_failure_of_ours_is_a_sentence_with_a_short_id(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")

        async def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(type(bot.services.library.tales), "waiting", broken)
        told = await ana.slash("queue")
        await told.until(lambda reply: "give the operator this id" in reply.text)
        assert "bug" not in told.text


async def _ended(bot: TaleBot, tale: KeptTale) -> KeptTale:
    await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
    kept = await bot.services.library.tales.get(tale.id)
    assert kept is not None
    return kept
