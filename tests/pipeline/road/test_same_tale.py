"""On the road and in memory: one tale."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.artifacts import Artifacts
from pipeline.places import CHECKOUT
from pipeline.road.door import door
from pipeline.words.event import Done, Event, key_of
from pipeline.words.jsonable import from_json
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from pipeline.words.tale import Tale
from tests.faults.stage import heard
from tests.pipeline.telling.studios import SHORT, tiny, told

PROMPT = Prompt(SHORT, seed=7, words=30)
WORKER = "import sys; from pipeline.cli.worker import main; sys.exit(main(sys.argv[1:]))"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


async def test_the_same_wish_is_the_same_tale_in_memory_and_on_the_road(tmp_path: Path) -> None:
    here_events: list[Event] = []
    with tiny() as here:
        weights = here.places.cache
        tale, _ = told(here, PROMPT, tmp_path / "memory", here_events)
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").symlink_to(weights)
    url = f"sqlite:///{tmp_path}/road.db"
    environ = {**os.environ, "ECHOTALES_HOME": str(home), "ECHOTALES_DATABASE_URL": url, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", WORKER, "--name", "one", "--profile", "tiny"]
    worker = await asyncio.create_subprocess_exec(*command, env=environ, cwd=CHECKOUT)
    try:
        async with door(url) as at:
            await at.ask(Asked("t1", Tell(PROMPT), "s"))
            events = await asyncio.wait_for(heard(at, "t1"), 600)
    finally:
        worker.kill()
        await worker.wait()
    last = events[-1]
    assert isinstance(last, Done), last
    kept = Artifacts(home / "artifacts").path(last.tale).read_text("utf-8")
    on_the_road = from_json(Tale, json.loads(kept))
    assert on_the_road.story == tale.story
    assert on_the_road.timeline == tale.timeline
    assert on_the_road.master == tale.master
    assert on_the_road.made_by.profile == "tiny"
    assert replace(on_the_road, made_by=tale.made_by, rights=tale.rights) == tale
    assert [key_of(event) for event in events[:-1]] == [key_of(event) for event in here_events]
