"""Three more wires for Kokoro's graph."""

from __future__ import annotations

from pipeline.errors import Unwell

# The exported graph gives audio alone, though it knows how long each phoneme lasts and at what pitch it speaks.
# A protobuf message appended to another merges into it, so a few bytes at the end add what is missing. No other
# tool is needed, and without a wish (factor 1, no ceiling reached) the samples stay the same bit by bit.
DURATIONS = "/encoder/Clip_output_0"
"""Output: frames of 25 ms per token, the two pads included."""
MOST_FRAMES = "most_frames"
"""Input: a ceiling per token; it keeps the model from making silence that is trimmed anyway."""
PITCH_FACTOR = "pitch_factor"
"""Input: a factor on the pitch curve."""

_PITCH = "/encoder/Squeeze_output_0"
_NODE, _INPUT, _OUTPUT = 1, 11, 12
_MODEL_GRAPH = 7
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OP = 1, 2, 3, 4
_FLOAT = 1


def grafted(model: bytes) -> bytes:
    """The same model with the three wires; raises Unwell `model_unknown` where it is another export."""
    model, ceiling = _spliced(model, DURATIONS, "Min", MOST_FRAMES)
    model, bend = _spliced(model, _PITCH, "Mul", PITCH_FACTOR)
    inputs = _field(_INPUT, _value(MOST_FRAMES)) + _field(_INPUT, _value(PITCH_FACTOR))
    return model + _field(_MODEL_GRAPH, ceiling + bend + inputs + _field(_OUTPUT, _value(DURATIONS)))


def _spliced(model: bytes, tensor: str, op: str, other: str) -> tuple[bytes, bytes]:
    """The model with `tensor` made under another name of equal length, and the node that makes it from that one."""
    before = tensor.replace("output", "before")
    made = _field(_NODE_OUTPUT, tensor.encode())
    if model.count(made) != 1:
        raise Unwell("model_unknown", model="kokoro", why=tensor)
    node = (
        _field(_NODE_INPUT, before.encode())
        + _field(_NODE_INPUT, other.encode())
        + made
        + _field(_NODE_NAME, f"echotales_{other}".encode())
        + _field(_NODE_OP, op.encode())
    )
    return model.replace(made, _field(_NODE_OUTPUT, before.encode())), _field(_NODE, node)


def _value(name: str) -> bytes:
    """A ValueInfoProto: name (1) and type (2), a float tensor (1) of any shape."""
    return _field(1, name.encode()) + _field(2, _field(1, bytes((1 << 3, _FLOAT))))


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
