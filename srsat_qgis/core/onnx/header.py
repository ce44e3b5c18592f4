"""What an ONNX file says of itself, read from protobuf's wire format; tensors are skipped."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Callable, NamedTuple, Union

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

# A real model has some fields a node; this many only stand in a file made to keep the reader busy.
_MOST_FIELDS = 10_000_000
_MOST_FIELD_NUMBER = (1 << 29) - 1


class MalformedMessage(ValueError):
    """The bytes are no protobuf message."""


class ByteSpan(NamedTuple):
    """A part of the buffer: first byte, and the one after the last."""

    start: int
    end: int


Value = Union[int, ByteSpan]
Buffer = Union[bytes, mmap.mmap]


class WireReader:
    """Reads messages from an untrusted buffer.

    Parameters
    ----------
    buffer : bytes or mmap
        Indexing gives an int, slicing gives bytes.
    """

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._fields_left = _MOST_FIELDS

    @property
    def whole(self) -> ByteSpan:
        """The whole buffer."""
        return ByteSpan(0, len(self._buffer))

    def fields(self, span: ByteSpan) -> Iterator[tuple[int, Value]]:
        """Yield field number and value of each field of the message in ``span``.

        Numbers come as unsigned integers, all that has a length as the span of its content.

        Raises
        ------
        MalformedMessage
            If a key is invalid, or a field extends beyond the message's end.
        """
        position = span.start
        while position < span.end:
            self._spend()
            key, position = self._varint(position, span.end)
            number, wire_type = key >> 3, key & 7
            if not 1 <= number <= _MOST_FIELD_NUMBER:
                raise MalformedMessage(f"byte {position} starts no field")
            value: Value
            if wire_type == VARINT:
                value, position = self._varint(position, span.end)
            elif wire_type == BYTES:
                length, position = self._varint(position, span.end)
                value = ByteSpan(position, position + length)
                position += length
            elif wire_type in (FIXED64, FIXED32):
                size = 8 if wire_type == FIXED64 else 4
                value = ByteSpan(position, position + size)
                position += size
            else:
                raise MalformedMessage(f"byte {position} starts no field")
            if position > span.end:
                raise MalformedMessage(
                    f"a field extends to byte {position}, and what it is a part of ends at byte {span.end}"
                )
            yield number, value

    def text(self, value: Value) -> str:
        """Return a string field; bytes that are not UTF-8 are replaced."""
        return self.content(value).decode("utf-8", "replace")

    def content(self, value: Value) -> bytes:
        """Return a copy of a field's bytes."""
        span = self.message(value)
        return bytes(self._buffer[span.start : span.end])

    @staticmethod
    def message(value: Value) -> ByteSpan:
        """Return the span of a field that has a length.

        Raises
        ------
        MalformedMessage
            If the field is a number.
        """
        if not isinstance(value, ByteSpan):
            raise MalformedMessage("a number stands where a text or a message is expected")
        return value

    @staticmethod
    def integer(value: Value) -> int:
        """Return a number as the signed 64-bit integer that it is in an ``int32`` or ``int64`` field.

        Raises
        ------
        MalformedMessage
            If the field is no number.
        """
        if not isinstance(value, int):
            raise MalformedMessage("a text or a message stands where a number is expected")
        return value - (1 << 64) if value >> 63 else value

    def integers(self, value: Value) -> list[int]:
        """Return the numbers of a repeated field's entry: one, or many when they are packed."""
        if isinstance(value, int):
            return [self.integer(value)]
        found, position = [], value.start
        while position < value.end:
            self._spend()
            number, position = self._varint(position, value.end)
            found.append(self.integer(number))
        return found

    def _spend(self) -> None:
        self._fields_left -= 1
        if self._fields_left < 0:
            raise MalformedMessage(f"it holds more than {_MOST_FIELDS} fields")

    def _varint(self, position: int, end: int) -> tuple[int, int]:
        """Return the number at ``position`` and the position after it."""
        result = shift = 0
        while position < end:
            byte = self._buffer[position]
            position += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result & (1 << 64) - 1, position
            shift += 7
            if shift > 63:
                raise MalformedMessage(f"the number before byte {position} is longer than 64 bits")
        raise MalformedMessage(f"the data ends at byte {end}, in the middle of a number")


