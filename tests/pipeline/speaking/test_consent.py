"""A voice learnt from its owner's own words."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soxr

from pipeline.backends.narrate_espeak import open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Refused
from pipeline.roles import Delivery
from pipeline.speaking.bend import bent
from pipeline.speaking.consent import accept_consent, consent_sentence, spoken_share
from pipeline.words.sound import RATE_HZ, Recording

SENTENCE = consent_sentence("en", "member 7, sitting 1")


@cache
def spoken(text: str = SENTENCE) -> Recording:
    voice = next(open_backend({}, 1).speak(text, Delivery("espeak_en_m", "en"), Cancelled()))
    return Recording(voice.samples, RATE_HZ)


def sound(samples: npt.NDArray[Any]) -> Recording:
    return Recording(samples.astype(np.float32), RATE_HZ)


def buzz(pitch_hz: float, length_s: float) -> npt.NDArray[Any]:
    """A throat's sound: many overtones."""
    at = np.arange(round(length_s * RATE_HZ)) * pitch_hz / RATE_HZ
    return 0.2 * (at % 1.0 - 0.5)


def why(heard: str, recording: Recording, speakers: int = 1) -> str:
    with pytest.raises(Refused) as refused:
        accept_consent(SENTENCE, heard, recording, speakers)
    return refused.value.code


@pytest.mark.parametrize("language", ["en", "pt", "es", "fr", "it", "de", "ja"])
def test_the_sentence_is_another_each_time_and_says_what_is_allowed(language: str) -> None:
    sentences = {consent_sentence(language, str(chance)) for chance in range(40)}
    assert len(sentences) == 40, "nobody has read one of so many before"
    assert consent_sentence(language, "1") == consent_sentence(language, "1")


def test_the_read_sentence_is_accepted_with_small_mishearings() -> None:
    accept_consent(SENTENCE, SENTENCE.lower().replace("voice", "voices"), spoken())


def test_other_words_are_no_consent() -> None:
    assert why("I would like a story about a dragon and a long quiet winter by the sea", spoken()) == "consent_unheard"
    assert why(consent_sentence("pt", "1"), spoken()) == "consent_unheard"


def test_an_old_recording_does_not_fit_a_new_sentence() -> None:
    others = [consent_sentence("en", f"another {chance}") for chance in range(100)]
    assert {why(old, spoken()) for old in others} == {"consent_unheard"}
    consent = SENTENCE[: SENTENCE.index(".") + 1]
    assert why(f"{consent} I saw something else on that day", spoken()) == "consent_unheard"


def test_a_number_heard_in_letters_is_forgiven() -> None:
    number = next(word for word in SENTENCE.split() if word.isdecimal())
    accept_consent(SENTENCE, SENTENCE.replace(number, "forty-one"), spoken())


def test_a_second_silence_music_and_two_people_are_each_named() -> None:
    at_s = np.arange(8 * RATE_HZ) / RATE_HZ
    assert why(SENTENCE, sound(np.ones(RATE_HZ) * 0.1)) == "reference_too_short"
    assert why(SENTENCE, sound(np.zeros(8 * RATE_HZ))) == "reference_silent"
    assert why("", sound(0.2 * np.sin(2 * np.pi * 330 * at_s))) == "reference_music"
    assert why(SENTENCE, spoken(), speakers=2) == "reference_two_voices"
    assert why(SENTENCE, sound(np.tile(spoken().samples, 4))) == "reference_too_long"


def test_a_man_and_a_woman_who_share_the_sentence_are_two_though_one_stream_brought_them() -> None:
    his = spoken().samples
    hers = bent(his, 9.0, 1.0, soxr.resample)
    assert (
        why(SENTENCE, sound(np.concatenate([his[: len(his) // 2], hers[len(hers) // 2 :]]))) == "reference_two_voices"
    )
    accept_consent(SENTENCE, SENTENCE, sound(hers))


@pytest.mark.parametrize("odd_hz", [90.0, 310.0])
def test_a_single_odd_second_at_the_end_is_no_second_person(odd_hz: float) -> None:
    accept_consent(SENTENCE, SENTENCE, sound(np.concatenate([buzz(200.0, 6.0), buzz(odd_hz, 1.0)])))
    assert why(SENTENCE, sound(np.concatenate([buzz(200.0, 5.0), buzz(odd_hz, 2.0)]))) == "reference_two_voices", (
        "two seconds are"
    )


def test_speech_is_told_from_silence() -> None:
    assert spoken_share(spoken()) > 0.5
    assert spoken_share(sound(np.zeros(RATE_HZ))) == 0.0
