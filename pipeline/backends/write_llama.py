"""Writers in transformers, four bits a weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.backends.completion import Detokeniser, Growing, endings, shared_start
from pipeline.backends.drawing import Draw
from pipeline.backends.readable import reading
from pipeline.backends.torch_decoding import RecordedStep, roomy_cache
from pipeline.backends.torch_traps import hush, mend_torchaudio
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.roles import Ask, Turn

CONTEXT_TOKENS = 800
"""A tale of 300 words needs 450; each costs LLaMA 2 half a megabyte beside its 3.9 GB, of 5 GiB in all."""
PIECE_TOKENS = {"cuda": 256, "cpu": 64}
"""Tokens of prompt read between two looks for a cancel."""
LEAN_PIECE_TOKENS = 16
ROOM_TOKENS = 896
"""Context and completion: on a card their rows lie in one place, so that the step between two tokens is recorded."""


def open_backend(weights: Mapping[str, Path], threads: int) -> LlamaWriter:
    """Open the folder that holds config.json and its neighbours."""
    return LlamaWriter(next(path.parent for name, path in weights.items() if name.endswith("config.json")), threads)


class LlamaWriter:
    """One causal model with its own cache; its brake is asked before every token, or every piece of prompt.

    A completion is drawn token by token while its reader reads it: dropping the iterator stops it.
    """

    def __init__(self, folder: Path, threads: int, *, in_place: bool | None = None) -> None:
        """A local transformers folder; raises Unwell `model_unreadable`. `in_place` is a card's way, where not told."""
        mend_torchaudio()
        import torch
        import transformers

        hush(transformers)
        self._torch: Any = torch
        self._cache: Any = None
        self._read: list[int] = []
        """What lies in the cache, token by token."""
        torch.set_num_threads(threads)
        self._device = device = "cuda" if torch.cuda.is_available() else "cpu"
        self._in_place = device == "cuda" if in_place is None else in_place
        self._step: RecordedStep | None = None
        self._piece = PIECE_TOKENS[device]
        with reading(folder.name):
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model: Any = transformers.AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, **_precision(torch, transformers, device)
            ).eval()
        self._ends = _ends(self._model.generation_config.eos_token_id, self._tokenizer.eos_token_id)
        self._forget()

    def settle(self, system: str) -> None:  # noqa: ARG002 - the role's signature
        """Empty the cache, the same state for every tale."""
        self._forget()

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        tokens = self._tokens(turn)
        self._feed(tokens[:-1], check)
        growing, spelling, whole = Growing(ask), Detokeniser(self._text), False
        try:
            for token in self._drawn(tokens, ask, check):
                if piece := growing.add(spelling.add(token)):
                    yield piece
                if growing.complete:
                    break
            check()
            whole = True
        finally:
            if not whole:
                self._crop(len(tokens) - 1)
        yield growing.add(spelling.rest()) + growing.rest()

    def lean(self) -> None:
        """Use less memory from now on: smaller pieces of prompt, no spare cache, and nothing of what was read."""
        self._piece, self._in_place = LEAN_PIECE_TOKENS, False
        self._clear_out()

    def doze(self) -> None:
        """Move the model to the machine's memory, still in four bits; what was read is forgotten."""
        self._clear_out()
        self._model.to("cpu")

    def wake(self) -> None:
        """Move the model back to the card."""
        self._model.to(self._device)

    def close(self) -> None:
        self._model = self._cache = self._tokenizer = self._step = None
        self._read = []
        if self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def _forget(self) -> None:
        """Count nothing as read; a recorded step keeps its cache, whose address it knows."""
        self._read = []
        if self._step is None:
            self._clear_out()
        else:
            self._show(0)

    def _clear_out(self) -> None:
        self._read, self._step = [], None
        self._cache = roomy_cache(ROOM_TOKENS) if self._in_place else roomy_cache()

    def _show(self, length: int) -> None:
        for layer in self._cache.layers:
            layer.show(length)

    def _crop(self, length: int) -> None:
        """Cut the cache back to the first tokens."""
        beyond = len(self._read) - length
        if beyond > 0:
            self._cache.crop(-beyond)
            self._read = self._read[:length]

    def _drawn(self, tokens: Sequence[int], ask: Ask, check: Cancelled) -> Iterator[int]:
        """Draw tokens after these, of which all but the last have been read, up to the model's own end."""
        draw = Draw(self._torch, self._model.device, ask.seed, ask.temperature, tokens)
        last = tokens[-1]
        for _ in range(ask.max_tokens):
            check()
            last = draw.token(self._forward([last])[-1])
            if last in self._ends:
                return
            yield last

    def _feed(self, tokens: list[int], check: Cancelled) -> None:
        """Read what is new, piece by piece; what no longer fits the cache is cropped away."""
        known = shared_start(tokens, self._read)
        self._crop(known)
        for start in range(known, len(tokens), self._piece):
            check()
            self._forward(tokens[start : start + self._piece])

    def _forward(self, tokens: list[int]) -> Any:
        """Read tokens into the cache; returns the (1, words) logits after the last one."""
        try:
            with self._torch.inference_mode():
                stays = self._in_place and len(tokens) == 1 and 0 < len(self._read) < ROOM_TOKENS
                logits = self._stepped(tokens[0]) if stays else self._walked(tokens)
        except BaseException:
            self._forget()  # some of its layers may have read them, and others not
            raise
        self._read += tokens
        return logits

    def _walked(self, tokens: list[int]) -> Any:
        """Read several tokens, or one that does not fit the cache."""
        if len(self._read) + len(tokens) > ROOM_TOKENS:
            self._step = None  # the rooms it was recorded in are left for larger ones
        ids = self._torch.tensor([tokens], device=self._model.device)
        made = self._model(ids, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        return made.logits[0].float()

    def _stepped(self, token: int) -> Any:
        """Read one token into its row; no other row moves."""
        if self._step is None:
            rooms = [tuple(layer.rooms) for layer in self._cache.layers]
            self._step = RecordedStep(self._torch, self._model, rooms, record=self._device == "cuda")
        logits = self._step(token, len(self._read))
        self._show(len(self._read) + 1)
        return logits[None]

    def _tokens(self, turn: Turn) -> list[int]:
        """Return as much of the tale's end as fits the context; the turn sums up its beginning."""
        tokens: list[int] = []
        for told in endings(turn.told):
            tokens = self._whole(replace(turn, told=told))
            if len(tokens) <= CONTEXT_TOKENS:
                return tokens
        raise Unwell("writer_failed", why=f"{len(tokens)} tokens of context, at most {CONTEXT_TOKENS} fit")

    def _whole(self, turn: Turn) -> list[int]:
        messages = [{"role": "user", "content": turn.user}, {"role": "assistant", "content": turn.told or " "}]
        try:
            text = self._templated([{"role": "system", "content": turn.system}, *messages])
        except Exception:  # noqa: BLE001 - Jinja's error where a template knows no system role
            text = self._templated([{"role": "user", "content": f"{turn.system}\n\n{turn.user}"}, messages[1]])
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    def _templated(self, messages: list[dict[str, str]]) -> str:
        unthinking = {"enable_thinking": False}  # templates that know no thoughts do not look at it
        applied = self._tokenizer.apply_chat_template(
            messages, tokenize=False, continue_final_message=True, **unthinking
        )
        return str(applied)

    def _text(self, tokens: Sequence[int]) -> str:
        told = self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(told)


def _precision(torch: Any, transformers: Any, device: str) -> dict[str, Any]:
    """Return NF4 with double quantisation, a 7B in 3.6 GiB; without bitsandbytes the weights as they are."""
    compute = torch.float32
    if device == "cuda":
        # A card of before 2020 only pretends to bfloat16, and is slow at it.
        compute = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    placed = {"dtype": compute, "device_map": {"": 0 if device == "cuda" else "cpu"}}
    if find_spec("bitsandbytes") is None:
        return placed
    quantised = transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )
    return {**placed, "quantization_config": quantised}


def _ends(*told: int | list[int] | None) -> frozenset[int]:
    """Return all ends of text: a family may have one, several, or leave it to its tokenizer."""
    return frozenset(one for each in told if each is not None for one in (each if isinstance(each, list) else [each]))
