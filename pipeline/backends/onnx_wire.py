"""The ONNX fields that we read and add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# Field numbers of onnx.proto. A message appended to another merges into it: so nodes, inputs and outputs are added.
MODEL_GRAPH = 7
NODE, INITIALIZER, INPUT, OUTPUT = 1, 5, 11, 12
NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_OP, NODE_ATTRIBUTE = 1, 2, 3, 4, 5
TENSOR_NAME = 8
_BYTES, _VARINT, _FIXED64, _FIXED32 = 2, 0, 1, 5
_FLOAT = 1


@dataclass(frozen=True)
class Node:
    """One node of a graph, with the places of its output names in the file."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    outputs_at: tuple[int, ...]
    attributes: bytes
    """As they stand in the file, ready to be added to another node."""


def nodes_of(model: bytes) -> list[Node]:
    """Every node of the graph, in the file's order."""
    found = []
    view = memoryview(model)
    for number, start, end in _fields(view, 0, len(view)):
        if number == MODEL_GRAPH:
            found += [_node(view, *span) for one, *span in _fields(view, start, end) if one == NODE]
    return found


def node(op: str, inputs: tuple[str, ...], output: str, attributes: bytes = b"") -> bytes:
    """A node, as a field of the graph."""
    names = b"".join(field(NODE_INPUT, name.encode()) for name in inputs)
    told = names + field(NODE_OUTPUT, output.encode()) + field(NODE_NAME, f"added_{output}".encode())
    return field(NODE, told + field(NODE_OP, op.encode()) + attributes)


def cast_to_float() -> bytes:
    """The attribute of a Cast: name (1) `to`, integer (3), kind (20) INT."""
    told = field(1, b"to") + _varint(3 << 3) + _varint(_FLOAT) + _varint(20 << 3) + _varint(2)
    return field(NODE_ATTRIBUTE, told)


def value(name: str, rank: int) -> bytes:
    """A float tensor of so many dimensions of any length, as an input or output."""
    shape = b"".join(field(1, field(2, f"{name}_{one}".encode())) for one in range(rank))
    return field(1, name.encode()) + field(2, field(1, bytes((1 << 3, _FLOAT)) + field(2, shape)))


def field(number: int, payload: bytes) -> bytes:
    """A length-delimited field."""
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
    return Node(op, tuple(inputs), tuple(name for name, _ in outputs), tuple(at for _, at in outputs), attributes)


def _fields(view: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(number, start, end) of each length-delimited field; the others are walked over."""
    while at < end:
        tag, at = _read_varint(view, at)
        kind = tag & 7
        if kind == _BYTES:
            length, at = _read_varint(view, at)
            yield tag >> 3, at, at + length
            at += length
        elif kind == _VARINT:
            _, at = _read_varint(view, at)
        else:
            at += {_FIXED64: 8, _FIXED32: 4}[kind]


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
