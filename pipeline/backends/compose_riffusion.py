"""Riffusion: music painted as spectrograms."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.readable import reading
from pipeline.backends.torch_traps import hush, mend_torchaudio
from pipeline.cancelled import Cancelled
from pipeline.music.clips import ClipComposer, ClipRequest
from pipeline.music.palette import read_palettes
from pipeline.music.spectrogram import Picture, sound_of
from pipeline.words.sound import Samples

PIXELS = 512
_STEPS, _GUIDANCE = 20, 7.0
"""Denoising steps with our solver; the scheduler that the folder names takes thirty to fifty for the same picture."""
_CONTINUED = 0.45
"""How far a continuation may leave the picture before it: 0 not at all, 1 anywhere."""
_KEPT_PICTURES = 8
_INDEX = "model_index.json"


class RiffusionClips:
    """Stable Diffusion on mel spectrograms; its brake: the check runs after every denoising step."""

    def __init__(self, folder: Path, pixels: int = PIXELS, steps: int = _STEPS) -> None:
        """A local diffusers folder; raises Unwell `model_unreadable`."""
        mend_torchaudio()
        import diffusers
        import torch
        import transformers

        hush(diffusers)
        hush(transformers)
        self._torch: Any = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = torch.float16 if self._device == "cuda" else torch.float32
        unguarded = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
        safe = any(folder.glob("unet/*.safetensors"))
        with reading(folder.name):
            pipe: Any = diffusers.StableDiffusionPipeline.from_pretrained(
                str(folder), dtype=dtype, local_files_only=True, use_safetensors=safe, **unguarded
            )
        pipe.scheduler = diffusers.DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
        self._paint: Any = pipe.to(self._device)
        self._paint.set_progress_bar_config(disable=True)
        self._continue: Any = diffusers.StableDiffusionImg2ImgPipeline.from_pipe(self._paint)
        self._continue.set_progress_bar_config(disable=True)
        self._pixels, self._steps = pixels, steps
        self._pictures: OrderedDict[tuple[str, int, int], Picture] = OrderedDict()

    def clip(self, wish: ClipRequest, check: Cancelled) -> Samples:
        """Make a loop of 5.12 s; a scene's later clips are painted over its earlier ones."""
        return sound_of(self._picture(wish, wish.step, check), self._device)

    def lean(self) -> None:
        """Use less memory and more time from now on: attention in slices, pictures in four tiles."""
        self._pictures.clear()  # what is painted from here on hangs on nothing that was painted otherwise
        self._paint.enable_attention_slicing()
        vae = self._paint.vae
        vae.enable_tiling()
        vae.tile_sample_min_size = self._pixels // 2
        vae.tile_latent_min_size = vae.tile_sample_min_size // 2 ** (len(vae.config.block_out_channels) - 1)

    def doze(self) -> None:
        """Move the model to the machine's memory; earlier pictures stay."""
        self._move("cpu")

    def wake(self) -> None:
        """Move the model back to the card."""
        self._move(self._device)

    def close(self) -> None:
        """Give the card its memory back."""
        self._pictures.clear()
        self._paint = self._continue = None
        if self._device == "cuda":
            self._torch.cuda.empty_cache()

    def _move(self, device: str) -> None:
        for part in (self._paint.text_encoder, self._paint.unet, self._paint.vae):
            part.to(device)

    def _picture(self, wish: ClipRequest, step: int, check: Cancelled) -> Picture:
        # The chain hangs on the wish alone: after a crash it is painted again from its first picture.
        key = (wish.prompt, wish.seed, step)
        if key not in self._pictures:
            before = self._picture(wish, step - 1, check) if step else None
            self._pictures[key] = self._painted(wish, step, before, check)
            while len(self._pictures) > _KEPT_PICTURES:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        return self._pictures[key]

    def _painted(self, wish: ClipRequest, step: int, before: Picture | None, check: Cancelled) -> Picture:
        def after_step(_pipe: Any, _step: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
            check()
            return values

        check()
        shared = {
            "prompt": wish.prompt,
            "num_inference_steps": self._steps,
            "guidance_scale": _GUIDANCE,
            "generator": self._torch.Generator("cpu").manual_seed(wish.seed + step),
            "callback_on_step_end": after_step,
            "output_type": "np",
        }
        if before is None:
            made = self._paint(height=self._pixels, width=self._pixels, **shared)
        else:
            image = before.astype(np.float32)[None] / 255
            made = self._continue(image=image, strength=_CONTINUED, **shared)
        return np.asarray(np.round(np.nan_to_num(made.images[0]) * 255), np.uint8)


def open_backend(weights: Mapping[str, Path], threads: int) -> ClipComposer:
    """Open the folder that holds model_index.json; `threads` counts on a machine without a card."""
    import torch

    torch.set_num_threads(max(1, threads))
    return ClipComposer(RiffusionClips(weights[_INDEX].parent), read_palettes())
