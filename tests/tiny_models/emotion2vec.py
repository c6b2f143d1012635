"""emotion2vec+ with random weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tiny_models.sizes import Size

LABELS = (
    "生气/angry", "厌恶/disgusted", "恐惧/fearful", "开心/happy", "中立/neutral", "其他/other", "难过/sad",
    "吃惊/surprised", "<unk>",
)  # fmt: skip
"""As its tokens.txt has them."""


@dataclass(frozen=True)
class Shape:
    """An encoder's measures."""

    width: int
    heads: int
    depth: int
    before: int
    """Layers of its first half."""
    kernels: int
    """Channels of the layers that hear the wave."""


_SHAPES = {Size.TINY: Shape(32, 4, 2, 1, 32), Size.FULL: Shape(768, 12, 8, 4, 512)}


def make(folder: Path, size: Size, device: str = "cpu") -> Path:
    """emotion2vec_plus_base as its hub folder looks, with the prefix its settings strip; born on the processor."""
    from pipeline.backends.torch_traps import mend_torchaudio

    mend_torchaudio()
    import torch
    from funasr.models.emotion2vec.model import Emotion2vec

    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "model": "Emotion2vec",
        "model_conf": _config(_SHAPES[size]),
        "tokenizer": "CharTokenizer",
        "tokenizer_conf": {"unk_symbol": "<unk>", "split_with_space": True},
        "scope_map": ["d2v_model.", "none"],
    }
    (folder / "config.yaml").write_text(json.dumps(told))  # which is YAML, too
    torch.manual_seed(0)
    model = Emotion2vec(model_conf=told["model_conf"], vocab_size=len(LABELS))
    heads = ("proj.",)
    state = {
        name if name.startswith(heads) else f"d2v_model.{name}": tensor for name, tensor in model.state_dict().items()
    }
    torch.save({"model": state}, folder / "model.pt")
    (folder / "tokens.txt").write_text("\n".join(LABELS) + "\n", encoding="utf-8")
    return folder


def _config(shape: Shape) -> dict[str, Any]:
    ear = shape.kernels
    audio = {
        "type": "AUDIO", "prenet_depth": shape.before, "prenet_layerdrop": 0.05, "prenet_dropout": 0.1,
        "start_drop_path_rate": 0.0, "end_drop_path_rate": 0.0, "num_extra_tokens": 10, "init_extra_token_zero": True,
        "mask_noise_std": 0.01, "mask_prob_min": None, "mask_prob": 0.5, "inverse_mask": False,
        "mask_prob_adjust": 0.05, "keep_masked_pct": 0.0, "mask_length": 5, "add_masks": False, "remove_masks": False,
        "mask_dropout": 0.0, "encoder_zero_mask": True, "mask_channel_prob": 0.0, "mask_channel_length": 64,
        "ema_local_encoder": False, "local_grad_mult": 1.0, "use_alibi_encoder": True, "alibi_scale": 1.0,
        "learned_alibi": False, "alibi_max_pos": None, "learned_alibi_scale": True,
        "learned_alibi_scale_per_head": True, "learned_alibi_scale_per_layer": False,
        "num_alibi_heads": shape.heads, "model_depth": shape.depth, "decoder": None, "extractor_mode": "layer_norm",
        "feature_encoder_spec": f"[({ear},10,5)]+[({ear},3,2)]*4+[({ear},2,2)]+[({ear},2,2)]",
        "conv_pos_width": 95, "conv_pos_groups": 16, "conv_pos_depth": 5, "conv_pos_pre_ln": False,
    }  # fmt: skip
    return {
        "loss_beta": 0.0, "loss_scale": None, "depth": shape.depth, "start_drop_path_rate": 0.0,
        "end_drop_path_rate": 0.0, "num_heads": shape.heads, "norm_eps": 1e-5, "norm_affine": True,
        "encoder_dropout": 0.1, "post_mlp_drop": 0.1, "attention_dropout": 0.1, "activation_dropout": 0.0,
        "dropout_input": 0.0, "layerdrop": 0.05, "embed_dim": shape.width, "mlp_ratio": 4.0, "layer_norm_first": False,
        "average_top_k_layers": shape.depth, "end_of_block_targets": False, "clone_batch": 8, "normalize": True,
        "extractor_mode": "layer_norm", "supported_modality": "AUDIO", "modalities": {"audio": audio},
    }  # fmt: skip
