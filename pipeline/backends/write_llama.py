"""Writers in transformers, four bits on a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.backends.bounds import bounded, is_complete
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.roles import Ask, Kind, Turn

CONTEXT_TOKENS = 1_100
"""Key-value cache the 8 GB card can bear beside the weights."""
PIECE_TOKENS = 64
NO_REPEAT = 5
"""Longest run of tokens the tale may hold twice."""


def open_backend(weights: Mapping[str, Path], threads: int) -> LlamaWriter:
    """The folder that holds config.json and its neighbours."""
    return LlamaWriter(next(path.parent for name, path in weights.items() if name.endswith("config.json")), threads)


class LlamaWriter:
    """One causal model with its own cache; its brake is a stopping criterion, or 64 tokens of prompt."""

    def __init__(self, folder: Path, threads: int) -> None:
        import torch
        import transformers

        self._torch: Any = torch
        self._transformers: Any = transformers
        self._cache: Any = None
        self._read: list[int] = []
        torch.set_num_threads(threads)
        cuda = torch.cuda.is_available()
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model: Any = transformers.AutoModelForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            dtype=torch.float16 if cuda else torch.float32,
            **(_in_four_bits(torch, transformers) if cuda else {}),
        ).eval()
        self._forget()

    def settle(self, system: str) -> None:  # noqa: ARG002 - the role's signature
        """An empty cache is the same state for every tale."""
        self._forget()

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        tokens = self._tokens(turn)
        self._feed(tokens[:-1], check)
        self._torch.manual_seed(ask.seed)
        start = len(tokens)
        made = self._model.generate(
            self._torch.tensor([tokens], device=self._model.device),
            past_key_values=self._cache,
            do_sample=True,
            temperature=ask.temperature,
            top_p=0.95,
            max_new_tokens=ask.max_tokens,
            no_repeat_ngram_size=NO_REPEAT,
            pad_token_id=self._tokenizer.eos_token_id,
            stopping_criteria=self._transformers.StoppingCriteriaList([self._stopping(ask, start, check)]),
        )[0].tolist()
        self._read = made[: self._cache.get_seq_length()]
        check()
        text = bounded(self._text(made[start:]), ask)
        yield text if ask.kind is not Kind.CHOICE or text in ask.options else ask.options[0]

    def sureness(self, before: Turn, after: Turn, check: Cancelled) -> float:
        head, whole = self._tokens(before), self._tokens(after)
        since = _common(head, whole)
        if since == len(whole):
            return 0.0
        self._feed(whole[: since - 1], check)
        with self._torch.inference_mode():
            ids = self._torch.tensor([whole[since - 1 :]], device=self._model.device)
            logits = self._model(ids, past_key_values=self._cache, use_cache=True).logits[0, :-1].float()
            chosen = self._torch.log_softmax(logits, dim=-1).gather(1, ids[0, 1:, None])
        self._read = whole
        return float(chosen.mean())

    def read_ahead(self, turn: Turn, check: Cancelled) -> None:
        self._feed(self._tokens(turn), check)

    def close(self) -> None:
        self._model = None
        self._cache = None
        if self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def _forget(self) -> None:
        self._cache = self._transformers.DynamicCache()
        self._read = []

    def _tokens(self, turn: Turn) -> list[int]:
        messages = [{"role": "user", "content": turn.user}, {"role": "assistant", "content": turn.told or " "}]
        try:
            text = self._templated([{"role": "system", "content": turn.system}, *messages])
        except Exception:  # noqa: BLE001 - Jinja's error where a template knows no system role
            text = self._templated([{"role": "user", "content": f"{turn.system}\n\n{turn.user}"}, messages[1]])
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        if len(tokens) > CONTEXT_TOKENS:
            raise Unwell("writer_failed", why=f"{len(tokens)} tokens of context, at most {CONTEXT_TOKENS} fit")
        return tokens

    def _templated(self, messages: list[dict[str, str]]) -> str:
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False, continue_final_message=True))

    def _feed(self, tokens: list[int], check: Cancelled) -> None:
        """Read what is new, piece by piece; what no longer fits the cache is cropped away."""
        known = _common(tokens, self._read)
        if known < len(self._read):
            self._cache.crop(known - len(self._read))
        self._read = self._read[:known]
        for start in range(known, len(tokens), PIECE_TOKENS):
            check()
            piece = tokens[start : start + PIECE_TOKENS]
            with self._torch.inference_mode():
                ids = self._torch.tensor([piece], device=self._model.device)
                self._model(ids, past_key_values=self._cache, use_cache=True)
            self._read += piece

    def _stopping(self, ask: Ask, start: int, check: Cancelled) -> Any:
        torch, text_of = self._torch, self._text

        def stopping(ids: Any, _scores: Any, **_: Any) -> Any:
            done = bool(check) or is_complete(text_of(ids[0, start:].tolist()), ask)
            return torch.full((ids.shape[0],), done, dtype=torch.bool, device=ids.device)

        return stopping

    def _text(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))


def _in_four_bits(torch: Any, transformers: Any) -> dict[str, Any]:
    """NF4 with double quantisation: a 7B in 3.6 GiB."""
    quantised = transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.float16,
    )
    return {"quantization_config": quantised, "device_map": {"": 0}}


def _common(one: list[int], other: list[int]) -> int:
    least = min(len(one), len(other))
    return next((at for at in range(least) if one[at] != other[at]), least)
