"""A scene as the user gives it: a product, rasters of its bands, or both."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import BandMismatch, InvalidSetting, MixedScenes, UnsupportedRaster
from srsat_qgis.core.fusion.sensor import SceneBand
from srsat_qgis.core.raster.derived import unsigned
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.sentinel2 import listing
from srsat_qgis.core.sentinel2.clouds import CloudMask, find_masks
from srsat_qgis.core.sentinel2.msi import LEFT_OUT, SENTINEL2, in_file_name
from srsat_qgis.core.sentinel2.products import (
    LEVELS,
    MUSCATE_NODATA,
    Offsets,
    Product,
    by_paths,
    check_one_scene,
    find_product,
    offsets_of,
)
from srsat_qgis.core.superres.job import Source
from srsat_qgis.core.types import Window

AUTO = "auto"
RESOLUTIONS = ("10", "5")
"""Sides of the output's pixels in metres that are offered; the second by ``FINER_MODEL``, of the scene at 10 m."""
FINER_MODEL = "any-x2"
# Pixels on a side of what is looked at to tell reflectance from its ten thousandfold, and more than it can be.
_LOOKED_AT, _MOST_REFLECTANCE = 512, 2.0


@dataclass(frozen=True)
class Sentinel2Scene:
    """The bands of one tile and time."""

    layers: Mapping[str, SceneBand]
    offsets: Offsets
    clouds: CloudMask | None
    """What tells where it is cloudy."""
    about: str
    """Level, tile, time and offsets in words, for the log."""


def open_scene(
    product: str = "",
    *,
    rasters: Mapping[int, Sequence[Source]] | None = None,
    level: str = AUTO,
) -> Sentinel2Scene:
    """Return a scene's bands.

    Parameters
    ----------
    product : str
        Path of a product; empty: none. Bands among ``rasters`` replace the product's.
    rasters : mapping of int to sequence of Source
        Rasters of bands, by their native pixel size: 10, 20 or 60 metres.
    level : {"auto", "L1C", "L2A"}
        What the user knows of the product; ``auto``: as its names tell.

    Raises
    ------
    InputError, InvalidSetting
        If neither is given, what is given cannot be read as one scene, or bands hold reflectance itself.
    """
    if level not in (AUTO, *LEVELS):
        raise InvalidSetting(f"level {level!r}: expected {AUTO}, {' or '.join(LEVELS)}")
    own = joined(from_rasters(sources, gsd) for gsd, sources in (rasters or {}).items() if sources)
    for layer in own.values():
        _check_numbers(layer)
    if not product:
        if not own:
            raise BandMismatch("expected a Sentinel-2 product, or rasters of its bands; got neither")
        paths = dict.fromkeys(layer.path for layer in own.values())
        return Sentinel2Scene(
            own, by_paths(paths), _beside(list(paths)), f"{len(own)} bands from {len(paths)} rasters"
        )
    found = find_product(product, level=None if level == AUTO else level)
    offsets = offsets_of(found)
    layers = joined([{**from_product(found), **own}])
    added = sorted({value for value in offsets.values.values() if value})
    told = f"offsets {', '.join(f'{value:g}' for value in added) or 'none'} ({offsets.why})"
    if found.reflectance:
        told += f"; {MUSCATE_NODATA:g} (no data) becomes 0, other values below 1 become 1"
    if found.leaves_out:
        told += f"; {LEFT_OUT} (cirrus) is left out"
    return Sentinel2Scene(layers, offsets, next(iter(found.clouds), None), f"{found.describe()}; {told}")


