"""On the road and in memory: one tale."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.road.door import read_answer
from pipeline.words.event import Done, Event, key_of
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from pipeline.words.tale import Tale
from tests.faults.stage import heard
from tests.pipeline.road.real import door_to, kept_by, worker
from tests.pipeline.telling.studios import SHORT, tiny, told

PROMPT = Prompt(SHORT, seed=7, words=30)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


async def test_the_same_wish_is_the_same_tale_in_memory_and_on_the_road(tmp_path: Path) -> None:
    here_events: list[Event] = []
    with tiny() as here:
        tale, _ = told(here, PROMPT, tmp_path / "memory", here_events)
    async with worker(tmp_path), door_to(tmp_path) as at:
        await at.ask(Asked("t1", Tell(PROMPT), "s"))
        events = await asyncio.wait_for(heard(at, "t1"), 600)
    last = events[-1]
    assert isinstance(last, Done), last
    on_the_road = read_answer(last.tale, Tale, kept_by(tmp_path))
    assert on_the_road.story == tale.story
    assert on_the_road.timeline == tale.timeline
    assert on_the_road.master == tale.master
    assert on_the_road.made_by.profile == "tiny"
    assert replace(on_the_road, made_by=tale.made_by, rights=tale.rights) == tale
    assert [key_of(event) for event in events[:-1]] == [key_of(event) for event in here_events]
