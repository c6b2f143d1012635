"""Speech into words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.transcribe_whisper import Whisper
from pipeline.backends.voice_head import VoiceHead
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unwell
from pipeline.roles import Delivery, Narrator
from pipeline.words.mood import Emotion
from pipeline.words.sound import RATE_HZ, Recording, Samples

SAID = "The lighthouse keeper opened the window and listened to the storm."
Weights = Callable[[str], Mapping[str, Path]]


@pytest.fixture(scope="module")
def whisper(lent: Callable[[str, str], Whisper]) -> Whisper:
    return lent("transcribe_whisper", "whisper-base")


@pytest.fixture(scope="module")
def speech(lent: Callable[[str, str], Narrator]) -> Samples:
    narrator = lent("narrate_kokoro", "kokoro-82m")
    return np.concatenate([one.samples for one in narrator.speak(SAID, Delivery("af_heart", "en"), Cancelled())])


@pytest.fixture(scope="module")
def recording(speech: Samples) -> Recording:
    silence = np.zeros(2 * RATE_HZ, np.float32)
    return Recording(np.concatenate([silence, speech, silence]), RATE_HZ)


def test_every_word_is_heard_in_its_place(whisper: Whisper, recording: Recording) -> None:
    transcript = whisper.transcribe(recording, None, Cancelled())
    assert transcript.text.lower().rstrip(".") == SAID.lower().rstrip(".")
    assert transcript.language == "en"
    assert transcript.certainty > 0.5
    starts = [word.start_s for word in transcript.words]
    assert starts == sorted(starts)
    assert 1.5 < starts[0] < 2.6  # the two seconds of silence before it count
    assert transcript.words[-1].end_s < len(recording.samples) / RATE_HZ - 1.5


def test_silence_and_noise_say_nothing(whisper: Whisper) -> None:
    hiss = np.random.default_rng(1).normal(0, 0.01, 4 * RATE_HZ).astype(np.float32)
    for samples in (np.zeros(4 * RATE_HZ, np.float32), hiss):
        assert whisper.transcribe(Recording(samples, RATE_HZ), None, Cancelled()).text == ""


@pytest.mark.slow
def test_a_stopped_hearing_ends_within_a_second(whisper: Whisper, recording: Recording) -> None:
    long = Recording(np.tile(recording.samples, 6), RATE_HZ)
    check = Cancelled()
    stopped_s: list[float] = []

    def stop() -> None:
        stopped_s.append(time.monotonic())
        check.set()

    timer = threading.Timer(0.5, stop)
    timer.start()
    with pytest.raises(TaleCancelled):
        whisper.transcribe(long, "en", check)
    assert stopped_s
    # And it hears again, once what was under way has run out.
    assert whisper.transcribe(recording, "en", Cancelled()).text


def test_a_voice_is_read_alike_before_and_after_its_transcript(whisper: Whisper, recording: Recording) -> None:
    before, evidence = whisper.read(recording, Cancelled())
    whisper.transcribe(recording, "en", Cancelled())
    assert whisper.read(recording, Cancelled())[0] == before
    assert abs(sum(before.weights.values()) - 1) < 1e-6
    assert evidence
    assert all(1.5 < (one.start_s or 0) < len(recording.samples) / RATE_HZ - 1.5 for one in evidence)


def test_a_stopped_reading_encodes_no_further_piece(whisper: Whisper, recording: Recording) -> None:
    check, encoded = Cancelled(), 0
    encode = whisper._model.encode

    def counted(mel: object) -> object:
        nonlocal encoded
        encoded += 1
        check.set()
        return encode(mel)

    long = Recording(np.tile(recording.samples, 6), RATE_HZ)
    whisper._listened(long, Cancelled())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whisper._model, "encode", counted)
        with pytest.raises(TaleCancelled):
            whisper.read(long, check)
        whisper._hand.submit(lambda: None).result()
    assert encoded == 1


def test_silence_around_a_voice_changes_little(whisper: Whisper, recording: Recording, speech: Samples) -> None:
    within, _ = whisper.read(recording, Cancelled())
    alone, _ = whisper.read(Recording(speech, RATE_HZ), Cancelled())
    assert alone.emotion is within.emotion
    assert alone.arousal == pytest.approx(within.arousal, abs=0.1)


def test_nobody_speaking_is_neutral_and_unheard(whisper: Whisper) -> None:
    mood, evidence = whisper.read(Recording(np.zeros(RATE_HZ, np.float32), RATE_HZ), Cancelled())
    assert (mood.certainty, evidence) == (0.0, ())


def test_a_folder_without_weights_is_not_taken_for_a_name_to_download(tmp_path: Path) -> None:
    with pytest.raises(Unwell, match="model_unreadable"):
        Whisper(tmp_path, 1)


@pytest.mark.slow
def test_a_whisper_and_a_shout_are_heard(whisper: Whisper, recording: Recording) -> None:
    for level in (0.004, 12.0):
        sound = np.clip(recording.samples / np.abs(recording.samples).max() * level, -1, 1)
        transcript = whisper.transcribe(Recording(sound, RATE_HZ), None, Cancelled())
        assert "lighthouse keeper" in transcript.text.lower()
        assert transcript.certainty > 0.25


def test_a_voice_is_told_by_its_tone_and_read_against_its_own(whisper: Whisper, recording: Recording) -> None:
    tone = whisper.tone(recording, Cancelled())
    assert tone is not None
    assert tone.shape == VoiceHead.shipped().centre.shape
    stranger, _ = whisper.read(recording, Cancelled())
    known, _ = whisper.read(Recording(recording.samples, RATE_HZ, usual=tone), Cancelled())
    assert known.weights != stranger.weights
    assert known.emotion is Emotion.NEUTRAL, "as usual is neither this nor that"
    assert whisper.tone(Recording(np.zeros(RATE_HZ, np.float32), RATE_HZ), Cancelled()) is None
