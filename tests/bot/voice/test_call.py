"""What a call lives through."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bot.voice.blocks import Blocks
from bot.voice.call import Call
from bot.voice.mouth import Mouth
from pipeline.audio.sum import Sum
from pipeline.words.sound import Samples
from tests.bot.voice.calling import found_in, settled
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import Made, made


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Five seconds."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(2.0,), tail_s=0.5)


@pytest.fixture(scope="module")
def long_tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A minute."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(8.0,) * 8)


@pytest.fixture
def blocks() -> Iterator[Blocks]:
    """The worker."""
    one = Blocks()
    yield one
    one.close()


def mouth_of(tale: Made, blocks: Blocks) -> Mouth:
    mouth = Mouth(tale.path_of, blocks)
    blocks.add(mouth)
    mouth.grow(tale.timeline)
    return mouth


def file_of(tale: Made) -> Samples:
    it = Sum(tale.path_of)
    it.grow(tale.timeline)
    return np.concatenate(list(it.walk()))


async def test_a_member_hears_the_tale_end_to_end_encrypted(
    guild: Neighbourhood, call: Call, blocks: Blocks, tale: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    mouth = mouth_of(tale, blocks)
    await settled(lambda: mouth.ahead)
    call.play(mouth)
    heard = await ana.hears_out(quiet_s=1.0)
    assert mouth.over
    match = found_in(heard.sound, file_of(tale))
    assert match.likeness > 0.97
    assert heard.missing == 0
    assert guild.hall.room(guild.voice).violations == []
