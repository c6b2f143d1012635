"""No error ends a call or booth unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import aiohttp
import discord
import pytest
import sqlalchemy as sa

from bot.actions.player_buttons import buttons_of
from bot.library.records import ServerSettings
from bot.voice.call import Call, Health
from bot.voice.player.players import Booths
from tests.bot.voice.calling import QUICK, settled
from tests.bot.voice.telling import BRISK, Evening
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import Made

ALL = 99


def away() -> Exception:
    return sa.exc.OperationalError("select", {}, OSError("the server closed the connection"))


def evening(
    client: discord.Client, guild: Neighbourhood, tale: Made, folder: Path, errors: list[Exception], waits_s: float
) -> Evening:
    """Whose rules cannot be read for so many looks."""

    async def decided(_: str) -> ServerSettings:
        if errors:
            raise errors.pop()
        return ServerSettings()

    manners = replace(BRISK, waits_s=waits_s)
    booths = Booths(
        client, tale.path_of, decided, folder / "bookmarks.json", buttons=buttons_of, manners=manners, patience=QUICK
    )
    return Evening(booths, guild)


async def test_a_database_that_is_away_for_some_looks_delays_a_tale_and_ends_no_booth(
    client: discord.Client, guild: Neighbourhood, short: Made, tmp_path: Path
) -> None:
    told = evening(client, guild, short, tmp_path, [away() for _ in range(5)], waits_s=30.0)
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    told.wants(short, ana.id)(ALL)
    await told.telling("one")
    assert told.cards["one"].refused == []
    await told.booths.close()


async def test_one_that_stays_away_is_said_in_the_card_and_the_next_tale_has_its_turn(
    client: discord.Client, guild: Neighbourhood, short: Made, tmp_path: Path
) -> None:
    errors = [away() for _ in range(100_000)]
    told = evening(client, guild, short, tmp_path, errors, waits_s=0.5)
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    told.wants(short, ana.id)(ALL)
    await settled(lambda: told.cards["one"].refused)
    errors.clear()
    told.wants(short, ana.id, "two")(ALL)
    await told.telling("two")
    await told.booths.close()


async def test_a_call_whose_watch_breaks_is_lost_and_not_left_standing(
    guild: Neighbourhood, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    await call.enter(guild.voice.id, "test")
    monkeypatch.setattr(Call, "_look", broken)
    await settled(lambda: call.health is Health.LOST)
    assert call.why is not None
    assert call.why.code == "booth_lost"
    monkeypatch.undo()
    await call.enter(guild.voice.id, "test")
    assert call.health is Health.WELL


async def test_a_gateway_that_closes_while_a_call_is_let_go_ends_nobody(
    guild: Neighbourhood, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def closing(*_: object, **__: object) -> None:
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")

    await call.enter(guild.voice.id, "one")
    await call.enter(guild.voice.id, "two", ears=True)
    monkeypatch.setattr(discord.Guild, "change_voice_state", closing)
    await call.release("two")
    assert call.health is Health.WELL
