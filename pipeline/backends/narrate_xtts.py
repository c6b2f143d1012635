"""XTTS v2, the narrator for graphics cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.backends.readable import reading
from pipeline.backends.torch_traps import hush, mend_torchaudio
from pipeline.backends.xtts_codes import Codes
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Refused, Unwell
from pipeline.roles import Delivery, Utterance, Voice
from pipeline.speaking.bend import bent
from pipeline.speaking.sentences import within
from pipeline.speaking.voices import blend_of
from pipeline.words.mood import Mood
from pipeline.words.sound import RATE_HZ, Recording, Samples

MODEL_RATE_HZ = 24_000
LICENCE = "Coqui Public Model License 1.0"
MOST_CHARS = {"en": 250, "pt": 203, "es": 239, "fr": 273, "it": 213, "de": 253, "hi": 150, "ja": 71, "zh": 82}
"""Longest text by language: beyond it the model warns and then cuts the text."""
TOKENS_A_CHAR = 2.2
"""A ceiling on the length, so that a runaway line ends here and not after a minute."""
LEAST_REFERENCE_S, MOST_REFERENCE_S = 3.0, 30.0
_MODEL_LANGUAGE = {"zh": "zh-cn"}
_CALMEST, _LIVELIEST = 0.55, 0.85
"""Its temperature by arousal: the model has no other control of feeling."""


def open_backend(weights: Mapping[str, Path], threads: int) -> XttsNarrator:
    """Open the folder that holds `model.pth` and its neighbours."""
    return XttsNarrator(weights["model.pth"].parent, threads)


@dataclass(frozen=True)
class Latents:
    """A voice as the model knows it: 133 KB."""

    conditioning: Any
    speaker: Any


class XttsNarrator:
    """Speaks with its own studio voices and with clones; its brake is asked before every token (46 ms of sound)."""

    def __init__(self, folder: Path, threads: int) -> None:
        """A local folder; raises Unwell `model_unreadable`."""
        mend_torchaudio()
        import soxr
        import torch
        import transformers

        hush(transformers)
        torch.set_num_threads(threads)
        self._torch: Any = torch
        self._resample = soxr.resample
        self._most_chars = dict(MOST_CHARS)
        with reading(folder.name):
            self._model: Any = _loaded(folder)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model.to(self._device)
        self._codes = Codes(torch, self._model.gpt, record=self._device == "cuda")
        self._model.gpt.generate = self._codes
        self._latents: dict[str, Latents] = self._studio_voices()

    def voices(self) -> tuple[Voice, ...]:
        """Return its voices, each for every language; a clone is offered by its id alone."""
        return tuple(Voice(name, language, language, "", LICENCE) for language in MOST_CHARS for name in self._latents)

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        """Speak sentences within the model's limit, each one yielded when it is whole.

        Its own streaming cuts finer, but a line is trimmed, bent and levelled whole: nobody would hear it sooner.
        """
        if delivery.language not in MOST_CHARS:
            raise Missing("language_unspoken", language=delivery.language)
        latents = self._voice(delivery.voice)
        for piece in within(text.replace("/", ""), self._most_chars[delivery.language]):
            check()
            raw = self._made(piece, latents, delivery, check)
            sound = np.asarray(self._resample(_trimmed(raw), MODEL_RATE_HZ, RATE_HZ), np.float32)
            yield Utterance(bent(sound, delivery.pitch_semitones, 1.0, self._resample))

    def learn(self, voice: str, reference: Recording) -> dict[str, npt.NDArray[np.float32]]:
        """Clone a few seconds of one voice under this id; returns what `know` takes later."""
        length_s = len(reference.samples) / reference.rate_hz
        if length_s < LEAST_REFERENCE_S:
            raise Refused("reference_too_short", seconds=round(length_s, 1), least=LEAST_REFERENCE_S)
        sound = self._torch.from_numpy(np.ascontiguousarray(reference.samples, np.float32))[None]
        sound = sound[:, : round(MOST_REFERENCE_S * reference.rate_hz)]
        with self._torch.inference_mode():
            conditioning = self._model.get_gpt_cond_latents(sound, reference.rate_hz, int(MOST_REFERENCE_S), 6)
            speaker = self._model.get_speaker_embedding(sound, reference.rate_hz)
        self._latents[voice] = Latents(conditioning, speaker)
        return {"conditioning": conditioning.cpu().numpy(), "speaker": speaker.cpu().numpy()}

    def know(self, voice: str, kept: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Load a voice that was cloned before."""
        tensors = {name: self._torch.from_numpy(values).to(self._device) for name, values in kept.items()}
        self._latents[voice] = Latents(tensors["conditioning"], tensors["speaker"])

    def forget(self, voice: str) -> None:
        """Forget a cloned voice."""
        self._latents.pop(voice, None)

    def lean(self) -> None:
        """Speak pieces of half the length from now on: its memory grows with the piece."""
        self._most_chars = {language: most // 2 for language, most in MOST_CHARS.items()}
        self._codes.lean()

    def doze(self) -> None:
        """Move the model to the machine's memory."""
        self._move("cpu")

    def wake(self) -> None:
        """Move the model back to the card."""
        self._move(self._device)

    def close(self) -> None:
        self._codes.forget()
        self._model, self._latents = None, {}
        if self._device == "cuda":
            self._torch.cuda.empty_cache()

    def _move(self, device: str) -> None:
        self._codes.forget()
        self._model.to(device)
        known = self._latents.items()
        self._latents = {name: Latents(one.conditioning.to(device), one.speaker.to(device)) for name, one in known}

    def _made(self, text: str, latents: Latents, delivery: Delivery, check: Cancelled) -> Samples:
        language = _MODEL_LANGUAGE.get(delivery.language, delivery.language)
        try:
            with self._torch.inference_mode():
                made = self._model.inference(
                    text,
                    language,
                    latents.conditioning,
                    latents.speaker,
                    temperature=_temperature(delivery.mood),
                    speed=delivery.pace,
                    enable_text_splitting=False,
                    max_new_tokens=min(400, 40 + round(TOKENS_A_CHAR * len(text))),
                    seed=delivery.seed,
                    check=check,
                )
        except self._torch.cuda.OutOfMemoryError as error:
            raise Unwell("memory_short", model="xtts-v2", needs_mb=2300) from error
        check()
        return np.asarray(made["wav"], np.float32).ravel()

    def _voice(self, voice: str) -> Latents:
        """Return one voice, or the weighted mean of several."""
        parts = blend_of(voice)
        unknown = [name for name, _ in parts if name not in self._latents]
        if unknown:
            raise Missing("voice_unknown", voice=unknown[0])
        known = [(self._latents[name], share) for name, share in parts]
        conditioning = sum(one.conditioning * share for one, share in known)
        return Latents(conditioning, sum(one.speaker * share for one, share in known))

    def _studio_voices(self) -> dict[str, Latents]:
        manager = getattr(self._model, "speaker_manager", None)
        speakers = getattr(manager, "speakers", None) or {}
        return {
            _id(name): Latents(one["gpt_cond_latent"].to(self._device), one["speaker_embedding"].to(self._device))
            for name, one in speakers.items()
        }


def _loaded(folder: Path) -> Any:
    import torch
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.models.xtts import Xtts, _legacy_safe_globals

    class Untouching(Xtts):  # type: ignore[misc]  # - the library has no types of its own
        """Keeps the library from rewriting an old file in place, which would break its hash."""

        def _load_checkpoint(self, model_path: Path) -> Any:
            with _legacy_safe_globals():
                return torch.load(model_path, map_location="cpu", weights_only=True, mmap=True)["model"]

    config = XttsConfig()
    config.load_json(str(folder / "config.json"))
    model = Untouching(config)
    model.load_checkpoint(config, checkpoint_dir=str(folder), eval=True, use_deepspeed=False)
    return model


def _id(name: str) -> str:
    return "xtts_" + "_".join(name.casefold().split())


def _temperature(mood: Mood | None) -> float:
    return _CALMEST + (_LIVELIEST - _CALMEST) * (mood.arousal if mood else 0.5)


def _trimmed(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > 0.01 * max(float(np.abs(sound).max(initial=0.0)), 1e-4))
    return sound[max(0, loud[0] - 240) : loud[-1] + 1_200] if len(loud) else sound[:0]
