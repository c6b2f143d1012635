"""Who erases again and again is no hammer."""

from __future__ import annotations

import asyncio

import pytest

from bot.library.database import tidy
from bot.privacy.privacy import Privacy
from bot.privacy.registry import Shelves
from bot.privacy.scan import traces
from bot.privacy.store import Whose
from tests.bot.privacy.living import lived


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the library was packed anew, erase by erase."""
    found: list[bool] = []

    async def noted(engine: object, *, packed: bool = True) -> bool:
        found.append(packed)
        return await tidy(engine, packed=packed)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr("bot.privacy.registry.tidy", noted)
    return found


async def test_pressed_again_within_the_hour_the_databases_are_not_packed_and_all_goes_the_same(
    privacy: Privacy, ana: str, packed: list[bool]
) -> None:
    await privacy.erase_member(ana)
    tale = await lived(privacy, ana)
    await privacy.erase_member(ana)
    assert packed == [True, False]
    for name in (ana, tale.prompt.text):
        assert traces(privacy.home, name) == []


async def test_many_presses_at_once_are_done_one_after_the_other(
    privacy: Privacy, ana: str, ben: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase, at_once, most = Shelves.erase, [0], [0]

    async def counted(self: Shelves, whose: Whose) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        await erase(self, whose)
        at_once[0] -= 1

    monkeypatch.setattr(Shelves, "erase", counted)
    await asyncio.gather(*(privacy.erase_member(one) for one in (ana, ben) * 3))
    assert most == [1]
