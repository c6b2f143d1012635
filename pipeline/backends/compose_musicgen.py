"""MusicGen: music token by token."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.readable import reading
from pipeline.backends.torch_traps import hush, mend_torchaudio
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.music.clips import ClipComposer, ClipRequest
from pipeline.music.palette import read_palettes
from pipeline.words.sound import RATE_HZ, Samples

_LONGEST_S = 12.0
"""Longer passages loop: the model's cost grows with every second."""
_GUIDANCE, _TEMPERATURE, _TOP_K = 3.0, 1.0, 250
_PEAK = 0.5
_CONFIG = "config.json"


class MusicgenClips:
    """A text-conditioned decoder over audio tokens; its brake: the check runs before every token."""

    def __init__(self, folder: Path) -> None:
        """A local transformers folder; raises Unwell `model_unreadable`."""
        mend_torchaudio()
        import torch
        import transformers

        hush(transformers)
        self._torch: Any = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = torch.float16 if self._device == "cuda" else torch.float32
        with reading(folder.name):
            self._words: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model: Any = transformers.MusicgenForConditionalGeneration.from_pretrained(
                folder, dtype=dtype, local_files_only=True
            )
        self._model: Any = model.to(self._device).eval()

    def clip(self, wish: ClipRequest, check: Cancelled) -> Samples:
        """Make a clip as long as wished, twelve seconds at most; a scene's later clips are other takes."""
        import soxr

        codec = self._model.config.audio_encoder
        tokens = max(8, int(min(wish.seconds, _LONGEST_S) * codec.frame_rate))
        asked = self._words(wish.prompt, return_tensors="pt").to(self._device)
        # Sampling draws from the one global stream: leave it as it was found.
        with self._torch.random.fork_rng(), self._torch.inference_mode():
            self._torch.manual_seed(wish.seed + wish.step)
            made = self._model.generate(
                **asked,
                do_sample=True,
                guidance_scale=_GUIDANCE,
                temperature=_TEMPERATURE,
                top_k=_TOP_K,
                max_new_tokens=tokens,
                stopping_criteria=[self._brake(check)],
            )
        check()
        wave = np.nan_to_num(made[0].float().cpu().numpy().mean(axis=0)).astype(np.float32)
        at_rate = np.asarray(soxr.resample(wave, codec.sampling_rate, RATE_HZ, quality="HQ"), np.float32)
        at_rate *= np.float32(_PEAK / max(1e-6, float(np.abs(at_rate).max())))
        return np.stack([at_rate, at_rate], axis=1)

    def doze(self) -> None:
        """Move the model to the machine's memory."""
        self._model.to("cpu")

    def wake(self) -> None:
        """Move the model back to the card."""
        self._model.to(self._device)

    def close(self) -> None:
        """Give the card its memory back."""
        del self._model
        if self._device == "cuda":
            self._torch.cuda.empty_cache()

    def _brake(self, check: Cancelled) -> Any:
        from transformers import StoppingCriteria

        torch = self._torch

        class Asked(StoppingCriteria):  # type: ignore[misc]  # - the library has no types of its own
            def __call__(self, input_ids: Any, _scores: Any, **_: Any) -> Any:
                if check:
                    raise TaleCancelled
                return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

        return Asked()


def open_backend(weights: Mapping[str, Path], threads: int) -> ClipComposer:
    """Open the folder that holds config.json; `threads` counts on a machine without a card."""
    import torch

    torch.set_num_threads(max(1, threads))
    return ClipComposer(MusicgenClips(weights[_CONFIG].parent), read_palettes())
