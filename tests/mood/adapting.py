"""The upper layers of e5, taught to feel."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pipeline.backends.e5.file import E5File
from pipeline.backends.e5.layers import Cutter
from pipeline.backends.text_e5 import ADAPTERS
from pipeline.words.mood import Emotion
from tests.mood.reading import weights
from tests.mood.sentences import fine_goemotions, training

# Needs torch (the gpu extra); it takes a quarter of an hour on a quiet core. What it makes ships with the code, and
# `bench mood --train` fits the head on top of it bit for bit.
FROZEN = 6
"""Layers that stay as they are."""
RANK, REACH = 16, 2.0
MATRICES = ("q", "k", "v", "ao", "fi", "fo")
OURS, PUBLIC, ROUNDS = 16, 6, 2.7
"""Sentences of each kind in a step, and how often ours are seen."""
FINE, FINE_MOST = 28, 450
RATE, HEAD_RATE, DECAY, DROPPED, SMOOTHED = 5e-4, 3e-3, 0.02, 0.15, 0.1
WARM_STEPS, LEAST_RATE, MOST_PIECES = 40, 0.03, 94
Row = tuple[list[int], int]


def adapt(say: Callable[[str], None] = print) -> None:
    """Write data/mood/text_adapters.npz: two thin matrices for each weight of the upper layers."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(2)
    draw = random.Random(0)
    file = E5File(weights("e5-small")["model.bin"])
    cut = Cutter(file.pieces)
    ours = [_row(file, cut, one.text, list(Emotion).index(one.emotion)) for one in training()]
    public = [_row(file, cut, text, number) for text, number in _fine(draw)]
    net = _Net(file)
    steps = int(ROUNDS * len(ours) / OURS)
    bright = torch.optim.AdamW(net.groups(), weight_decay=DECAY)
    pace = torch.optim.lr_scheduler.LambdaLR(
        bright, lambda step: min(1.0, step / WARM_STEPS) * max(LEAST_RATE, 1 - step / steps)
    )
    for step in range(steps):
        loss = net.loss(draw.sample(ours, OURS), draw.sample(public, PUBLIC) if public else [])
        bright.zero_grad()
        loss.backward()
        bright.step()
        pace.step()
        if step % 40 == 0:
            say(f"step {step} of {steps}, loss {float(loss):.3f}")
    np.savez(ADAPTERS, **net.adapters())


