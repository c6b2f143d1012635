"""Kokoro's graph, changed before it is loaded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from pipeline.backends.kokoro.onnx_wire import (
    FLOAT,
    INPUT,
    INT8,
    INT32,
    MODEL_GRAPH,
    OUTPUT,
    UINT8,
    Node,
    bytes_of,
    cast_to,
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
from pipeline.errors import Unwell

# onnxruntime unrolls a ConvInteger at every call and multiplies bytes without a sign, packing them anew each time.
# A product with signed weights is packed once and runs on the processor's own dot product: the whole model takes two
# thirds of the time, and since integers are added, every sample stays the same.
Bytes = npt.NDArray[np.uint8]
_FAR = 2**31 - 1
_SHIFT = 128
_OPSET = 17


def with_products(graph: bytes) -> bytes:
    """Return the model with each convolution of stride one unrolled into one matrix product."""
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
    """Return the nodes of one product: every tap's frames side by side, times all taps' weights below one another."""
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
    """Return the frames that one weight of the kernel meets; `last` counts from the end."""
    bounds = longs(f"{name}:first", first) + longs(f"{name}:last", last or _FAR)
    return bounds + node("Slice", (frames, f"{name}:first", f"{name}:last", "product_axis"), name)


def _signed(name: str, unsigned: Bytes) -> bytes:
    """Shift unsigned bytes around zero by flipping the highest bit."""
    return tensor(name, unsigned.shape, INT8, (unsigned ^ np.uint8(_SHIFT)).tobytes())


# The exported graph gives audio alone, though it knows how long each phoneme lasts and at what pitch it speaks.
# Without a wish (factor 1, no ceiling reached) the samples stay the same bit by bit.
DURATIONS = "/encoder/Clip_output_0"
"""Output: frames of 25 ms per token, the two pads included."""
MOST_FRAMES = "most_frames"
"""Input: a ceiling per token; it keeps the model from making silence that is trimmed anyway."""
PITCH_FACTOR = "pitch_factor"
"""Input: a factor on the pitch curve."""
PITCH_HZ, PITCH_HOLD, VOICED_HZ = "pitch_hz", "pitch_hold", "voiced_hz"
"""Inputs: the curve's mean over its voiced frames is drawn towards `pitch_hz`, wholly at hold 1, not at all at 0."""

_PITCH = "/encoder/Squeeze_output_0"


def grafted(model: bytes) -> bytes:
    """Return the model with the added output and inputs; raises Unwell `model_unknown` where it is another export."""
    patched = bytearray(model)
    made = _makers(nodes_of(model))
    ceiling = _spliced(patched, made, DURATIONS, "Min", MOST_FRAMES)
    bend = _spliced(patched, made, _PITCH, "Mul", "held_factor")
    steady = _held_factor(_PITCH[:-1] + "~")
    wishes = [(MOST_FRAMES, 2), (PITCH_FACTOR, 1), (PITCH_HZ, 1), (PITCH_HOLD, 1), (VOICED_HZ, 1)]
    inputs = b"".join(field(INPUT, value(name, rank)) for name, rank in wishes)
    return bytes(patched) + field(MODEL_GRAPH, ceiling + steady + bend + inputs + field(OUTPUT, value(DURATIONS, 2)))


def with_float_convolutions(model: bytes) -> bytes:
    """Return the model with float convolutions for integer ones, their weights written out when it is loaded."""
    patched = bytearray(model)
    nodes = nodes_of(model)
    made, used = _makers(nodes), _users(nodes)
    added = b"".join(_as_float(patched, one, made, used) for one in nodes if one.op == "ConvInteger")
    return bytes(patched) + field(MODEL_GRAPH, added)


def _held_factor(curve: str) -> bytes:
    """Return nodes for factor * (wanted / mean of the voiced frames) ** hold."""
    return b"".join([
        node("Greater", (curve, VOICED_HZ), "voiced?"),
        node("Cast", ("voiced?",), "voiced", cast_to(FLOAT)),
        node("Mul", (curve, "voiced"), "voiced_curve"),
        node("ReduceSum", ("voiced_curve",), "voiced_sum"),
        node("ReduceSum", ("voiced",), "voiced_count"),
        node("Max", ("voiced_sum", VOICED_HZ), "some_sum"),
        node("Div", ("voiced_count", "some_sum"), "one_over_mean"),
        node("Mul", ("one_over_mean", PITCH_HZ), "off"),
        node("Pow", ("off", PITCH_HOLD), "held"),
        node("Mul", ("held", PITCH_FACTOR), "held_factor"),
    ])  # fmt: skip


def _as_float(patched: bytearray, integer: Node, made: Mapping[str, Node], used: Mapping[str, Node]) -> bytes:
    """Replace ConvInteger, perhaps Add of a rounded bias, Cast and Mul of both scales by Conv(x, weights, bias)."""
    quantised = made[integer.inputs[0]]
    after = used[integer.outputs[0]]
    bias: tuple[str, ...] = ()
    if after.op == "Add":
        other = next(name for name in after.inputs if name != integer.outputs[0])
        bias = (_bias(made[other], made),)
        after = used[after.outputs[0]]
    scaled = used[after.outputs[0]]
    both = made[next(name for name in scaled.inputs if name != after.outputs[0])]
    while both.op in {"Reshape", "Unsqueeze", "Squeeze"}:
        both = made[both.inputs[0]]
    scale = next(name for name in both.inputs if name not in quantised.outputs)
    output = scaled.outputs[0]
    _rename(patched, scaled, 0)
    name = f"{output}:float"
    weights = node("Cast", (integer.inputs[1],), f"{name}:int", cast_to(FLOAT))
    zero = b""
    source = f"{name}:int"
    if len(integer.inputs) > 3:
        zero = node("Cast", (integer.inputs[3],), f"{name}:zero", cast_to(FLOAT))
        zero += node("Sub", (source, f"{name}:zero"), f"{name}:centred")
        source = f"{name}:centred"
    whole = node("Mul", (source, scale), name)
    return weights + zero + whole + node("Conv", (quantised.inputs[0], name, *bias), output, integer.attributes)


def _bias(rounded: Node, made: Mapping[str, Node]) -> str:
    """Return the float bias behind Reshape, Cast, Floor and Div."""
    while rounded.op != "Div":
        rounded = made[rounded.inputs[0]]
    return rounded.inputs[0]


def _spliced(patched: bytearray, made: Mapping[str, Node], tensor: str, op: str, other: str) -> bytes:
    """Let `tensor` be made under another name, and add the node that makes it from that one."""
    if tensor not in made:
        raise Unwell("model_unknown", model="kokoro", why=tensor)
    maker = made[tensor]
    before = _rename(patched, maker, maker.outputs.index(tensor))
    return node(op, (before, other), tensor)


def _rename(patched: bytearray, maker: Node, nth: int) -> str:
    """Give an output another name of equal length where it is made, so that its users get what is added instead."""
    name = maker.outputs[nth]
    other = name[:-1] + "~"
    patched[maker.outputs_at[nth] : maker.outputs_at[nth] + len(name.encode())] = other.encode()
    return other


def _makers(nodes: list[Node]) -> dict[str, Node]:
    return {name: one for one in nodes for name in one.outputs}


def _users(nodes: list[Node]) -> dict[str, Node]:
    return {name: one for one in reversed(nodes) for name in one.inputs}
