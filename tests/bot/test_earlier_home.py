"""What the first bot left behind still serves."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bot.library.library import open_library
from bot.library.records import Consent, TaleState
from bot.library.restore import restore
from pipeline.artifacts import Artifacts
from pipeline.settings import read_settings
from pipeline.words.event import Done, Narrated, Written
from tests.faults.stage import Stage, heard

LEFT = Path(__file__).parent / "earlier_home.zip"
"""Made by the bot of commit 13d360d: a library, a queue with one tale told and one asked, a backup, its .env."""
TOLD, ASKED = "1" * 32, "2" * 32


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with zipfile.ZipFile(LEFT) as left:
        left.extractall(tmp_path / "home")
    return tmp_path / "home"


async def test_its_library_opens_with_all_that_members_chose(home: Path) -> None:
    async with open_library(home) as library:
        tale, open_ones = await library.tales.get(TOLD), await library.tales.open_ones()
        rules = await library.servers.of("1")
        assert tale is not None
        assert (tale.state, tale.title, tale.prompt.seed, tale.hearts) == (TaleState.DONE, "The Lamp", 7, 1)
        assert [one.id for one in open_ones] == [ASKED]
        assert (rules.most_a_day, rules.bad_words) == (3, ("ogre",))
        assert await library.voices.chosen("100") == "bm_fable"
        assert (await library.voices.speaking("100")).pace == 1.1
        assert await library.consents.has("100", Consent.LISTEN, "1")
        assert tale.artifact is not None
        assert Artifacts(home / "artifacts").path(tale.artifact).is_file()


async def test_its_backup_is_brought_back(home: Path, tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path / "anew" / "artifacts")
    async with open_library(tmp_path / "anew") as library:
        await restore(library, artifacts, home / "backup.zip")
        tale = await library.tales.get(TOLD)
        assert tale is not None
        assert tale.artifact is not None
        assert artifacts.path(tale.artifact).is_file()
        assert await library.voices.chosen("100") == "bm_fable"


async def test_its_queue_tells_again_what_was_told_and_goes_on_with_what_was_asked(home: Path) -> None:
    stage = Stage(home)
    try:
        async with stage.door() as door:
            assert [type(event) for event in await heard(door, TOLD)] == [Written, Narrated] * 4 + [Done]
            stage.executor()
            assert [type(event) for event in await heard(door, ASKED)] == [Written, Narrated] * 4 + [Done]
    finally:
        stage.close()


def test_every_setting_of_its_env_file_is_read(home: Path) -> None:
    settings = read_settings({}, home / ".env")
    assert (settings.profile, settings.offline, settings.accept) == ("embedded", True, "xtts-v2")
    assert (settings.budget_gb, settings.gpu_polite, settings.artifacts_gb) == (2.5, True, 5.0)
    assert (settings.seen_at, settings.log_level, settings.shards) == ("127.0.0.1:9000", "DEBUG", 1)
    assert (settings.writer_url, settings.writer_model) == ("http://127.0.0.1:8000/v1", "small")
