"""Kokoro's integer convolutions as integer products."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.backends.onnx_wire import (
    INPUT,
    INT8,
    INT32,
    MODEL_GRAPH,
    OUTPUT,
    UINT8,
    Node,
    bytes_of,
    field,
    integer,
    integers,
    longs,
    model,
    node,
    nodes_of,
    strike,
    tensor,
    value,
)

# onnxruntime unrolls a ConvInteger at every call and multiplies bytes without a sign, packing them anew each time.
# A product with signed weights is packed once and runs on the processor's own dot product: the whole model takes two
# thirds of the time, and since integers are added, every sample stays the same.
Bytes = npt.NDArray[np.uint8]
_FAR = 2**31 - 1
_SHIFT = 128
_OPSET = 17


def with_products(graph: bytes) -> bytes:
    """The same model with each convolution that moves by single steps unrolled into one product."""
    patched = bytearray(graph)
    stored = bytes_of(graph)
    added = [longs("product_axis", 1)]
    for one in nodes_of(graph):
        if one.op == "ConvInteger" and _steps_singly(one) and {one.inputs[1], one.inputs[3]} <= stored.keys():
            weights, zero = (_array(*stored[name]) for name in one.inputs[1::2])
            strike(patched, one)
            added.append(_product(one, weights, zero))
    return b"".join((patched, field(MODEL_GRAPH, b"".join(added))))


def multiplies_exactly() -> bool:
    """Whether this processor adds products of unsigned and signed bytes without cutting off what overflows."""
    import onnxruntime

    inputs = field(INPUT, value("a", 2, UINT8)) + field(INPUT, value("b", 2, INT8))
    graph = node("MatMulInteger", ("a", "b"), "y") + inputs + field(OUTPUT, value("y", 2, INT32))
    session = onnxruntime.InferenceSession(model(graph, _OPSET), providers=["CPUExecutionProvider"])
    largest = {"a": np.full((8, 64), 255, np.uint8), "b": np.full((64, 32), 127, np.int8)}
    return bool((session.run(None, largest)[0] == 255 * 127 * 64).all())


def _steps_singly(one: Node) -> bool:
    told = one.numbers
    return told.get("group", (1,)) == (1,) and set(told.get("strides", (1,))) == {1} and len(one.inputs) > 3


def _array(dims: tuple[int, ...], raw: memoryview) -> Bytes:
    return np.frombuffer(raw, np.uint8).reshape(dims)


def _product(one: Node, weights: Bytes, zero: Bytes) -> bytes:
    """Time first, every tap's frames side by side, times all taps' weights below one another."""
    sound, _, sound_zero, _ = one.inputs
    output = one.outputs[0]
    told = one.numbers
    before, after = told.get("pads", (0, 0))
    frames, steps = f"{output}:frames", b""
    steps += node("Transpose", (sound,), frames, integers("perm", (0, 2, 1)))
    if before or after:
        steps += longs(f"{output}:pads", 0, before, 0, 0, after, 0)
        steps += node("Pad", (frames, f"{output}:pads", sound_zero), f"{output}:padded")
        frames = f"{output}:padded"
    taps, apart = told["kernel_shape"][0], told.get("dilations", (1,))[0]
    if taps > 1:
        names = tuple(f"{output}:tap{tap}" for tap in range(taps))
        steps += b"".join(_tap(frames, name, tap * apart, (tap + 1 - taps) * apart) for tap, name in enumerate(names))
        frames = f"{output}:taps"
        steps += node("Concat", names, frames, integer("axis", 2))
    below = weights.transpose(2, 1, 0).reshape(-1, len(weights))
    signed = _signed(f"{output}:weights", below) + _signed(f"{output}:zero", zero)
    factors = (frames, f"{output}:weights", sound_zero, f"{output}:zero")
    steps += node("MatMulInteger", factors, f"{output}:sums")
    return steps + signed + node("Transpose", (f"{output}:sums",), output, integers("perm", (0, 2, 1)))


def _tap(frames: str, name: str, first: int, last: int) -> bytes:
    """What one weight of the kernel meets; `last` counts from the end."""
    bounds = longs(f"{name}:first", first) + longs(f"{name}:last", last or _FAR)
    return bounds + node("Slice", (frames, f"{name}:first", f"{name}:last", "product_axis"), name)


def _signed(name: str, unsigned: Bytes) -> bytes:
    """Bytes from 0 as bytes around 0: a flip of the highest bit."""
    return tensor(name, unsigned.shape, INT8, (unsigned ^ np.uint8(_SHIFT)).tobytes())
