"""Rasters to cut training patches from: how they are described, and one windowed read over all their kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from srsat_qgis.core.errors import InputError, InvalidSetting, RasterNotReadable
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.types import Window

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, the luma of 8-bit RGB imagery


@dataclass(frozen=True)
class PatchSource:
    """Rasters of one kind: same sensor, bands and ground sampling distance."""

    name: str
    files: tuple[str, ...]
    """Glob patterns below the data root."""
    licence: str
    sensor: str = ""
    place: str = ""
    group: str = ""
    """Sources of one group share its sampling weight; default: a group of its own."""
    gsd_m: float | None = None
    array: str | None = None
    """Name of the array inside an ``.npz`` file, or of the data set inside an HDF5 file."""
    bands: tuple[int, ...] | None = None
    """1-based bands; None: all."""
    transpose: bool = False
    """True where the file stores columns before rows."""
    nodata: tuple[float, ...] | None = None
    """Values that hold no measurement; None: what the raster itself declares."""
    saturation: float | None = None
    """Value at and above which a pixel is saturated; None: 255 for 8-bit rasters, else no limit."""
    reduce: int = 1
    """Average ``reduce x reduce`` pixels first, where a raster is softer than its grid."""
    luma: bool = False
    """Add the luma of the first three bands as a further band."""
    quantum: float | None = None
    """Step of the values; None: 1 where all values are whole numbers, else 0 (continuous)."""
    validation: tuple[str, ...] = ()
    """Glob patterns of the files, among ``files``, that are held out."""
    validation_share: float = 0.0
    """Share of every raster's rows, from below, that is held out; for rasters without a held-out file."""

    def __post_init__(self) -> None:
        """Refuse values without meaning."""
        if self.reduce < 1:
            raise InvalidSetting(f"source {self.name}: reduce is {self.reduce}, expected at least 1")
        if not 0 <= self.validation_share < 1:
            raise InvalidSetting(
                f"source {self.name}: validation_share is {self.validation_share}, expected 0 to below 1"
            )
        if not self.files:
            raise InvalidSetting(f"source {self.name}: no files named")


def read_sources(path: Path) -> tuple[PatchSource, ...]:
    """Return the sources listed in a JSON file.

    Raises
    ------
    InvalidSetting
        If the file is no JSON, a key is unknown or missing, or a name stands twice.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["sources"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidSetting(f"{path}: not a JSON file with a list 'sources' ({error})") from error
    sources = []
    for entry in listed:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        try:
            sources.append(PatchSource(**values))
        except TypeError as error:
            raise InvalidSetting(f"{path}: source {entry.get('name', '?')}: {error}") from error
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidSetting(f"{path}: sources named twice: {', '.join(twice)}")
    return tuple(sources)


class _Reader(NamedTuple):
    """What a raster and an array have in common."""

    shape: tuple[int, int, int]
    """Bands, rows, columns."""
    read: Callable[[int, Window], np.ndarray]
    """Returns a window of a band, counted from 1."""
    nodata: frozenset[float]


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
    )


def _load_npz(path: Path, name: str | None) -> np.ndarray:
    try:
        with np.load(path, allow_pickle=False) as archive:
            array = archive[name or archive.files[0]]
    except (OSError, ValueError, KeyError) as error:
        raise RasterNotReadable(f"{path}: array {name!r} cannot be read ({error})") from error
    return array[None] if array.ndim == 2 else array


class SourcePlane:
    """A raster or array as its source describes it; sizes count pixels after averaging."""

    def __init__(self, path: Path, source: PatchSource) -> None:
        self._source = source
        self._reader = _open(path, source.array)
        count, rows, cols = self._reader.shape
        self.bands = source.bands or tuple(range(1, count + 1))
        if max(self.bands) > count:
            raise InputError(f"{path}: has {count} bands, source {source.name} wants band {max(self.bands)}")
        if source.transpose:
            rows, cols = cols, rows
        self.rows, self.cols = rows // source.reduce, cols // source.reduce
        self._nodata = self._reader.nodata if source.nodata is None else frozenset(source.nodata)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values ``(bands, rows, cols)`` and where all bands are valid ``(rows, cols)``."""
        fine = window.scaled(self._source.reduce)
        if self._source.transpose:
            fine = Window(fine.col, fine.row, fine.cols, fine.rows)
        values = np.stack([self._reader.read(band, fine) for band in self.bands])
        if self._source.transpose:
            values = values.transpose(0, 2, 1)
        valid: np.ndarray = np.isfinite(values).all(axis=0)
        for value in self._nodata:
            valid = valid & (values != value).all(axis=0)
        values, valid = _averaged(values, valid, self._source.reduce)
        return (_with_luma(values) if self._source.luma else values), valid


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
