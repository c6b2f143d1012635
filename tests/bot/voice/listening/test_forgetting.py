"""Nobody's voice is kept longer than it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.library.library import Library, open_library
from bot.voice.listening.cleanup import Forgetting, Left, Unfinished
from bot.voice.listening.transcription import Scribe
from bot.voice.receive.speech import MemberUtterance
from pipeline.artifacts import Artifacts
from pipeline.words.answer import Transcribed
from pipeline.words.event import Failed, Stopped
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ, Artifact, Transcript
from tests.bot.library.samples import wished


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    """Empty."""
    async with open_library(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        (Failed("sound_unreadable", {}), False),
        (Failed("sound_too_long", {}), False),
        (Failed("tale_broke", {}), True),
        (Stopped(), False),
    ],
    ids=["no recording", "too long", "a fault of ours", "stopped"],
)
async def test_what_can_never_be_heard_goes_and_what_can_be_tried_again_stays(
    library: Library, tmp_path: Path, event: Failed | Stopped, *, stays: bool
) -> None:
    keep = Artifacts(tmp_path / "sounds")
    sound = keep(b"somebody's voice", ".ogg")
    tale = wished(prompt=Prompt("", 1, recording=sound))
    await library.tales.add(tale)
    forgetting = Forgetting(keep, library.tales)
    forgetting.heard(tale, event)
    await asyncio.sleep(0.3)
    assert bool(lying(tmp_path, "*.ogg")) is stays
    kept = await library.tales.get(tale.id)
    assert kept is not None
    assert bool(kept.prompt.recording) is stays


async def test_what_a_bot_kept_while_it_listened_is_known_to_the_next(tmp_path: Path) -> None:
    keep, file = Artifacts(tmp_path / "sounds"), tmp_path / "unfinished.json"
    killed = Scribe(keep, never, Unfinished(file))
    killed.take(MemberUtterance(1, 0.0, np.ones(RATE_HZ, np.int16)))
    async with asyncio.timeout(5):
        while not file.exists():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.02)
    assert lying(tmp_path, "*.wav")
    following = Unfinished(file)
    left = following.left()
    assert [path.stem for path in lying(tmp_path, "*.wav")] == [one.sha256 for one in left.recordings]
    assert Unfinished(file).left() == left, "a second one that dies before it has put them away leaves them noted"
    following.put_away()
    assert not file.exists()
    assert Unfinished(file).left() == Left()
    await killed.close()


async def test_what_a_tale_has_is_not_taken_for_left_behind(tmp_path: Path) -> None:
    keep, file = Artifacts(tmp_path / "sounds"), tmp_path / "unfinished.json"
    scribe = Scribe(keep, heard, Unfinished(file))
    scribe.take(MemberUtterance(1, 0.0, np.ones(RATE_HZ, np.int16)))
    await scribe.finish(5)
    assert file.exists()
    (said,) = await scribe.said({1: "Ana"}, ())
    assert not file.exists()
    await scribe.close()
    assert keep.path(said.recording).exists()
    assert [turn.member for turn in scribe.handed_over] == [1]


def lying(folder: Path, names: str) -> list[Path]:
    return list(folder.rglob(names))


async def never(_: int, __: Artifact) -> Transcribed:
    await asyncio.sleep(60)
    raise AssertionError("nobody waits so long")


async def heard(_: int, __: Artifact) -> Transcribed:
    return Transcribed(Transcript("A fox.", "en", 0.9))
