"""Takes, and where their words are."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from pipeline.roles import Utterance
from pipeline.speaking.bend import bent, stretched, whispered
from pipeline.speaking.spoken import spoken
from pipeline.speaking.takes import by_ear, by_length, words_alone
from pipeline.speaking.word_times import fitted, word_times
from pipeline.words.sound import RATE_HZ, Samples

TEXT = "The old keeper climbed the stairs once more."


def tone(seconds: float, hz: float = 220.0) -> Samples:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.3 * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def pitch(sound: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(spectrum.argmax() * RATE_HZ / len(sound))


@pytest.mark.parametrize(("seconds", "fault"), [(2.8, ""), (0.4, "short"), (12.0, "long")])
def test_a_length_that_cannot_be_right_is_noticed(seconds: float, fault: str) -> None:
    assert by_length(TEXT, tone(seconds), "en", 1.0).fault == fault


def test_silence_is_noticed() -> None:
    assert by_length(TEXT, np.zeros(RATE_HZ, np.float32), "en", 1.0).fault == "silent"


def test_skipped_and_invented_words_are_noticed() -> None:
    assert by_ear(TEXT, "the old keeper climbed the stairs once more").fault == ""
    assert by_ear(TEXT, "the old keeper").fault == "words"
    assert words_alone("It’s well-known.") == words_alone("it's well known")


def test_a_word_that_is_only_spelled_otherwise_is_no_fault() -> None:
    assert by_ear("La poignée tourna, je vis seul.", "La poignée tourne à, je vie seule").fault == ""
    assert by_ear("La poignée tourna lentement, pourtant je vis seul.", "Pourtant je vis seul.").fault == "words"


@given(st.lists(st.sampled_from(["Yes,", "the", "sea.", "1987", "—", "a"]), min_size=1, max_size=12))
def test_words_follow_each_other_inside_the_line(words: list[str]) -> None:
    said = spoken(" ".join(words), "en")
    heard = word_times(said, Utterance(tone(2.0)), 5.0)
    edges = [edge for word in heard for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges)
    assert all(5.0 <= edge <= 7.0 + 1e-6 for edge in edges)
    assert [word.text for word in heard] == [one.written for one in said if any(char.isalnum() for char in one.written)]


def test_a_number_of_many_words_is_one_written_word() -> None:
    said = spoken("In 1987 it rained", "en")
    shares = tuple((word, 0.2) for word in " ".join(one.spoken for one in said).split())
    (_, year, *_rest) = word_times(said, Utterance(tone(1.0), shares), 0.0)
    assert (year.text, round(year.start_s, 3), round(year.end_s, 3)) == ("1987", 0.2, 0.6)


def test_a_pause_that_is_heard_lies_behind_its_comma() -> None:
    sound = np.concatenate([tone(0.5), np.zeros(RATE_HZ // 2, np.float32), tone(1.0)])
    shares = fitted(["Wait,", "who", "goes", "there"], sound)
    assert shares[1][0] == ""
    assert shares[1][1] == pytest.approx(0.25, abs=0.02)


def test_bending_moves_the_pitch_and_keeps_the_length() -> None:
    voice = tone(1.0)
    higher = bent(voice, 4.0, 1.0, soxr.resample)
    assert pitch(higher) == pytest.approx(220 * 2 ** (4 / 12), rel=0.02)
    assert len(higher) == pytest.approx(len(voice), rel=0.02)
    faster = stretched(voice, 1.25)
    assert pitch(faster) == pytest.approx(220, rel=0.02)
    assert len(faster) == pytest.approx(len(voice) / 1.25, rel=0.02)
    assert stretched(voice, 1.0) is voice


def test_a_whisper_has_the_words_energy_and_no_pitch() -> None:
    voice = tone(1.0)
    airy = whispered(voice, 1.0, 3)
    assert len(airy) == len(voice)
    assert float((airy**2).mean()) == pytest.approx(float((voice**2).mean()), rel=0.05)
    assert np.abs(np.fft.rfft(airy)).max() < 0.4 * np.abs(np.fft.rfft(voice)).max()
    assert np.array_equal(airy, whispered(voice, 1.0, 3))
