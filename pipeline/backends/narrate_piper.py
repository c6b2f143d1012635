"""Piper, small voices for many languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.cancelled import Cancelled
from pipeline.errors import Missing
from pipeline.roles import Delivery, Utterance, Voice
from pipeline.speaking.bend import bent
from pipeline.words.sound import RATE_HZ

_USUAL_VARIATION = 0.667


def open_backend(weights: Mapping[str, Path], threads: int) -> PiperNarrator:  # noqa: ARG001 - piper counts for itself
    """Open `voice.onnx` and `voice.onnx.json`; a model is one voice."""
    return PiperNarrator(weights["voice.onnx"], weights["voice.onnx.json"])


class PiperNarrator:
    """One voice of one language; its brake: between sentences, which take a tenth of their length to make."""

    def __init__(self, model: Path, config: Path) -> None:
        import piper
        import soxr

        told: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))
        self._resample = soxr.resample
        self._synthesis: Any = piper.SynthesisConfig
        self._piper: Any = piper.PiperVoice.load(str(model), config_path=str(config))
        self._locale = str(told["language"]["code"]).replace("_", "-")
        self._name = str(told.get("dataset") or model.stem)

    def voices(self) -> tuple[Voice, ...]:
        return (Voice(self._name, self._locale[:2], self._locale, "", ""),)

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        if delivery.voice.split(":")[0] != self._name:
            raise Missing("voice_unknown", voice=delivery.voice)
        if delivery.language != self._locale[:2]:
            raise Missing("language_unspoken", language=delivery.language)
        stirred = delivery.mood.arousal if delivery.mood else 0.5
        variation = 0.6 + 0.4 * stirred
        how = self._synthesis(length_scale=1 / delivery.pace, noise_w_scale=variation, noise_scale=_USUAL_VARIATION)
        for chunk in self._piper.synthesize(text.replace("/", ""), how):
            check()
            sound = np.asarray(self._resample(chunk.audio_float_array, chunk.sample_rate, RATE_HZ), np.float32)
            yield Utterance(bent(sound, delivery.pitch_semitones, 1.0, self._resample))

    def close(self) -> None:
        self._piper = None
