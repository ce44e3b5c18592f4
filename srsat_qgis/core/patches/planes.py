"""What patches are cut from: rasters, HDF5 data sets and arrays, as a JSON list names them, read by windows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from srsat_qgis.core.errors import InputError, InvalidSetting, RasterNotReadable
from srsat_qgis.core.raster.bands import BandInfo
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

TARGET = "target"
"""Name of the one layer of a source that names none."""


@dataclass(frozen=True)
class PatchLayer:
    """One of several co-registered layers of a source, each on a grid of its own."""

    name: str
    ratio: int = 1
    """Side of a pixel in pixels of the finest layer."""
    files: tuple[str, ...] = ()
    """Glob patterns inside a scene's folder, one for each file, whose bands are stacked in this order; none where
    the scene is itself the file."""
    array: str | None = None
    """Name of the array inside an ``.npz`` file, or of the data set inside an HDF5 file."""
    bands: tuple[int, ...] | None = None
    """1-based bands of every file; None: all."""
    names: tuple[str, ...] = ()
    """Names of the layer's bands; none: those that the raster gives, else their numbers."""
    wavelengths_nm: tuple[float, ...] = ()
    """Centre wavelengths of the layer's bands; none: those that the raster gives."""
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

    def __post_init__(self) -> None:
        """Refuse values without meaning."""
        for key, value in (("reduce", self.reduce), ("ratio", self.ratio)):
            if value < 1:
                raise InvalidSetting(f"{self.name}: {key} is {value}, expected at least 1")


@dataclass(frozen=True)
class PatchSource:
    """Rasters of one kind: same sensor, bands and ground sampling distance."""

    name: str
    files: tuple[str, ...]
    """Glob patterns below the data root: of rasters, or of the folders of scenes where ``layers`` name files."""
    licence: str
    sensor: str = ""
    place: str = ""
    group: str = ""
    """Sources of one group share its sampling weight; default: a group of its own."""
    gsd_m: float | None = None
    """Ground sampling distance, that of the finest layer."""
    array: str | None = None
    """This and the next seven as ``PatchLayer`` has them, for a source of one layer."""
    bands: tuple[int, ...] | None = None
    transpose: bool = False
    nodata: tuple[float, ...] | None = None
    saturation: float | None = None
    reduce: int = 1
    luma: bool = False
    quantum: float | None = None
    layers: tuple[PatchLayer, ...] = ()
    """Co-registered layers; those that name no ``nodata`` have the source's."""
    georeference: bool = True
    """Whether the layers' georeferences must nest; False where they are known to be off and the pixels nest by their
    counts."""
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
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names):
            raise InvalidSetting(
                f"source {self.name}: its layers are named {', '.join(names)}, expected once each"
            )
        if self.layers and min(layer.ratio for layer in self.layers) != 1:
            raise InvalidSetting(f"source {self.name}: no layer has ratio 1, expected the finest to have it")

    def each_layer(self) -> tuple[PatchLayer, ...]:
        """Return the layers; a source that names none has one."""
        if self.layers:
            return tuple(
                layer if layer.nodata is not None else replace(layer, nodata=self.nodata)
                for layer in self.layers
            )
        return (
            PatchLayer(
                name=TARGET,
                array=self.array,
                bands=self.bands,
                transpose=self.transpose,
                nodata=self.nodata,
                saturation=self.saturation,
                reduce=self.reduce,
                luma=self.luma,
                quantum=self.quantum,
            ),
        )


def _values(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


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
        try:
            layers = tuple(PatchLayer(**_values(layer)) for layer in entry.get("layers", ()))
            sources.append(PatchSource(**{**_values(entry), "layers": layers}))
        except (TypeError, AttributeError) as error:
            name = entry.get("name", "?") if isinstance(entry, dict) else "?"
            raise InvalidSetting(f"{path}: source {name}: {error}") from error
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidSetting(f"{path}: sources named twice: {', '.join(twice)}")
    return tuple(sources)


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
