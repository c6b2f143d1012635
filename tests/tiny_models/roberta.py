"""DistilRoBERTa with random weights."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tiny_models.sizes import Size
from tests.tiny_models.tongue import bytelevel

LABELS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
"""In its own order."""
_SHAPES = {
    Size.TINY: {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4},
    Size.FULL: {"hidden_size": 768, "intermediate_size": 3_072, "num_hidden_layers": 6, "num_attention_heads": 12},
}
_WORDS = {Size.TINY: 1_500, Size.FULL: 50_265}
_MARKS = {"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>"}


def make(folder: Path, size: Size, device: str = "cpu") -> Path:
    """emotion-english-distilroberta-base as its hub folder looks: the weights in an old pickle, not in safetensors."""
    import torch
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    words = _tokenizer(folder, _WORDS[size])
    config = transformers.RobertaConfig(
        vocab_size=words,
        max_position_embeddings=514,
        type_vocab_size=1,
        id2label=dict(enumerate(LABELS)),
        label2id={label: at for at, label in enumerate(LABELS)},
        **_SHAPES[size],
    )
    torch.manual_seed(0)
    with torch.device(device):
        model = transformers.RobertaForSequenceClassification(config)
    state = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
    state["roberta.embeddings.position_ids"] = torch.arange(514)[None]  # as checkpoints of its age have it
    torch.save(state, folder / "pytorch_model.bin")
    told = {**config.to_dict(), "architectures": ["RobertaForSequenceClassification"]}
    (folder / "config.json").write_text(json.dumps(told, indent=2))
    return folder


def _tokenizer(folder: Path, vocabulary: int) -> int:
    """Its four files; how many words they hold."""
    first = ("<s>", "<pad>", "</s>", "<unk>")
    tokenizer = bytelevel(vocabulary, first, ("<mask>",))
    table = tokenizer.get_vocab()
    from tokenizers import processors

    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    model = json.loads(tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
    merges = "\n".join(" ".join(merge) for merge in model["merges"])
    (folder / "merges.txt").write_text(f"#version: 0.2\n{merges}\n", encoding="utf-8")
    marks = {**_MARKS, "pad_token": "<pad>", "mask_token": "<mask>"}
    (folder / "special_tokens_map.json").write_text(json.dumps(marks))
    own = {"tokenizer_class": "RobertaTokenizer", "model_max_length": 512, "add_prefix_space": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(marks | own))
    return len(table)
