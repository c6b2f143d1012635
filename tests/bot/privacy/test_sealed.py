"""With a key, words lie sealed everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.library.library import open_library
from bot.privacy.privacy import Privacy
from bot.privacy.scan import traces
from pipeline.artifacts import Artifacts
from pipeline.errors import Damaged
from pipeline.road.door import door
from tests.bot.privacy.living import lived
from tests.faults.stage import Stage


async def test_a_tale_is_made_and_kept_and_no_word_of_it_is_readable(tmp_path: Path, ana: str) -> None:
    home, beside, key = tmp_path / "home", tmp_path / "beside", Fernet.generate_key().decode()
    for folder in (home / "state", beside):
        folder.mkdir(parents=True)
    stage = Stage(beside, f"sqlite:///{home}/state/road.db")
    stage.executor(state=str(home / "state"), artifacts=str(home / "artifacts"), key=key)
    try:
        async with open_library(home, key) as library, door(stage.database_url, key) as at:
            privacy = Privacy(library, at, Artifacts(home / "artifacts"), home)
            tale = await lived(privacy, ana)
            assert traces(home, tale.prompt.text) == []
            assert traces(home, "bm_fable")  # a choice, no word of theirs: what is looked for would be found
            found = await privacy.found(ana)
            road = b"".join(thing.read() for thing in found["road"])
            assert tale.prompt.text.encode() in road
            assert found["sounds"]
        async with door(stage.database_url) as at:
            with pytest.raises(Damaged, match="seal_broken"):
                await at.keepsakes("", [tale.id])
    finally:
        stage.close()
