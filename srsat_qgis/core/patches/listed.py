"""A store of the rasters, HDF5 data sets and arrays that a JSON list names: how they are read, checked and cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from srsat_qgis.core.errors import GridMismatch, InputError, InvalidSetting, NoValidPixels, RasterNotReadable
from srsat_qgis.core.fields import read_json, shown
from srsat_qgis.core.patches.split import TRAIN, VALIDATION, file_windows
from srsat_qgis.core.patches.store import (
    Cut,
    StoreBand,
    StoreLayer,
    side_step,
    staged_store,
    write_layers,
    write_manifest,
)
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.raster.bands import BandInfo
from srsat_qgis.core.raster.grid import Grid, crs_name
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import LUMA, PartProgress, Progress, SilentProgress, Window

TARGET = "target"
"""Name of the one layer of a source that lists none."""


@dataclass(frozen=True)
class PatchLayer:
    """One of several co-registered layers of a source, each on a grid of its own."""

    name: str = TARGET
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
    window: tuple[int, int, int, int] | None = None
    """Row, column, rows and columns of what is read, where a layer covers more than the others; None: all."""
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
        for key, values in (
            ("reduce", (self.reduce,)),
            ("ratio", (self.ratio,)),
            ("bands", self.bands or ()),
        ):
            if any(value < 1 for value in values):
                raise InvalidSetting(f"layer {self.name}: {key} is {min(values)}, expected at least 1")
        window = self.window or (0, 0, 1, 1)
        if len(window) != 4 or min(window[:2]) < 0 or min(window[2:]) < 1:
            raise InvalidSetting(
                f"layer {self.name}: window is {list(window)}, expected row, column, rows and columns"
            )


@dataclass(frozen=True)
class PatchSource:
    """Rasters of one kind: same sensor, bands and ground sampling distance."""

    name: str
    files: tuple[str, ...]
    """Glob patterns below the data root: of rasters, or of the folders of scenes where layers name files."""
    licence: str
    sensor: str = ""
    place: str = ""
    """Place of the rasters, or of those to train on where the held-out ones lie elsewhere."""
    validation_place: str = ""
    """Place of the held-out rasters, where it is another."""
    group: str = ""
    """Sources of one group share its sampling weight; default: a group of its own."""
    gsd_m: float | None = None
    """Ground sampling distance, that of the finest layer."""
    layers: tuple[PatchLayer, ...] = (PatchLayer(),)
    """Co-registered layers, the finest with the ratio 1."""
    georeference: bool = True
    """Whether the layers' georeferences must nest; False where they are known to be off and the pixels nest by their
    counts."""
    validation: tuple[str, ...] = ()
    """Glob patterns of the files, among ``files``, that are held out."""
    validation_share: float = 0.0
    """Share of every raster's rows, from below, that is held out; for rasters without a held-out file."""

    def __post_init__(self) -> None:
        """Refuse values without meaning."""
        if not 0 <= self.validation_share < 1:
            raise InvalidSetting(f"validation_share is {self.validation_share}, expected 0 to below 1")
        if not self.files:
            raise InvalidSetting("no files named")
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names):
            raise InvalidSetting(f"layers are named {', '.join(names)}, expected once each")
        if min(layer.ratio for layer in self.layers) != 1:
            raise InvalidSetting("no layer has ratio 1, expected the finest to have it")

    @property
    def step(self) -> int:
        """Pixels on whose multiples windows start: any pixel where there is one layer, else whole in every one."""
        return side_step(layer.ratio for layer in self.layers) if len(self.layers) > 1 else 1


def read_sources(path: Path) -> tuple[PatchSource, ...]:
    """Return the sources listed in a JSON file.

    The keys of an entry are the fields of `PatchSource`, those of its ``layers`` the fields of `PatchLayer`. An entry
    without ``layers`` describes its one layer by keys of its own; ``nodata`` holds for all layers that give none.

    Raises
    ------
    InvalidSetting
        If the file is no JSON, a key is unknown or missing, or a name stands twice.
    """
    found = read_json(path, InvalidSetting)
    listed = found.get("sources") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise InvalidSetting(f"{path}: expected an object with a list 'sources', found {shown(found)}")
    sources = []
    for entry in listed:
        try:
            sources.append(_source(_tuples(entry)))
        except (TypeError, AttributeError, InvalidSetting) as error:
            name = entry.get("name", "?") if isinstance(entry, dict) else "?"
            raise InvalidSetting(f"{path}: source {name}: {error}") from error
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidSetting(f"{path}: sources named twice: {', '.join(twice)}")
    return tuple(sources)


