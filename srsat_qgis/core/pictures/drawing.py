"""Arrays as pictures: colour ramps, one set for the pages and for QGIS's layers; sheets of panels; PNG files."""

from __future__ import annotations

import base64
import contextlib
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import OutputNotWritable, ShapeMismatch

Ramp = tuple  # of (position 0 to 1, "#rrggbb"), in order

DIVERGING: Ramp = ((0.0, "#2166ac"), (0.25, "#92c5de"), (0.5, "#f7f7f7"), (0.75, "#f4a582"), (1.0, "#b2182b"))
"""Blue below zero, red above, near white at it (ColorBrewer RdBu, told apart by the colour-blind)."""
QUALITY: Ramp = ((0.0, "#440154"), (0.25, "#3b528b"), (0.5, "#21918c"), (0.75, "#5ec962"), (1.0, "#fde725"))
"""Dark is bad, bright is good (viridis: as bright in grey as in colour)."""
DENSITY: Ramp = ((0.0, "#ffffff"), (0.2, "#d0e1f2"), (0.5, "#6aaed6"), (0.8, "#2070b4"), (1.0, "#08306b"))
RESULT, REFERENCE, BASELINE, LOWRES = "#0b62a4", "#333333", "#d9730d", "#8a8f98"
"""Lines and bars: the raster under test, what it is compared with, bicubic, and the coarse input."""
IMPROVEMENT, OMISSION, HALLUCINATION = "#2b83ba", "#e6ab02", "#d7191c"
NODATA = (190, 190, 190)
_NOTHING = (242, 243, 245)
_PAPER = 250
# Of the values, black and full: clouds and shadows at the ends would leave the ground grey.
_STRETCH_PERCENT = (1.0, 99.0)
_STEPS = 63
"""Colours of a ramp, less one, in a picture: as many as an eye tells apart, few enough for a small file."""
_COLOUR_TYPES = {3: 2, 4: 6}


def rgb(colour: str) -> tuple[int, int, int]:
    """Return ``#rrggbb`` as three numbers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def coloured(values: np.ndarray, ramp: Ramp, *, low: float, high: float) -> np.ndarray:
    """Return values as colours, uint8 (rows, cols, 3); NaN is grey.

    Parameters
    ----------
    values : ndarray, shape (rows, cols)
    ramp : Ramp
    low, high : float
        Values at the ramp's ends; what lies beyond gets the colour of the end.
    """
    share = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    known = np.isfinite(share)
    share = np.rint(np.clip(np.where(known, share, 0.0), 0, 1) * _STEPS) / _STEPS
    positions = [position for position, _ in ramp]
    channels = zip(*(rgb(colour) for _, colour in ramp))
    picture = np.stack([np.interp(share, positions, channel) for channel in channels], axis=-1)
    picture = np.rint(picture).astype(np.uint8)
    picture[~known] = NODATA
    return np.asarray(picture)


def stretch_limits(image: np.ndarray) -> np.ndarray:
    """Return the values that all pictures of one scene draw black and full, band by band.

    Parameters
    ----------
    image : ndarray, shape (bands, ...)
        What sets the stretch; values that are not finite do not count.

    Returns
    -------
    ndarray of float64, shape (bands, 2)
        The 1st and the 99th percentile; 0 and 1 for a band without a value.
    """
    planes = [plane[np.isfinite(plane)] for plane in image]
    return np.array([np.percentile(one, _STRETCH_PERCENT) if one.size else (0.0, 1.0) for one in planes])


def stretched(image: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return one or three bands as colours, uint8 (rows, cols, 3); NaN in any band is grey.

    Parameters
    ----------
    image : ndarray, shape (1 or 3, rows, cols)
    limits : ndarray, shape (1 or 3, 2)
        Values that are black and full.
    """
    low, high = limits[:, 0, None, None], limits[:, 1, None, None]
    known = np.isfinite(image).all(axis=0)
    share = np.clip((np.where(known, image, 0.0) - low) / np.where(high > low, high - low, 1.0), 0, 1)
    picture = np.broadcast_to(np.rint(255 * share), (3, *known.shape)).astype(np.uint8)
    picture = np.where(known, picture, np.array(NODATA, np.uint8)[:, None, None])
    return np.ascontiguousarray(np.moveaxis(picture, 0, -1))


def mixed(weights: np.ndarray, colours: Sequence[str]) -> np.ndarray:
    """Return weights, shape (kinds, rows, cols), as mixtures of one colour a kind; NaN is nearly white.

    Returns
    -------
    ndarray of uint8, shape (rows, cols, 3)
    """
    known = np.isfinite(weights).all(axis=0)
    shares = np.where(known, weights, 0.0)
    shares = shares / np.maximum(shares.sum(axis=0), 1e-12)
    picture = np.tensordot(shares, np.array([rgb(colour) for colour in colours], float), axes=(0, 0))
    picture[~known] = _NOTHING
    return np.asarray(np.rint(picture).astype(np.uint8))


def enlarged(pixels: np.ndarray, factor: int) -> np.ndarray:
    """Return a picture with each pixel repeated ``factor`` times along both axes."""
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def sheet(rows: Sequence[Sequence[np.ndarray]], *, gap: int) -> np.ndarray:
    """Return pictures side by side, row below row, ``gap`` pixels around each; uint8 (rows, cols, 3)."""
    height = gap + sum(max(len(panel) for panel in row) + gap for row in rows)
    width = gap + max(sum(panel.shape[1] + gap for panel in row) for row in rows)
    paper = np.full((height, width, 3), _PAPER, dtype=np.uint8)
    top = gap
    for row in rows:
        left = gap
        for panel in row:
            paper[top : top + panel.shape[0], left : left + panel.shape[1]] = panel
            left += panel.shape[1] + gap
        top += max(len(panel) for panel in row) + gap
    return paper


def png_bytes(pixels: np.ndarray, description: str = "") -> bytes:
    """Return a picture as a PNG file.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, cols, 3) or (rows, cols, 4)
        Red, green, blue, and opacity where there are four.
    description : str
        What the picture shows, kept in the file for programs that tell it.

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
    parts = [(b"IHDR", struct.pack(">IIBBBBB", cols, rows, 8, _COLOUR_TYPES[channels], 0, 0, 0))]
    if description:
        # The zeros: end of the keyword, not compressed, by method 0, no language, no translated keyword.
        parts.append((b"iTXt", b"Description\0\0\0\0\0" + description.encode()))
    parts += [(b"IDAT", zlib.compress(filtered.tobytes())), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def data_uri(png: bytes) -> str:
    """Return a PNG file as text that an ``img`` element takes as its source."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def write_png(path: Path, pixels: np.ndarray, description: str = "") -> None:
    """Write a picture, whole or not at all; its folder is made where missing.

    Raises
    ------
    OutputNotWritable
        If the file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(png_bytes(pixels, description))
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OutputNotWritable(f"{path}: the picture cannot be written ({error})") from error
