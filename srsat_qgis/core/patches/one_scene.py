"""A patch store out of a single scene, to train on it: where its patches lie, and how training and validation part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import NoValidPixels
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.patches.scenes import RasterPlane
from srsat_qgis.core.patches.split import (
    TRAIN,
    VALIDATION,
    PlacedWindow,
    shrinking_sides,
    split_by_blocks,
    strided_windows,
)
from srsat_qgis.core.patches.store import (
    Cut,
    StoreLayer,
    check_room,
    side_step,
    staged_store,
    write_layers,
    write_manifest,
)
from srsat_qgis.core.raster.grid import Grid, crs_name
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Progress, Window

MOST = {TRAIN: 144, VALIDATION: 16}
"""Patches of each split: what a few minutes of training can see."""
# Training patches below which smaller ones are tried, and below which nothing can be learned.
_ENOUGH, _LEAST = 12, 8
# Finest pixels: a patch of bands of twice the size then holds 144 x 144 of them.
_SIDE, _LEAST_SIDE = 288, 72
# Or so many pixels of the degraded target, where those are large.
_CELLS, _LEAST_CELLS = 10, 7
# Patches of the largest side below which blocks and their guard bands would take too much ground.
_FEW = 40
# Of a small scene's longer side, for validation, and the pixels of the degraded target between it and training.
_STRIP, _GUARD_CELLS = 0.25, 4
# Finest pixels: the tiles of a product's JPEG 2000 images, each decoded as a whole.
_BLOCK = 1024
_SEED = 1


@dataclass(frozen=True)
class SceneStore:
    """What was cut."""

    folder: Path
    side: int
    """Of a patch, in pixels of the target bands."""
    train: int
    validation: int


def cut_scene(
    card: ModelCard,
    stacks: Mapping[str, str],
    folder: Path,
    *,
    sensor: str,
    gsd_m: float,
    saturation: float | None,
    progress: Progress,
) -> SceneStore:
    """Cut patches of all inputs of a model out of a scene.

    Validation is whole blocks of ground, and training keeps a patch away from them; in a scene with room for few
    patches it is a strip at the scene's end, and training keeps four pixels of the degraded target away. Of a large
    scene only some blocks are read. Patches with no data or with saturated pixels are left out.

    Parameters
    ----------
    card : ModelCard
        Its first input has the bands that are to be made finer.
    stacks : mapping of str to str
        By the name of the input, a raster of its bands; all cover the same ground.
    folder : Path
        Of the store.
    sensor : str
        Its name, for the manifest.
    gsd_m : float
        Side of the finest pixels in metres.
    saturation : float, optional
        Value of saturated pixels.
    progress : Progress

    Raises
    ------
    NoValidPixels
        If the scene is too small, or has too little ground without holes, to learn from and to check it.
    DiskFull, OutputNotWritable, Cancelled
        Whichever applies.
    """
    rasters = {spec.name: Raster(stacks[spec.name]) for spec in card.inputs}
    finest = min(spec.ratio for spec in card.inputs)
    ratios = {spec.name: spec.ratio // finest for spec in card.inputs}
    target = card.inputs[0]
    fine = next(rasters[name] for name, ratio in ratios.items() if ratio == 1)
    placed, size = _placed(rasters[target.name], fine, ratios[target.name], card.scale, ratios)
    planes = {name: _whole(raster) for name, raster in rasters.items()}
    layers = [
        StoreLayer(name, ratio, planes[name].bands(), gsd_m=gsd_m * ratio, saturation=saturation)
        for name, ratio in ratios.items()
    ]
    pixels = sum(len(layer.bands) * (size // layer.ratio) ** 2 for layer in layers)
    check_room(folder, pixels * len(placed) * 4)
    cuts = [Cut(one.split, one.window, planes) for one in placed]
    about = {
        "name": "scene",
        "group": "scene",
        "sensor": sensor,
        "place": "the scene itself",
        "licence": "that of the scene",
        "gsd_m": gsd_m,
        "crs": crs_name(fine.grid.crs_wkt) or None,
        "files": [],
    }
    with staged_store(folder) as staged:
        entry = write_layers(staged, about, layers, cuts, size=size, progress=progress)
        counts = entry["patches"]
        if counts[TRAIN] < _LEAST or not counts[VALIDATION]:
            raise _too_little(f"{counts[TRAIN]} patches to learn from and {counts[VALIDATION]} to check it")
        write_manifest(staged, [entry])
    return SceneStore(folder, size // ratios[target.name], counts[TRAIN], counts[VALIDATION])


def _whole(raster: Raster) -> RasterPlane:
    numbers = [info.number for info in raster.bands]
    return RasterPlane(raster, numbers, Window(0, 0, raster.grid.rows, raster.grid.cols))


def _placed(
    target: Raster, fine: Raster, own: int, scale: int, ratios: Mapping[str, int]
) -> tuple[list[PlacedWindow], int]:
    """Return the patches and their side in finest pixels: as large as leaves enough of them for both splits."""
    # A pixel of the degraded target.
    cell = own * scale
    step = side_step([*ratios.values(), cell])
    rows, cols = fine.grid.rows, fine.grid.cols
    largest = min(max(_SIDE, _CELLS * cell), rows, cols) // step * step
    least = -(-max(_LEAST_SIDE, _LEAST_CELLS * cell) // step) * step
    small = not largest or (rows // largest) * (cols // largest) < _FEW
    if small:
        largest = min(largest, max(least, int(_STRIP * max(rows, cols)) // step * step))
    best: tuple[list[PlacedWindow], int] | None = None
    for size in shrinking_sides(largest, least, step):
        split = _by_strip(fine.grid, size, step, _GUARD_CELLS * cell) if small else _split(fine, size, step)
        placed = _usable(target, own, split)
        train = sum(one.split == TRAIN for one in placed)
        if train >= _LEAST and train < len(placed):
            best = best or (placed, size)
            if train >= _ENOUGH:
                return placed, size
    if best is None:
        raise _too_little(
            f"{fine.grid.cols} x {fine.grid.rows} pixels of {Path(fine.path).name} leave no room for patches"
        )
    return best


def _too_little(seen: str) -> NoValidPixels:
    return NoValidPixels(
        f"the scene has too little ground without holes to learn from it: {seen}; expected at least {_LEAST} patches "
        "and one more, a patch away from them"
    )


def _split(fine: Raster, size: int, step: int) -> list[PlacedWindow]:
    """Return patches of both splits; overlapping ones where there are few."""
    grid = fine.grid
    count = (grid.rows // size) * (grid.cols // size)
    stride = size if count >= 2 * MOST[TRAIN] else max(step, size // 2 // step * step)
    share = MOST[VALIDATION] / count
    return split_by_blocks([grid], size=size, stride=stride, step=step, share=share, seed=_SEED)


def _by_strip(grid: Grid, size: int, step: int, guard: int) -> list[PlacedWindow]:
    """Return overlapping patches for training, and beyond a guard band those of a strip at the longer side's end."""
    across = grid.cols >= grid.rows
    longer, shorter = (grid.cols, grid.rows) if across else (grid.rows, grid.cols)
    strip = max(size, int(_STRIP * longer) // step * step)
    start = (longer - strip) // step * step
    stride = max(step, size // 4 // step * step)
    placed = []
    for split, first, length, every in (
        (TRAIN, 0, start - guard, stride),
        (VALIDATION, start, longer - start, size),
    ):
        for window in strided_windows(shorter, max(0, length), size, every):
            row, col = (window.row, window.col + first) if across else (window.col + first, window.row)
            placed.append(PlacedWindow(0, split, Window(row // step * step, col // step * step, size, size)))
    return list(dict.fromkeys(placed))


def _usable(target: Raster, own: int, placed: Sequence[PlacedWindow]) -> list[PlacedWindow]:
    """Return some patches of each split that hold values, few blocks of the images being read for them."""
    chosen = []
    for split, most in MOST.items():
        count = 0
        for one in _by_blocks([one for one in placed if one.split == split]):
            if count == most:
                break
            if target.read_exact(one.window.divided(own), [1])[1] is None:
                chosen.append(one)
                count += 1
    return chosen


def _by_blocks(placed: Sequence[PlacedWindow]) -> list[PlacedWindow]:
    """Return patches block after block, the blocks in an order without pattern that is always the same."""
    blocks: dict[tuple[int, int], list[PlacedWindow]] = {}
    for one in placed:
        blocks.setdefault((one.window.row // _BLOCK, one.window.col // _BLOCK), []).append(one)
    keys = sorted(blocks)
    order = np.random.default_rng(_SEED).permutation(len(keys))
    return [one for number in order for one in blocks[keys[number]]]
