"""Bark, the narrator that laughs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.readable import reading
from pipeline.backends.torch_traps import hush, mend_torchaudio
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing
from pipeline.roles import Delivery, Utterance, Voice
from pipeline.speaking.bend import bent
from pipeline.speaking.sentences import within
from pipeline.words.sound import RATE_HZ

LICENCE = "MIT"
LANGUAGES = ("en", "pt", "es", "fr", "it", "de", "hi", "ja", "zh")
SPEAKERS = 10
"""Presets of each language: `bark_en_6` is the model's `v2/en_speaker_6`."""
MOST_CHARS = 160
"""About thirteen seconds, the model's window."""
SOUNDS = {
    "laugh": "[laughs]", "chuckle": "[laughter]", "sigh": "[sighs]", "gasp": "[gasps]", "cough": "[clears throat]",
}  # fmt: skip
"""Its words for the writer's marks."""


def open_backend(weights: Mapping[str, Path], threads: int) -> BarkNarrator:
    """Open the folder with the model and its processor's presets."""
    return BarkNarrator(weights["config.json"].parent, threads)


class BarkNarrator:
    """A slow, free narrator that makes sounds without words too; its brake: every token of the first two stages."""

    def __init__(self, folder: Path, threads: int) -> None:
        mend_torchaudio()
        import soxr
        import torch
        import transformers

        hush(transformers)
        torch.set_num_threads(threads)
        self._torch: Any = torch
        self._resample = soxr.resample
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        with reading(folder.name):
            self._processor: Any = transformers.AutoProcessor.from_pretrained(folder, local_files_only=True)
            model: Any = transformers.BarkModel.from_pretrained(folder, local_files_only=True)
        self._model: Any = model.to(self._device).eval()

    def voices(self) -> tuple[Voice, ...]:
        return tuple(
            Voice(f"bark_{language}_{nth}", language, language, "", LICENCE)
            for language in LANGUAGES
            for nth in range(SPEAKERS)
        )

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        preset = self._preset(delivery)
        rate_hz = int(self._model.generation_config.sample_rate)
        for piece in within(_with_sounds(text), MOST_CHARS):
            check()
            asked = self._processor(piece, voice_preset=preset, return_tensors="pt").to(self._device)
            # Sampling draws from the one global stream: leave it as it was found.
            with self._torch.random.fork_rng(), self._torch.inference_mode():
                self._torch.manual_seed(delivery.seed)
                made = self._model.generate(**asked, stopping_criteria=[self._brake(check)])
            check()
            raw = np.asarray(made.float().cpu().numpy().ravel(), np.float32)
            sound = np.asarray(self._resample(raw, rate_hz, RATE_HZ), np.float32)
            yield Utterance(bent(sound, delivery.pitch_semitones, delivery.pace, self._resample))

    def close(self) -> None:
        self._model = self._processor = None
        if self._device == "cuda":
            self._torch.cuda.empty_cache()

    def _preset(self, delivery: Delivery) -> str:
        family, _, rest = delivery.voice.partition("_")
        language, _, nth = rest.partition("_")
        if family != "bark" or language not in LANGUAGES or nth not in {str(one) for one in range(SPEAKERS)}:
            raise Missing("voice_unknown", voice=delivery.voice)
        return f"v2/{language}_speaker_{nth}"

    def _brake(self, check: Cancelled) -> Any:
        torch = self._torch

        def stop(tokens: Any, scores: Any, **kwargs: Any) -> Any:  # noqa: ARG001 - transformers gives them by name
            return torch.full((tokens.shape[0],), bool(check), dtype=torch.bool, device=tokens.device)

        return stop


def _with_sounds(text: str) -> str:
    for mark, sound in SOUNDS.items():
        text = text.replace(f"[{mark}]", sound)
    return text.replace("/", "")
