"""Feeling from the tone of a voice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import Missing
from pipeline.places import DATA
from pipeline.words.mood import Emotion, Evidence, Mood
from pipeline.words.sound import HEARING_HZ

HEAD = DATA / "mood" / "voice_head.npz"
STRETCHES = 3
"""Most stretches named as evidence, the strongest first."""
FRAMES_A_SECOND = 50
"""Of Whisper's encoder; its mel frames are twice as many."""
PIECE_FRAMES = 1_000
"""Mel frames in one encoding: ten seconds, silence added where speech ends before. The transcriber's thirty cost six
times as much; unpadded speech costs a tenth, but its tones tell feelings apart less well (data/mood/README.md)."""
LEAST_FRAMES = 8
QUIETEST, LOUDEST = 5, 95
"""Percentiles of a recording's loudness; louder than the middle between them counts as loud."""


@dataclass(frozen=True)
class VoiceHead:
    """Classes and arousal from the mean tone of a recording."""

    centre: Tone
    """The mean tone of the speakers it learned from."""
    scale: Tone
    classes: npt.NDArray[np.float32]
    """(tones + 1, 7), in the order of Emotion; a class it never heard has no weight."""
    arousal: npt.NDArray[np.float32]
    """(tones + 1,): the odds of a stirred voice."""
    known: tuple[Emotion, ...]
    """The classes it learned."""
    temperature: float
    most_certain: float
    """What a stranger's voice may be read with at most, without knowing what is usual for them."""

    @staticmethod
    def shipped(file: Path = HEAD) -> VoiceHead:
        """Read the head in data/; raises Missing `voice_head_missing`."""
        if not file.is_file():
            raise Missing("voice_head_missing", file=str(file))
        with np.load(file, allow_pickle=False) as kept:
            centre, scale, classes, arousal = (kept[name] for name in ("centre", "scale", "classes", "arousal"))
            known = tuple(Emotion(str(name)) for name in kept["known"])
            temperature, most_certain = float(kept["temperature"]), float(kept["most_certain"])
        return VoiceHead(centre, scale, classes, arousal, known, temperature, most_certain)

    def read(self, tones: Tone, spans: Sequence[SpeechSpan], usual: Tone | None) -> tuple[Mood, tuple[Evidence, ...]]:
        """Return the mood of all seconds together, and the stretches without which it would be weaker."""
        mood = self._mood(tones.mean(axis=0), usual)
        if len(tones) < 2:
            return mood, ()
        told = [self._without(second, tones, mood, usual, spans) for second in range(len(tones))]
        return mood, tuple(sorted(told, key=lambda one: -one.weight)[:STRETCHES])

    def unheard(self) -> tuple[Mood, tuple[Evidence, ...]]:
        """Return the mood where nobody spoke: neutral and uncertain."""
        return Mood.of({Emotion.NEUTRAL: 1.0}, certainty=0.0), ()

    def _mood(self, tone: Tone, usual: Tone | None) -> Mood:
        row = np.append((tone - (self.centre if usual is None else usual)) / self.scale, 1.0)
        shares = _softmax(row @ self.classes / self.temperature, self.known)
        stirred = 1.0 / (1.0 + np.exp(-float(row @ self.arousal)))
        sure = max(shares.values()) * (self.most_certain if usual is None else 1.0)
        return Mood.of(shares, certainty=float(sure), arousal=float(0.1 + 0.8 * stirred))

    def _without(
        self, second: int, tones: Tone, mood: Mood, usual: Tone | None, spans: Sequence[SpeechSpan]
    ) -> Evidence:
        less = self._mood(np.delete(tones, second, axis=0).mean(axis=0), usual)
        falls = mood.weights.get(mood.emotion, 0.0) - less.weights.get(mood.emotion, 0.0)
        start_s, end_s = (original_s(float(moment), spans, HEARING_HZ) for moment in (second, second + 1))
        return Evidence("voice", "tone", mood.emotion, falls, start_s, end_s)


def _softmax(odds: npt.NDArray[np.floating[Any]], known: Sequence[Emotion]) -> dict[Emotion, float]:
    at = [list(Emotion).index(emotion) for emotion in known]
    powers = np.exp(odds[at] - odds[at].max())
    return {emotion: float(power / powers.sum()) for emotion, power in zip(known, powers, strict=True)}


@dataclass(frozen=True)
class SpeechSpan:
    """A stretch in which somebody speaks."""

    start: int
    """In samples of the recording."""
    end: int


def joined(samples: npt.NDArray[np.float32], spans: Sequence[SpeechSpan]) -> npt.NDArray[np.float32]:
    """Join the stretches, without the silence between them."""
    parts = [samples[span.start : span.end] for span in spans]
    return np.concatenate(parts) if parts else samples[:0]


def original_s(joined_s: float, spans: Sequence[SpeechSpan], rate_hz: int) -> float:
    """Return where a moment of the joined speech lies in the recording, in seconds."""
    left = round(joined_s * rate_hz)
    for span in spans:
        length = span.end - span.start
        if left <= length:
            return (span.start + left) / rate_hz
        left -= length
    return spans[-1].end / rate_hz if spans else joined_s


Tone = npt.NDArray[np.float32]


def tones_of(model: Any, speech: Tone, check: Callable[[], None] = lambda: None) -> Tone:
    """Return a row for each second of speech at 16 kHz, by a loaded faster-whisper's encoder; stops between pieces."""
    mel = model.feature_extractor(speech)[:, :-1]
    frames = []
    for start in range(0, max(mel.shape[1], 1), PIECE_FRAMES):
        check()
        frames.append(_encoded(model, mel[:, start : start + PIECE_FRAMES]))
    return tones_in(np.concatenate(frames), mel)


def tones_in(frames: Tone, mel: Tone) -> Tone:
    """Return for each second the encoder's mean, its mean where it is loud, and the bands' mean and spread."""
    heard = np.asarray(mel.T[: 2 * len(frames)], np.float32)
    bands = np.pad(heard, ((0, 2 * len(frames) - len(heard)), (0, 0)), mode="edge").reshape(len(frames), 2, -1)
    bands = bands.mean(axis=1)
    loudness = bands.mean(axis=1)
    loud = loudness > np.percentile(loudness, (QUIETEST, LOUDEST)).mean()
    seconds = max(1, round(len(frames) / FRAMES_A_SECOND))
    parts = zip(*(np.array_split(rows, seconds) for rows in (frames, bands, loud)), strict=True)
    return np.stack([_tone(frame, band, strong) for frame, band, strong in parts])


def _tone(frames: Tone, bands: Tone, loud: npt.NDArray[np.bool_]) -> Tone:
    strongest = frames[loud] if loud.any() else frames
    told = (frames.mean(axis=0), strongest.mean(axis=0), bands.mean(axis=0), bands.std(axis=0))
    row: Tone = np.concatenate(told).astype(np.float32)
    return row


def _encoded(model: Any, mel: Tone) -> Tone:
    silence = PIECE_FRAMES - mel.shape[1]
    encoded = model.encode(np.pad(mel, ((0, 0), (0, silence))))
    rows: Tone = np.asarray(encoded, dtype=np.float32)[0][: max(LEAST_FRAMES, mel.shape[1] // 2)]
    return rows
