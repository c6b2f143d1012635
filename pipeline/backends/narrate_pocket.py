"""Pocket TTS, a small narrator that learns voices."""

from __future__ import annotations

import importlib.resources
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Refused
from pipeline.roles import Delivery, Utterance, Voice
from pipeline.speaking.bend import bent
from pipeline.words.sound import RATE_HZ, Recording

LICENCE = "CC-BY-4.0"
LANGUAGE = "en"
LEAST_REFERENCE_S, MOST_REFERENCE_S = 3.0, 30.0
_CONFIG = "config/english.yaml"


def open_backend(weights: Mapping[str, Path], threads: int) -> PocketNarrator:
    """Open the model's weights and tokenizer; it has no voices but those it learns."""
    model = next(path for name, path in weights.items() if name.endswith(".safetensors"))
    tokenizer = next(path for name, path in weights.items() if "tokenizer" in name)
    return PocketNarrator(model, tokenizer, threads)


class PocketNarrator:
    """Speaks with the voices it was taught; its brake is an event that the model looks at between frames of 80 ms."""

    def __init__(self, model: Path, tokenizer: Path, threads: int) -> None:
        import soxr
        import torch
        from pocket_tts import TTSModel

        torch.set_num_threads(threads)
        self._torch: Any = torch
        self._resample = soxr.resample
        with tempfile.TemporaryDirectory(prefix="echotales-") as folder:
            config = Path(folder) / "english.yaml"
            config.write_text(_local(_shipped_config(), model, tokenizer), encoding="utf-8")
            self._model: Any = TTSModel.load_model(config=config)
        self._states: dict[str, Any] = {}

    def voices(self) -> tuple[Voice, ...]:
        return tuple(Voice(name, LANGUAGE, "en-US", "", LICENCE) for name in self._states)

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        if delivery.language != LANGUAGE:
            raise Missing("language_unspoken", language=delivery.language)
        if delivery.voice not in self._states:
            raise Missing("voice_unknown", voice=delivery.voice)
        self._torch.manual_seed(delivery.seed)
        stop = threading.Event()
        with check.watch(stop.set), self._torch.inference_mode():
            stream = self._model.generate_audio_stream(self._states[delivery.voice], text.replace("/", ""), stop=stop)
            pieces = [piece.cpu().numpy().ravel() for piece in stream]
        check()
        raw = np.concatenate([np.zeros(0, np.float32), *pieces])
        sound = np.asarray(self._resample(raw, self._model.sample_rate, RATE_HZ), np.float32)
        yield Utterance(bent(sound, delivery.pitch_semitones, delivery.pace, self._resample))

    def learn(self, voice: str, reference: Recording) -> dict[str, npt.NDArray[np.float32]]:
        """Clone a voice under this id; returns the reference at the model's rate, which `know` takes."""
        if len(reference.samples) / reference.rate_hz < LEAST_REFERENCE_S:
            seconds = round(len(reference.samples) / reference.rate_hz, 1)
            raise Refused("reference_too_short", seconds=seconds, least=LEAST_REFERENCE_S)
        sound = np.asarray(self._resample(reference.samples, reference.rate_hz, self._model.sample_rate), np.float32)
        kept = {"reference": sound[: round(MOST_REFERENCE_S * self._model.sample_rate)]}
        self.know(voice, kept)
        return kept

    def know(self, voice: str, kept: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Load a voice that was cloned before."""
        sound = self._torch.from_numpy(kept["reference"])[None]
        self._states[voice] = self._model.get_state_for_audio_prompt(sound)

    def forget(self, voice: str) -> None:
        """Forget a cloned voice."""
        self._states.pop(voice, None)

    def close(self) -> None:
        self._model, self._states = None, {}


def _shipped_config() -> str:
    return importlib.resources.files("pocket_tts").joinpath(_CONFIG).read_text(encoding="utf-8")


def _local(config: str, model: Path, tokenizer: Path) -> str:
    """Return the package's settings with the files of this machine, so that it downloads nothing."""
    config = re.sub(r"(?m)^(weights_path\w*): .*$", rf"\1: {model.as_posix()}", config)
    return re.sub(r"(?m)^(\s+tokenizer_path): .*$", rf"\1: {tokenizer.as_posix()}", config)
