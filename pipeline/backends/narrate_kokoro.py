"""Kokoro, the narrator for processors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.backends.kokoro.engine import KokoroInput, Run
from pipeline.backends.kokoro.probe import fastest_engine
from pipeline.backends.kokoro.spelling import MARKS, SpeechChunk, Spelling, pieces
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing
from pipeline.roles import Delivery, Utterance, Voice
from pipeline.speaking.bend import bent
from pipeline.speaking.voices import espeak_dialects, voice_book
from pipeline.words.sound import RATE_HZ, Samples

MODEL_RATE_HZ = 24_000
FRAME = 600
"""Samples of the model in one frame of its durations."""
AHEAD_FRAMES = 2
"""Frames by which the sound is ahead of the durations, measured at onsets and at pauses behind commas."""
LICENCE = "Apache-2.0"

_FREE = 1_000.0
_LOCALES = {
    "a": "en-US", "b": "en-GB", "e": "es-ES", "f": "fr-FR", "h": "hi-IN", "i": "it-IT", "j": "ja-JP", "p": "pt-BR",
    "z": "zh-CN",
}  # fmt: skip
_RISEN, _FALLEN = 0.02, 0.01
"""Shares of the loudest stretch: a line begins 34 dB under it, and has ended 40 dB under it."""


class Engine(Protocol):
    """Runs the graph."""

    name: str

    def run(self, wish: KokoroInput, check: Cancelled) -> Run: ...

    def close(self) -> None: ...


def open_backend(weights: Mapping[str, Path], threads: int) -> KokoroNarrator:
    """Open Kokoro from `model.onnx` and `voices.npz`."""
    return KokoroNarrator(fastest_engine(weights["model.onnx"], threads), weights["voices.npz"], threads)


class KokoroNarrator:
    """Speaks lines side by side, each on a thread of its own, and knows the true place of every word.

    Brake: onnxruntime's `terminate`, which ends a run within a quarter of a second.
    """

    def __init__(self, engine: Engine, voices: Path, threads: int) -> None:
        import soxr
        from kokoro_onnx.config import DEFAULT_VOCAB

        self._engine = engine
        self._resample = soxr.resample
        self._vocabulary: dict[str, int] = DEFAULT_VOCAB
        self._styles: Mapping[str, npt.NDArray[np.float32]] = dict(np.load(voices))
        self._spelling = Spelling()
        self._pool = ThreadPoolExecutor(max(1, threads), thread_name_prefix="kokoro")

    def voices(self) -> tuple[Voice, ...]:
        known = [(name, _LOCALES[name[0]]) for name in sorted(self._styles) if name[0] in _LOCALES]
        return tuple(Voice(name, locale[:2], locale, name[1], LICENCE) for name, locale in known)

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        """Begin at once: two lines asked for one after the other are made side by side."""
        locale = _locale(delivery)
        style = self._style(delivery.voice)
        spelled = self._spelling.spell(text, locale)
        parts = pieces(spelled, locale, self._vocabulary)
        return _in_order([self._pool.submit(self._utter, part, style, delivery, check) for part in parts], check)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._engine.close()

    def _utter(
        self, piece: SpeechChunk, style: npt.NDArray[np.float32], delivery: Delivery, check: Cancelled
    ) -> Utterance:
        check()
        tokens = [0, *(self._vocabulary[sign] for sign in piece.signs), 0]
        row = style[min(len(piece.signs), len(style)) - 1]
        pace, factor = delivery.pace, 2.0 ** (delivery.pitch_semitones / 12)
        most = _most_frames(piece.signs, pace)
        wish = KokoroInput(np.array(tokens, np.int64), row, pace, factor, _kept_hz(delivery.voice), most)
        made = self._engine.run(wish, check)
        first, last = _heard(made.audio, int(made.frames[0]) * FRAME if made.frames is not None else len(made.audio))
        sound = _faded(np.asarray(self._resample(made.audio[first:last], MODEL_RATE_HZ, RATE_HZ), np.float32))
        if made.frames is None:
            return Utterance(bent(sound, delivery.pitch_semitones, 1.0, self._resample))
        edges = (np.cumsum(made.frames, dtype=np.float64) - AHEAD_FRAMES) * FRAME - first
        edges = np.clip(edges, 0, last - first) / max(1, last - first)
        return Utterance(sound, _shares(piece, edges))

    def _style(self, voice: str) -> npt.NDArray[np.float32]:
        """Return the style of one voice, or of several with shares: `bm_fable:0.7,bf_emma:0.3`."""
        parts = voice_book().spoken_as(voice)
        unknown = [name for name, _ in parts if name not in self._styles]
        if unknown:
            raise Missing("voice_unknown", voice=unknown[0])
        return np.asarray(sum(self._styles[name] * np.float32(share) for name, share in parts), np.float32)


def _locale(delivery: Delivery) -> str:
    own = _LOCALES.get(delivery.voice[0], "")
    spoken = next((one for one in (own, *espeak_dialects()) if one.startswith(delivery.language)), None)
    if spoken is None:
        raise Missing("language_unspoken", language=delivery.language)
    return spoken


def _kept_hz(voice: str) -> float:
    """Return the voice's own pitch as the model counts; 0 for a blend, which was not measured."""
    return voice_book().traits(voice).kept_hz


