"""Draws XTTS's tokens of sound."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from pipeline.backends.drawing import drawn
from pipeline.backends.torch_decoding import RecordedStep, roomy_cache
from pipeline.cancelled import Cancelled

ROWS = 896
"""Rows for a voice's 32, the longest text's 404 and the longest piece's 400 tokens; fixed for a recorded step."""
LEAN_ROWS = 512
"""Rows for pieces of half the length."""


class Codes:
    """Replaces the library's drawing through transformers: the same logits and chances at less cost.

    A sentence of ten seconds is two hundred steps through thirty small layers: on a card, launching them takes far
    longer than the work, so that the step is recorded once and replayed.
    """

    def __init__(self, torch: Any, gpt: Any, *, record: bool) -> None:
        """`gpt` is the model's own, ready for inference."""
        self._torch, self._gpt, self._record = torch, gpt, record
        self._rows = ROWS
        self._since: Any = None
        """Row of the first token of sound."""
        self._cache: Any = None
        self._step: RecordedStep | None = None

    def __call__(
        self,
        cond_latents: Any,
        text_inputs: Any,
        *,
        temperature: float,
        top_k: int,
        top_p: float,
        repetition_penalty: float,
        max_new_tokens: int,
        seed: int,
        check: Cancelled,
        min_new_tokens: int = 0,
        **_: Any,
    ) -> Any:
        """Draw (1, tokens) codes, with the stop where it came; raises TaleCancelled before any token."""
        torch, stop = self._torch, self._gpt.stop_audio_token
        given = self._gpt.compute_embeddings(cond_latents, text_inputs)
        logits, chance = self._begun(given), torch.Generator(given.device).manual_seed(seed)
        seen = torch.zeros(len(logits), dtype=torch.bool, device=given.device)
        seen[given[0]] = True
        codes: list[int] = []
        for place in range(given.shape[1], given.shape[1] + max_new_tokens):
            check()
            liked = torch.where(seen, _penalised(torch, logits, repetition_penalty), logits)
            if len(codes) < min_new_tokens:
                liked[stop] = -torch.inf
            chosen = drawn(torch, liked / temperature, chance, top_k, top_p)
            seen[chosen] = True
            codes.append(int(chosen))
            if codes[-1] == stop or place + 1 >= self._rows:
                break
            logits = self._stepped(codes[-1], place)
        return torch.tensor([codes], device=given.device)

    def forget(self) -> None:
        """Drop its cache and the recording of its step, whose addresses are the old model's."""
        self._cache = self._step = self._since = None

    def lean(self) -> None:
        """Use fewer rows, and no recorded step."""
        self._rows, self._record = LEAN_ROWS, False
        self.forget()

    def _begun(self, given: Any) -> Any:
        """Read voice and text into the first rows; returns the (words) logits after the start of sound."""
        if self._cache is None:
            self._cache = roomy_cache(self._rows)
            self._since = self._torch.zeros((1, 1), dtype=self._torch.long, device=given.device)
        for layer in self._cache.layers:
            layer.show(0)
        self._since.fill_(given.shape[1] - 1)
        made = self._gpt.gpt_inference(input_ids=given, past_key_values=self._cache, use_cache=True, return_dict=True)
        return made.logits[0, -1].float()

    def _stepped(self, token: int, place: int) -> Any:
        if self._step is None:
            rooms = [tuple(layer.rooms) for layer in self._cache.layers]
            self._step = RecordedStep(self._torch, self._model, rooms, record=self._record)
        return self._step(token, place)

    def _model(self, ids: Any, *, position_ids: Any, past_key_values: Any, attention_mask: Any, **_: Any) -> Any:
        """Run one token of sound through the layers; its place counts from the start of sound."""
        gpt = self._gpt
        told = gpt.mel_embedding(ids) + gpt.mel_pos_embedding.emb(position_ids - self._since)
        hidden = gpt.gpt(
            inputs_embeds=told,
            past_key_values=past_key_values,
            attention_mask=attention_mask,
            position_ids=position_ids,
            use_cache=True,
            return_dict=True,
        )[0]
        return SimpleNamespace(logits=gpt.mel_head(gpt.final_norm(hidden)))


def _penalised(torch: Any, logits: Any, penalty: float) -> Any:
    """Make tokens that were drawn less likely, for positive and negative logits alike."""
    return torch.where(logits < 0, logits * penalty, logits / penalty)
