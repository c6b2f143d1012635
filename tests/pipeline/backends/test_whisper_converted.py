"""A converted Whisper with random weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.backends import narrate_espeak, transcribe_whisper
from pipeline.backends.transcribe_whisper import Whisper
from pipeline.cancelled import Cancelled
from pipeline.roles import Delivery
from pipeline.words.sound import RATE_HZ, Recording
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack


@pytest.fixture(scope="module")
def whisper(tiny: Tiny) -> Iterator[Whisper]:
    opened = transcribe_whisper.open_backend(tiny("whisper"), 1)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def recording() -> Recording:
    """Two seconds of silence, then somebody speaks."""
    pytest.importorskip("espeakng_loader")
    narrator = narrate_espeak.open_backend({}, 1)
    voice = next(one.id for one in narrator.voices() if one.language == "en")
    spoken = narrator.speak("The keeper opened the window.", Delivery(voice, "en"), Cancelled())
    sound = np.concatenate([np.zeros(2 * RATE_HZ, np.float32), *(one.samples for one in spoken)])
    narrator.close()
    return Recording(sound, RATE_HZ)


def test_its_words_lie_where_somebody_speaks_and_its_language_is_one_it_knows(
    whisper: Whisper, recording: Recording
) -> None:
    heard = whisper.transcribe(recording, None, Cancelled())
    assert heard.language in whisper.__dict__["_model"].supported_languages
    assert len(whisper.__dict__["_model"].supported_languages) > 90
    assert heard.words
    assert all(1.5 < word.start_s <= word.end_s <= len(recording.samples) / RATE_HZ + 0.5 for word in heard.words)
    assert all(0 <= word.certainty <= 1 for word in heard.words)


def test_a_wished_language_is_taken(whisper: Whisper, recording: Recording) -> None:
    assert whisper.transcribe(recording, "pt", Cancelled()).language == "pt"


def test_eight_bits_a_weight_are_what_it_runs_in(whisper: Whisper) -> None:
    assert whisper.__dict__["_model"].model.compute_type.startswith("int8")