class _Net:
    """The model in torch, its upper layers with a low-rank part beside every matrix."""

    def __init__(self, file: E5File) -> None:
        import torch

        self.torch, self.file, self.shape = torch, file, file.shape
        wide = {"fi": (self.shape.inner, self.shape.width), "fo": (self.shape.width, self.shape.inner)}
        square = (self.shape.width, self.shape.width)
        self.kept: dict[str, Any] = {}
        self.thin: dict[str, Any] = {}
        for layer in range(self.shape.layers):
            for name in MATRICES:
                key, (rows, inputs) = f"l{layer}.{name}", wide.get(name, square)
                self.kept[f"{key}.w"] = torch.tensor(file.matrix(f"{key}.w", rows))
                self.kept[f"{key}.b"] = torch.tensor(file.plain(f"{key}.b"))
                if layer >= FROZEN:
                    self.thin[f"{key}.w.in"] = torch.nn.Parameter(torch.randn(RANK, inputs) / math.sqrt(inputs))
                    self.thin[f"{key}.w.out"] = torch.nn.Parameter(torch.zeros(rows, RANK))
            for name in ("aln", "oln"):
                for part in "wb":
                    self.kept[f"l{layer}.{name}.{part}"] = torch.tensor(file.plain(f"l{layer}.{name}.{part}"))
        self.feelings = torch.nn.Linear(self.shape.width, len(Emotion))
        self.fine = torch.nn.Linear(self.shape.width, FINE)

    def groups(self) -> list[dict[str, Any]]:
        """What learns, and how fast."""
        heads = [*self.feelings.parameters(), *self.fine.parameters()]
        return [{"params": list(self.thin.values()), "lr": RATE}, {"params": heads, "lr": HEAD_RATE}]

    def adapters(self) -> dict[str, Any]:
        """As the reader wants them: `out @ in` is added to a weight."""
        reached = {name: part * REACH if name.endswith(".out") else part for name, part in self.thin.items()}
        return {name: part.detach().numpy().astype(np.float16) for name, part in reached.items()}

    def loss(self, ours: Sequence[Row], public: Sequence[Row]) -> Any:
        """Of our seven classes, and half of the public fine ones."""
        functional = self.torch.nn.functional
        means = functional.dropout(self._means([pieces for pieces, _ in (*ours, *public)]), DROPPED)
        wanted = self.torch.tensor([label for _, label in (*ours, *public)])
        count = len(ours)
        loss = functional.cross_entropy(self.feelings(means[:count]), wanted[:count], label_smoothing=SMOOTHED)
        if public:
            fine = functional.cross_entropy(self.fine(means[count:]), wanted[count:], label_smoothing=SMOOTHED)
            loss = loss + 0.5 * fine
        return loss

    def _means(self, rows: Sequence[list[int]]) -> Any:
        torch, longest = self.torch, max(map(len, rows))
        seen = torch.zeros(len(rows), longest, dtype=torch.bool)
        tokens = torch.zeros(len(rows), longest, self.shape.width)
        width = self.shape.width
        places = self.file.plain("emb.pos").reshape(-1, width) + self.file.plain("emb.type")[:width]
        for number, pieces in enumerate(rows):
            tokens[number, : len(pieces)] = torch.tensor(self.file.rows("emb.word", pieces) + places[: len(pieces)])
            seen[number, : len(pieces)] = True
        norm = torch.tensor(self.file.plain("emb.ln.w")), torch.tensor(self.file.plain("emb.ln.b"))
        tokens = torch.nn.functional.layer_norm(tokens, (self.shape.width,), *norm, self.shape.epsilon)
        for layer in range(self.shape.layers):
            with torch.set_grad_enabled(layer >= FROZEN):
                tokens = self._through(layer, tokens, seen)
        return (tokens * seen[:, :, None]).sum(1) / seen.sum(1, keepdim=True)

    def _through(self, layer: int, tokens: Any, seen: Any) -> Any:
        functional = self.torch.nn.functional
        dropped = DROPPED if layer >= FROZEN else 0.0
        heads = [self._heads(self._times(f"l{layer}.{name}", tokens)) for name in "qkv"]
        mixed = functional.scaled_dot_product_attention(*heads, attn_mask=seen[:, None, None, :])
        mixed = self._times(f"l{layer}.ao", mixed.transpose(1, 2).reshape(tokens.shape))
        tokens = self._normed(f"l{layer}.aln", tokens + functional.dropout(mixed, dropped))
        inner = functional.gelu(self._times(f"l{layer}.fi", tokens))
        return self._normed(f"l{layer}.oln", tokens + functional.dropout(self._times(f"l{layer}.fo", inner), dropped))

    def _times(self, name: str, rows: Any) -> Any:
        linear = self.torch.nn.functional.linear
        out = linear(rows, self.kept[f"{name}.w"], self.kept[f"{name}.b"])
        if f"{name}.w.in" not in self.thin:
            return out
        return out + REACH * linear(linear(rows, self.thin[f"{name}.w.in"]), self.thin[f"{name}.w.out"])

    def _heads(self, rows: Any) -> Any:
        return rows.view(*rows.shape[:2], self.shape.heads, -1).transpose(1, 2)

    def _normed(self, name: str, rows: Any) -> Any:
        weight, bias = self.kept[f"{name}.w"], self.kept[f"{name}.b"]
        return self.torch.nn.functional.layer_norm(rows, (self.shape.width,), weight, bias, self.shape.epsilon)


def _row(file: E5File, cut: Cutter, text: str, label: int) -> Row:
    return [file.pieces.first, *cut("query: " + text)[:MOST_PIECES], file.pieces.last], label


def _fine(draw: random.Random) -> list[tuple[str, int]]:
    """GoEmotions' own 28 classes, evened out; none where the corpus is not on this machine."""
    rows = fine_goemotions()
    draw.shuffle(rows)
    counts = [0] * FINE
    taken = []
    for text, number in rows:
        counts[number] += 1
        if counts[number] <= FINE_MOST * (2 if number == FINE - 1 else 1):
            taken.append((text, number))
    return taken
