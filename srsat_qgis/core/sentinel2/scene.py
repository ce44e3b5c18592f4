"""A scene as the user gives it: a product, rasters of its bands, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.errors import BandMismatch, InvalidSetting, MixedScenes
from srsat_qgis.core.job import Source
from srsat_qgis.core.sentinel2 import listing
from srsat_qgis.core.sentinel2.clouds import CloudMask, find_masks
from srsat_qgis.core.sentinel2.groups import Layer, from_product, from_rasters, joined
from srsat_qgis.core.sentinel2.offsets import Offsets, by_paths, offsets_of
from srsat_qgis.core.sentinel2.safe import LEVELS, check_one_scene, find_product

AUTO = "auto"


@dataclass(frozen=True)
class Scene:
    """The bands of one tile and time."""

    layers: Mapping[str, Layer]
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
) -> Scene:
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
        If neither is given, or what is given cannot be read as one scene.
    """
    if level not in (AUTO, *LEVELS):
        raise InvalidSetting(f"level {level!r}: expected {AUTO}, {' or '.join(LEVELS)}")
    own = joined(from_rasters(sources, gsd) for gsd, sources in (rasters or {}).items() if sources)
    if not product:
        if not own:
            raise BandMismatch("expected a Sentinel-2 product, or rasters of its bands; got neither")
        paths = dict.fromkeys(layer.path for layer in own.values())
        return Scene(
            own, by_paths(paths), _beside(list(paths)), f"{len(own)} bands from {len(paths)} rasters"
        )
    found = find_product(product, level=None if level == AUTO else level)
    offsets = offsets_of(found)
    layers = joined([{**from_product(found), **own}])
    added = sorted({value for value in offsets.values.values() if value})
    told = f"offsets {', '.join(f'{value:g}' for value in added) or 'none'} ({offsets.why})"
    return Scene(layers, offsets, next(iter(found.clouds), None), f"{found.describe()}; {told}")


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
