"""What a recording says is held, too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from bot.library.records import DeliveryOptions, KeptTale, ServerSettings
from bot.moderation.story_review import StoryReview
from bot.tracker.outputs import Card
from pipeline.errors import Refused
from pipeline.words.event import Event, Failed, Planned, Written
from pipeline.words.prompt import Prompt, Rating
from pipeline.words.tale import Tale
from tests.bot.card.events import NOTHING, passage, tale

SPOKEN = KeptTale(
    "a" * 32, "1", "2", "3", Prompt("", 1, recording=NOTHING, rating=Rating.TEEN), DeliveryOptions(locale="fr")
)
PLAN = next(event.plan for event in tale() if isinstance(event, Planned))
RULES = ServerSettings(bad_words=("heron",))


@dataclass
class Undone:
    """What it was told to undo."""

    why: list[Refused] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    async def stop(self, unfit: KeptTale) -> None:
        self.stopped.append(unfit.id)
        self.order.append("stop")

    async def tell(self, _tale: KeptTale, why: Refused) -> None:
        self.why.append(why)
        self.order.append("tell")

    async def erase(self, unfit: KeptTale) -> None:
        self.erased.append(unfit.id)
        self.order.append("erase")

    async def left(self) -> list[KeptTale]:
        return [SPOKEN]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (Planned(replace(PLAN, asked="je veux mourir")), "prompt_danger"),
        (Planned(replace(PLAN, asked="un h3ron")), "words_unwelcome"),
        (Written(passage(0, "A heron came by.")), "words_unwelcome"),
        (Written(passage(0, "They spoke of suicide at sea.")), ""),
    ],
)
async def test_what_only_the_telling_shows_is_undone_once_it_ended(event: Event, code: str) -> None:
    undone = Undone()
    async with StoryReview(_rules, _deliver, undone) as watch:
        watch.began(SPOKEN, cast(Card, None), "")
        watch.heard(SPOKEN, event)
    assert [why.code for why in undone.why] == ([code] if code else [])
    assert not undone.erased
    async with watch:
        watch.ended(SPOKEN)
    assert undone.erased == ([SPOKEN.id] if code else [])
    if code == "prompt_danger":
        assert "3114" in undone.why[0].fields["lines"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (Failed("prompt_harmful", {"kind": "hateful"}), "prompt_harmful"),
        (Failed("prompt_harmful", {"kind": "danger"}), "prompt_danger"),
        (Failed("tale_broke", {"state": "x"}), ""),
    ],
)
async def test_what_the_executor_finds_is_told_to_its_asker_and_nothing_of_it_kept(event: Event, code: str) -> None:
    undone = Undone()
    async with StoryReview(_rules, _deliver, undone) as watch:
        watch.began(SPOKEN, cast(Card, None), "")
        watch.heard(SPOKEN, event)
        watch.ended(SPOKEN)
    assert [why.code for why in undone.why] == ([code] if code else [])
    assert undone.erased == ([SPOKEN.id] if code else [])
    if code == "prompt_danger":
        assert "3114" in undone.why[0].fields["lines"]


async def test_what_is_found_by_the_executor_goes_before_anybody_is_told_why() -> None:
    undone = Undone()
    async with StoryReview(_rules, _deliver, undone) as watch:
        watch.heard(SPOKEN, Failed("prompt_harmful", {"kind": "danger"}))
        watch.ended(SPOKEN)
    assert undone.order == ["erase", "tell"]


async def test_what_an_earlier_bot_was_kept_from_erasing_goes_at_the_start() -> None:
    undone = Undone()
    async with StoryReview(_rules, _deliver, undone) as watch:
        await watch.resume()
        await asyncio.sleep(0.05)
    assert undone.erased == [SPOKEN.id]


async def _rules(_server: str) -> ServerSettings:
    return RULES


async def _deliver(_tale: KeptTale, _story: Tale) -> tuple[str, ...]:
    return ()
