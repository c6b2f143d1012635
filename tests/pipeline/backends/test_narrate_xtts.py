"""XTTS, small, with random weights."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.backends import narrate_xtts
from pipeline.backends.narrate_xtts import XttsNarrator, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Refused, TaleCancelled
from pipeline.roles import Delivery, Narrator
from pipeline.shelf.receipts import sha256_of
from pipeline.words.sound import RATE_HZ, Recording
from tests.pipeline.conftest import Tiny
from tests.tiny_models import xtts
from tests.tiny_models.sizes import Size

pytestmark = pytest.mark.gpu_stack

NOISE = np.random.default_rng(0)
REFERENCE = Recording((0.1 * NOISE.standard_normal(6 * 22_050)).astype(np.float32), 22_050)
LINE = Delivery("member", "en", seed=3)
STUDIO = {"xtts_ana_florence", "xtts_viktor_menelaos"}
LONG = "the keeper lit the lamp and waited, " * 8
"""More than the model says in one breath."""


@pytest.fixture(scope="module")
def narrator(tiny: Tiny) -> Iterator[Narrator]:
    """A real XTTS of two small layers: its code is walked whole, its voice is noise."""
    opened = open_backend(tiny("xtts"), 1)
    opened.learn("member", REFERENCE)
    yield opened
    opened.close()


def test_a_learnt_voice_speaks_and_a_seed_is_one_sound(narrator: Narrator) -> None:
    first, second, other = (
        np.concatenate([one.samples for one in narrator.speak("hello", delivery, Cancelled())])
        for delivery in (LINE, LINE, Delivery("member", "en", seed=4))
    )
    assert len(first) > RATE_HZ // 20
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_random_weights_that_never_stop_are_stopped(narrator: Narrator) -> None:
    (made,) = narrator.speak("hi", LINE, Cancelled())
    assert len(made.samples) / RATE_HZ < 5


def test_the_brake_stops_it_between_two_tokens(narrator: Narrator) -> None:
    check = Cancelled()
    threading.Timer(0.3, check.set).start()
    since_s = time.monotonic()
    with pytest.raises(TaleCancelled):
        list(narrator.speak("a long line " * 20, LINE, check))
    assert check
    assert time.monotonic() > since_s


def test_a_voice_that_was_kept_is_known_again_and_can_be_forgotten(tiny: Tiny) -> None:
    other = open_backend(tiny("xtts"), 1)
    kept = other.learn("somebody", REFERENCE)
    other.forget("somebody")
    with pytest.raises(Missing):
        list(other.speak("hello", Delivery("somebody", "en"), Cancelled()))
    other.know("somebody", kept)
    assert {voice.id for voice in other.voices()} == {"somebody", *STUDIO}
    assert next(other.speak("hello", Delivery("somebody", "en"), Cancelled())).samples.dtype == np.float32
    other.close()


def test_what_was_pulled_stays_as_it_was(tmp_path: Path) -> None:
    files = {path.name: path for path in xtts.make(tmp_path, Size.TINY).iterdir()}
    before = {name: sha256_of(path) for name, path in files.items()}
    open_backend(files, 1).close()
    assert {name: sha256_of(path) for name, path in files.items()} == before


def test_a_second_of_reference_is_refused(narrator: Narrator) -> None:
    assert isinstance(narrator, XttsNarrator)
    with pytest.raises(Refused) as refused:
        narrator.learn("member", Recording(REFERENCE.samples[:22_050], 22_050))
    assert refused.value.code == "reference_too_short"


def test_a_language_it_lacks_is_named(narrator: Narrator) -> None:
    with pytest.raises(Missing) as missing:
        list(narrator.speak("hello", Delivery("member", "tlh"), Cancelled()))
    assert missing.value.code == "language_unspoken"


def test_its_studios_voices_speak_and_blend(narrator: Narrator) -> None:
    assert {voice.id for voice in narrator.voices()} >= STUDIO
    for voice in ("xtts_ana_florence", "xtts_ana_florence:0.5,xtts_viktor_menelaos:0.5"):
        (made,) = narrator.speak("hi", Delivery(voice, "en", seed=1), Cancelled())
        assert np.isfinite(made.samples).all()


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few tokens a letter: random weights never stop by themselves."""
    monkeypatch.setattr(narrate_xtts, "TOKENS_A_CHAR", 0.05)


@pytest.mark.usefixtures("briefly")
def test_the_first_piece_of_a_long_line_is_heard_before_the_second_is_made(narrator: Narrator) -> None:
    made: list[str] = []
    model = narrator.__dict__["_model"]
    own = model.inference

    def noting(text: str, *args: Any, **kwargs: Any) -> Any:
        made.append(text)
        return own(text, *args, **kwargs)

    model.inference = noting
    try:
        pieces = narrator.speak(LONG, LINE, Cancelled())
        assert len(next(pieces).samples)
        assert len(made) == 1
        list(pieces)
    finally:
        del model.inference
    assert len(made) > 1
    assert all(len(text) <= 250 for text in made)


@pytest.mark.usefixtures("briefly")
def test_a_lean_narrator_takes_shorter_breaths_and_stays_the_same(tiny: Tiny) -> None:
    narrator = open_backend(tiny("xtts"), 1)
    voice = Delivery("xtts_ana_florence", "en", seed=2)
    whole = len(list(narrator.speak(LONG, voice, Cancelled())))
    narrator.lean()
    first, second = (list(narrator.speak(LONG, voice, Cancelled())) for _ in range(2))
    assert len(first) > whole
    assert all(np.array_equal(one.samples, other.samples) for one, other in zip(first, second, strict=True))
    narrator.close()


def test_others_chances_are_left_as_they_were(narrator: Narrator) -> None:
    import torch

    before = torch.get_rng_state()
    list(narrator.speak("hi", LINE, Cancelled()))
    assert torch.equal(torch.get_rng_state(), before)
