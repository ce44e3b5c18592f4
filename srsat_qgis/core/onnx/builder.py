"""Writes small ONNX models: the few parts of the protobuf format that a generated graph needs.

Field numbers are those of onnx.proto (ONNX IR specification).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

import numpy as np

from srsat_qgis.core.onnx.header import BYTES, FIXED32, VARINT

Attribute = Union[int, float, str, Sequence[int]]

_TENSOR_TYPES = {
    np.dtype(np.float32): 1,
    np.dtype(np.uint8): 2,
    np.dtype(np.int8): 3,
    np.dtype(np.int32): 6,
    np.dtype(np.int64): 7,
}


@dataclass(frozen=True)
class Node:
    """An operator of the graph."""

    op_type: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True)
class ValueInfo:
    """A float32 input or output; each dimension is a size or a name."""

    name: str
    dims: Sequence[int | str]


def serialize_model(
    nodes: Iterable[Node],
    initializers: Mapping[str, np.ndarray],
    inputs: Iterable[ValueInfo],
    outputs: Iterable[ValueInfo],
    *,
    opset: int = 17,
    ir_version: int = 8,
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """Return an ONNX model as bytes.

    Parameters
    ----------
    nodes : iterable of Node
        In the order of execution.
    initializers : mapping of str to ndarray
        Constants of float32, or of integers of 8 bits, 32 or 64.
    inputs, outputs : iterable of ValueInfo
    opset, ir_version : int
    metadata : mapping of str to str, optional
        Entries of the model's ``metadata_props``.
    """
    graph = b"".join(
        [
            *(_message(1, _node(node)) for node in nodes),
            _string(2, "srsat"),
            *(_message(5, _tensor(name, array)) for name, array in initializers.items()),
            *(_message(11, _value_info(info)) for info in inputs),
            *(_message(12, _value_info(info)) for info in outputs),
        ]
    )
    properties = (metadata or {}).items()
    return b"".join(
        [
            _integer(1, ir_version),
            _string(2, "srsat_qgis"),
            _message(7, graph),
            _message(8, _string(1, "") + _integer(2, opset)),
            *(_message(14, _string(1, key) + _string(2, value)) for key, value in properties),
        ]
    )


def _node(node: Node) -> bytes:
    return b"".join(
        [
            *(_string(1, name) for name in node.inputs),
            *(_string(2, name) for name in node.outputs),
            _string(4, node.op_type),
            *(_message(5, _attribute(name, value)) for name, value in node.attributes.items()),
        ]
    )


def _attribute(name: str, value: Attribute) -> bytes:
    head = _string(1, name)
    if isinstance(value, str):
        return head + _string(4, value) + _integer(20, 3)
    if isinstance(value, float):
        return head + _key(2, FIXED32) + struct.pack("<f", value) + _integer(20, 1)
    if isinstance(value, int):
        return head + _integer(3, value) + _integer(20, 2)
    return head + b"".join(_integer(8, int(item)) for item in value) + _integer(20, 7)


def _tensor(name: str, array: np.ndarray) -> bytes:
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return b"".join(
        [
            *(_integer(1, size) for size in array.shape),
            _integer(2, _TENSOR_TYPES[array.dtype]),
            _string(8, name),
            _message(9, little.tobytes()),
        ]
    )


def _value_info(info: ValueInfo) -> bytes:
    dims = b"".join(_message(1, _string(2, d) if isinstance(d, str) else _integer(1, d)) for d in info.dims)
    tensor_type = _integer(1, 1) + _message(2, dims)
    return _string(1, info.name) + _message(2, _message(1, tensor_type))


def _varint(value: int) -> bytes:
    # Negative numbers are written as 64-bit two's complement.
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _key(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _integer(number: int, value: int) -> bytes:
    return _key(number, VARINT) + _varint(value)


def _message(number: int, content: bytes) -> bytes:
    return _key(number, BYTES) + _varint(len(content)) + content


def _string(number: int, text: str) -> bytes:
    return _message(number, text.encode("utf-8"))
