"""How alike two voices are, by Resemblyzer."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from pipeline.audio.mel import mel_power
from pipeline.backends.kokoro import onnx_wire as wire
from pipeline.words.sound import RATE_HZ, Samples
from tests.mood.reading import weights

Array = npt.NDArray[np.float32]
HEARD_HZ, BANDS, WINDOW, HOP = 16_000, 40, 400, 160
PART, STEP = 160, 77
"""Frames of one part, and from one part to the next: 1.3 parts a second, as its makers take them."""
LEVEL_DB = -30.0
LAYERS, WIDTH = 3, 256
_QUIET = 10 ** (-40 / 20)


class VoicePrint:
    """A voice as 256 numbers; the cosine of two is their likeness, about 0.6 for strangers and 0.85 for one person."""

    def __init__(self) -> None:
        import onnxruntime

        self._net: Any = onnxruntime.InferenceSession(
            exported(weights("resemblyzer")["pretrained.pt"]), providers=["CPUExecutionProvider"]
        )

    def __call__(self, sound: Samples) -> Array:
        """Of mono speech at 48 kHz."""
        mel = mel_power(_steady(sound), HEARD_HZ, BANDS, WINDOW, HOP, "constant")
        mel = np.pad(mel, ((0, max(0, PART - len(mel))), (0, 0)))
        starts = range(0, len(mel) - PART + 1, STEP)
        parts = self._net.run(None, {"mels": np.stack([mel[at : at + PART] for at in starts])})[0]
        mean = parts.mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)


def alike(one: Array, other: Array) -> float:
    """The cosine."""
    return float(one @ other)


def _steady(sound: Samples) -> Array:
    """At one level, its silences left out."""
    heard = np.asarray(soxr.resample(sound, RATE_HZ, HEARD_HZ), np.float32)
    pieces = heard[: len(heard) // 480 * 480].reshape(-1, 480)
    levels = np.sqrt(np.mean(np.square(pieces), axis=1))
    near = np.convolve(levels > levels.max(initial=0.0) * _QUIET, np.ones(7), "same") > 0
    spoken = pieces[near].ravel() if near.any() else heard
    louder = 10 ** (LEVEL_DB / 20) / (float(np.sqrt(np.mean(np.square(spoken)))) + 1e-9)
    return np.asarray(spoken * max(1.0, louder), np.float32)


def exported(file: Path) -> bytes:
    """The net as an ONNX graph, made without torch: three layers of LSTM, one dense, rectified and normalised."""
    kept = tensors_of(file.read_bytes())
    graph = wire.field(wire.INPUT, wire.value("mels", 3)) + wire.field(wire.OUTPUT, wire.value("print", 2))
    graph += wire.node("Transpose", ("mels",), "x0", wire.integers("perm", (1, 0, 2)))
    graph += wire.longs("first", 0) + wire.longs("one", 1) + wire.longs("last", -1)
    for layer in range(LAYERS):
        names = tuple(f"{name}{layer}" for name in "wrb")
        given = _layer(kept, layer)
        graph += b"".join(_tensor(name, each) for name, each in zip(names, given, strict=True))
        graph += wire.node("LSTM", (f"x{layer}", *names), f"y{layer}", wire.integer("hidden_size", WIDTH))
        graph += wire.node("Squeeze", (f"y{layer}", "one"), f"x{layer + 1}")
    graph += wire.node("Gather", (f"x{LAYERS}", "last"), "end") + wire.node("Squeeze", ("end", "first"), "state")
    graph += _tensor("dense", kept["linear.weight"].T) + _tensor("bias", kept["linear.bias"])
    graph += wire.node("MatMul", ("state", "dense"), "raw") + wire.node("Add", ("raw", "bias"), "moved")
    graph += wire.node("Relu", ("moved",), "positive") + wire.node("LpNormalization", ("positive",), "print")
    return wire.model(graph, 17)


def _layer(kept: Mapping[str, Array], layer: int) -> tuple[Array, Array, Array]:
    """Torch keeps its gates as input, forget, cell, output; ONNX wants input, output, forget, cell."""

    def sorted_gates(name: str) -> Array:
        gates = np.split(kept[f"lstm.{name}_l{layer}"], 4)
        return np.concatenate([gates[0], gates[3], gates[1], gates[2]])

    both = np.concatenate([sorted_gates("bias_ih"), sorted_gates("bias_hh")])
    return sorted_gates("weight_ih")[None], sorted_gates("weight_hh")[None], both[None]


def _tensor(name: str, values: Array) -> bytes:
    return wire.tensor(name, values.shape, wire.FLOAT, np.ascontiguousarray(values, "<f4").tobytes())


class _Storage:
    """Where a tensor's numbers stand: the key of a storage."""


class _Reader(pickle.Unpickler):
    """Reads plain containers and tensors, and nothing else: a pickle may name any function."""

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda key, at, size, steps, *_: (key, at, size, steps),
            ("torch", "FloatStorage"): _Storage,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong in weights")
        return known[module, name]

    def persistent_load(self, pid: Any) -> Any:
        return pid[2]


def tensors_of(raw: bytes) -> dict[str, Array]:
    """The model's tensors in a file of torch's old kind: five pickles, then the storages one after the other."""
    file = io.BytesIO(raw)
    _, _, _, content, keys = (_Reader(file).load() for _ in range(5))
    storages: dict[str, Array] = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        storages[key] = np.frombuffer(file.read(4 * count), "<f4")
    told = {}
    for name, (key, at, size, steps) in content["model_state"].items():
        bytes_of_step = tuple(4 * step for step in steps)
        told[name] = np.lib.stride_tricks.as_strided(storages[key][at:], size, bytes_of_step)
    return told