def _check_numbers(layer: SceneBand) -> None:
    """Refuse a band of floats that in its middle holds reflectance itself: all of it would be rounded to 0 or 1."""
    if not layer.data_type.startswith("Float"):
        return
    grid = layer.grid
    rows, cols = min(grid.rows, _LOOKED_AT), min(grid.cols, _LOOKED_AT)
    window = Window((grid.rows - rows) // 2, (grid.cols - cols) // 2, rows, cols)
    values, valid = Raster(layer.path).read_exact(window, (layer.number,))
    known = values[np.isfinite(values) if valid is None else valid & np.isfinite(values)]
    if known.any() and known.max() <= _MOST_REFLECTANCE:
        raise UnsupportedRaster(
            f"{layer.path}: found values of up to {known.max():.4g} in {layer.band}; expected reflectance times 10000"
        )


def _beside(paths: Sequence[str]) -> CloudMask | None:
    """Return the best cloud mask in the folder of the first raster; None where two claim to be it."""
    if paths[0].startswith("/vsi"):
        return None
    masks = find_masks(listing.files_in(Path(paths[0]).parent.as_posix()))
    masks = tuple(mask for mask in masks if _of_one_scene([*paths, mask.path]))
    best = [mask for mask in masks if mask.kind == masks[0].kind]
    return best[0] if len({mask.title for mask in best}) == 1 else None


def _of_one_scene(files: Sequence[str]) -> bool:
    try:
        check_one_scene(files)
    except MixedScenes:
        return False
    return True


def joined(groups: Iterable[Mapping[str, SceneBand]]) -> dict[str, SceneBand]:
    """Return the layers of several groups in one mapping, after checking that they are of one scene.

    Raises
    ------
    BandMismatch
        If a band stands in two of them.
    MixedScenes
        If the names of the files tell different tiles or times.
    """
    layers: dict[str, SceneBand] = {}
    for one in groups:
        for entry in one.values():
            _add(layers, entry)
    check_one_scene(dict.fromkeys(entry.path for entry in layers.values()))
    return layers


def _add(layers: dict[str, SceneBand], entry: SceneBand) -> None:
    other = layers.setdefault(entry.band, entry)
    if other is not entry:
        raise BandMismatch(
            f"{entry.band} stands twice: {other.path} band {other.number} and {entry.path} band {entry.number}"
        )


def from_product(product: Product) -> dict[str, SceneBand]:
    """Return the layers of a product by band.

    Raises
    ------
    RasterNotReadable
        If an image cannot be opened.
    """
    layers = {}
    for band, path in product.images.items():
        raster = Raster(path)
        if product.reflectance and raster.types[0] == "Int16":
            path = unsigned(path, raster.grid, nodata=MUSCATE_NODATA)
            raster = Raster(path)
        layers[band] = SceneBand(band, path, 1, raster.grid, raster.types[0])
    return layers


def from_rasters(sources: Sequence[Source], gsd_m: int) -> dict[str, SceneBand]:
    """Return the layers of rasters that hold bands of one native pixel size, by band.

    A band is known by its description, its wavelength, or, alone in its file, by the file's name. Where nothing
    names any of them, as many bands as Sentinel-2 has of this pixel size are taken in wavelength order.

    Parameters
    ----------
    sources : sequence of Source
    gsd_m : int
        10, 20 or 60; says which bands an unnamed stack holds.

    Raises
    ------
    BandMismatch
        If a band is not known, or stands twice; the message names the files.
    """
    rasters = [(Raster(source.path), source.bands) for source in sources]
    unnamed = []
    layers: dict[str, SceneBand] = {}
    for raster, wanted in rasters:
        infos = [info for info in raster.bands if not info.is_alpha and (not wanted or info.number in wanted)]
        for info in infos:
            band = SENTINEL2.named(info.name) or SENTINEL2.at_wavelength(info.wavelength_nm)
            if band is None and len(infos) == 1:
                band = in_file_name(Path(posixpath.basename(raster.path)).stem)
            entry = SceneBand(
                band or "", raster.path, info.number, raster.grid, raster.types[info.number - 1]
            )
            if band is None:
                unnamed.append(entry)
            else:
                _add(layers, entry)
    usual = SENTINEL2.group(gsd_m)
    if not unnamed:
        return layers
    if layers or len(unnamed) != len(usual):
        there = ", ".join(f"{entry.path} band {entry.number}" for entry in unnamed)
        raise BandMismatch(
            f"expected bands that are named ({', '.join(band.name for band in usual)}), or {len(usual)} unnamed "
            f"ones in this order; nothing tells which band these are: {there}"
        )
    for spec, entry in zip(usual, unnamed):
        _add(layers, SceneBand(spec.name, entry.path, entry.number, entry.grid, entry.data_type))
    return layers