# TensorProto.DataType from 1 on; of types added later, only the number is known.
_ELEMENT_TYPES = (
    "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32",
    "uint64", "complex64", "complex128", "bfloat16",
)  # fmt: skip
# TensorProto.DataLocation.
_EXTERNAL = 1

Dim = Union[int, str, None]


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of the graph."""

    name: str
    dtype: str
    """As numpy calls it, where it does; ``"no tensor"`` for sequences, maps and optional values."""
    dims: tuple[Dim, ...] | None
    """A size, a name, or None where neither is given; None for all when the rank is unknown."""


@dataclass(frozen=True)
class ExternalData:
    """A tensor whose numbers stand in another file."""

    tensor: str
    location: str
    offset: int
    length: int | None
    """Bytes, as stated or as the tensor's shape needs; None when neither is known."""


@dataclass(frozen=True)
class OnnxHeader:
    """What an ONNX file says of itself."""

    inputs: tuple[TensorInfo, ...]
    """Without those that initializers give a value to."""
    outputs: tuple[TensorInfo, ...]
    opsets: Mapping[str, int]
    """Version by domain; ``""`` is ONNX's own."""
    operators: frozenset[tuple[str, str]]
    """Domain and type of every operator, also in subgraphs and local functions."""
    functions: frozenset[tuple[str, str]]
    """Domain and name of the local functions."""
    external: tuple[ExternalData, ...]
    metadata: Mapping[str, str]
    ir_version: int
    has_graph: bool


def parse_header(buffer: Buffer) -> OnnxHeader:
    """Return what the bytes of an ONNX file say.

    Parameters
    ----------
    buffer : bytes or mmap

    Raises
    ------
    MalformedMessage
        If the bytes are no protobuf message of ONNX's fields.
    """
    return _Collector(WireReader(buffer)).header()


