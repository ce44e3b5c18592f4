"""Reading of hostile bytes: whatever they are, they are read or refused, in this project's own words."""

import contextlib
import random

import pytest

from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.onnx.header import MalformedMessage, parse_header
from srsat_qgis.core.onnx.safety import check_safe, read_header
from tests.core.onnx.test_safety import with_external


def _check(path, content):
    """Read a file of this content: it may be refused, in this project's own words only."""
    path.write_bytes(content)
    with contextlib.suppress(SrsatError):
        check_safe(path)


@pytest.fixture
def small_model(tmp_path):
    (tmp_path / "w").write_bytes(bytes(64))
    path = with_external(tmp_path / "small.onnx", "w", length=4)
    return path.read_bytes()


def test_no_truncation_crashes_the_reader(tmp_path, small_model):
    for length in range(len(small_model)):
        _check(tmp_path / "model.onnx", small_model[:length])


def test_no_flipped_bytes_crash_the_reader(tmp_path, small_model):
    chance = random.Random(7)
    for _ in range(500):
        content = bytearray(small_model)
        for _ in range(chance.choice((1, 1, 2, 8))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        _check(tmp_path / "model.onnx", bytes(content))


def test_no_inserted_or_removed_bytes_crash_the_reader(tmp_path, small_model):
    chance = random.Random(8)
    for _ in range(300):
        start = chance.randrange(len(small_model))
        noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 12)))
        _check(tmp_path / "model.onnx", small_model[:start] + noise + small_model[start:])
        _check(tmp_path / "model.onnx", small_model[:start] + small_model[start + len(noise) :])


def test_subgraphs_nested_deeper_than_pythons_stack_are_read(tmp_path):
    def message(number, content):
        size, length = len(content), bytearray()
        while size > 0x7F:
            length.append(size & 0x7F | 0x80)
            size >>= 7
        length.append(size)
        return bytes([number << 3 | 2, *length]) + content

    graph = message(1, message(4, b"Identity"))  # a node of a graph
    for _ in range(2000):
        graph = message(1, message(5, message(6, graph)))  # in a node's attribute, a graph
    path = tmp_path / "model.onnx"
    out = message(12, message(1, b"out"))
    path.write_bytes(b"\x08\x08" + message(7, graph + out) + message(8, b"\x10\x11"))
    assert ("", "Identity") in read_header(path).operators


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x08" + b"\x80" * 9 + b"\x02", None),
        (b"\x08" + b"\x80" * 10 + b"\x02", "longer than 64 bits"),
        (b"\x08\x80", "in the middle of a number"),
        (b"\x00\x01", "starts no field"),
        (b"\x0b\x01", "starts no field"),
        (b"\x0a\x01", "and what it is a part of ends at byte 2"),
        (b"\x3a\x02\x0a\x01", "and what it is a part of ends at byte 4"),
        (b"\x38\x01", "a number stands where"),
        (b"\x0a\x01\x01", "a text or a message stands where"),
    ],
)
def test_bytes_that_are_no_message_are_malformed(content, reason):
    if reason is None:
        parse_header(content)
        return
    with pytest.raises(MalformedMessage, match=reason):
        parse_header(content)


def test_a_tensor_of_endless_dimensions_is_no_endless_product():
    tensor = b"\x08" + b"\xff" * 8 + b"\x7f"
    content = tensor * 30_000 + b"\x10\x01" + b"\x70\x01"
    graph = (
        b"\x2a"
        + bytes([len(content) & 0x7F | 0x80, len(content) >> 7 & 0x7F | 0x80, len(content) >> 14])
        + content
    )
    model = (
        b"\x3a" + bytes([len(graph) & 0x7F | 0x80, len(graph) >> 7 & 0x7F | 0x80, len(graph) >> 14]) + graph
    )
    (data,) = parse_header(model).external
    assert data.length == 1 << 64
