"""A band resampled where its pixels would lie if it did not lie beside the others: same grid, same type.

Interpolation is by Lanczos' kernel of three lobes, along rows and then along columns. For half a pixel it keeps 102 %
of the amplitude at 0.25 cycles per pixel, 86 % at 0.35 and 65 % at 0.4; the cubic kernel keeps 88, 63 and 45 %. A
phase shift of the whole image's spectrum would keep all of it, but rings at holes and saturated pixels, needs the
image at once, and is farther from the truth where pixels alias, as those of a sensor do; so are kernels of more lobes.
See ``tests/benchmarks/sentinel2_shift.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor

import numpy as np

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.fill import fill_invalid
from srsat_qgis.core.raster import BandTemplate, Raster
from srsat_qgis.core.raster_writer import BLOCKS, RasterWriter
from srsat_qgis.core.sentinel2.offsets import NODATA, SATURATED
from srsat_qgis.core.sentinel2.stack import Part
from srsat_qgis.core.types import Progress, Window

_LOBES = 3
_SIDE = 2 * BLOCKS[0]  # of the windows that are read, moved and written


def write_moved_band(part: Part, target: str, *, shift: tuple[float, float], progress: Progress) -> Part:
    """Write a band moved by ``shift``, on the ground of its window, and return it as a part.

    A pixel holds no data, or is saturated, where the pixel is that its middle comes from; such pixels have no
    influence on others. Beyond the raster's edge there is no data; beyond the window there is what the raster holds.

    Parameters
    ----------
    part : Part
    target : str
        Path of the GeoTIFF.
    shift : tuple of float
        ``(rows, cols)``: what is added to the coordinates of the band, in its pixels.
    progress : Progress
        Asked whether to go on.

    Raises
    ------
    RasterNotReadable, OutputNotWritable, DiskFull
        If it cannot be read or written.
    Cancelled
        When the progress says so; nothing is left behind.
    """
    layer = part.layer
    raster, grid = Raster(layer.path), layer.grid.cropped(part.window)
    writer = RasterWriter(
        target,
        grid=grid,
        data_type=layer.data_type,
        bands=[BandTemplate(description=layer.band)],
        nodata=None,
        mask=False,
        metadata={},
        creation_options=("COMPRESS=NONE",),
    )
    try:
        for window in _windows(grid.rows, grid.cols):
            if progress.cancelled:
                raise Cancelled("the run was cancelled")
            source = window._replace(row=window.row + part.window.row, col=window.col + part.window.col)
            values = moved_window(raster, layer.number, source, shift)
            writer.write(window, values[np.newaxis], None, statistics=0)
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    moved = replace(layer, path=target, number=1, grid=grid)
    return replace(part, layer=moved, window=Window(0, 0, grid.rows, grid.cols))


def moved_window(raster: Raster, number: int, window: Window, shift: tuple[float, float]) -> np.ndarray:
    """Return a window of a band after moving it by ``shift``, in its own type; the same whatever window it lies in."""
    margin = 2 * _LOBES + ceil(
        max(abs(one) for one in shift)
    )  # the kernel's reach, and that of what fills holes
    outer = window.grown(margin)
    row, col = max(0, outer.row), max(0, outer.col)
    last_row = min(raster.grid.rows, outer.row + outer.rows)
    last_col = min(raster.grid.cols, outer.col + outer.cols)
    inner = raster.read_raw(number, Window(row, col, last_row - row, last_col - col))
    beyond = (
        (row - outer.row, outer.row + outer.rows - last_row),
        (col - outer.col, outer.col + outer.cols - last_col),
    )
    values = np.pad(inner, beyond, mode="edge")
    near = np.pad(inner, beyond, mode="constant", constant_values=int(NODATA))
    image = fill_invalid(values, _measured(values), reach=_LOBES).astype(np.float64)
    for axis, one in enumerate(shift):
        image = _interpolated(image, axis, one, margin)
        near = _cut(near, axis, margin + floor(0.5 - one), margin)
    return np.where(_measured(near), _as_type(image, near.dtype), near)


def _measured(values: np.ndarray) -> np.ndarray:
    """Return True where a value is neither no data nor saturated."""
    return np.asarray(np.isfinite(values) & (values != NODATA) & (values < SATURATED))


def _interpolated(image: np.ndarray, axis: int, shift: float, margin: int) -> np.ndarray:
    """Return the image moved along an axis, without its margin there."""
    base = floor(-shift)
    taps = np.arange(1 - _LOBES, _LOBES + 1)
    distance = taps - (-shift - base)
    weights = np.sinc(distance) * np.sinc(distance / _LOBES)
    weights[np.abs(distance) >= _LOBES] = 0.0
    weights /= weights.sum()
    parts = (
        _cut(image, axis, margin + base + int(tap), margin) * weight for tap, weight in zip(taps, weights)
    )
    return np.asarray(sum(parts))


def _cut(plane: np.ndarray, axis: int, start: int, margin: int) -> np.ndarray:
    """Return what starts at ``start`` along an axis and is shorter by two margins."""
    part = [slice(None), slice(None)]
    part[axis] = slice(start, start + plane.shape[axis] - 2 * margin)
    return plane[tuple(part)]


def _as_type(image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return values of a type: whole numbers stay measurements, neither no data nor saturated."""
    if dtype.kind == "f":
        return image.astype(dtype)
    limits = np.iinfo(dtype)
    whole = np.clip(np.rint(image), limits.min, min(limits.max, SATURATED - 1))
    whole[whole == NODATA] = 1
    return whole.astype(dtype)


def _windows(rows: int, cols: int) -> Iterator[Window]:
    for row in range(0, rows, _SIDE):
        for col in range(0, cols, _SIDE):
            yield Window(row, col, min(_SIDE, rows - row), min(_SIDE, cols - col))
