"""From the user's rasters to a patch store: fine rasters alone or paired with coarse ones, guides, masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidSetting, NoValidPixels
from srsat_qgis.core.grid import Grid, crs_name, metres_per_pixel
from srsat_qgis.core.patching.blocks import PlacedWindow, split_by_blocks
from srsat_qgis.core.patching.contact_sheet import write_contact_sheet
from srsat_qgis.core.patching.layered import STORE_VERSION, Cut, StoreLayer, side_step, write_layers
from srsat_qgis.core.patching.matching import (
    PairMatch,
    describe_shift,
    guide_shift,
    match_pair,
    problems,
    shift_problem,
)
from srsat_qgis.core.patching.planes import Plane
from srsat_qgis.core.patching.request import LEAST_PATCH, PairRequest, check_request, open_scenes
from srsat_qgis.core.patching.scenes import GUIDE, IMAGE, TARGET, ScaledPlane, Scene
from srsat_qgis.core.patching.split import SPLITS, TRAIN, VALIDATION
from srsat_qgis.core.patching.store import (
    SHEET,
    check_room,
    check_store_folder,
    checksum,
    staged_store,
    write_manifest,
)
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.types import Progress, SilentProgress, Window

_SMALLER = 0.8  # of a patch that leaves too little room
_ENOUGH = 16
"""Training patches below which smaller ones are tried."""
_COMFORTABLE = 64
"""Target pixels: patches become smaller only where there is no room for both splits."""


@dataclass(frozen=True)
class Prepared:
    """What has been made."""

    folder: Path
    manifest: Mapping[str, Any]
    train: int
    validation: int
    sheet: Path


def prepare_store(request: PairRequest, output: Path, *, progress: Progress | None = None) -> Prepared:
    """Cut rasters into a patch store of version 2.

    Training and validation are split by blocks of ground with a guard band of one patch, see
    ``srsat_qgis.core.patching.blocks``. Pairs are checked for shift and radiometry on the way, and what is found is
    reported and written into the manifest.

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
        manifest = write_manifest(folder, STORE_VERSION, [entry])
    counts = entry["patches"]
    progress.info(
        f"{counts[TRAIN]} patches for training and {counts[VALIDATION]} for validation, of "
        f"{size // ratios[TARGET]} target pixels; left out: {_listed(entry['left_out']) or 'none'}"
    )
    return Prepared(output, manifest, counts[TRAIN], counts[VALIDATION], output / SHEET)


def _match(request: PairRequest, scenes: Sequence[Scene], progress: Progress) -> list[PairMatch | None]:
    """Compare every pair, report it, and warn of what looks wrong."""
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


def _check_guides(scene: Scene, progress: Progress) -> None:
    """Measure how the guides lie on the target, report it, and warn of a shift."""
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


def _planes(request: PairRequest, scene: Scene, match: PairMatch | None) -> dict[str, Plane]:
    planes: dict[str, Plane] = dict(scene.planes)
    if request.match == "linear" and match is not None:
        gains, offsets = [band.gain for band in match.bands], [band.offset for band in match.bands]
        planes[TARGET] = ScaledPlane(scene.planes[TARGET], gains, offsets)
    return planes


def _split(
    request: PairRequest, scenes: Sequence[Scene], progress: Progress
) -> tuple[list[PlacedWindow], int]:
    """Return the patches and their side in finest pixels: the one asked for, or one that leaves room for enough."""
    fine = scenes[0].ratios[TARGET]
    step = side_step([*scenes[0].ratios.values(), request.scale * fine])
    wanted = max(step, request.patch_size * fine // step * step)
    least = max(step, LEAST_PATCH * fine // step * step)
    grids = [scene.grid for scene in scenes]
    fitting = [side for grid in grids if (side := min(grid.rows, grid.cols)) >= least]
    if not fitting:
        raise NoValidPixels(f"too few patches: every raster is smaller than {least // fine} pixels of HR")
    if len(grids) > 1 and any(grid.transform is None for grid in grids):
        progress.warn(
            "rasters without a georeference are taken for different ground: patches of one place must not stand in two"
        )
    best: tuple[list[PlacedWindow], int] | None = None
    for size in _sizes(min([wanted, *fitting]) // step * step, least, step):
        if best is not None and (size < _COMFORTABLE * fine or _training(best[0]) >= _ENOUGH):
            break
        placed = _placed(request, grids, size, step)
        there = {one.split for one in placed}
        if TRAIN in there and (VALIDATION in there or not request.validation_share):
            best = placed, size
    if best is None:
        raise NoValidPixels(
            f"too few patches: the rasters have no room for training and validation patches of {least // fine} pixels "
            "with a guard band between them; expected larger rasters, or VALIDATION_SHARE 0"
        )
    if best[1] != wanted:
        progress.info(
            f"patches are {best[1] // fine} pixels: {request.patch_size} would leave too little room for training, "
            "validation and the guard band between them, or not fit the rasters' sizes and pixels"
        )
    return best


def _sizes(largest: int, least: int, step: int) -> Iterator[int]:
    size = largest
    while size >= least:
        yield size
        size = min(size - step, int(size * _SMALLER) // step * step)


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


def _layers(scenes: Sequence[Scene]) -> list[StoreLayer]:
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


def _bytes_needed(scene: Scene, layers: Sequence[StoreLayer], cuts: int, size: int) -> int:
    total = 0
    for layer in layers:
        values, _ = scene.planes[layer.name].read(Window(0, 0, 1, 1))
        total += cuts * len(layer.bands) * (size // layer.ratio) ** 2 * values.dtype.itemsize
    return total


def _about(request: PairRequest, scenes: Sequence[Scene]) -> dict[str, Any]:
    finest = metres_per_pixel(scenes[0].grid)
    return {
        "name": request.name,
        "group": request.name,
        "sensor": request.sensor,
        "place": request.place,
        "licence": request.licence,
        "gsd_m": None if finest is None else finest * scenes[0].ratios[TARGET],
        "crs": crs_name(scenes[0].grid.crs_wkt) or None,
        "files": [
            {
                "path": Path(plane.raster.path).name,
                "layer": name,
                "split": "blocks",
                "sha256": _sum(plane.raster),
            }
            for scene in scenes
            for name, plane in scene.planes.items()
        ],
    }


def _sum(raster: Raster) -> str | None:
    """Return the checksum of the raster's main file; None where it is no file on a disk."""
    files = [Path(path) for path in raster.files()[:1]]
    return checksum(files[0]) if files and files[0].is_file() else None


def _extras(
    request: PairRequest, scenes: Sequence[Scene], matches: Sequence[PairMatch | None], size: int
) -> dict[str, Any]:
    """Return what stands in the manifest besides what every store has."""
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
