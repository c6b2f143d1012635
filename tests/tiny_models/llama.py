"""LLaMA 2 and Mistral with random weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tiny_models.shards import Shapes, write_shards
from tests.tiny_models.sizes import Size
from tests.tiny_models.tongue import sentencepiece

_SAID = "{% for m in messages %}{% if m['role'] == 'user' %}[INST] {{ m['content'] }} [/INST]{% else %} "
TEMPLATE = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}<<SYS>>\n{{ messages[0]['content'] }}\n<</SYS>>\n\n"
    "{% set messages = messages[1:] %}{% endif %}" + _SAID + "{{ m['content'].strip() }} {{ eos_token }}{% endif %}"
    "{% endfor %}"
)
"""As LLaMA's."""
STRICT_TEMPLATE = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    + _SAID
    + "{{ m['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)
"""As Mistral's first ones: no system role."""


@dataclass(frozen=True)
class Shape:
    """A decoder's measures; rows must divide by 32 and columns by 64, or four bits do not hold them on a CPU."""

    family: str
    layers: int
    width: int
    inner: int
    heads: int
    heads_kept: int
    """Of keys and values."""
    vocabulary: int
    dtype: str
    shards: int
    context: int
    theta: float = 10_000.0


LLAMA = {
    Size.TINY: Shape("llama", 2, 64, 128, 2, 2, 2_048, "float16", 2, 4_096),
    Size.FULL: Shape("llama", 32, 4_096, 11_008, 32, 32, 32_000, "float16", 2, 4_096),
}
MISTRAL = {
    Size.TINY: Shape("mistral", 2, 128, 256, 4, 2, 2_048, "bfloat16", 3, 32_768, 1_000_000.0),
    Size.FULL: Shape("mistral", 32, 4_096, 14_336, 32, 8, 32_768, "bfloat16", 3, 32_768, 1_000_000.0),
}


def make(folder: Path, size: Size, device: str = "cpu") -> Path:
    """LLaMA 2 7B chat as its hub folder looks; 13.5 GB on disk at its full size, a tensor at a time in memory."""
    return _made(folder, LLAMA[size], TEMPLATE, device)


def make_mistral(folder: Path, size: Size, device: str = "cpu") -> Path:
    """Mistral 7B Instruct v0.3: 14.5 GB at its full size."""
    return _made(folder, MISTRAL[size], STRICT_TEMPLATE, device)


def _made(folder: Path, shape: Shape, template: str, device: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "config.json", _config(shape))
    _write(folder / "generation_config.json", _HABITS)
    sentencepiece(shape.vocabulary).save(str(folder / "tokenizer.json"))
    marks = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    _write(folder / "special_tokens_map.json", marks)
    own = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": template, "model_max_length": shape.context}
    _write(folder / "tokenizer_config.json", marks | own)
    write_shards(folder, _tensors(shape), shape.shards, shape.dtype, device)
    return folder


_HABITS = {
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "do_sample": True, "max_length": 4_096,
    "temperature": 0.6, "top_p": 0.9,
}  # fmt: skip
"""What LLaMA's folder asks for where nobody says otherwise."""


def _config(shape: Shape) -> dict[str, Any]:
    return {
        "architectures": [f"{shape.family.title()}ForCausalLM"],
        "model_type": shape.family,
        "num_hidden_layers": shape.layers,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads_kept,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.context,
        "rope_theta": shape.theta,
        "rms_norm_eps": 1e-5,
        "hidden_act": "silu",
        "bos_token_id": 1,
        "eos_token_id": 2,
        "tie_word_embeddings": False,
        "torch_dtype": shape.dtype,
        **({"sliding_window": None} if shape.family == "mistral" else {"pretraining_tp": 1, "rope_scaling": None}),
    }


def _tensors(shape: Shape) -> Shapes:
    kept = shape.width // shape.heads * shape.heads_kept
    layer = {
        "input_layernorm": (shape.width,),
        "self_attn.q_proj": (shape.width, shape.width),
        "self_attn.k_proj": (kept, shape.width),
        "self_attn.v_proj": (kept, shape.width),
        "self_attn.o_proj": (shape.width, shape.width),
        "post_attention_layernorm": (shape.width,),
        "mlp.gate_proj": (shape.inner, shape.width),
        "mlp.up_proj": (shape.inner, shape.width),
        "mlp.down_proj": (shape.width, shape.inner),
    }
    words = (shape.vocabulary, shape.width)
    layers = {f"layers.{at}.{name}": sides for at in range(shape.layers) for name, sides in layer.items()}
    inner = {f"model.{name}.weight": sides for name, sides in {"embed_tokens": words, **layers}.items()}
    return inner | {"model.norm.weight": (shape.width,), "lm_head.weight": words}


def _write(path: Path, told: dict[str, Any]) -> None:
    path.write_text(json.dumps(told, indent=2))
