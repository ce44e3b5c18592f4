"""Reads the protobuf wire format: fields of a message, without copying what is skipped.

A message is a row of fields; each is a key (field number and wire type) and a value. Strings and nested messages
come as spans of the buffer, so that a tensor of a hundred megabytes costs as much as one of a byte.
Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import NamedTuple, Union

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
