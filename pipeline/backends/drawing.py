"""Draws a writer's next token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

TOP_K, TOP_P = 50, 0.95
NO_REPEAT = 5
"""Shortest run of tokens that may not come twice in a tale."""
_COOLEST = 0.01


def drawn(torch: Any, logits: Any, chance: Any, top_k: int, top_p: float) -> Any:
    """Draw the index of one of the likeliest tokens; it stays on its device."""
    highest, places = logits.topk(min(top_k, len(logits)))
    shares = highest.softmax(-1)
    # What comes before it has top_p already: whoever crosses the line still stays.
    shares = shares.masked_fill(shares.cumsum(-1) - shares > top_p, 0.0)
    # The first of several races to end, as quick as its share: a choice that needs no check that would stop a card.
    race = torch.empty_like(shares).exponential_(generator=chance)
    return places[(shares / race).argmax()]


class Draw:
    """The random draws of one completion: the same logits and seed give the same tokens, whatever others draw."""

    def __init__(self, torch: Any, device: Any, seed: int, temperature: float, before: Iterable[int]) -> None:
        self._torch = torch
        self._chance: Any = torch.Generator(device).manual_seed(seed)
        self._temperature = max(_COOLEST, temperature)
        self._runs = Runs(before)

    def token(self, logits: Any) -> int:
        """Draw from the (words) logits after the last token; the only wait for the device in a step."""
        banned = self._runs.banned()
        if banned:
            where = self._torch.tensor(sorted(banned), device=logits.device)
            logits = logits.index_fill(0, where, -self._torch.inf)
        chosen = int(drawn(self._torch, logits / self._temperature, self._chance, TOP_K, TOP_P))
        self._runs.add(chosen)
        return chosen


class Runs:
    """Finds the tokens that would repeat an earlier run."""

    def __init__(self, tokens: Iterable[int]) -> None:
        self._last: tuple[int, ...] = ()
        self._after: dict[tuple[int, ...], set[int]] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        """Add a token; the work is the same however long the tale."""
        if len(self._last) == NO_REPEAT - 1:
            self._after.setdefault(self._last, set()).add(token)
        self._last = (*self._last, token)[-(NO_REPEAT - 1) :]

    def banned(self) -> frozenset[int]:
        return frozenset(self._after.get(self._last, ()))
