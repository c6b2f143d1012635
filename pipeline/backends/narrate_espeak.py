"""espeak-ng, the narrator of last resort."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Unwell
from pipeline.roles import Delivery, Utterance, Voice
from pipeline.speaking.bend import bent
from pipeline.speaking.voices import accents, espeak_dialects
from pipeline.tables import FALLBACK
from pipeline.words.sound import RATE_HZ, Samples

LICENCE = "GPL-3.0-or-later"
USUAL_WPM = 165
_VARIANTS = {"m": "+m3", "f": "+f4"}

_SYNCHRONOUS, _UTF8, _BY_CHARACTER, _RATE = 2, 1, 1, 1
_GO_ON, _STOP = 0, 1

# The library's state belongs to the process.
_SPEAKING = threading.Lock()


def open_backend(weights: Mapping[str, Path], threads: int) -> EspeakNarrator:  # noqa: ARG001 - needs neither
    """Open the espeak that comes with the environment; it has no weights."""
    return EspeakNarrator()


class EspeakNarrator:
    """Speaks every language where no other narrator can; its brake is the callback's answer.

    The library draws by chance that no seed reaches: two takes differ by a few milliseconds.
    """

    def __init__(self) -> None:
        import espeakng_loader
        import soxr

        self._resample = soxr.resample
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        with _SPEAKING:
            self._library.espeak_Terminate()  # what an earlier narrator left half-said would come first
            self._rate_hz: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
        if self._rate_hz <= 0:
            raise Unwell("model_failed", model="espeak", why="its data cannot be read")
        self._accents = accents()
        self._names = {f"espeak_{code}_{gender}": (code, gender) for code in self._accents for gender in _VARIANTS}
        # The first thing said after a second beginning in one process may come out cut off: it is said to nobody.
        self._made("one.", self._dialect(FALLBACK), USUAL_WPM, Cancelled())

    def voices(self) -> tuple[Voice, ...]:
        spoken = ((name, code, gender) for name, (code, gender) in self._names.items())
        return tuple(Voice(name, code, self._accents[code], gender, LICENCE) for name, code, gender in spoken)

    def _dialect(self, language: str) -> str:
        return espeak_dialects()[self._accents[language]]

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        name = delivery.voice.split(",")[0].split(":")[0]
        if name not in self._names:
            raise Missing("voice_unknown", voice=delivery.voice)
        if delivery.language not in self._accents:
            raise Missing("language_unspoken", language=delivery.language)
        variant = self._dialect(delivery.language) + _VARIANTS[self._names[name][1]]
        raw = self._made(text, variant, round(USUAL_WPM * delivery.pace), check)
        check()
        sound = np.asarray(self._resample(raw, self._rate_hz, RATE_HZ), np.float32)
        yield Utterance(bent(_trimmed(sound), delivery.pitch_semitones, 1.0, self._resample))

    def close(self) -> None:
        """Do nothing: the library stays with the process, and is small."""

    def _made(self, text: str, variant: str, wpm: int, check: Cancelled) -> Samples:
        pieces: list[np.ndarray[Any, np.dtype[np.int16]]] = []

        def take(wave: Any, count: int, events: Any) -> int:  # noqa: ARG001 - the library gives three
            if wave and count > 0:
                pieces.append(np.ctypeslib.as_array(wave, (count,)).copy())
            return _STOP if check else _GO_ON

        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(take)
        told = text.replace("/", "").encode()
        with _SPEAKING:
            self._library.espeak_SetSynthCallback(callback)
            self._library.espeak_SetVoiceByName(variant.encode())
            self._library.espeak_SetParameter(_RATE, wpm, 0)
            self._library.espeak_Synth(told, len(told) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
        whole = np.concatenate([np.zeros(0, np.int16), *pieces])
        return np.asarray(whole / np.float32(32_768), np.float32)


def _trimmed(sound: Samples) -> Samples:
    heard = np.flatnonzero(np.abs(sound) > 0.004)
    return sound[max(0, heard[0] - 480) : heard[-1] + 2_400] if len(heard) else sound[:0]