def _most_frames(signs: str, pace: float) -> npt.NDArray[np.float32]:
    """Return a ceiling per token, against up to a second of silence at a run's end; the first word needs its pad."""
    ceiling = np.full(len(signs) + 2, _FREE, np.float32)
    ceiling[-1] = 1
    last = len(signs)
    while last > 1 and signs[last - 1] in MARKS:
        ceiling[last] = 5 / pace
        last -= 1
    ceiling[last] = 12 / pace
    return ceiling


def _heard(audio: Samples, opening: int) -> tuple[int, int]:
    """Return first and last sample of what can be heard, with a little air; never later than the first sign begins."""
    window = MODEL_RATE_HZ // 200
    blocks = audio[: len(audio) // window * window].reshape(-1, window)
    level = np.sqrt((blocks**2).mean(axis=1))
    loudest = max(float(level.max(initial=0)), 0.01)
    risen, sounding = np.flatnonzero(level > loudest * _RISEN), np.flatnonzero(level > loudest * _FALLEN)
    if not len(risen):
        return 0, len(audio)
    return max(0, min(int(risen[0] - 2) * window, opening - FRAME)), min(len(audio), int(sounding[-1] + 9) * window)


def _faded(sound: Samples) -> Samples:
    rise, fall = min(len(sound), RATE_HZ // 250), min(len(sound), RATE_HZ // 50)
    sound[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    sound[len(sound) - fall :] *= np.linspace(1, 0, fall, dtype=np.float32)
    return sound


def _shares(piece: SpeechChunk, edges: npt.NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
    """Return words with their part of the length; an empty word is a pause inside the line."""
    shares: list[tuple[str, float]] = []
    told = 0.0
    for owner, group in enumerate(piece.groups):
        mine = [at for at, one in enumerate(piece.owners) if one == owner]
        spoken = [at for at in mine if piece.signs[at] not in MARKS and piece.signs[at] != " "]
        if not spoken:
            continue
        start, end = float(edges[spoken[0]]), float(edges[spoken[-1] + 1])
        letters = sum(len(word) for word in group.words) or 1
        shares.append(("", max(0.0, start - told)))
        shares += [(word, (end - start) * len(word) / letters) for word in group.words]
        told = end
    return (*shares, ("", max(0.0, 1.0 - told)))


def _in_order(pending: Sequence[Future[Utterance]], check: Cancelled) -> Iterator[Utterance]:
    try:
        for one in pending:
            yield one.result()
    finally:
        for one in pending:
            one.cancel()
        check()
