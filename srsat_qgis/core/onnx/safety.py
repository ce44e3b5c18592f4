"""Opens untrusted ONNX files: tells what is none, and refuses what is not safe to run.

It needs neither onnxruntime nor the onnx package, and reads a file of a gigabyte as fast as one of a kilobyte.
"""

from __future__ import annotations

import mmap
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from srsat_qgis.core.errors import ModelNotFound, UnsafeModel, UnsupportedModel
from srsat_qgis.core.onnx.header import ExternalData, MalformedMessage, OnnxHeader, TensorInfo, parse_header

__all__ = ["ExternalData", "OnnxHeader", "TensorInfo", "check_safe", "read_header"]

_STANDARD_DOMAINS = ("", "ai.onnx", "com.microsoft")
# Operators of those domains that run what is no part of the file: compiled code, Python.
_FOREIGN_CODE = ("EPContext", "PythonOp", "PythonOpGrad", "ATen")

# First bytes of what is often taken for an ONNX file.
_KNOWN_STARTS = (
    (b"PK\x03\x04", "a ZIP archive, such as a PyTorch checkpoint"),
    (b"\x80\x02", "a Python pickle, such as an old PyTorch checkpoint"),
    (b"\x89HDF", "an HDF5 file, such as a Keras model"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a PNG image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
)


def read_header(path: Path) -> OnnxHeader:
    """Return what an ONNX file says of itself.

    Raises
    ------
    ModelNotFound
        If there is no such file.
    UnsupportedModel
        If it is not a whole ONNX model; the message says what it is instead, where that can be told.
    """
    with _opened(path) as buffer:
        _refuse_known_files(path, bytes(buffer[:512]))
        try:
            header = parse_header(buffer)
        except MalformedMessage as error:
            raise UnsupportedModel(
                f"{path}: expected a whole ONNX model; of these {len(buffer)} bytes, {error}: the file is cut off, "
                "damaged, or something else"
            ) from error
    for what, found in (
        ("IR version", header.ir_version > 0),
        ("graph", header.has_graph),
        ("operator", header.operators),
        ("output", header.outputs),
        ("operator set", header.opsets),
    ):
        if not found:
            raise UnsupportedModel(f"{path}: expected an ONNX model, found no {what} in it")
    return header


def check_safe(path: Path) -> OnnxHeader:
    """Refuse a model that refers to files outside its folder or needs foreign code, and return its header.

    Weights may lie in other files, by a plain name, in the model's folder. Operators are ONNX's and onnxruntime's
    own, or functions that the file itself defines.

    Raises
    ------
    UnsafeModel
        If external data lie elsewhere, or an operator is custom; the message names them.
    UnsupportedModel
        If the file is no whole ONNX model, or its external data are missing or too short.
    """
    header = read_header(path)
    for domain, operator in sorted(header.operators - header.functions):
        if domain not in _STANDARD_DOMAINS:
            raise UnsafeModel(
                f"{path}: operator {operator!r} of domain {domain!r} is custom code; expected operators of ONNX "
                "and onnxruntime only"
            )
        if operator in _FOREIGN_CODE:
            raise UnsafeModel(f"{path}: operator {operator!r} runs code that is not part of the model")
    for data in header.external:
        _check_external(path, data)
    return header


def _check_external(path: Path, data: ExternalData) -> None:
    name = data.location
    who = f"{path}: tensor {data.tensor!r}"
    if not name:
        raise UnsafeModel(f"{who} has its numbers in another file but names none")
    if name in (".", "..") or any(sign in name for sign in '/\\:*?"<>|') or not name.isprintable():
        raise UnsafeModel(
            f"{who} has its numbers in {name!r}; expected a plain file name in the model's folder"
        )
    folder = path.parent.resolve()
    try:
        target = (folder / name).resolve(strict=True)
        size = target.stat().st_size if target.is_file() else None
    # A RuntimeError comes of links in a circle, before Python 3.13.
    except (OSError, RuntimeError) as error:
        raise UnsupportedModel(
            f"{who} has its numbers in {name!r}, which cannot be read beside it"
        ) from error
    if target.parent != folder:
        raise UnsafeModel(f"{who} has its numbers in {name!r}, a link that leads out of the model's folder")
    if size is None:
        raise UnsafeModel(f"{who} has its numbers in {name!r}, which is not a regular file")
    length = data.length or 0
    if data.offset < 0 or length < 0:
        raise UnsafeModel(
            f"{who}: offset {data.offset} and length {data.length} in {name!r}; expected none below 0"
        )
    if size < data.offset + length:
        raise UnsupportedModel(
            f"{who} needs bytes {data.offset} to {data.offset + length} of {name!r}, which has {size}: "
            "the file is cut off or belongs to another model"
        )


@contextmanager
def _opened(path: Path) -> Iterator[bytes | mmap.mmap]:
    """Give the file's bytes, mapped rather than read."""
    try:
        kind = path.stat()
        # A pipe would be waited for, and a device has no end.
        if not stat.S_ISREG(kind.st_mode) and not stat.S_ISDIR(kind.st_mode):
            raise UnsupportedModel(f"{path}: expected an ONNX model, found no regular file")
        with path.open("rb") as file:
            if not kind.st_size:
                raise UnsupportedModel(f"{path}: expected an ONNX model, the file is empty")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
                yield buffer
    except FileNotFoundError as error:
        raise ModelNotFound(f"{path}: no such file; expected an ONNX model") from error
    except OSError as error:
        raise UnsupportedModel(
            f"{path}: expected an ONNX model, it cannot be read ({error.strerror})"
        ) from error


def _refuse_known_files(path: Path, start: bytes) -> None:
    stripped = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    found = next((what for magic, what in _KNOWN_STARTS if start.startswith(magic)), None)
    if stripped.startswith(b"version https://git-lfs"):
        found = (
            "a Git LFS pointer to the model: fetch the model itself (git lfs pull, or the download button)"
        )
    elif stripped.startswith((b"<!doctype html", b"<html")):
        found = "an HTML page: the download gave a web page instead of the file"
    elif start[4:8] == b"ORTM":
        found = "a model in onnxruntime's own format (.ort); the .onnx file that it was made from is needed"
    elif start[4:9] == b"\x00\x00\x00\x00{":
        found = "a safetensors file, which holds weights but no graph"
    elif found is None and stripped and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start):
        found = "a text file"
    if found is not None:
        raise UnsupportedModel(f"{path}: expected an ONNX model, found {found}")
