"""A tiny transformers model writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.write_llama import CONTEXT_TOKENS, LlamaWriter, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unwell
from pipeline.roles import Ask, Kind, Turn

pytestmark = pytest.mark.gpu_stack
SYSTEM, USER = "You tell stories.", "Tell of a fox."
TEMPLATE = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
)
"""As Mistral's first templates did: no system role."""


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaWriter]:
    folder = tmp_path_factory.mktemp("tiny_llama")
    _make(folder)
    opened = open_backend({path.name: path for path in folder.iterdir()}, 1)
    yield opened
    opened.close()


def completed(writer: LlamaWriter, told: str, ask: Ask) -> str:
    return "".join(writer.complete(Turn(SYSTEM, USER, told), ask, Cancelled()))


def test_a_seed_gives_the_same_words_warm_and_cold(writer: LlamaWriter) -> None:
    writer.settle(SYSTEM)
    first = completed(writer, "the fox", Ask(Kind.FREE, 1, max_tokens=20))
    completed(writer, "a bell", Ask(Kind.FREE, 2, max_tokens=20))
    writer.settle(SYSTEM)
    assert completed(writer, "the fox", Ask(Kind.FREE, 1, max_tokens=20)) == first
    assert first


def test_the_cache_keeps_what_the_tale_has_told(writer: LlamaWriter) -> None:
    writer.settle(SYSTEM)
    told = "the fox" + completed(writer, "the fox", Ask(Kind.FREE, 1, max_tokens=8))
    fed: list[int] = []
    model: Any = writer.__dict__["_model"]
    handle = model.register_forward_pre_hook(
        lambda _module, args, kwargs: fed.append((args[0] if args else kwargs["input_ids"]).shape[1]), with_kwargs=True
    )
    completed(writer, told, Ask(Kind.FREE, 2, max_tokens=4))
    handle.remove()
    assert max(fed) <= 16  # what eight random tokens read as once they are text again, of over fifty


def test_given_words_weigh_the_same_warm_and_cold(writer: LlamaWriter) -> None:
    writer.settle(SYSTEM)
    before = Turn(SYSTEM, USER, "the fox")
    after = Turn(SYSTEM, USER, "the fox sees a bell in the snow")
    cold = writer.sureness(before, after, Cancelled())
    writer.settle(SYSTEM)
    completed(writer, "the fox", Ask(Kind.FREE, 1, max_tokens=8))
    assert cold < 0
    assert writer.sureness(before, after, Cancelled()) == pytest.approx(cold, abs=1e-3), "whatever the cache holds"
    assert writer.sureness(before, before, Cancelled()) == 0.0


def test_bounds_hold_without_a_grammar(writer: LlamaWriter) -> None:
    for seed in range(4):
        text = completed(writer, "the fox", Ask(Kind.NARRATION, seed, max_tokens=40, most_words=6))
        assert len(text.split()) <= 7
        assert not set(text) & set('"*#\n')


def test_a_cancelled_tale_stops(writer: LlamaWriter) -> None:
    check = Cancelled()
    threading.Timer(0.3, check.set).start()
    with pytest.raises(TaleCancelled):
        list(writer.complete(Turn(SYSTEM, USER, "the fox"), Ask(Kind.FREE, 1, max_tokens=900), check))


def test_too_long_a_context_is_said(writer: LlamaWriter) -> None:
    with pytest.raises(Unwell, match="writer_failed"):
        writer.read_ahead(Turn(SYSTEM, "fox " * (CONTEXT_TOKENS + 100), ""), Cancelled())


def _make(folder: Path) -> None:
    import tokenizers
    import torch
    import transformers

    torch.manual_seed(0)
    words = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    words.train_from_iterator(["the fox found a silver bell. the moon was warm."] * 4, trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, bos_token="<s>", eos_token="</s>", unk_token="<unk>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=400,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        bos_token_id=1,
        eos_token_id=2,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
