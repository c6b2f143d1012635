"""Speech into words, by Whisper."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from pipeline.backends.readable import look_for, reading
from pipeline.backends.voice_head import SpeechSpan, Tone, VoiceHead, joined, original_s, tones_of
from pipeline.cancelled import Cancelled
from pipeline.words.mood import Evidence, Mood
from pipeline.words.sound import HEARING_HZ, Recording, Transcript, WordTiming

FILES = ("model.bin", "config.json", "tokenizer.json")
LOOK_EVERY_S = 0.1
"""Seconds between two looks of a wait for a cancel."""
BEAM = 5
FAINT, FAINT_RAISED_TO = 0.1, 0.3
"""A recording whose loudest sample is under the one (-20 dB) is raised to the other, or no speech is found in it."""
MOST_RAISED = 100.0
"""40 dB: what is fainter still is the noise of the microphone."""
T = TypeVar("T")


@dataclass
class _Last:
    """The last recording and its speech: who transcribes it mostly reads its voice next."""

    mark: bytes
    spans: tuple[SpeechSpan, ...]
    speech: npt.NDArray[np.float32]
    tones: Tone | None = None


def open_backend(weights: Mapping[str, Path], threads: int) -> Whisper:
    """Open the folder that holds `model.bin` and its neighbours."""
    return Whisper(weights["model.bin"].parent, threads)


class Whisper:
    """Transcribes and reads the voice; after a cancel its last window runs to its end in the background."""

    def __init__(self, folder: Path, threads: int) -> None:
        """A local folder; raises Unwell `model_unreadable`."""
        from faster_whisper import WhisperModel

        with reading(folder.name):
            look_for(folder, FILES)
            self._model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)
        self._head: VoiceHead | None = None
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="whisper")
        self._last: _Last | None = None

    def transcribe(self, recording: Recording, language: str | None, check: Cancelled) -> Transcript:
        """Return words with their times; an empty text where nobody speaks."""
        heard = self._listened(recording, check)
        spans, speech = heard.spans, heard.speech
        if not spans:
            return Transcript("", language or "", 0.0)
        segments, info = self._while_looking(lambda: self._begin(speech, language), check)
        words: list[WordTiming] = []
        texts: list[str] = []
        while (segment := self._while_looking(lambda: next(segments, None), check)) is not None:
            texts.append(segment.text)
            words.extend(_heard(segment, spans))
        sure = float(np.mean([word.certainty for word in words])) if words else 0.0
        known = 1.0 if language else float(info.language_probability)
        return Transcript("".join(texts).strip(), info.language, sure * known, tuple(words))

    def read(self, recording: Recording, check: Cancelled) -> tuple[Mood, tuple[Evidence, ...]]:
        """Read the mood of the voice; neutral where nobody speaks."""
        self._head = self._head or VoiceHead.shipped()
        tones = self._tones(recording, check)
        if tones is None:
            return self._head.unheard()
        return self._head.read(tones, self._listened(recording, check).spans, recording.usual)

    def tone(self, recording: Recording, check: Cancelled) -> Tone | None:
        """Return what the voice is like, feeling aside; None where nobody speaks."""
        tones = self._tones(recording, check)
        return None if tones is None else tones.mean(axis=0)

    def close(self) -> None:
        self._hand.shutdown(wait=True, cancel_futures=True)
        self._model = None
        self._last = None

    def _tones(self, recording: Recording, check: Cancelled) -> Tone | None:
        """Return the tone of every spoken second, encoded once."""
        heard = self._listened(recording, check)
        if heard.spans and heard.tones is None:
            heard.tones = self._while_looking(lambda: tones_of(self._model, heard.speech, check), check)
        return heard.tones

    def _listened(self, recording: Recording, check: Cancelled) -> _Last:
        """Return where somebody speaks, and those stretches joined; remembered for the reading that follows."""
        mark = hashlib.sha256(recording.samples.tobytes()).digest()
        if self._last is None or self._last.mark != mark:
            self._last = _Last(mark, *self._while_looking(lambda: spoken(recording), check))
        return self._last

    def _begin(self, speech: npt.NDArray[np.float32], language: str | None) -> tuple[Iterator[Any], Any]:
        segments, info = self._model.transcribe(
            speech, language=language, beam_size=BEAM, word_timestamps=True, condition_on_previous_text=False
        )
        return segments, info

    def _while_looking(self, work: Callable[[], T], check: Cancelled) -> T:
        """Run the work on a thread and leave it there on a cancel: CTranslate2 cannot be stopped inside a window."""
        check()
        doing: Future[T] = self._hand.submit(work)
        while True:
            try:
                return doing.result(LOOK_EVERY_S)
            except NotYet:
                if doing.done():
                    raise
                check()


def spoken(recording: Recording) -> tuple[tuple[SpeechSpan, ...], npt.NDArray[np.float32]]:
    """Return where somebody speaks, and those stretches joined, at 16 kHz."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    samples = _at_16_khz(recording)
    # Only to find the speech: how loud somebody speaks tells how they feel.
    found = get_speech_timestamps(_raised(samples), VadOptions(min_silence_duration_ms=1000, speech_pad_ms=300))
    spans = tuple(SpeechSpan(one["start"], one["end"]) for one in found)
    return spans, joined(samples, spans)


def _at_16_khz(recording: Recording) -> npt.NDArray[np.float32]:
    if recording.rate_hz == HEARING_HZ:
        return recording.samples
    import soxr

    resampled: npt.NDArray[np.float32] = soxr.resample(recording.samples, recording.rate_hz, HEARING_HZ)
    return resampled


def _raised(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    loudest = float(np.abs(samples).max(initial=0.0))
    if not 0.0 < loudest < FAINT:
        return samples
    return np.asarray(samples * min(MOST_RAISED, FAINT_RAISED_TO / loudest), np.float32)


def _heard(segment: Any, spans: tuple[SpeechSpan, ...]) -> Iterator[WordTiming]:
    for word in segment.words or ():
        start_s, end_s = original_s(word.start, spans, HEARING_HZ), original_s(word.end, spans, HEARING_HZ)
        yield WordTiming(word.word.strip(), start_s, max(start_s, end_s), float(word.probability))
