"""A tiny transformers model writes."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.backends import write_llama
from pipeline.backends.completion import bounded
from pipeline.backends.write_llama import CONTEXT_TOKENS, LlamaWriter, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unwell
from pipeline.roles import Ask, Kind, Turn
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
SYSTEM, USER = "You tell stories.", "Tell of a fox."
TURN = Turn(SYSTEM, USER, "the fox")
FREE = Ask(Kind.FREE, 1, max_tokens=20)
TOLD = (
    "The keeper sees 3.5 boats. He waits, naïve as ever, and then",
    'An owl — 🦊🌙 — flew. "No," it said, and nobody knew',
    "She waits for the small silver bell in the garden of the moon,",
)
"""With letters of several tokens each."""


@pytest.fixture(scope="module", params=["llama", "mistral"])
def writer(request: pytest.FixtureRequest, tiny: Tiny) -> Iterator[LlamaWriter]:
    """One with a template that knows a system's words, one whose template refuses them."""
    opened = open_backend(tiny(request.param), 1)
    yield opened
    opened.close()


@pytest.fixture
def model(writer: LlamaWriter) -> Any:
    writer.settle(SYSTEM)
    return writer.__dict__["_model"]


def completed(writer: LlamaWriter, told: str, ask: Ask) -> str:
    return "".join(writer.complete(Turn(SYSTEM, USER, told), ask, Cancelled()))


def read(writer: LlamaWriter) -> tuple[int, int]:
    """Tokens it says lie in its cache, and those that do."""
    return len(writer.__dict__["_read"]), writer.__dict__["_cache"].get_seq_length()


def fed(model: Any, calls: list[int]) -> Any:
    """Notes how many tokens each of its forward passes reads."""

    def note(_module: Any, args: Any, kwargs: Any) -> None:
        calls.append((args[0] if args else kwargs["input_ids"]).shape[1])

    return model.register_forward_pre_hook(note, with_kwargs=True)


def test_its_weights_lie_in_four_bits(model: Any) -> None:
    layer = model.model.layers[0].mlp.down_proj
    assert type(layer).__name__ == "Linear4bit"
    assert str(layer.weight.dtype) == "torch.uint8"
    assert layer.weight.quant_type == "nf4"
    assert layer.weight.quant_state.nested, "its scales are quantised, too"


def test_a_seed_gives_the_same_words_warm_and_cold(writer: LlamaWriter) -> None:
    writer.settle(SYSTEM)
    first = completed(writer, "the fox", FREE)
    completed(writer, "a bell", Ask(Kind.FREE, 2, max_tokens=20))
    writer.settle(SYSTEM)
    assert completed(writer, "the fox", FREE) == first
    assert completed(writer, "the fox", Ask(Kind.FREE, 2, max_tokens=20)) != first
    assert first


def test_words_come_while_the_next_are_still_to_be_drawn(writer: LlamaWriter, model: Any) -> None:
    calls: list[int] = []
    handle = fed(model, calls)
    pieces = writer.complete(TURN, FREE, Cancelled())
    assert next(pieces)
    until_first = len(calls)
    rest = list(pieces)
    handle.remove()
    assert len(rest) > 10
    assert len(calls) - until_first > 10


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("told", TOLD)
def test_the_pieces_joined_are_what_the_bounds_keep(writer: LlamaWriter, kind: Kind, told: str) -> None:
    ask = Ask(kind, 1, sentences=2, options=("a fox", "an owl"))
    drawn = writer.__dict__["_tokenizer"](told, add_special_tokens=False)["input_ids"]
    writer.__dict__["_drawn"] = lambda *_: iter(drawn)
    try:
        pieces = list(writer.complete(TURN, ask, Cancelled()))
    finally:
        del writer.__dict__["_drawn"]
    assert "".join(pieces) == bounded(told, ask)
    assert len(pieces) > 2 or kind in {Kind.CHOICE, Kind.SCENE}


def noted(writer: LlamaWriter, ask: Ask, drawn: list[int]) -> str:
    """A completion, and the tokens that were drawn for it."""
    own = writer._drawn

    def noting(*args: Any) -> Iterator[int]:
        for token in own(*args):
            drawn.append(token)
            yield token

    writer.__dict__["_drawn"] = noting
    try:
        return "".join(writer.complete(TURN, ask, Cancelled()))
    finally:
        del writer.__dict__["_drawn"]


def test_the_cache_keeps_what_the_tale_has_told(writer: LlamaWriter, model: Any) -> None:
    told = "the fox " + completed(writer, "the fox", Ask(Kind.FREE, 1, max_tokens=8))
    calls: list[int] = []
    handle = fed(model, calls)
    completed(writer, told, Ask(Kind.FREE, 2, max_tokens=4))
    handle.remove()
    assert max(calls) <= 20  # what eight random tokens read as once they are text again, of over forty


def test_given_words_weigh_the_same_warm_and_cold(writer: LlamaWriter) -> None:
    writer.settle(SYSTEM)
    tokens = writer._tokens(Turn(SYSTEM, USER, "the fox sees a bell in the snow"))

    def weighed() -> Any:
        """The weight of every word that may come next."""
        writer._feed(tokens[:-1], Cancelled())
        return writer._forward(tokens[-1:]).float().numpy()

    cold = weighed()
    writer.settle(SYSTEM)
    completed(writer, "the fox", Ask(Kind.FREE, 1, max_tokens=8))
    assert np.ptp(cold) > 0
    assert weighed() == pytest.approx(cold, abs=1e-3), "whatever the cache holds"


