"""Feeling in a voice, by Whisper's encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.backends.speech_spans import Span, original_s
from pipeline.errors import Missing
from pipeline.places import DATA
from pipeline.words.mood import Emotion, Evidence, Mood

if TYPE_CHECKING:
    from pipeline.backends.transcribe_whisper import Whisper

HEAD = DATA / "mood" / "voice_head.npz"
FRAMES_A_SECOND = 50
"""Of the encoder."""
WINDOW_FRAMES = 3_000
"""Mel frames in one encoding: 30 s."""
STRETCHES = 3
"""Told as evidence, the strongest first."""
Tone = npt.NDArray[np.float32]


def open_backend(weights: Mapping[str, Path], threads: int) -> Whisper:
    """The same model that transcribes."""
    from pipeline.backends.transcribe_whisper import open_backend as open_whisper

    return open_whisper(weights, threads)


class Tones:
    """Listens to every encoding and keeps the mean of each second of speech."""

    def __init__(self, model: Any) -> None:
        self._encode = model.encode
        self._features = model.feature_extractor
        self._mel: Tone = np.zeros((0, 0), np.float32)
        self._frames: list[Tone] = []
        self._heard = 0
        model.encode = self._listening

    def begin(self, speech: Tone) -> None:
        """Another recording, or the same once more."""
        self._mel = self._features(speech)
        self._frames = []
        self._heard = 0

    @property
    def whole(self) -> bool:
        """Whether all of it was encoded; a window may end up to a second early."""
        return self._heard >= int(self._mel.shape[1]) - 2 * FRAMES_A_SECOND

    def kept(self) -> Tone:
        """One row a second of joined speech; a scrap at the end counts with its neighbour."""
        frames = np.concatenate(self._frames)
        seconds = max(1, round(len(frames) / FRAMES_A_SECOND))
        return np.stack([part.mean(axis=0) for part in np.array_split(frames, seconds)])

    def listen(self, speech: Tone) -> None:
        """Encode it where nobody transcribes: 30 s at a time."""
        self.begin(speech)
        while not self.whole:
            window = self._mel[:, self._heard : self._heard + WINDOW_FRAMES]
            self._listening(np.pad(window, ((0, 0), (0, WINDOW_FRAMES - window.shape[1]))))

    def _listening(self, features: Tone) -> Any:
        encoded = self._encode(features)
        # The transcriber starts a window where its last sentence ended, so windows overlap; each moment counts once.
        places = np.flatnonzero((self._mel == features[:, :1]).all(axis=0)).tolist() if self._mel.size else []
        if places:
            self._keep(places[0], np.asarray(encoded, dtype=np.float32)[0])
        return encoded

    def _keep(self, start: int, rows: Tone) -> None:
        end = min(start + WINDOW_FRAMES, self._mel.shape[1] - 1)
        new = rows[max(0, self._heard - start) // 2 : (end - start + 1) // 2]
        if end > self._heard and len(new):
            self._frames.append(new)
            self._heard = end


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
        """The head in data/; raises Missing `voice_head_missing`."""
        if not file.is_file():
            raise Missing("voice_head_missing", file=str(file))
        with np.load(file, allow_pickle=False) as kept:
            centre, scale, classes, arousal = (kept[name] for name in ("centre", "scale", "classes", "arousal"))
            known = tuple(Emotion(str(name)) for name in kept["known"])
            temperature, most_certain = float(kept["temperature"]), float(kept["most_certain"])
        return VoiceHead(centre, scale, classes, arousal, known, temperature, most_certain)

    def read(self, tones: Tone, spans: Sequence[Span], usual: Tone | None) -> tuple[Mood, tuple[Evidence, ...]]:
        """The mood of all seconds together, and the stretches without which it would be weaker."""
        mood = self._mood(tones.mean(axis=0), usual)
        if len(tones) < 2:
            return mood, ()
        told = [self._without(second, tones, mood, usual, spans) for second in range(len(tones))]
        return mood, tuple(sorted(told, key=lambda one: -one.weight)[:STRETCHES])

    def unheard(self) -> tuple[Mood, tuple[Evidence, ...]]:
        """Nobody spoke: neutral, and not sure of it."""
        return Mood.of({Emotion.NEUTRAL: 1.0}, certainty=0.0), ()

    def _mood(self, tone: Tone, usual: Tone | None) -> Mood:
        row = np.append((tone - (self.centre if usual is None else usual)) / self.scale, 1.0)
        shares = _softmax(row @ self.classes / self.temperature, self.known)
        stirred = 1.0 / (1.0 + np.exp(-float(row @ self.arousal)))
        sure = max(shares.values()) * (self.most_certain if usual is None else 1.0)
        return Mood.of(shares, certainty=float(sure), arousal=float(0.1 + 0.8 * stirred))

    def _without(self, second: int, tones: Tone, mood: Mood, usual: Tone | None, spans: Sequence[Span]) -> Evidence:
        from pipeline.backends.transcribe_whisper import RATE_HZ

        less = self._mood(np.delete(tones, second, axis=0).mean(axis=0), usual)
        falls = mood.weights.get(mood.emotion, 0.0) - less.weights.get(mood.emotion, 0.0)
        start_s, end_s = (original_s(float(moment), spans, RATE_HZ) for moment in (second, second + 1))
        return Evidence("voice", "tone", mood.emotion, falls, start_s, end_s)


def usual_after(usual: Tone | None, heard: int, tone: Tone) -> Tone:
    """A consenting speaker's running mean once another recording is heard; `heard` counts those before it."""
    return tone if usual is None else ((usual * heard + tone) / (heard + 1)).astype(np.float32)


def _softmax(odds: npt.NDArray[np.floating[Any]], known: Sequence[Emotion]) -> dict[Emotion, float]:
    at = [list(Emotion).index(emotion) for emotion in known]
    powers = np.exp(odds[at] - odds[at].max())
    return {emotion: float(power / powers.sum()) for emotion, power in zip(known, powers, strict=True)}
