"""What a patch store is to be made of, and the rasters that it names, opened and checked against each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.errors import BandMismatch, GridMismatch, InvalidSetting
from srsat_qgis.core.patching.placing import check_same_crs
from srsat_qgis.core.patching.scenes import GUIDE, IMAGE, TARGET, Mask, Scene, open_scene
from srsat_qgis.core.raster import Raster

MATCHES = ("report", "linear")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
LEAST_PATCH = 16
"""Target pixels: patches are never made smaller."""


@dataclass(frozen=True)
class PairRequest:
    """What to make a store of. Paths are anything that GDAL opens."""

    targets: tuple[str, ...]
    """The fine rasters."""
    images: tuple[str, ...] = ()
    """The coarse ones, one a target; none: training degrades the targets."""
    guides: tuple[str, ...] = ()
    """One or several a target: first all of the first kind, then all of the second."""
    masks: tuple[str, ...] = ()
    """None, one for all, or one a target."""
    mask_values: tuple[float, ...] = ()
    """Values of the masks that are left out; none: every value but 0."""
    nodata: float | None = None
    """Overrides the no data value of targets and images."""
    scale: int = 2
    """Target pixels per image pixel, along one axis."""
    patch_size: int = 128
    """Target pixels; smaller where the rasters leave no room."""
    overlap: int = 0
    """Target pixels that neighbouring training patches share."""
    max_invalid: float = 0.0
    """Share of no data, or of what the mask leaves out, up to which a patch is kept."""
    validation_share: float = 0.15
    seed: int = 1
    match: str = MATCHES[0]
    """``linear``: the target's bands are brought to the image's radiometry by a gain and an offset."""
    name: str = "rasters"
    """Of the source in the store, and of its files: letters, digits, ``-`` and ``_``."""
    sensor: str = ""
    place: str = ""
    licence: str = "not stated"


def check_request(request: PairRequest) -> None:
    """Check what can be checked without opening a raster.

    Raises
    ------
    InvalidSetting
        If a value is out of its range, or the numbers of rasters do not fit each other.
    """
    if not request.targets:
        raise InvalidSetting("HR: no raster given, expected at least one")
    if not _NAME.fullmatch(request.name):
        raise InvalidSetting(f"NAME {request.name!r}: expected letters, digits, - and _")
    if request.scale < 2:
        raise InvalidSetting(f"SCALE is {request.scale}; expected 2 or more")
    if request.match not in MATCHES:
        raise InvalidSetting(f"MATCH {request.match!r}: expected one of {', '.join(MATCHES)}")
    if request.patch_size < LEAST_PATCH:
        raise InvalidSetting(f"PATCH_SIZE is {request.patch_size}; expected at least {LEAST_PATCH}")
    if not 0 <= request.overlap < request.patch_size:
        raise InvalidSetting(
            f"OVERLAP is {request.overlap}; expected 0 to below PATCH_SIZE, {request.patch_size}"
        )
    for name, value in (("MAX_INVALID", request.max_invalid), ("VALIDATION_SHARE", request.validation_share)):
        if not 0 <= value < 1:
            raise InvalidSetting(f"{name} is {value:g}; expected 0 to below 1")
    count = len(request.targets)
    if request.images and len(request.images) != count:
        raise InvalidSetting(
            f"LR: {len(request.images)} rasters for {count} of HR; expected one each, or none"
        )
    if len(request.guides) % count:
        raise InvalidSetting(f"GUIDES: {len(request.guides)} rasters for {count} of HR; expected a multiple")
    if len(request.masks) not in (0, 1, count):
        raise InvalidSetting(
            f"MASK: {len(request.masks)} rasters for {count} of HR; expected none, one, or one each"
        )


def paired(targets: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return ``others`` in the order of their targets: by file name where the same names stand in both, else as is."""
    names = [Path(path).stem for path in others]
    by_name = dict(zip(names, others))
    wanted = [Path(path).stem for path in targets]
    if len(set(names)) == len(names) and sorted(names) == sorted(wanted):
        return tuple(by_name[name] for name in wanted)
    return tuple(others)


def open_scenes(request: PairRequest) -> list[Scene]:
    """Open the rasters, one scene a target.

    Raises
    ------
    RasterNotReadable, UnsupportedRaster, GridMismatch, BandMismatch
        If a raster cannot be used, or does not fit its scene or the other scenes.
    """
    count = len(request.targets)
    images = paired(request.targets, request.images)
    kinds = [
        paired(request.targets, request.guides[start : start + count])
        for start in range(0, len(request.guides), count)
    ]
    masks = paired(request.targets, request.masks) if len(request.masks) == count else request.masks * count
    scenes = []
    for index, path in enumerate(request.targets):
        rasters = {TARGET: Raster(path, nodata=request.nodata)}
        if images:
            rasters[IMAGE] = Raster(images[index], nodata=request.nodata)
        for number, kind in enumerate(kinds):
            rasters[GUIDE + (str(number + 1) if number else "")] = Raster(kind[index])
        mask = Mask(Raster(masks[index]), frozenset(request.mask_values)) if masks else None
        scenes.append(open_scene(rasters, mask))
    for scene in scenes:
        _check_alike(scene, scenes[0])
        if images:
            _check_scale(scene, request.scale)
    return scenes


def _check_scale(scene: Scene, scale: int) -> None:
    ratio = scene.ratios[IMAGE] / scene.ratios[TARGET]
    if ratio != scale:
        raise GridMismatch(
            f"{scene.planes[IMAGE].raster.path}: its pixels are {ratio:g} times as large as those of {scene.label}; "
            f"SCALE is {scale}"
        )


def _check_alike(scene: Scene, first: Scene) -> None:
    """Check that all scenes have layers of the same bands and pixel sizes, in one CRS."""
    if scene is first:
        return
    check_same_crs(scene.grid, first.grid, names=(scene.label, first.label))
    if scene.ratios != first.ratios:
        raise GridMismatch(
            f"{scene.label}: its layers have the pixel ratios {dict(scene.ratios)}, those of {first.label} "
            f"{dict(first.ratios)}; expected the same"
        )
    sides = [_side(one) for one in (scene, first)]
    if abs(sides[0] / sides[1] - 1) > 1e-3:
        raise GridMismatch(
            f"{scene.label}: pixels of {sides[0]:g} map units, {first.label} has {sides[1]:g}; expected one size"
        )
    for name, plane in scene.planes.items():
        other = first.planes[name]
        if len(plane.numbers) != len(other.numbers):
            raise BandMismatch(
                f"{plane.raster.path}: {len(plane.numbers)} bands, {other.raster.path} has {len(other.numbers)}; "
                "expected the same bands in all rasters of a kind"
            )


def _side(scene: Scene) -> float:
    _, xc, xr, _, yc, yr = scene.grid.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    return abs(xc * yr - xr * yc) ** 0.5
