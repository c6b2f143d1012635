"""The judges' own nets, without their frameworks."""

from __future__ import annotations

import io
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.bench._voice_print import LAYERS, WIDTH, exported, tensors_of

GATES = 4 * WIDTH
MELS = 40


class _Tensor:
    """As torch's old files write one: a call of its rebuilder on a storage that follows later."""

    def __init__(self, key: str, shape: tuple[int, ...]) -> None:
        self.key, self.shape = key, shape
        self.steps = tuple(int(np.prod(shape[at + 1 :])) for at in range(len(shape)))


def _old_file(values: dict[str, np.ndarray]) -> bytes:
    """A checkpoint as `torch.save` wrote it before it wrote zip files."""
    file = io.BytesIO()
    for header in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(header, file, 2)
    file.write(_state(values))
    pickle.dump(sorted(values), file, 2)
    for key in sorted(values):
        flat = values[key].astype("<f4").ravel()
        file.write(struct.pack("<q", len(flat)) + flat.tobytes())
    return file.getvalue()


def _state(values: dict[str, np.ndarray]) -> bytes:
    """{"model_state": {name: tensor}}, by hand, since torch's classes are not here."""
    out = [b"\x80\x02}X\x0b\x00\x00\x00model_state}("]
    for name, value in values.items():
        steps = _Tensor(name, value.shape).steps
        out += [_text(name), b"ctorch._utils\n_rebuild_tensor_v2\n(("]
        out += [_text("storage"), b"ctorch\nFloatStorage\n", _text(name), _text("cpu"), _number(value.size), b"tQ"]
        out += [_number(0), b"(", *map(_number, value.shape), b"t(", *map(_number, steps), b"t\x89}tR"]
    return b"".join([*out, b"us."])


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _number(number: int) -> bytes:
    return b"J" + struct.pack("<i", number)


def _weights() -> dict[str, np.ndarray]:
    chance = np.random.default_rng(3)
    made = {"linear.weight": (WIDTH, WIDTH), "linear.bias": (WIDTH,)}
    for layer in range(LAYERS):
        made |= {f"lstm.weight_ih_l{layer}": (GATES, MELS if layer == 0 else WIDTH)}
        made |= {f"lstm.weight_hh_l{layer}": (GATES, WIDTH), f"lstm.bias_ih_l{layer}": (GATES,)}
        made |= {f"lstm.bias_hh_l{layer}": (GATES,)}
    return {name: chance.normal(0, 0.08, shape).astype(np.float32) for name, shape in made.items()}


def _by_hand(mels: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    """Three LSTM layers in torch's order of gates, step by step."""

    def sigmoid(x: np.ndarray) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(-x)))

    rows = mels
    for layer in range(LAYERS):
        hidden = cell = np.zeros(WIDTH)
        out = []
        for row in rows:
            raw = weights[f"lstm.weight_ih_l{layer}"] @ row + weights[f"lstm.bias_ih_l{layer}"]
            raw = raw + weights[f"lstm.weight_hh_l{layer}"] @ hidden + weights[f"lstm.bias_hh_l{layer}"]
            enter, forget, fresh, leave = np.split(raw, 4)
            cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(fresh)
            hidden = sigmoid(leave) * np.tanh(cell)
            out.append(hidden)
        rows = np.stack(out)
    told = np.maximum(0, weights["linear.weight"] @ rows[-1] + weights["linear.bias"])
    return np.asarray(told / np.linalg.norm(told))


def test_the_exported_net_says_what_its_weights_say(tmp_path: Path) -> None:
    import onnxruntime

    weights = _weights()
    file = tmp_path / "pretrained.pt"
    file.write_bytes(_old_file(weights))
    mels = np.random.default_rng(4).normal(0, 1, (160, MELS)).astype(np.float32)
    net = onnxruntime.InferenceSession(exported(file), providers=["CPUExecutionProvider"])
    assert np.abs(net.run(None, {"mels": mels[None]})[0][0] - _by_hand(mels, weights)).max() < 1e-4


def test_weights_that_name_a_function_are_not_read() -> None:
    with pytest.raises(pickle.UnpicklingError, match="does not belong"):
        tensors_of(pickle.dumps(print, 2) * 5)
