"""What an ONNX file says of itself, read from protobuf's wire format; tensors are skipped."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Callable, NamedTuple, TypeVar, Union

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

# A real model has some fields a node; this many only stand in a file made to keep the reader busy.
_MOST_FIELDS = 10_000_000
_MOST_FIELD_NUMBER = (1 << 29) - 1


class MalformedMessage(ValueError):
    """The bytes are no protobuf message."""


class Span(NamedTuple):
    """A part of the buffer: first byte, and the one after the last."""

    start: int
    end: int


Value = Union[int, Span]
Buffer = Union[bytes, mmap.mmap]


class WireReader:
    """Reads messages from a buffer that nobody trusts.

    Parameters
    ----------
    buffer : bytes or mmap
        Indexing gives an int, slicing gives bytes.
    """

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._fields_left = _MOST_FIELDS

    @property
    def whole(self) -> Span:
        """The whole buffer."""
        return Span(0, len(self._buffer))

    def fields(self, span: Span) -> Iterator[tuple[int, Value]]:
        """Yield field number and value of each field of the message in ``span``.

        Numbers come as unsigned integers, all that has a length as the span of its content.

        Raises
        ------
        MalformedMessage
            If a key is invalid, or a field reaches over the message's end.
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
                value = Span(position, position + length)
                position += length
            elif wire_type in (FIXED64, FIXED32):
                size = 8 if wire_type == FIXED64 else 4
                value = Span(position, position + size)
                position += size
            else:
                raise MalformedMessage(f"byte {position} starts no field")
            if position > span.end:
                raise MalformedMessage(
                    f"a field reaches to byte {position}, and what it is a part of ends at byte {span.end}"
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
    def message(value: Value) -> Span:
        """Return the span of a field that has a length.

        Raises
        ------
        MalformedMessage
            If the field is a number.
        """
        if not isinstance(value, Span):
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


# TensorProto.DataType; the others (strings, sub-byte numbers) are named by their number.
_ELEMENT_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    16: "bfloat16",
}
_ELEMENT_BYTES = {
    1: 4,
    2: 1,
    3: 1,
    4: 2,
    5: 2,
    6: 4,
    7: 8,
    9: 1,
    10: 2,
    11: 8,
    12: 4,
    13: 8,
    14: 8,
    15: 16,
    16: 2,
}
_EXTERNAL = 1  # TensorProto.DataLocation

