"""From the user's rasters to a patch store: the request, checked, and fine rasters alone or paired with coarse ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import BandMismatch, GridMismatch, InvalidSetting, NoValidPixels
from srsat_qgis.core.patches.matching import (
    PairMatch,
    describe_shift,
    guide_shift,
    match_pair,
    problems,
    shift_problem,
    write_contact_sheet,
)
from srsat_qgis.core.patches.scenes import (
    GUIDE,
    IMAGE,
    TARGET,
    Mask,
    RasterScene,
    ScaledPlane,
    open_scene,
    pixel_side,
)
from srsat_qgis.core.patches.split import (
    SPLITS,
    TRAIN,
    VALIDATION,
    PlacedWindow,
    shrinking_sides,
    split_by_blocks,
)
from srsat_qgis.core.patches.store import (
    SHEET,
    Cut,
    Plane,
    StoreLayer,
    check_room,
    check_store_folder,
    side_step,
    staged_store,
    write_layers,
    write_manifest,
)
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.raster.grid import Grid, crs_name, metres_per_pixel
from srsat_qgis.core.raster.nesting import check_same_crs
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Progress, SilentProgress, Window

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
    family: str = ""
    """Of the models that are trained on it; empty: as their inputs say."""
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


def open_scenes(request: PairRequest) -> list[RasterScene]:
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
    scenes: list[RasterScene] = []
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
        ratio = scene.ratios[IMAGE] / scene.ratios[TARGET] if images else request.scale
        if ratio != request.scale:
            raise GridMismatch(
                f"{scene.planes[IMAGE].raster.path}: its pixels are {ratio:g} times as large as those of "
                f"{scene.label}; SCALE is {request.scale}"
            )
    return scenes


def _check_alike(scene: RasterScene, first: RasterScene) -> None:
    """Check that all scenes have layers of the same bands and pixel sizes, in one CRS."""
    if scene is first:
        return
    check_same_crs(scene.grid, first.grid, names=(scene.label, first.label))
    if scene.ratios != first.ratios:
        raise GridMismatch(
            f"{scene.label}: its layers have the pixel ratios {dict(scene.ratios)}, those of {first.label} "
            f"{dict(first.ratios)}; expected the same"
        )
    sides = [pixel_side(one.grid) for one in (scene, first)]
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


# Training patches below which smaller ones are tried.
_ENOUGH = 16
# Target pixels: smaller patches are made only where there is no room for both splits.
_COMFORTABLE = 64


@dataclass(frozen=True)
class Prepared:
    """What has been made."""

    folder: Path
    manifest: Mapping[str, Any]
    train: int
    validation: int
    sheet: Path


def prepare_store(request: PairRequest, output: Path, *, progress: Progress | None = None) -> Prepared:
    """Cut rasters into a patch store.

    Training and validation are split by blocks of ground with a guard band of one patch, see
    ``srsat_qgis.core.patches.split``. Pairs are checked for misregistration and radiometry on the way, and what is
    found is reported and written into the manifest.

    Parameters
    ----------
    request : PairRequest
    output : Path
        New, empty, or with an earlier store, which is replaced when the new one is whole.
    progress : Progress, optional

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``; the folder is then as it was.
    """
    progress = progress or SilentProgress()
    check_request(request)
    check_store_folder(output)
    scenes = open_scenes(request)
    matches = _match(request, scenes, progress)
    ratios = scenes[0].ratios
    placed, size = _split(request, scenes, progress)
    planes = [_planes(request, scene, match) for scene, match in zip(scenes, matches)]
    cuts = [
        Cut(one.split, one.window, planes[one.scene], scenes[one.scene].masked if request.masks else None)
        for one in placed
    ]
    layers = _layers(scenes)
    check_room(output, _bytes_needed(scenes[0], layers, len(cuts), size))
    with staged_store(output) as folder:
        entry = write_layers(
            folder,
            _about(request, scenes),
            layers,
            cuts,
            size=size,
            max_invalid=request.max_invalid,
            progress=progress,
        )
        _check_enough(request, entry)
        entry = {**entry, **_extras(request, scenes, matches, size)}
        write_contact_sheet(folder, entry, folder / SHEET, scale=request.scale)
        manifest = write_manifest(folder, [entry])
    counts = entry["patches"]
    progress.info(
        f"{counts[TRAIN]} patches for training and {counts[VALIDATION]} for validation, of "
        f"{size // ratios[TARGET]} target pixels; left out: {_listed(entry['left_out']) or 'none'}"
    )
    return Prepared(output, manifest, counts[TRAIN], counts[VALIDATION], output / SHEET)


def _match(request: PairRequest, scenes: Sequence[RasterScene], progress: Progress) -> list[PairMatch | None]:
    """Compare every pair, report the findings, and warn of problems."""
    matches: list[PairMatch | None] = []
    for scene in scenes:
        _check_guides(scene, progress)
        if IMAGE not in scene.planes:
            matches.append(None)
            continue
        image = scene.planes[IMAGE]
        match = match_pair(scene.planes[TARGET], image, request.scale)
        pair = f"{Path(scene.label).name} and {Path(image.raster.path).name}"
        progress.info(f"{pair}: {match.describe()}")
        found = problems(match)
        for problem in found.values():
            progress.warn(f"{pair}: {problem}")
        if request.match == "linear" and "bands" in found:
            raise InvalidSetting(f"{pair}: MATCH linear needs bands that correlate; {found['bands']}")
        matches.append(match)
    return matches


def _check_guides(scene: RasterScene, progress: Progress) -> None:
    """Measure the shift of every guide from the target, report it, and warn of misregistration."""
    target = scene.planes[TARGET]
    for name, plane in scene.planes.items():
        if not name.startswith(GUIDE):
            continue
        shift = guide_shift(target, plane, ratios=(scene.ratios[TARGET], scene.ratios[name]))
        both = f"{Path(scene.label).name} and {Path(plane.raster.path).name}"
        progress.info(f"{both}: {describe_shift(shift)}")
        problem = shift_problem(shift)
        if problem:
            progress.warn(f"{both}: {problem}")


def _planes(request: PairRequest, scene: RasterScene, match: PairMatch | None) -> dict[str, Plane]:
    planes: dict[str, Plane] = dict(scene.planes)
    if request.match == "linear" and match is not None:
        gains, offsets = [band.gain for band in match.bands], [band.offset for band in match.bands]
        planes[TARGET] = ScaledPlane(scene.planes[TARGET], gains, offsets)
    return planes


def _split(
    request: PairRequest, scenes: Sequence[RasterScene], progress: Progress
) -> tuple[list[PlacedWindow], int]:
    """Return the patches and their side in finest pixels: the one asked for, or one that leaves room for enough."""
    fine = scenes[0].ratios[TARGET]
    step = side_step([*scenes[0].ratios.values(), request.scale * fine])
    wanted = max(step, request.patch_size * fine // step * step)
    least = max(step, LEAST_PATCH * fine // step * step)
    grids = [scene.grid for scene in scenes]
    fitting = [side for grid in grids if (side := min(grid.rows, grid.cols)) >= least]
    if not fitting:
        raise NoValidPixels(
            f"too few patches: every raster is smaller than {least // fine} pixels of HR; expected larger rasters"
        )
    if len(grids) > 1 and any(grid.transform is None for grid in grids):
        progress.warn(
            "rasters without a georeference count as different ground: no place may be in two of them"
        )
    best: tuple[list[PlacedWindow], int] | None = None
    for size in shrinking_sides(min([wanted, *fitting]) // step * step, least, step):
        if best is not None and (size < _COMFORTABLE * fine or _training(best[0]) >= _ENOUGH):
            break
        placed = _placed(request, grids, size, step)
        splits = {one.split for one in placed}
        if TRAIN in splits and (VALIDATION in splits or not request.validation_share):
            best = placed, size
    if best is None:
        raise NoValidPixels(
            f"too few patches: PATCH_SIZE is {request.patch_size}, and the rasters have no room even for training and "
            f"validation patches of {least // fine} pixels with a guard band between them (the largest has "
            f"{max(grid.cols for grid in grids)} x {max(grid.rows for grid in grids)} pixels); expected larger "
            "rasters, or VALIDATION_SHARE 0"
        )
    if best[1] != wanted:
        progress.info(
            f"patches are {best[1] // fine} pixels: {request.patch_size} would leave too little room for training, "
            "validation and the guard band between them, or not fit the rasters' sizes and pixels"
        )
    return best


def _training(placed: Sequence[PlacedWindow]) -> int:
    return sum(one.split == TRAIN for one in placed)


def _placed(request: PairRequest, grids: Sequence[Grid], size: int, step: int) -> list[PlacedWindow]:
    overlap = request.overlap * size // request.patch_size
    return split_by_blocks(
        grids,
        size=size,
        stride=max(step, (size - overlap) // step * step),
        step=step,
        share=request.validation_share,
        seed=request.seed,
    )


def _layers(scenes: Sequence[RasterScene]) -> list[StoreLayer]:
    first = scenes[0]
    finest = metres_per_pixel(first.grid)
    order = [TARGET, *(name for name in first.planes if name != TARGET)]
    return [
        StoreLayer(
            name=name,
            ratio=first.ratios[name],
            bands=first.planes[name].bands(),
            gsd_m=None if finest is None else finest * first.ratios[name],
        )
        for name in order
    ]


def _bytes_needed(scene: RasterScene, layers: Sequence[StoreLayer], cuts: int, size: int) -> int:
    total = 0
    for layer in layers:
        values, _ = scene.planes[layer.name].read(Window(0, 0, 1, 1))
        total += cuts * len(layer.bands) * (size // layer.ratio) ** 2 * values.dtype.itemsize
    return total


def _about(request: PairRequest, scenes: Sequence[RasterScene]) -> dict[str, Any]:
    finest = metres_per_pixel(scenes[0].grid)
    return {
        "name": request.name,
        "group": request.name,
        "sensor": request.sensor,
        "place": request.place,
        "licence": request.licence,
        **({"family": request.family} if request.family else {}),
        "gsd_m": None if finest is None else finest * scenes[0].ratios[TARGET],
        "crs": crs_name(scenes[0].grid.crs_wkt) or None,
        "files": [
            {
                "path": Path(plane.raster.path).name,
                "layer": name,
                "split": "blocks",
                "sha256": _checksum(plane.raster),
            }
            for scene in scenes
            for name, plane in scene.planes.items()
        ],
    }


def _checksum(raster: Raster) -> str | None:
    """Return the SHA-256 of the raster's main file; None where it is no file on a disk."""
    files = [Path(path) for path in raster.files()[:1]]
    return file_sha256(files[0]) if files and files[0].is_file() else None


def _extras(
    request: PairRequest, scenes: Sequence[RasterScene], matches: Sequence[PairMatch | None], size: int
) -> dict[str, Any]:
    """Return what the manifest of a store of the user's rasters says besides the facts of every store."""
    return {
        "scale": request.scale,
        "split": {
            "kind": "blocks",
            "share": request.validation_share,
            "seed": request.seed,
            "guard_px": size,
        },
        "max_invalid": request.max_invalid,
        "match": request.match,
        "pairs": [
            {
                "target": Path(scene.label).name,
                "image": Path(scene.planes[IMAGE].raster.path).name,
                **match.entry(),
            }
            for scene, match in zip(scenes, matches)
            if match is not None
        ],
    }


def _check_enough(request: PairRequest, entry: Mapping[str, Any]) -> None:
    counts = entry["patches"]
    needed = SPLITS if request.validation_share else (TRAIN,)
    for split in needed:
        if not counts[split]:
            raise NoValidPixels(
                f"too few patches: none is left for {split}, left out: {_listed(entry['left_out'])}; expected at least "
                "one. Allow more with MAX_INVALID, make PATCH_SIZE smaller, or choose other blocks with SEED"
            )


def _listed(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in left_out.items())