class _Collector:
    """Walks through a model's messages with a list of what is still to be read: no nesting is too deep for it."""

    def __init__(self, reader: WireReader) -> None:
        self._reader = reader
        self._todo: list[tuple[Callable[[Value], None], Value]] = []
        self._operators: set[tuple[str, str]] = set()
        self._functions: set[tuple[str, str]] = set()
        self._external: list[ExternalData] = []

    def header(self) -> OnnxHeader:
        """Read everything and return it."""
        versions, graphs, opsets, properties, trainings, functions = self._parts(
            self._reader.whole, 1, 7, 8, 14, 20, 25
        )
        inputs: list[TensorInfo] = []
        outputs: list[TensorInfo] = []
        initializers: set[str] = set()
        for graph in graphs:
            tensors, taken, given, sparse = self._parts(graph, 5, 11, 12, 15)
            inputs += map(self._value_info, taken)
            outputs += map(self._value_info, given)
            tensors += [values for tensor in sparse for values in self._part(tensor, 1)]
            initializers.update(self._text(self._part(tensor, 8)) for tensor in tensors)
        versions_by_domain = {}
        for opset in opsets:
            domains, numbers = self._parts(opset, 1, 2)
            versions_by_domain[self._text(domains)] = self._number(numbers)
        self._later(self._graph, graphs)
        self._later(self._training, trainings)
        self._later(self._function, functions)
        while self._todo:
            read, value = self._todo.pop()
            read(value)
        return OnnxHeader(
            inputs=tuple(info for info in inputs if info.name not in initializers),
            outputs=tuple(outputs),
            opsets=versions_by_domain,
            operators=frozenset(self._operators),
            functions=frozenset(self._functions),
            external=tuple(self._external),
            metadata=dict(map(self._entry, properties)),
            ir_version=self._number(versions),
            has_graph=bool(graphs),
        )

    def _parts(self, value: Value, *numbers: int) -> list[list[Value]]:
        """Return the values of each of these fields of a message, in the order in which they stand in it."""
        found: dict[int, list[Value]] = {number: [] for number in numbers}
        for number, part in self._reader.fields(self._reader.message(value)):
            if number in found:
                found[number].append(part)
        return list(found.values())

    def _part(self, value: Value, number: int) -> list[Value]:
        return self._parts(value, number)[0]

    def _text(self, values: list[Value]) -> str:
        """Return a text that should stand once; the last one counts."""
        return [self._reader.text(value) for value in values][-1] if values else ""

    def _number(self, values: list[Value]) -> int:
        return [self._reader.integer(value) for value in values][-1] if values else 0

    def _entry(self, value: Value) -> tuple[str, str]:
        """Return a key and its value."""
        keys, texts = self._parts(value, 1, 2)
        return self._text(keys), self._text(texts)

    def _later(self, read: Callable[[Value], None], values: list[Value]) -> None:
        self._todo += [(read, value) for value in values]

    def _graph(self, value: Value) -> None:
        nodes, tensors, sparse = self._parts(value, 1, 5, 15)
        self._later(self._node, nodes)
        self._tensors(tensors, sparse)

    def _training(self, value: Value) -> None:
        for graphs in self._parts(value, 1, 2):
            self._later(self._graph, graphs)

    def _function(self, value: Value) -> None:
        names, nodes, domains, defaults = self._parts(value, 1, 7, 10, 11)
        self._functions.add((self._text(domains), self._text(names)))
        self._later(self._node, nodes)
        self._later(self._attribute, defaults)

    def _node(self, value: Value) -> None:
        operators, attributes, domains = self._parts(value, 4, 5, 7)
        self._operators.add((self._text(domains), self._text(operators)))
        self._later(self._attribute, attributes)

    def _attribute(self, value: Value) -> None:
        """Read what stands in an attribute: one tensor, graph or sparse tensor, or many."""
        tensor, graph, tensors, graphs, sparse, sparses = self._parts(value, 5, 6, 10, 11, 22, 23)
        self._later(self._graph, graph + graphs)
        self._tensors(tensor + tensors, sparse + sparses)

    def _tensors(self, tensors: list[Value], sparse: list[Value]) -> None:
        """Read tensors for their external data; the numbers themselves are skipped."""
        for value in sparse:
            values, indices = self._parts(value, 1, 2)
            tensors = tensors + values + indices
        for value in tensors:
            dims, kinds, names, entries, locations = self._parts(value, 1, 2, 8, 13, 14)
            # Either sign counts: readers differ in what they do with a tensor that has one of them only.
            if not entries and _EXTERNAL not in map(self._reader.integer, locations):
                continue
            told = dict(map(self._entry, entries))
            sides = [side for dim in dims for side in self._reader.integers(dim)]
            needed = _bytes_of(sides, _element_type(self._number(kinds)))
            self._external.append(
                ExternalData(
                    tensor=self._text(names),
                    location=told.get("location", ""),
                    offset=_counted(told.get("offset", "0")),
                    length=_counted(told["length"]) if "length" in told else needed,
                )
            )

    def _value_info(self, value: Value) -> TensorInfo:
        names, types = self._parts(value, 1, 2)
        dtype, dims = "no tensor", None
        for tensor in (tensor for kind in types for tensor in self._part(kind, 1)):
            elements, shapes = self._parts(tensor, 1, 2)
            dtype = _element_type(self._number(elements))
            sides = [self._dim(side) for shape in shapes for side in self._part(shape, 1)]
            dims = tuple(sides) if shapes else None
        return TensorInfo(self._text(names), dtype, dims)

    def _dim(self, value: Value) -> Dim:
        found: Dim = None
        for number, part in self._reader.fields(self._reader.message(value)):
            if number == 1:
                size = self._reader.integer(part)
                # Older exporters write 0 or -1 for "any".
                found = size if size > 0 else None
            elif number == 2:
                found = self._reader.text(part) or None
        return found


def _counted(text: str) -> int:
    """Return a decimal number; -1, which no check lets pass, for text that is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1


def _element_type(number: int) -> str:
    return _ELEMENT_TYPES[number - 1] if 0 < number <= len(_ELEMENT_TYPES) else f"type {number}"


def _bytes_of(sides: Sequence[int], dtype: str) -> int | None:
    """Return the size of a tensor, exact to 64 bits; None for texts and types that are not known."""
    if dtype == "string" or dtype not in _ELEMENT_TYPES:
        return None
    bits = re.sub("[a-z]", "", dtype)
    size = int(bits) // 8 if bits else 1
    for side in sides:
        # A product of millions of sides would take hours, and no file is that long.
        size = min(size * side, 1 << 64)
    return size
