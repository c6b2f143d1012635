"""What fails says no word of a member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from bot.library.library import open_library
from pipeline.errors import TaleError
from pipeline.log import log_of, set_up_logging
from pipeline.road.desk import Desk
from pipeline.words.jsonable import request_from_json, request_to_json
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from tests.bot.library.samples import wished

CANARY = "the canary sings at midnight"
TOKEN = "aW50ZXJhY3Rpb246canary"


def test_a_wish_that_no_longer_reads(capfd: pytest.CaptureFixture[str]) -> None:
    data = request_to_json(Tell(Prompt(CANARY, seed=1)))
    data["prompt"]["seed"] = CANARY
    said = _said(capfd, lambda: request_from_json(data))
    assert "seed" in said, "the operator finds which field it is"
    assert CANARY not in said


def test_a_queue_that_takes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    desk = Desk(f"sqlite:///{tmp_path}/road.db")
    _lose(desk.ledger.engine, "workflow_input")
    said = _said(capfd, lambda: desk.ask(Asked("t1", Tell(Prompt(CANARY, seed=1)), CANARY, CANARY)))
    desk.close()
    assert "no such table" in said
    assert CANARY not in said


async def test_a_library_that_takes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with open_library(tmp_path) as library:
        engine = sa.create_engine(f"sqlite:///{tmp_path}/library.db")
        _lose(engine, "hearts")
        engine.dispose()
        set_up_logging(plain=False)
        tale = replace(wished(prompt=Prompt(CANARY, seed=1)), title=CANARY, interaction_token=TOKEN)
        await library.tales.add(tale)
        try:
            await library.tales.heart(tale.id, CANARY)
        except sa.exc.DatabaseError as error:
            log_of("refusals").error("command_broke", exc_info=error)
    said = capfd.readouterr().err
    assert "no such table" in said
    assert CANARY not in said
    assert TOKEN not in said


def _said(capfd: pytest.CaptureFixture[str], work: Callable[[], object]) -> str:
    """What stands in the log when it fails."""
    set_up_logging(plain=False)
    try:
        work()
    except (ValidationError, TaleError) as error:
        log_of("road").exception("job_broke", why=str(error))
    return capfd.readouterr().err


def _lose(engine: sa.Engine, table: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(f"alter table {table} rename to somewhere_else"))
