"""Riffusion's Stable Diffusion with random weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.tiny_models.sizes import Size

_UNET = {
    Size.TINY: {"block_out_channels": (32, 64, 64, 64), "layers_per_block": 1, "cross_attention_dim": 32},
    Size.FULL: {"block_out_channels": (320, 640, 1280, 1280), "layers_per_block": 2, "cross_attention_dim": 768},
}
_VAE = {Size.TINY: [16, 32, 32, 32], Size.FULL: [128, 256, 512, 512]}
_TEXT = {Size.TINY: (32, 64, 2, 4, 1_500), Size.FULL: (768, 3_072, 12, 12, 49_408)}
"""Width, inner width, layers, heads, words."""


def make(folder: Path, size: Size, device: str = "cpu") -> Path:
    """riffusion-model-v1 as its hub folder looks: SD 1.5's three parts as old pickles; 4.3 GB at its full size."""
    import torch
    from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel

    folder.mkdir(parents=True, exist_ok=True)
    groups = 32 if size is Size.FULL else 8
    torch.manual_seed(0)
    words = _tokenizer(folder / "tokenizer", _TEXT[size][-1])
    with torch.device(device):
        unet = UNet2DConditionModel(
            sample_size=64, attention_head_dim=8, norm_num_groups=groups, **_UNET[size],
            down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
            up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        )  # fmt: skip
        _saved(folder / "unet", unet, "diffusion_pytorch_model.bin")
        vae = AutoencoderKL(
            block_out_channels=_VAE[size], layers_per_block=2, latent_channels=4, norm_num_groups=groups,
            down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4, sample_size=512,
        )  # fmt: skip
        _saved(folder / "vae", vae, "diffusion_pytorch_model.bin")
        _saved(folder / "text_encoder", _text(size, words), "pytorch_model.bin")
    scheduler = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    )
    scheduler.save_pretrained(folder / "scheduler")
    _index(folder)
    return folder


def _text(size: Size, words: dict[str, int]) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel

    width, inner, layers, heads, vocabulary = _TEXT[size]
    marks = {"bos_token_id": words["<|startoftext|>"], "eos_token_id": words["<|endoftext|>"]}
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary, hidden_size=width, intermediate_size=inner, num_hidden_layers=layers,
            num_attention_heads=heads, max_position_embeddings=77, projection_dim=width, **marks,
        )
    )  # fmt: skip


def _saved(folder: Path, model: Any, name: str) -> None:
    import torch

    folder.mkdir(exist_ok=True)
    model.save_config(folder) if hasattr(model, "save_config") else model.config.save_pretrained(folder)
    torch.save({name: tensor.cpu() for name, tensor in model.state_dict().items()}, folder / name)


def _tokenizer(folder: Path, vocabulary: int) -> dict[str, int]:
    """Its four files: CLIP's words end in `</w>`; the letters alone are learnt here."""
    from tokenizers.pre_tokenizers import ByteLevel

    folder.mkdir(exist_ok=True)
    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(letter + "</w>" for letter in letters)]
    words += [f"nothing{at}</w>" for at in range(vocabulary - len(words) - 2)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    table = {word: at for at, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    begin, end = "<|startoftext|>", "<|endoftext|>"
    marks = {"bos_token": begin, "eos_token": end, "unk_token": end, "pad_token": end}
    (folder / "special_tokens_map.json").write_text(json.dumps(marks))
    own = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(marks | own))
    return table


def _index(folder: Path) -> None:
    """As pipelines of 2022 have it: with a guard whose weights nobody fetches, and a class that is gone since."""
    parts = {
        "feature_extractor": ["transformers", "CLIPFeatureExtractor"],
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    told = {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.9.0", "requires_safety_checker": True}
    (folder / "model_index.json").write_text(json.dumps(told | parts, indent=2))
    (folder / "feature_extractor").mkdir(exist_ok=True)
    seen = {"feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "crop_size": 224}
    (folder / "feature_extractor" / "preprocessor_config.json").write_text(json.dumps(seen))
