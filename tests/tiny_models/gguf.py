"""GGUF writers with random weights."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

MAGIC, VERSION, ALIGNED = b"GGUF", 3, 32
_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_U32, _F32, _BOOL, _TEXT, _LIST, _I32 = 4, 6, 7, 8, 9, 5
WIDTH, INNER, HEADS, HEADS_KEPT, HEAD = 64, 128, 4, 2, 16
LAYERS = 4
Shapes = dict[str, tuple[int, ...]]
THINKS = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}<think>\n\n</think>\n\n{% endif %}"
    "{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
"""As the families that can think have it: told not to, they begin behind an empty thought."""


@dataclass(frozen=True)
class Family:
    """What sets one apart: its own keys and tensors."""

    name: str
    keys: Mapping[str, Any]
    layer: Callable[[int], Shapes]
    ends: Shapes


def make(file: Path, family: str, tongue: Path) -> Path:
    """Write a small model of the family, with the words of another GGUF file, whose tokens it takes over."""
    told = FAMILIES[family]
    with tongue.open("rb") as inside:
        tokens = dict(_tokenizer(inside))
    words = _count(tokens["tokenizer.ggml.tokens"])
    shapes: Shapes = {"token_embd.weight": (WIDTH, words), **told.ends}
    for at in range(LAYERS):
        shapes |= {f"blk.{at}.{name}": sides for name, sides in told.layer(at).items()}
    keys = {"general.architecture": told.name, **{f"{told.name}.{key}": one for key, one in told.keys.items()}}
    keys["tokenizer.chat_template"] = THINKS
    raw = b"".join(_text(key) + _value(one) for key, one in keys.items())
    raw += b"".join(_text(key) + one for key, one in tokens.items())
    file.write_bytes(
        MAGIC + struct.pack("<IQQ", VERSION, len(shapes), len(keys) + len(tokens)) + raw + _tensors(shapes, len(raw))
    )
    return file


def _tensors(shapes: Shapes, before: int) -> bytes:
    """Their list, then their numbers, each at its aligned place."""
    dice, listed, data = np.random.default_rng(0), b"", b""
    for name, sides in shapes.items():
        norm = len(sides) == 1
        numbers = np.ones(sides, np.float32) if norm else dice.normal(0, 0.05, sides[::-1]).astype(np.float32)
        listed += _text(name) + struct.pack(f"<I{len(sides)}QIQ", len(sides), *sides, 0, len(data))
        data += numbers.tobytes()
        data += bytes(-len(data) % ALIGNED)
    head = len(MAGIC) + 20 + before + len(listed)
    return listed + bytes(-head % ALIGNED) + data


def _tokenizer(inside: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Key and value, as they lie in the file, of all that tells how it spells."""
    inside.seek(len(MAGIC) + 4)
    _, count = struct.unpack("<QQ", inside.read(16))
    for _ in range(count):
        key = inside.read(struct.unpack("<Q", inside.read(8))[0]).decode()
        start = inside.tell()
        _skip(inside, struct.unpack("<I", inside.read(4))[0])
        end = inside.tell()
        if key.startswith("tokenizer.ggml."):
            inside.seek(start)
            yield key, inside.read(end - start)


def _skip(inside: IO[bytes], kind: int) -> None:
    if kind == _TEXT:
        inside.seek(struct.unpack("<Q", inside.read(8))[0], 1)
    elif kind == _LIST:
        of, count = struct.unpack("<IQ", inside.read(12))
        for _ in range(count):
            _skip(inside, of)
    else:
        inside.seek(struct.calcsize(_FORMATS[kind]), 1)


def _count(value: bytes) -> int:
    """Of a list, how many it holds."""
    return int(struct.unpack("<IIQ", value[:16])[2])


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(one: Any) -> bytes:
    match one:
        case bool():
            return struct.pack("<I?", _BOOL, one)
        case int():
            return struct.pack("<II", _U32, one)
        case float():
            return struct.pack("<If", _F32, one)
        case str():
            return struct.pack("<I", _TEXT) + _text(one)
        case _:
            return struct.pack(f"<IIQ{len(one)}i", _LIST, _I32, len(one), *one)


_KEYS = {
    "block_count": LAYERS,
    "context_length": 4_096,
    "embedding_length": WIDTH,
    "feed_forward_length": INNER,
    "attention.head_count": HEADS,
    "attention.head_count_kv": HEADS_KEPT,
    "attention.layer_norm_rms_epsilon": 1e-6,
    "rope.freq_base": 10_000.0,
}
_WIDE = {"attention.key_length": HEAD, "attention.value_length": HEAD}


def _plain(_at: int) -> Shapes:
    return {
        "attn_norm.weight": (WIDTH,),
        "attn_q.weight": (WIDTH, HEADS * HEAD),
        "attn_k.weight": (WIDTH, HEADS_KEPT * HEAD),
        "attn_v.weight": (WIDTH, HEADS_KEPT * HEAD),
        "attn_output.weight": (HEADS * HEAD, WIDTH),
        "ffn_norm.weight": (WIDTH,),
        "ffn_gate.weight": (WIDTH, INNER),
        "ffn_up.weight": (WIDTH, INNER),
        "ffn_down.weight": (INNER, WIDTH),
    }


def _normed(at: int) -> Shapes:
    return {**_plain(at), "attn_q_norm.weight": (HEAD,), "attn_k_norm.weight": (HEAD,)}


def _gemma(at: int) -> Shapes:
    return {**_normed(at), "post_attention_norm.weight": (WIDTH,), "post_ffw_norm.weight": (WIDTH,)}


def _lfm(at: int) -> Shapes:
    """Every other layer a short convolution in place of attention."""
    if at % 2:
        return _normed(at)
    kept = {name: sides for name, sides in _plain(at).items() if not name.startswith("attn") or "norm" in name}
    own = {"conv.weight": (3, WIDTH), "in_proj.weight": (WIDTH, 3 * WIDTH), "out_proj.weight": (WIDTH, WIDTH)}
    return {**kept, **{f"shortconv.{name}": sides for name, sides in own.items()}}


_NORM: Shapes = {"output_norm.weight": (WIDTH,)}
FAMILIES = {
    "qwen3": Family("qwen3", {**_KEYS, **_WIDE}, _normed, _NORM),
    "smollm3": Family("smollm3", {**_KEYS, "rope.dimension_count": HEAD}, _plain, _NORM),
    "gemma3": Family("gemma3", {**_KEYS, **_WIDE, "attention.sliding_window": 512}, _gemma, _NORM),
    "lfm2": Family(
        "lfm2",
        {
            **_KEYS,
            "attention.head_count_kv": [0, HEADS_KEPT] * (LAYERS // 2),
            "shortconv.l_cache": 3,
            "vocab_size": 49_152,
        },
        _lfm,
        {"token_embd_norm.weight": (WIDTH,)},
    ),
}
