"""Whisper with random weights, converted by CTranslate2."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.tiny_models.sizes import Size
from tests.tiny_models.tongue import bytelevel

_SHAPES = {Size.TINY: (32, 2, 4, 64), Size.FULL: (768, 12, 12, 3_072)}
"""Width, layers of each half, heads, inner width."""
_WORDS = {Size.TINY: 1_500, Size.FULL: 50_257}
_STEPS = 1_501
"""Time marks, 20 ms apart."""
_KEPT = ("config.json", "tokenizer.json", "vocabulary.txt", "model.bin")


def make(folder: Path, size: Size, device: str = "cpu") -> Path:
    """faster-whisper-small as its hub folder looks, eight bits a weight."""
    import torch
    from faster_whisper.transcribe import ctranslate2  # whose version is its to choose

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        torch.manual_seed(0)
        _original(Path(scratch), size, device)
        converter = ctranslate2.converters.TransformersConverter(scratch, copy_files=["tokenizer.json"])
        converter.convert(str(folder), quantization="int8", force=True)
    _old_vocabulary(folder)
    for path in folder.iterdir():
        if path.name not in _KEPT:
            path.unlink()
    return folder


def _original(folder: Path, size: Size, device: str) -> None:
    import torch
    import transformers

    width, layers, heads, inner = _SHAPES[size]
    tokenizer = _tokenizer(_WORDS[size])
    end, begin = tokenizer.token_to_id("<|endoftext|>"), tokenizer.token_to_id("<|startoftranscript|>")
    marks = {"bos_token_id": end, "eos_token_id": end, "pad_token_id": end, "decoder_start_token_id": begin}
    halves = {
        f"{half}_{name}": value
        for half in ("encoder", "decoder")
        for name, value in {"layers": layers, "attention_heads": heads, "ffn_dim": inner}.items()
    }
    config = transformers.WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(), num_mel_bins=80, d_model=width, suppress_tokens=[],
        begin_suppress_tokens=[], **marks, **halves,
    )  # fmt: skip
    with torch.device(device):
        model = transformers.WhisperForConditionalGeneration(config).cpu()
    habits = transformers.GenerationConfig(**marks, suppress_tokens=[], begin_suppress_tokens=[])
    habits.alignment_heads = [[layers - 1, 0]]
    habits.lang_to_id = {f"<|{code}|>": tokenizer.token_to_id(f"<|{code}|>") for code in _languages()}
    model.generation_config = habits
    model.save_pretrained(folder)
    word = "<|endoftext|>"
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=word, eos_token=word, unk_token=word, pad_token=word
    ).save_pretrained(folder)
    transformers.WhisperFeatureExtractor().save_pretrained(folder)


def _tokenizer(words: int) -> Any:
    """The words, then the end, the tasks with all languages, and the times."""
    from tokenizers import AddedToken

    tokenizer = bytelevel(words, ())
    tasks = ("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")
    marks = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in _languages()), *tasks]
    tokenizer.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in marks])
    times = [f"<|{step * 0.02:.2f}|>" for step in range(_STEPS)]
    tokenizer.add_tokens([AddedToken(time, normalized=False) for time in times])
    return tokenizer


def _languages() -> tuple[str, ...]:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    return tuple(_LANGUAGE_CODES)


def _old_vocabulary(folder: Path) -> None:
    """A word a line, as the pinned conversion has it; an empty one tells CTranslate2 that it knows languages."""
    new = folder / "vocabulary.json"
    words = json.loads(new.read_text(encoding="utf-8"))
    words[0] = ""
    (folder / "vocabulary.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    new.unlink()
