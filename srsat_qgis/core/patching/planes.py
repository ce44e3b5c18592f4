"""One windowed read over all kinds of files that patches are cut from: rasters, HDF5 data sets, arrays in npz."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from srsat_qgis.core.bands import BandInfo
from srsat_qgis.core.errors import InputError, RasterNotReadable
from srsat_qgis.core.grid import Grid
from srsat_qgis.core.patching.sources import PatchLayer
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.types import Window

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, the luma of 8-bit RGB imagery


class Plane(Protocol):
    """A layer of one scene: pixels with their validity."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    @property
    def cols(self) -> int:
        """Number of columns."""

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values ``(bands, rows, cols)`` and where all bands are valid ``(rows, cols)``."""


class _Reader(NamedTuple):
    """What a raster and an array have in common."""

    shape: tuple[int, int, int]
    """Bands, rows, columns."""
    read: Callable[[int, Window], np.ndarray]
    """Returns a window of a band, counted from 1."""
    nodata: frozenset[float]
    infos: tuple[BandInfo, ...] = ()
    grid: Grid | None = None


def _open(path: Path, name: str | None) -> _Reader:
    if path.suffix == ".npz":
        array = _load_npz(path, name)
        return _Reader(
            (array.shape[0], array.shape[1], array.shape[2]),
            lambda band, w: array[band - 1, w.row : w.row + w.rows, w.col : w.col + w.cols],
            frozenset(),
        )
    raster = Raster(f'HDF5:"{path}"://{name}' if name else str(path))
    return _Reader(
        (len(raster.bands), raster.grid.rows, raster.grid.cols),
        raster.read_raw,
        frozenset(value for value in raster.nodata if value is not None),
        raster.bands,
        raster.grid,
    )


def _load_npz(path: Path, name: str | None) -> np.ndarray:
    try:
        with np.load(path, allow_pickle=False) as archive:
            array = archive[name or archive.files[0]]
    except (OSError, ValueError, KeyError) as error:
        raise RasterNotReadable(f"{path}: array {name!r} cannot be read ({error})") from error
    return array[None] if array.ndim == 2 else array


class SourcePlane:
    """A raster or array as its layer describes it; sizes count pixels after averaging.

    Raises
    ------
    RasterNotReadable, InputError
        If the file cannot be read, or has not the bands that the layer names.
    """

    def __init__(self, path: Path, layer: PatchLayer) -> None:
        self._layer = layer
        self._reader = _open(path, layer.array)
        count, rows, cols = self._reader.shape
        self.bands = layer.bands or tuple(range(1, count + 1))
        if max(self.bands) > count:
            raise InputError(f"{path}: has {count} bands, {layer.name} wants band {max(self.bands)}")
        if layer.transpose:
            rows, cols = cols, rows
        self.path = path
        self.rows, self.cols = rows // layer.reduce, cols // layer.reduce
        self.grid = None if layer.transpose or layer.reduce > 1 else self._reader.grid
        self._nodata = self._reader.nodata if layer.nodata is None else frozenset(layer.nodata)

    @property
    def infos(self) -> tuple[BandInfo, ...]:
        """What the file says of the bands that are read."""
        known = self._reader.infos or tuple(
            BandInfo(number) for number in range(1, self._reader.shape[0] + 1)
        )
        luma = [BandInfo(len(known) + 1, "luma")] if self._layer.luma else []
        return (*(known[number - 1] for number in self.bands), *luma)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values ``(bands, rows, cols)`` and where all bands are valid ``(rows, cols)``."""
        fine = window.scaled(self._layer.reduce)
        if self._layer.transpose:
            fine = Window(fine.col, fine.row, fine.cols, fine.rows)
        values = np.stack([self._reader.read(band, fine) for band in self.bands])
        if self._layer.transpose:
            values = values.transpose(0, 2, 1)
        valid: np.ndarray = np.isfinite(values).all(axis=0)
        for value in self._nodata:
            valid = valid & (values != value).all(axis=0)
        values, valid = _averaged(values, valid, self._layer.reduce)
        return (_with_luma(values) if self._layer.luma else values), valid


class StackedPlane:
    """Several files of one grid, one above the other."""

    def __init__(self, planes: Sequence[SourcePlane]) -> None:
        first = planes[0]
        for plane in planes[1:]:
            if (plane.rows, plane.cols) != (first.rows, first.cols):
                raise InputError(
                    f"{plane.path}: {plane.cols} x {plane.rows} pixels, expected {first.cols} x {first.rows} "
                    f"as in {first.path}"
                )
        self._planes = tuple(planes)
        self.rows, self.cols, self.grid, self.path = first.rows, first.cols, first.grid, first.path

    @property
    def infos(self) -> tuple[BandInfo, ...]:
        """What the files say of their bands."""
        return tuple(info for plane in self._planes for info in plane.infos)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values ``(bands, rows, cols)`` and where all bands are valid ``(rows, cols)``."""
        stacks = [plane.read(window) for plane in self._planes]
        valid = np.logical_and.reduce([valid for _, valid in stacks])
        return np.concatenate([values for values, _ in stacks]), valid


def _averaged(values: np.ndarray, valid: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    if factor == 1:
        return values, valid
    bands, rows, cols = values.shape
    blocks = values.reshape(bands, rows // factor, factor, cols // factor, factor)
    mean = blocks.mean(axis=(2, 4), dtype=np.float64)
    if np.issubdtype(values.dtype, np.integer):
        mean = np.rint(mean)
    whole = valid.reshape(rows // factor, factor, cols // factor, factor).all(axis=(1, 3))
    return mean.astype(values.dtype), np.asarray(whole)


def _with_luma(values: np.ndarray) -> np.ndarray:
    luma = np.tensordot(np.asarray(LUMA), values[:3].astype(np.float64), axes=1)
    if np.issubdtype(values.dtype, np.integer):
        luma = np.rint(luma)
    return np.concatenate([values, luma[None].astype(values.dtype)])