def _source(entry: dict[str, Any]) -> PatchSource:
    if "layers" in entry:
        shared = {"nodata": entry.pop("nodata", None)}
        layers = tuple(PatchLayer(**{**shared, **_tuples(layer)}) for layer in entry.pop("layers"))
    else:
        own = {field.name for field in fields(PatchLayer)} - {field.name for field in fields(PatchSource)}
        layers = (PatchLayer(**{key: entry.pop(key) for key in own & set(entry)}),)
    return PatchSource(**entry, layers=layers)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


class _File(NamedTuple):
    """What a raster and an array have in common."""

    path: Path
    rows: int
    cols: int
    bands: tuple[BandInfo, ...]
    read: Callable[[int, Window], np.ndarray]
    """Returns a window of a band, counted from 1."""
    nodata: frozenset[float]
    grid: Grid | None = None


def _open(path: Path, name: str | None) -> _File:
    if path.suffix == ".npz":
        array = _load_npz(path, name)
        return _File(
            path,
            array.shape[1],
            array.shape[2],
            tuple(BandInfo(number) for number in range(1, len(array) + 1)),
            lambda band, w: array[band - 1, w.row : w.row + w.rows, w.col : w.col + w.cols],
            frozenset(),
        )
    raster = Raster(f'HDF5:"{path}"://{name}' if name else str(path))
    nodata = frozenset(value for value in raster.nodata if value is not None)
    grid = raster.grid
    return _File(path, grid.rows, grid.cols, raster.bands, raster.read_raw, nodata, grid)


def _load_npz(path: Path, name: str | None) -> np.ndarray:
    try:
        with np.load(path, allow_pickle=False) as archive:
            array = archive[name or archive.files[0]]
    except (OSError, ValueError, KeyError) as error:
        raise RasterNotReadable(f"{path}: array {name!r} cannot be read ({error})") from error
    return array[None] if array.ndim == 2 else array


