"""Reads and writes fields of ONNX files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# Field numbers of onnx.proto. A message appended to another merges into it: so nodes, inputs and outputs are added.
MODEL_IR_VERSION, MODEL_GRAPH, MODEL_OPSET = 1, 7, 8
NODE, STRUCK, INITIALIZER, INPUT, OUTPUT = 1, 3, 5, 11, 12
"""STRUCK is a reserved number: a field under it is passed over by every reader."""
NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_OP, NODE_ATTRIBUTE = 1, 2, 3, 4, 5
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NUMBERS, TENSOR_NAME, TENSOR_RAW = 1, 2, 5, 8, 9
_BYTES, _VARINT, _FIXED64, _FIXED32 = 2, 0, 1, 5
FLOAT, UINT8, INT8, INT32, INT64 = 1, 2, 3, 6, 7
"""Types of elements."""
_INT, _INTS = 2, 7
"""Kinds of attributes."""


@dataclass(frozen=True)
class Node:
    """One node of a graph, with the places of its output names in the file."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    outputs_at: tuple[int, ...]
    attributes: bytes
    """As they stand in the file, ready to be added to another node."""
    tag_at: int
    """Where its field begins."""

    @property
    def numbers(self) -> dict[str, tuple[int, ...]]:
        """Its attributes that are whole numbers."""
        view = memoryview(self.attributes)
        return dict(_numbers(view, start, end) for _, start, end in _fields(view, 0, len(view)))


def nodes_of(model: bytes) -> list[Node]:
    """Return every node of the graph, in the file's order."""
    found = []
    view = memoryview(model)
    for number, start, end in _fields(view, 0, len(view)):
        if number == MODEL_GRAPH:
            found += [_node(view, *span) for one, *span in _fields(view, start, end) if one == NODE]
    return found


def strike(patched: bytearray, one: Node) -> None:
    """Mark a node in place so that readers skip it."""
    patched[one.tag_at] = STRUCK << 3 | _BYTES


def node(op: str, inputs: tuple[str, ...], output: str, attributes: bytes = b"") -> bytes:
    """A node, as a field of the graph."""
    names = b"".join(field(NODE_INPUT, name.encode()) for name in inputs)
    told = names + field(NODE_OUTPUT, output.encode()) + field(NODE_NAME, f"added_{output}".encode())
    return field(NODE, told + field(NODE_OP, op.encode()) + attributes)


def integer(name: str, number: int) -> bytes:
    """An attribute of a node: name (1), integer (3), kind (20)."""
    told = field(1, name.encode()) + _varint(3 << 3) + _varint(number) + _varint(20 << 3) + _varint(_INT)
    return field(NODE_ATTRIBUTE, told)


def integers(name: str, numbers: tuple[int, ...]) -> bytes:
    """An attribute of several: name (1), integers (8), kind (20)."""
    each = b"".join(_varint(8 << 3) + _varint(number) for number in numbers)
    return field(NODE_ATTRIBUTE, field(1, name.encode()) + each + _varint(20 << 3) + _varint(_INTS))


def cast_to(kind: int) -> bytes:
    """The attribute of a Cast."""
    return integer("to", kind)


def bytes_of(model: bytes) -> dict[str, tuple[tuple[int, ...], memoryview]]:
    """Shape and content of each initializer of unsigned bytes that stands in the file as it is in memory."""
    view = memoryview(model)
    graphs = [span for number, *span in _fields(view, 0, len(view)) if number == MODEL_GRAPH]
    stored = [span for graph in graphs for number, *span in _fields(view, *graph) if number == INITIALIZER]
    return {name: (dims, raw) for name, dims, kind, raw in (_tensor(view, *span) for span in stored) if kind == UINT8}


def tensor(name: str, dims: tuple[int, ...], kind: int, raw: bytes) -> bytes:
    """An initializer: dims (1), type (2), name (8), raw bytes (9)."""
    head = b"".join(_varint(TENSOR_DIMS << 3) + _varint(length) for length in dims)
    head += _varint(TENSOR_TYPE << 3) + _varint(kind)
    return field(INITIALIZER, head + field(TENSOR_NAME, name.encode()) + field(TENSOR_RAW, raw))


