"""Writes small PNG pictures with the standard library alone, for pages that hold their pictures themselves."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from srsat_qgis.core.errors import ShapeMismatch

_COLOUR_TYPES = {3: 2, 4: 6}


def png_bytes(pixels: np.ndarray) -> bytes:
    """Return a picture as a PNG file.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, cols, 3) or (rows, cols, 4)
        Red, green, blue, and opacity where there are four.

    Raises
    ------
    ShapeMismatch
        If the array is of another shape or type, or empty.

    References
    ----------
    ISO/IEC 15948 (PNG), filter type 1: each byte as its difference from that of the pixel to the left.
    """
    if (
        pixels.dtype != np.uint8
        or pixels.ndim != 3
        or pixels.shape[2] not in _COLOUR_TYPES
        or not pixels.size
    ):
        raise ShapeMismatch(
            f"picture of shape {pixels.shape} and type {pixels.dtype}; expected uint8 (rows, cols, 3 or 4)"
        )
    rows, cols, channels = pixels.shape
    filtered = np.empty((rows, 1 + cols * channels), np.uint8)
    filtered[:, 0] = 1
    differences = pixels.copy()
    differences[:, 1:] -= pixels[:, :-1]
    filtered[:, 1:] = differences.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", cols, rows, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def data_uri(pixels: np.ndarray) -> str:
    """Return a picture as text that an ``img`` element takes as its source."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(pixels)).decode("ascii")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