class SourcePlane:
    """A layer of one scene: the bands of its files, stacked; sizes count pixels after averaging.

    Raises
    ------
    RasterNotReadable, InputError
        If a file cannot be read, lacks a band or the window that the layer names, or is of another size than the
        first one.
    """

    def __init__(self, paths: Sequence[Path], layer: PatchLayer) -> None:
        self._layer = layer
        self._files = [_open(path, layer.array) for path in paths]
        first = self._files[0]
        for file in self._files:
            if max(layer.bands or (0,)) > len(file.bands):
                raise InputError(
                    f"{file.path}: has {len(file.bands)} bands, {layer.name} wants band {max(layer.bands or ())}"
                )
            if (file.rows, file.cols) != (first.rows, first.cols):
                raise InputError(
                    f"{file.path}: {file.cols} x {file.rows} pixels, expected {first.cols} x {first.rows} "
                    f"as in {first.path}"
                )
        rows, cols = (first.cols, first.rows) if layer.transpose else (first.rows, first.cols)
        self._part = Window(*(layer.window or (0, 0, rows, cols)))
        if self._part.row + self._part.rows > rows or self._part.col + self._part.cols > cols:
            raise InputError(
                f"{first.path}: has {cols} x {rows} pixels, {layer.name} wants the window {list(self._part)}"
            )
        self.path = first.path
        self.rows, self.cols = self._part.rows // layer.reduce, self._part.cols // layer.reduce
        self.grid = None
        if first.grid is not None and not layer.transpose and layer.reduce == 1:
            self.grid = first.grid.cropped(self._part)

    def bands(self) -> tuple[BandInfo, ...]:
        """Return what the files say of the bands that are read."""
        infos: list[BandInfo] = []
        for file in self._files:
            infos += [file.bands[number - 1] for number in self._numbers(file)]
            infos += [BandInfo(len(file.bands) + 1, "luma")] if self._layer.luma else []
        return tuple(infos)

    def _numbers(self, file: _File) -> Sequence[int]:
        return self._layer.bands or range(1, len(file.bands) + 1)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values ``(bands, rows, cols)`` and where all bands are valid ``(rows, cols)``."""
        window = window.scaled(self._layer.reduce)
        window = window._replace(row=window.row + self._part.row, col=window.col + self._part.col)
        parts = [self._read(file, window) for file in self._files]
        valid = np.logical_and.reduce([valid for _, valid in parts])
        return np.concatenate([values for values, _ in parts]), valid

    def _read(self, file: _File, window: Window) -> tuple[np.ndarray, np.ndarray]:
        layer = self._layer
        if layer.transpose:
            window = Window(window.col, window.row, window.cols, window.rows)
        values = np.stack([file.read(band, window) for band in self._numbers(file)])
        if layer.transpose:
            values = values.transpose(0, 2, 1)
        valid: np.ndarray = np.isfinite(values).all(axis=0)
        for value in file.nodata if layer.nodata is None else layer.nodata:
            valid = valid & (values != value).all(axis=0)
        values, valid = _averaged(values, valid, layer.reduce)
        return (_with_luma(values) if layer.luma else values), valid


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


@dataclass(frozen=True)
class _Scene:
    """The layers of one place and time."""

    split: str
    planes: dict[str, SourcePlane]
    files: tuple[Path, ...]
    rows: int
    cols: int


def build_store(
    sources: Sequence[PatchSource],
    root: Path,
    output: Path,
    *,
    size: int = 128,
    least: int = 44,
    progress: Progress | None = None,
) -> Mapping[str, Any]:
    """Cut the patches of every source and write the store.

    Parameters
    ----------
    sources : sequence of PatchSource
        What to cut.
    root : Path
        Folder that the sources' patterns start from.
    output : Path
        Folder of the store; made where missing. It changes only when all patches are cut, and an earlier store in
        it is then replaced.
    size : int
        Side of a patch in pixels of the finest layer; a source whose smallest raster is smaller gets patches of that
        size. Rounded down to what the layers' ratios divide.
    least : int
        Rasters with a side below this many pixels are left out.
    progress : Progress, optional
        Told of every source.

    Returns
    -------
    mapping
        The manifest.

    Raises
    ------
    InputError
        If a source cannot be read, does not fit its description, or gives no patch at all.
    OutputNotWritable, DiskFull
        If the folder holds something else, or cannot be written.
    Cancelled
        If the progress says so.
    """
    progress = progress or SilentProgress()
    entries = []
    with staged_store(output) as folder:
        for done, source in enumerate(sources):
            part = PartProgress(progress, done / len(sources), (done + 1) / len(sources))
            entry = _cut_source(root, folder, source, size=size, least=least, progress=part)
            if not sum(entry["patches"].values()):
                raise NoValidPixels(
                    f"source {source.name}: no patch is usable, left out: {entry['left_out']}"
                )
            progress.info(f"{source.name}: {entry['patches']} patches of {entry['size']} px")
            entries.append(entry)
        return write_manifest(folder, entries)


def _cut_source(
    root: Path, folder: Path, source: PatchSource, *, size: int, least: int, progress: Progress
) -> dict[str, Any]:
    """Write the files of a source into ``folder`` and return its entry in the manifest."""
    step = side_step(layer.ratio for layer in source.layers)
    least = max(least, step)
    scenes = list(_scenes(root, source))
    fitting = [side for scene in scenes if (side := min(scene.rows, scene.cols)) >= least]
    if not fitting:
        raise NoValidPixels(f"source {source.name}: every raster is smaller than {least} pixels")
    size = min([size, *fitting]) // step * step
    cuts = [
        Cut(split, window, scene.planes)
        for scene in scenes
        for split, window in file_windows(
            scene.rows, scene.cols, size, split=scene.split, share=source.validation_share, step=source.step
        )
    ]
    about = {
        "name": source.name,
        "group": source.group or source.name,
        "sensor": source.sensor,
        "place": source.place,
        "validation_place": source.validation_place,
        "licence": source.licence,
        "gsd_m": source.gsd_m,
        "crs": _common_crs(scenes),
        "files": [
            {"path": path.relative_to(root).as_posix(), "split": scene.split, "sha256": file_sha256(path)}
            for scene in scenes
            for path in scene.files
        ],
    }
    described = [_described(layer, source, scenes[0].planes[layer.name]) for layer in source.layers]
    return write_layers(folder, about, described, cuts, size=size, progress=progress)


def _scenes(root: Path, source: PatchSource) -> Iterator[_Scene]:
    held = {path for pattern in source.validation for path in root.glob(pattern)}
    found = sorted({path for pattern in source.files for path in root.glob(pattern)})
    if not found:
        raise RasterNotReadable(
            f"source {source.name}: no file below {root} matches {', '.join(source.files)}"
        )
    finest = next(layer.name for layer in source.layers if layer.ratio == 1)
    for path in found:
        files = {layer.name: _files_of(path, source, layer) for layer in source.layers}
        planes = {layer.name: SourcePlane(files[layer.name], layer) for layer in source.layers}
        fine = planes[finest]
        for layer in source.layers:
            _check_nests(planes[layer.name], fine, layer.ratio, georeference=source.georeference)
        named = tuple(dict.fromkeys(file for layer in source.layers for file in files[layer.name]))
        yield _Scene(VALIDATION if path in held else TRAIN, planes, named, fine.rows, fine.cols)


def _files_of(scene: Path, source: PatchSource, layer: PatchLayer) -> list[Path]:
    if not layer.files:
        return [scene]
    files = []
    for pattern in layer.files:
        found = sorted(scene.glob(pattern))
        if len(found) != 1:
            raise RasterNotReadable(
                f"source {source.name}, layer {layer.name}: {len(found)} files in {scene} match {pattern}, expected 1"
            )
        files.append(found[0])
    return files


def _check_nests(coarse: SourcePlane, fine: SourcePlane, ratio: int, *, georeference: bool) -> None:
    if georeference and coarse.grid is not None and fine.grid is not None and coarse is not fine:
        check_nesting(coarse.grid, fine.grid, ratio, names=(str(coarse.path), str(fine.path)))
    if (coarse.rows * ratio, coarse.cols * ratio) != (fine.rows, fine.cols):
        raise GridMismatch(
            f"{fine.path} does not nest in {coarse.path}: expected {coarse.cols * ratio} x {coarse.rows * ratio} "
            f"pixels ({ratio} times finer), found {fine.cols} x {fine.rows}"
        )


def _common_crs(scenes: Sequence[_Scene]) -> str | None:
    """Return the CRS of all scenes, None where they have none or several."""
    names = {
        crs_name(plane.grid.crs_wkt) for scene in scenes for plane in scene.planes.values() if plane.grid
    }
    return names.pop() or None if len(names) == 1 else None


def _described(layer: PatchLayer, source: PatchSource, plane: SourcePlane) -> StoreLayer:
    infos = plane.bands()
    count = len(infos)
    for key, given in (("names", layer.names), ("wavelengths_nm", layer.wavelengths_nm)):
        if given and len(given) != count:
            raise InvalidSetting(
                f"source {source.name}, layer {layer.name}: {len(given)} {key} for {count} bands"
            )
    names = layer.names or tuple(info.name or str(info.number) for info in infos)
    lengths: tuple[float | None, ...] = layer.wavelengths_nm or tuple(info.wavelength_nm for info in infos)
    if len(set(names)) != count:  # as of one-band files without descriptions
        names = tuple(str(number) for number in range(1, count + 1))
    return StoreLayer(
        name=layer.name,
        ratio=layer.ratio,
        bands=tuple(StoreBand(name, length) for name, length in zip(names, lengths)),
        gsd_m=source.gsd_m * layer.ratio if source.gsd_m is not None else None,
        quantum=layer.quantum,
        saturation=layer.saturation,
    )
