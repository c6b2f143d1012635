"""The voice that is always there."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.backends.narrate_espeak import open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, TaleCancelled
from pipeline.roles import Delivery
from pipeline.speaking.voices import accents

HELLO = {"hi": "वह घर गया", "ja": "わたしは いきます", "zh": "我回家了"}


@pytest.mark.parametrize("language", accents())
def test_it_speaks_every_language_of_the_house(language: str) -> None:
    narrator = open_backend({}, 1)
    voices = [voice.id for voice in narrator.voices() if voice.language == language]
    made = [
        next(narrator.speak(HELLO.get(language, "Anna, 7"), Delivery(voice, language), Cancelled())).samples
        for voice in voices
    ]
    assert len(made) == 2
    assert min(len(one) for one in made) > 10_000
    assert min(float(np.abs(one).max()) for one in made) > 0.1


def test_it_is_slower_when_asked() -> None:
    narrator = open_backend({}, 1)
    usual, slow = (
        len(next(narrator.speak("The sea was calm.", Delivery("espeak_en_m", "en", pace=pace), Cancelled())).samples)
        for pace in (1.0, 0.75)
    )
    assert slow > 1.15 * usual


def test_it_stops_and_says_what_it_cannot() -> None:
    narrator, check = open_backend({}, 1), Cancelled()
    check.set()
    with pytest.raises(TaleCancelled):
        list(narrator.speak("The sea was calm.", Delivery("espeak_en_m", "en"), check))
    with pytest.raises(Missing):
        list(narrator.speak("The sea was calm.", Delivery("nobody", "en"), Cancelled()))
