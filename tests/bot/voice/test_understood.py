"""A listener who writes down what they heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from bot.voice.call import Call
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.tale_source import Mouth
from pipeline.audio.sum import Gains, Sum
from pipeline.backends import narrate_kokoro, transcribe_whisper
from pipeline.cancelled import Cancelled
from pipeline.roles import Delivery
from pipeline.words.sound import RATE_HZ, Recording, Samples
from tests.bench._tales import LINES
from tests.bench.mix import distance, plain
from tests.bot.voice.calling import settled
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import made

pytestmark = pytest.mark.slow
TOLD = LINES[:3]
LONG_S = 5.0


class Weights(Protocol):
    """Of a model by its id."""

    def __call__(self, model: str) -> Mapping[str, Path]: ...


@pytest.fixture(scope="module")
def spoken(weights: Weights) -> Iterator[list[Samples]]:
    """The lines, each in its own passage."""
    narrator = narrate_kokoro.open_backend(weights("kokoro-82m"), 1)
    yield [
        np.concatenate([one.samples for one in narrator.speak(line, Delivery("bm_fable", "en"), Cancelled())])
        for line in TOLD
    ]
    narrator.close()


async def test_whisper_hears_what_was_told_in_the_call_as_well_as_the_dry_voice(
    guild: Neighbourhood, call: Call, spoken: list[Samples], weights: Weights, tmp_path: Path
) -> None:
    def voice(seconds: float, nth: int) -> Samples:
        line = spoken[nth][: int(seconds * RATE_HZ)]
        return np.pad(line, (0, int(seconds * RATE_HZ) - len(line)))

    tale = made(tmp_path, lengths_s=(LONG_S,) * len(TOLD), voice=voice)
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    blocks = Blocks()
    mouth = Mouth(tale.path_of, blocks)
    blocks.add(mouth)
    mouth.grow(tale.timeline)
    await settled(lambda: mouth.ahead)
    call.play(mouth)
    heard = await ana.hears_out(quiet_s=1.0)
    blocks.close()
    whole = Sum(tale.path_of)
    whole.grow(tale.timeline)
    whisper = transcribe_whisper.open_backend(weights("whisper-base"), 1)

    def errors(sound: Samples) -> int:
        recording = Recording(np.ascontiguousarray(sound.mean(axis=1), np.float32), RATE_HZ)
        return distance(plain(" ".join(TOLD)), plain(whisper.transcribe(recording, "en", Cancelled()).text))

    dry = errors(whole.block(0, whole.samples, Gains(1, 0)))
    assert errors(heard.sound) <= dry + 1
    assert dry <= 2
    whisper.close()
