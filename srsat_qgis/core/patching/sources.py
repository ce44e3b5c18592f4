"""What training patches are cut from: the description of rasters and arrays, as a JSON list holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidSetting

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