def longs(name: str, *numbers: int) -> bytes:
    """A short list as an initializer of int64."""
    raw = b"".join(number.to_bytes(8, "little", signed=True) for number in numbers)
    return tensor(name, (len(numbers),), INT64, raw)


def value(name: str, rank: int, kind: int = FLOAT) -> bytes:
    """A tensor of so many dimensions of any length, as an input or output."""
    shape = b"".join(field(1, field(2, f"{name}_{one}".encode())) for one in range(rank))
    return field(1, name.encode()) + field(2, field(1, bytes((1 << 3, kind)) + field(2, shape)))


def model(graph: bytes, opset: int) -> bytes:
    """Encode a whole model."""
    version = _varint(MODEL_IR_VERSION << 3) + _varint(8)
    return version + field(MODEL_GRAPH, graph) + field(MODEL_OPSET, field(1, b"") + _varint(2 << 3) + _varint(opset))


def field(number: int, payload: bytes) -> bytes:
    """Encode a length-delimited field."""
    return _varint(number << 3 | _BYTES) + _varint(len(payload)) + payload


def _node(view: memoryview, start: int, end: int) -> Node:
    op, attributes = "", b""
    inputs: list[str] = []
    outputs: list[tuple[str, int]] = []
    for number, since, until in _fields(view, start, end):
        told = bytes(view[since:until])
        if number == NODE_INPUT:
            inputs.append(told.decode())
        elif number == NODE_OUTPUT:
            outputs.append((told.decode(), since))
        elif number == NODE_OP:
            op = told.decode()
        elif number == NODE_ATTRIBUTE:
            attributes += field(NODE_ATTRIBUTE, told)
    names, places = tuple(name for name, _ in outputs), tuple(at for _, at in outputs)
    return Node(op, tuple(inputs), names, places, attributes, start - 1 - len(_varint(end - start)))


def _numbers(view: memoryview, start: int, end: int) -> tuple[str, tuple[int, ...]]:
    """Name and integers of an attribute: single ones (3) or a list (8)."""
    name = next((bytes(view[at:until]).decode() for number, at, until in _fields(view, start, end) if number == 1), "")
    return name, (*_varints(view, start, end, 3), *_varints(view, start, end, 8))


def _tensor(view: memoryview, start: int, end: int) -> tuple[str, tuple[int, ...], int, memoryview]:
    told = {number: view[at:until] for number, at, until in _fields(view, start, end)}
    kind = next(iter(_varints(view, start, end, TENSOR_TYPE)), 0)
    dims = _varints(view, start, end, TENSOR_DIMS)
    name = bytes(told.get(TENSOR_NAME, b"")).decode()
    if TENSOR_RAW in told or kind != UINT8:
        return name, dims, kind, told.get(TENSOR_RAW, memoryview(b""))
    return name, dims, kind, memoryview(bytes(_varints(view, start, end, TENSOR_NUMBERS)))


def _varints(view: memoryview, at: int, end: int, wanted: int) -> tuple[int, ...]:
    """Every number under one field, packed or not."""
    found: list[int] = []
    for number, kind, start, until in _walk(view, at, end):
        if number == wanted and kind == _VARINT:
            found.append(_read_varint(view, start)[0])
        elif number == wanted and kind == _BYTES:
            found += _packed(view, start, until)
    return tuple(found)


def _packed(view: memoryview, at: int, end: int) -> Iterator[int]:
    while at < end:
        number, at = _read_varint(view, at)
        yield number


def _fields(view: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(number, start, end) of each length-delimited field; the others are passed over."""
    for number, kind, start, until in _walk(view, at, end):
        if kind == _BYTES:
            yield number, start, until


def _walk(view: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(number, kind, start, end) of each field's content."""
    while at < end:
        tag, at = _read_varint(view, at)
        kind = tag & 7
        if kind == _BYTES:
            length, at = _read_varint(view, at)
            until = at + length
        elif kind == _VARINT:
            until = _read_varint(view, at)[1]
        else:
            until = at + {_FIXED64: 8, _FIXED32: 4}[kind]
        yield tag >> 3, kind, at, until
        at = until


def _read_varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
