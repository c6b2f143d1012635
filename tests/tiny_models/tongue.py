"""Tokenizers that know a little English."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_LINES, _QUOTED = "tests/bench/lines_en.txt", ("data/languages/en/interface.toml", "data/languages/en/sentences.toml")
"""What they learnt their words from."""
_ONSETS, _VOWELS = (*"bdfghlmnprstvw", "sh", "th"), (*"aeiou", "ai", "ea", "ou")


def texts() -> list[str]:
    """English, a line at a time."""
    told = [(_ROOT / name).read_text(encoding="utf-8") for name in _QUOTED]
    quoted = [words for text in told for words in re.findall(r'"([^"]+)"', text)]
    return [*(_ROOT / _LINES).read_text(encoding="utf-8").splitlines(), *quoted]


def words_beyond(known: Sequence[str], most: int, begin: str) -> Iterator[str]:
    """Words nobody says, to fill a vocabulary up to `most`: what a random model tells then still looks like words."""
    taken = set(known)
    syllables = ["".join(pair) for pair in itertools.product(_ONSETS, _VOWELS)]
    made = (begin + "".join(parts) for count in (2, 3) for parts in itertools.product(syllables, repeat=count))
    return itertools.islice((word for word in made if word not in taken), most - len(taken))


def sentencepiece(vocabulary: int, learnt: int = 1_200) -> Any:
    """A tokenizer built as LLaMA's is: words begin with a low line, what is unknown falls back to bytes."""
    import tokenizers
    from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

    fixed = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pupil = tokenizers.Tokenizer(models.BPE(unk_token="<unk>"))
    pupil.pre_tokenizer = pre_tokenizers.Metaspace()
    pupil.train_from_iterator(texts(), trainers.BpeTrainer(vocab_size=learnt, show_progress=False))
    kept = json.loads(pupil.to_str())["model"]
    words = [*fixed, *kept["vocab"]]
    words += words_beyond(words, vocabulary, "▁")
    merges = [tuple(merge) for merge in kept["merges"]]
    table = {word: at for at, word in enumerate(words)}
    grown = tokenizers.Tokenizer(
        models.BPE(vocab=table, merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    )
    grown.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    grown.decoder = decoders.Sequence(parts)
    grown.add_special_tokens([tokenizers.AddedToken(word, normalized=False, special=True) for word in fixed[:3]])
    return grown


def bytelevel(vocabulary: int, first: Sequence[str], last: Sequence[str] = (), learnt: int = 1_200) -> Any:
    """A tokenizer built as GPT-2's is: every byte is a letter of its alphabet, special words first and last."""
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers, trainers

    def bare(model: Any) -> Any:
        made = tokenizers.Tokenizer(model)
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        return made

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pupil = bare(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=learnt, initial_alphabet=alphabet, show_progress=False)
    pupil.train_from_iterator(texts(), trainer)
    kept = json.loads(pupil.to_str())["model"]
    words = [*first, *sorted(kept["vocab"], key=kept["vocab"].__getitem__)]
    words += words_beyond(words, vocabulary - len(last), "Ġ")
    grown = bare(models.BPE({word: at for at, word in enumerate(words)}, [tuple(merge) for merge in kept["merges"]]))
    grown.add_special_tokens([tokenizers.AddedToken(word, normalized=False, special=True) for word in (*first, *last)])
    return grown
