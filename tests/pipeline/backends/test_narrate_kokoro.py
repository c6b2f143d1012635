"""Kokoro, with its real weights."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.kokoro.engine import OnnxEngine
from pipeline.backends.kokoro.graph_edits import grafted
from pipeline.backends.narrate_kokoro import KokoroNarrator
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, TaleCancelled, Unwell
from pipeline.roles import Delivery, Utterance
from pipeline.speaking.likeness import pitch_hz
from pipeline.speaking.takes import by_length
from pipeline.speaking.voices import voice_book
from pipeline.words.sound import RATE_HZ, Samples

LINE = "The old keeper heard a knock."
BRIEF = "The old keeper."
LONG = "Far below, the sea was breathing slowly, as if it had grown tired of the long winter and of all its storms."


@pytest.fixture(scope="module")
def files(weights: Callable[[str], Mapping[str, Path]]) -> Mapping[str, Path]:
    return weights("kokoro-82m")


@pytest.fixture(scope="module")
def narrator(lent: Callable[[str, str], KokoroNarrator]) -> KokoroNarrator:
    return lent("narrate_kokoro", "kokoro-82m")


@pytest.fixture(scope="module")
def spoken_line(narrator: KokoroNarrator) -> Utterance:
    (utterance,) = narrator.speak(LINE, ENGLISH, Cancelled())
    return utterance


def opened_with(files: Mapping[str, Path], threads: int) -> KokoroNarrator:
    return KokoroNarrator(OnnxEngine(files["model.onnx"], threads), files["voices.npz"], threads)


def say(narrator: KokoroNarrator, text: str, delivery: Delivery) -> Samples:
    return np.concatenate([one.samples for one in narrator.speak(text, delivery, Cancelled())])


def sentences_of(language: str) -> list[str]:
    """Fifty of each language."""
    path = Path(__file__).parents[2] / "bench" / f"lines_{language}.txt"
    return path.read_text(encoding="utf-8").splitlines()


ENGLISH = Delivery("bm_fable", "en")
VOICES = {"en": "bm_fable", "pt": "pf_dora", "es": "ef_dora", "fr": "ff_siwis", "it": "if_sara"}


@pytest.mark.slow
def test_one_and_two_threads_give_the_same_samples(files: Mapping[str, Path]) -> None:
    alone, both = opened_with(files, 1), opened_with(files, 2)
    assert np.array_equal(say(alone, LINE, ENGLISH), say(both, LINE, ENGLISH))
    alone.close()
    both.close()


def test_every_word_has_its_place(spoken_line: Utterance) -> None:
    shares = spoken_line.shares
    assert [word for word, _ in shares if word] == LINE.split()
    assert sum(share for _, share in shares) == pytest.approx(1.0, abs=1e-6)
    assert all(share >= 0 for _, share in shares)
    assert dict(shares)["keeper"] > dict(shares)["a"]


@pytest.mark.parametrize(
    ("text", "delivery", "longer", "shorter"),
    [
        ("老人看见了3只小鸟，笑了。", Delivery("zf_xiaoxiao", "zh"), "看见", "了"),
        ("おばあさんは猫を3匹見た。", Delivery("jf_alpha", "ja"), "おばあさん", "は"),
    ],
)
def test_words_without_spaces_have_their_places_too(
    narrator: KokoroNarrator, text: str, delivery: Delivery, longer: str, shorter: str
) -> None:
    (utterance,) = narrator.speak(text, delivery, Cancelled())
    words = [word for word, _ in utterance.shares if word]
    assert "".join(words) == text
    assert len(words) > 4
    assert sum(share for _, share in utterance.shares) == pytest.approx(1.0, abs=1e-6)
    assert dict(utterance.shares)[longer] > dict(utterance.shares)[shorter]


def test_silence_is_trimmed_and_no_edge_clicks(spoken_line: Utterance) -> None:
    sound = spoken_line.samples
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())  # the last k of "knock" is no silence
    assert loud[0] < 0.12 * RATE_HZ
    assert len(sound) - loud[-1] < 0.25 * RATE_HZ
    assert max(abs(sound[0]), abs(sound[-1])) < 1e-3


def test_pitch_and_pace_do_what_they_say(narrator: KokoroNarrator, spoken_line: Utterance) -> None:
    usual = spoken_line.samples
    higher = say(narrator, LINE, Delivery("bm_fable", "en", pitch_semitones=3.0))
    slower = say(narrator, LINE, Delivery("bm_fable", "en", pace=0.8))
    assert 12 * np.log2(pitch_hz(higher) / pitch_hz(usual)) == pytest.approx(3.0, abs=0.7)
    assert len(slower) > 1.1 * len(usual)


def test_a_blend_lies_between_its_voices(narrator: KokoroNarrator) -> None:
    low, high = (pitch_hz(say(narrator, BRIEF, Delivery(voice, "en"))) for voice in ("bm_lewis", "bf_isabella"))
    blend = pitch_hz(say(narrator, BRIEF, Delivery("bm_lewis:0.5,bf_isabella:0.5", "en")))
    assert low < blend < high


def test_sounds_given_in_phonemes_are_taken_as_they_are(narrator: KokoroNarrator) -> None:
    (utterance,) = narrator.speak("The /kˈiːpɚ/ ran", ENGLISH, Cancelled())
    assert [word for word, _ in utterance.shares if word] == ["The", "/kˈiːpɚ/", "ran"]


def test_the_brake_stops_a_long_line_within_a_second(narrator: KokoroNarrator) -> None:
    check = Cancelled()
    begun = narrator.speak(LONG, ENGLISH, check)
    asked_s: list[float] = []

    def stop() -> None:
        asked_s.append(time.monotonic())
        check.set()

    threading.Timer(0.2, stop).start()
    with pytest.raises(TaleCancelled):
        list(begun)
    assert asked_s, "the line was over before it was stopped"
    assert len(say(narrator, BRIEF, ENGLISH))


@pytest.mark.slow
def test_ten_lines_at_once_are_all_spoken_alike(narrator: KokoroNarrator) -> None:
    alone = say(narrator, LINE, ENGLISH)
    with ThreadPoolExecutor(10) as pool:
        together = list(pool.map(lambda _: say(narrator, LINE, ENGLISH), range(10)))
    assert all(np.array_equal(alone, one) for one in together)


def test_an_unknown_voice_and_an_unspoken_language_are_named(narrator: KokoroNarrator) -> None:
    with pytest.raises(Missing) as voice:
        narrator.speak(LINE, Delivery("bm_nobody", "en"), Cancelled())
    with pytest.raises(Missing) as language:
        narrator.speak(LINE, Delivery("bm_fable", "tlh"), Cancelled())
    assert (voice.value.code, language.value.code) == ("voice_unknown", "language_unspoken")


@pytest.mark.slow
def test_a_voice_keeps_its_pitch_from_line_to_line(narrator: KokoroNarrator) -> None:
    lines = [LINE, "The moon stood high above the roof of the house.", "Is anybody there?", LONG]
    pitches = [12 * np.log2(pitch_hz(say(narrator, line, ENGLISH))) for line in lines]
    assert max(pitches) - min(pitches) < 2.5


@pytest.mark.slow
def test_fifty_sentences_of_five_languages_are_spoken_and_none_is_skipped(narrator: KokoroNarrator) -> None:
    """By the check that costs nothing; the bench hears them, too."""
    short = []
    for language, voice in VOICES.items():
        for sentence in sentences_of(language):
            sound = say(narrator, sentence, Delivery(voice, language))
            if by_length(sentence, sound, language, 1.0).fault:
                short.append(sentence)
    assert short == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ja", "zh"])
def test_twenty_sentences_without_spaces_are_as_long_as_they_should_be(narrator: KokoroNarrator, language: str) -> None:
    voice = voice_book().narrators[language][0]
    delivery = Delivery(voice, language, pace=voice_book().pace(voice))
    said = {sentence: say(narrator, sentence, delivery) for sentence in sentences_of(language)}
    assert not [text for text, sound in said.items() if by_length(text, sound, language, delivery.pace).fault]


@pytest.mark.slow
def test_a_text_longer_than_one_run_is_spoken_whole(narrator: KokoroNarrator) -> None:
    text = " ".join(["one two three four five six seven eight nine ten,"] * 14)
    pieces = list(narrator.speak(text, Delivery("bm_fable", "en", pace=1.4), Cancelled()))
    assert len(pieces) > 1
    assert [word for piece in pieces for word, _ in piece.shares if word] == text.split()


def test_text_without_a_sound_is_no_utterance(narrator: KokoroNarrator) -> None:
    assert list(narrator.speak("... —", ENGLISH, Cancelled())) == []


def test_another_export_is_refused_by_name() -> None:
    with pytest.raises(Unwell) as unwell:
        grafted(b"")
    assert unwell.value.code == "model_unknown"


@pytest.mark.slow
def test_openvino_says_the_same_words_in_the_same_places(files: Mapping[str, Path]) -> None:
    pytest.importorskip("openvino")
    from pipeline.backends.kokoro.probe import OpenvinoEngine

    both = opened_with(files, 2), KokoroNarrator(OpenvinoEngine(files["model.onnx"], 2), files["voices.npz"], 2)
    (ours,), (theirs,) = (list(one.speak(LINE, ENGLISH, Cancelled())) for one in both)
    for one in both:
        one.close()
    assert [word for word, _ in ours.shares] == [word for word, _ in theirs.shares]
    assert len(theirs.samples) == pytest.approx(len(ours.samples), rel=0.05)