Dim = Union[int, str, None]
Content = TypeVar("Content")


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of the graph."""

    name: str
    dtype: str
    """As numpy calls it; ``"type 8"`` for other types, ``"no tensor"`` for sequences, maps and optional values."""
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
    producer: str
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
        self._todo: list[tuple[Callable[[Span], None], Span]] = []
        self._has_graph = False
        self._inputs: list[TensorInfo] = []
        self._outputs: list[TensorInfo] = []
        self._initializers: set[str] = set()
        self._opsets: dict[str, int] = {}
        self._operators: set[tuple[str, str]] = set()
        self._functions: set[tuple[str, str]] = set()
        self._external: list[ExternalData] = []
        self._metadata: dict[str, str] = {}
        self._ir_version, self._producer = 0, ""

    def header(self) -> OnnxHeader:
        """Read everything and return it."""
        self._model(self._reader.whole)
        while self._todo:
            read, span = self._todo.pop()
            read(span)
        return OnnxHeader(
            inputs=tuple(info for info in self._inputs if info.name not in self._initializers),
            outputs=tuple(self._outputs),
            opsets=self._opsets,
            operators=frozenset(self._operators),
            functions=frozenset(self._functions),
            external=tuple(self._external),
            metadata=self._metadata,
            ir_version=self._ir_version,
            producer=self._producer,
            has_graph=self._has_graph,
        )

    def _later(self, read: Callable[[Span], None], value: Value) -> None:
        self._todo.append((read, self._reader.message(value)))

    def _model(self, span: Span) -> None:
        reader = self._reader
        for number, value in reader.fields(span):
            if number == 1:
                self._ir_version = reader.integer(value)
            elif number == 2:
                self._producer = reader.text(value)
            elif number == 7:
                self._has_graph = True
                self._main_graph(reader.message(value))
            elif number == 8:
                domain, version = self._pair(value, reader.integer)
                self._opsets[domain] = version or 0
            elif number == 14:
                key, text = self._pair(value, reader.text)
                self._metadata[key] = text or ""
            elif number == 20:
                self._later(self._training, value)
            elif number == 25:
                self._later(self._function, value)

    def _main_graph(self, span: Span) -> None:
        """Read the values that the model takes and gives, then what any graph has."""
        for number, value in self._reader.fields(span):
            if number == 5:
                self._initializers.add(self._string_in(value, 8))
            elif number == 11:
                self._inputs.append(self._value_info(value))
            elif number == 12:
                self._outputs.append(self._value_info(value))
            elif number == 15:
                for inner, tensor in self._reader.fields(self._reader.message(value)):
                    if inner == 1:
                        self._initializers.add(self._string_in(tensor, 8))
        self._graph(span)

    def _graph(self, span: Span) -> None:
        for number, value in self._reader.fields(span):
            if number == 1:
                self._later(self._node, value)
            elif number == 5:
                self._tensor(self._reader.message(value))
            elif number == 15:
                self._sparse_tensor(self._reader.message(value))

    def _training(self, span: Span) -> None:
        for number, value in self._reader.fields(span):
            if number in (1, 2):
                self._later(self._graph, value)

    def _function(self, span: Span) -> None:
        name = domain = ""
        for number, value in self._reader.fields(span):
            if number == 1:
                name = self._reader.text(value)
            elif number == 7:
                self._later(self._node, value)
            elif number == 10:
                domain = self._reader.text(value)
            elif number == 11:
                self._later(self._attribute, value)
        self._functions.add((domain, name))

    def _node(self, span: Span) -> None:
        operator = domain = ""
        for number, value in self._reader.fields(span):
            if number == 4:
                operator = self._reader.text(value)
            elif number == 5:
                self._later(self._attribute, value)
            elif number == 7:
                domain = self._reader.text(value)
        self._operators.add((domain, operator))

    def _attribute(self, span: Span) -> None:
        for number, value in self._reader.fields(span):
            if number in (5, 10):
                self._tensor(self._reader.message(value))
            elif number in (6, 11):
                self._later(self._graph, value)
            elif number in (22, 23):
                self._sparse_tensor(self._reader.message(value))

    def _sparse_tensor(self, span: Span) -> None:
        for number, value in self._reader.fields(span):
            if number in (1, 2):
                self._tensor(self._reader.message(value))

    def _tensor(self, span: Span) -> None:
        """Read a tensor for its external data; the numbers themselves are skipped."""
        reader = self._reader
        dims: list[int] = []
        kind, name, is_external = 0, "", False
        entries: dict[str, str] = {}
        for number, value in reader.fields(span):
            if number == 1:
                dims += reader.integers(value)
            elif number == 2:
                kind = reader.integer(value)
            elif number == 8:
                name = reader.text(value)
            elif number == 13:
                is_external = True
                key, text = self._pair(value, reader.text)
                entries[key] = text or ""
            elif number == 14:
                is_external = is_external or reader.integer(value) == _EXTERNAL
        if is_external:
            # Either sign counts: readers differ in what they do with a tensor that has one of them only.
            self._external.append(
                ExternalData(
                    tensor=name,
                    location=entries.get("location", ""),
                    offset=_number(entries.get("offset")) or 0,
                    length=_number(entries.get("length")) if "length" in entries else _bytes_of(dims, kind),
                )
            )

    def _value_info(self, value: Value) -> TensorInfo:
        reader = self._reader
        name, dtype = "", "no tensor"
        dims: tuple[Dim, ...] | None = None
        for number, part in reader.fields(reader.message(value)):
            if number == 1:
                name = reader.text(part)
            elif number == 2:
                for kind, content in reader.fields(reader.message(part)):
                    if kind == 1:
                        dtype, dims = self._tensor_type(reader.message(content))
        return TensorInfo(name, dtype, dims)

    def _tensor_type(self, span: Span) -> tuple[str, tuple[Dim, ...] | None]:
        reader = self._reader
        kind = 0
        dims: tuple[Dim, ...] | None = None
        for number, value in reader.fields(span):
            if number == 1:
                kind = reader.integer(value)
            elif number == 2:
                shape = reader.fields(reader.message(value))
                dims = (dims or ()) + tuple(self._dim(dim) for field, dim in shape if field == 1)
        return _ELEMENT_TYPES.get(kind, f"type {kind}"), dims

    def _dim(self, value: Value) -> Dim:
        found: Dim = None
        for number, part in self._reader.fields(self._reader.message(value)):
            if number == 1:
                size = self._reader.integer(part)
                found = size if size > 0 else None  # older exporters write 0 or -1 for "any"
            elif number == 2:
                found = self._reader.text(part) or None
        return found

    def _string_in(self, value: Value, wanted: int) -> str:
        found = ""
        for number, part in self._reader.fields(self._reader.message(value)):
            if number == wanted:
                found = self._reader.text(part)
        return found

    def _pair(self, value: Value, second: Callable[[Value], Content]) -> tuple[str, Content | None]:
        """Return the fields 1 (text) and 2 of a message: a key and its value."""
        key = ""
        content: Content | None = None
        for number, part in self._reader.fields(self._reader.message(value)):
            if number == 1:
                key = self._reader.text(part)
            elif number == 2:
                content = second(part)
        return key, content


def _number(text: str | None) -> int | None:
    """Return a decimal number, or None; -1 for text that is none, which no check lets pass."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1


def _bytes_of(dims: Sequence[int], kind: int) -> int | None:
    size = _ELEMENT_BYTES.get(kind)
    for dim in dims:
        size = None if size is None else size * dim
    return size