def test_bounds_hold_without_a_grammar(writer: LlamaWriter) -> None:
    for seed in range(4):
        text = completed(writer, "the fox", Ask(Kind.SCENE, seed, max_tokens=40))
        assert sum(text.count(mark) for mark in ".!?") <= 1
        assert not set(text) & set('"*#\n')


def test_no_run_of_five_tokens_comes_twice(writer: LlamaWriter) -> None:
    drawn: list[int] = []
    noted(writer, Ask(Kind.FREE, 3, max_tokens=300, temperature=0.05), drawn)
    runs = [tuple(drawn[at : at + 5]) for at in range(len(drawn) - 4)]
    assert len(set(runs)) == len(runs)


def test_a_cancelled_tale_stops_within_two_tokens_and_forgets_them(writer: LlamaWriter, model: Any) -> None:
    check = Cancelled()
    calls: list[int] = []
    pieces = writer.complete(TURN, Ask(Kind.FREE, 1, max_tokens=900), check)
    next(pieces)
    handle = fed(model, calls)
    check.set()
    with pytest.raises(TaleCancelled):
        list(pieces)
    handle.remove()
    assert len(calls) <= 2
    said, lies = read(writer)
    writer.settle(SYSTEM)
    writer._feed(writer._tokens(TURN), Cancelled())
    assert said == lies == read(writer)[1] - 1, "all of the prompt but its last token"


def test_a_cancelled_tale_stops_from_another_thread(writer: LlamaWriter) -> None:
    check = Cancelled()
    threading.Timer(0.3, check.set).start()
    with pytest.raises(TaleCancelled):
        "".join(piece for _ in range(1_000) for piece in writer.complete(TURN, FREE, check))


def test_who_lets_go_of_it_has_stopped_it(writer: LlamaWriter, model: Any) -> None:
    pieces = writer.complete(TURN, Ask(Kind.FREE, 1, max_tokens=900), Cancelled())
    next(pieces)
    long = read(writer)
    del pieces
    said, lies = read(writer)
    assert said == lies < long[0]
    first = completed(writer, "the fox", FREE)
    writer.settle(SYSTEM)
    assert completed(writer, "the fox", FREE) == first


def test_an_error_within_reaches_who_reads(writer: LlamaWriter, model: Any) -> None:
    fresh = completed(writer, "the fox", FREE)
    writer.settle(SYSTEM)
    pieces = writer.complete(TURN, Ask(Kind.FREE, 1, max_tokens=900), Cancelled())
    next(pieces)

    def fail(*_: Any) -> None:
        raise RuntimeError("CUDA out of memory")

    handle = model.model.layers[1].register_forward_pre_hook(fail)  # its first layer has read the token by then
    with pytest.raises(RuntimeError, match="out of memory"):
        list(pieces)
    handle.remove()
    assert read(writer) == (0, 0)
    assert completed(writer, "the fox", FREE) == fresh


def test_a_lean_writer_reads_in_small_bites_and_writes_the_same(tiny: Tiny) -> None:
    writer = open_backend(tiny("llama"), 1)
    before = completed(writer, "the fox", FREE)
    writer.lean()
    calls: list[int] = []
    handle = fed(writer.__dict__["_model"], calls)
    assert completed(writer, "the fox", FREE) == before
    handle.remove()
    assert max(calls) == 16
    writer.close()


def test_a_tale_that_outgrows_its_room_goes_on_the_same(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny("llama")["config.json"].parent
    long, short = Ask(Kind.FREE, 5, max_tokens=80), Ask(Kind.FREE, 6, max_tokens=10)
    plain = LlamaWriter(folder, 1, in_place=False)
    told = [completed(plain, "the fox", ask) for ask in (short, long, short)]
    plain.close()
    monkeypatch.setattr(write_llama, "ROOM_TOKENS", 64)
    growing = LlamaWriter(folder, 1, in_place=True)
    assert [completed(growing, "the fox", ask) for ask in (short, long, short)] == told
    assert growing.__dict__["_cache"].layers[0].rooms[0].shape[-2] > 64
    growing.close()


def test_a_long_tale_goes_on_from_what_fits(writer: LlamaWriter) -> None:
    told = " ".join(f"It was night number {nth}, and the fox walked on." for nth in range(120))
    assert completed(writer, told, FREE)
    assert read(writer)[0] <= CONTEXT_TOKENS + FREE.max_tokens
    assert read(writer)[0] > CONTEXT_TOKENS // 2


def test_too_long_a_context_is_said(writer: LlamaWriter) -> None:
    with pytest.raises(Unwell, match="writer_failed"):
        list(writer.complete(Turn(SYSTEM, "fox " * (CONTEXT_TOKENS + 100), ""), FREE, Cancelled()))


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
)
@pytest.mark.parametrize("cut", [True, False])
def test_a_damaged_folder_is_said(tiny: Tiny, tmp_path: Path, name: str, cut: bool) -> None:
    for path in tiny("llama").values():
        shutil.copy(path, tmp_path)
    damaged = tmp_path / name
    files = {path.name: path for path in tmp_path.iterdir()}
    if cut:
        damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    else:
        damaged.unlink()
    with pytest.raises(Unwell) as unwell:
        open_backend(files, 1)
    assert unwell.value.code == "model_unreadable"
