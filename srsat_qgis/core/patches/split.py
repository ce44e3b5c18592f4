"""Which windows of a raster become patches, and on which side of the split they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.types import Window

TRAIN, VALIDATION = SPLITS = ("train", "validation")


def strided_windows(rows: int, cols: int, size: int, stride: int) -> list[Window]:
    """Return windows of ``size`` every ``stride`` pixels; the last of a row or column is moved inside the grid."""
    if min(rows, cols) < size:
        return []
    starts = [sorted({*range(0, side - size + 1, stride), side - size}) for side in (rows, cols)]
    return [Window(row, col, size, size) for row in starts[0] for col in starts[1]]


def file_windows(
    rows: int, cols: int, size: int, *, split: str, share: float, step: int = 1
) -> list[tuple[str, Window]]:
    """Return ``(split, window)`` of one file: whole on its side, or divided where it is of training.

    No training window is nearer than ``size`` rows to a validation window. A raster too low for both splits belongs
    to training alone.

    Parameters
    ----------
    rows, cols : int
    size : int
        Side of a patch; a multiple of ``step``.
    split : {"train", "validation"}
        Side of the file.
    share : float
        Share of the rows, from below, that a training file gives to validation.
    step : int
        Windows start on multiples of this; what is left at the right and below is not used.
    """
    rows, cols, size = rows // step, cols // step, size // step
    held = max(round(rows * share), size) if share and split == TRAIN else 0
    above = rows - held - size  # a guard band of one patch
    if not held or above < size:
        placed = [(split, window) for window in strided_windows(rows, cols, size, size)]
    else:
        lower = [w._replace(row=w.row + rows - held) for w in strided_windows(held, cols, size, size)]
        placed = [(TRAIN, window) for window in strided_windows(above, cols, size, size)]
        placed += [(VALIDATION, window) for window in lower]
    return [(side, window.scaled(step)) for side, window in placed]


# Of one side that is tried, the next one.
_SMALLER = 0.8


def shrinking_sides(largest: int, least: int, step: int) -> Iterator[int]:
    """Yield sides of patches to try, each about four fifths of the one before, in multiples of ``step``.

    Parameters
    ----------
    largest : int
        The first, a multiple of ``step``.
    least : int
        None is smaller; above 0.
    step : int
    """
    side = largest
    while side >= least:
        yield side
        side = int(side * _SMALLER) // step * step


# Validation blocks to aim at: every one costs the guard band around it.
_BLOCKS = 3
# Longest side of a block, in patches.
_MOST_PATCHES = 8
# Pixels: rectangles that share an edge alone do not overlap.
_TOUCH = 1e-6


@dataclass(frozen=True)
class PlacedWindow:
    """A patch to cut: from which raster, for which split, and where in its pixels."""

    scene: int
    split: str
    window: Window


@dataclass(frozen=True)
class _Block:
    scene: int
    window: Window


def split_by_blocks(
    grids: Sequence[Grid], *, size: int, stride: int, step: int, share: float, seed: int
) -> list[PlacedWindow]:
    """Return the patches of all rasters, none of training nearer than one patch to one of validation.

    Parameters
    ----------
    grids : sequence of Grid
        One a raster, with pixels of one size; those without a georeference share ground with no other.
    size, stride : int
        Side of a patch, and the distance between two of training; multiples of ``step``.
    step : int
        Windows start on multiples of this, as do the grids' sizes end.
    share : float
        Share of the patches that validation gets, about; 0: none.
    seed : int
        Chooses the blocks.

    Returns
    -------
    list of PlacedWindow
        Without validation where the rasters are too small for both.
    """
    found = [strided_windows(grid.rows, grid.cols, size, stride) for grid in grids]
    alive = [np.ones(len(windows), bool) for windows in found]
    blocks: list[_Block] = []
    if share:
        whole = sum((grid.rows // size) * (grid.cols // size) for grid in grids)
        side = size * min(_MOST_PATCHES, max(1, round((whole * share / _BLOCKS) ** 0.5)))
        candidates = _shuffled(grids, side, size, seed)
        for least in (0.5, 0.0):  # rather half of the patches for training, else at least one
            blocks = _choose(candidates, grids, found, alive, size, step, wanted=whole * share, least=least)
            if blocks:
                break
    placed = [
        PlacedWindow(scene, TRAIN, window)
        for scene, windows in enumerate(found)
        for window, kept in zip(windows, alive[scene])
        if kept
    ]
    held = {
        (scene, window)
        for block in blocks
        for scene in range(len(grids))
        for window in _inside(block, scene, grids, size, step)
    }
    return placed + [PlacedWindow(scene, VALIDATION, window) for scene, window in sorted(held)]


def _shuffled(grids: Sequence[Grid], side: int, size: int, seed: int) -> list[_Block]:
    """Return all blocks that hold a patch, in an order that the seed alone decides."""
    blocks = [
        _Block(scene, Window(row, col, min(side, grid.rows - row), min(side, grid.cols - col)))
        for scene, grid in enumerate(grids)
        for row in range(0, grid.rows - size + 1, side)
        for col in range(0, grid.cols - size + 1, side)
    ]

    def digest(block: _Block) -> bytes:
        return hashlib.sha256(f"{seed} {block.scene} {block.window.row} {block.window.col}".encode()).digest()

    return sorted(blocks, key=digest)


def _choose(
    candidates: Sequence[_Block],
    grids: Sequence[Grid],
    found: Sequence[Sequence[Window]],
    alive: list[np.ndarray],
    size: int,
    step: int,
    *,
    wanted: float,
    least: float,
) -> list[_Block]:
    """Return blocks with about ``wanted`` patches, and take the training patches near them out of ``alive``.

    A block that would leave less than the share ``least`` of the training patches, or none, is passed over.
    """
    total = sum(len(windows) for windows in found)
    chosen: list[_Block] = []
    held = 0
    for block in candidates:
        if held >= wanted and chosen:
            break
        kept = [
            ok & ~_near(block, scene, grids, windows, size)
            for scene, (ok, windows) in enumerate(zip(alive, found))
        ]
        if sum(int(ok.sum()) for ok in kept) < max(1, least * total):
            continue
        alive[:] = kept
        chosen.append(block)
        held += sum(len(_inside(block, scene, grids, size, step)) for scene in range(len(grids)))
    return chosen


def _corners(windows: Sequence[Window], grown: int) -> np.ndarray:
    """Return rows and columns of the four corners, shape (windows, 4, 2)."""
    box = np.array(windows, float).reshape(-1, 4)
    top, left = box[:, 0] - grown, box[:, 1] - grown
    bottom, right = box[:, 0] + box[:, 2] + grown, box[:, 1] + box[:, 3] + grown
    return np.stack(
        [np.stack(pair, axis=1) for pair in ((top, left), (top, right), (bottom, left), (bottom, right))],
        axis=1,
    )


def _mapped(points: np.ndarray, source: Grid, target: Grid) -> np.ndarray:
    """Return (row, col) points of one grid in pixels of another of the same CRS."""
    x0, xc, xr, y0, yc, yr = source.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    origin = np.array(target.pixel_of(x0, y0))
    down, along = (
        (np.array(target.pixel_of(x0 + side * x, y0 + side * y)) - origin) / side
        for side, x, y in ((source.rows, xr, yr), (source.cols, xc, yc))
    )
    return origin + points[..., :1] * down + points[..., 1:] * along


def _related(first: int, second: int, grids: Sequence[Grid]) -> bool:
    known = grids[first].transform is not None and grids[second].transform is not None
    return first == second or known


def _near(
    block: _Block, scene: int, grids: Sequence[Grid], windows: Sequence[Window], size: int
) -> np.ndarray:
    """Return which windows are nearer than ``size`` to a block."""
    if not windows or not _related(block.scene, scene, grids):
        return np.zeros(len(windows), bool)
    corners = _mapped(_corners(windows, size), grids[scene], grids[block.scene])
    low, high = corners.min(axis=1), corners.max(axis=1)
    row, col, rows, cols = block.window
    return np.asarray(
        (low[:, 0] < row + rows - _TOUCH)
        & (high[:, 0] > row + _TOUCH)
        & (low[:, 1] < col + cols - _TOUCH)
        & (high[:, 1] > col + _TOUCH)
    )


def _inside(block: _Block, scene: int, grids: Sequence[Grid], size: int, step: int) -> list[Window]:
    """Return the windows of a raster that lie wholly inside a block."""
    if not _related(block.scene, scene, grids):
        return []
    grid, owner = grids[scene], grids[block.scene]
    corners = _mapped(_corners([block.window], 0)[0], owner, grid)
    low = np.maximum(np.ceil((corners.min(axis=0) - _TOUCH) / step) * step, 0).astype(int)
    high = np.minimum(corners.max(axis=0) + _TOUCH, (grid.rows, grid.cols)).astype(int) // step * step
    row, col = int(low[0]), int(low[1])
    windows = [
        window._replace(row=window.row + row, col=window.col + col)
        for window in strided_windows(int(high[0]) - row, int(high[1]) - col, size, size)
    ]
    if not windows:
        return []
    seen = _mapped(_corners(windows, 0), grid, owner)
    row0, col0, rows, cols = block.window
    low, high = seen.min(axis=1), seen.max(axis=1)
    fits = (low >= (row0 - _TOUCH, col0 - _TOUCH)) & (high <= (row0 + rows + _TOUCH, col0 + cols + _TOUCH))
    return [window for window, (by_row, by_col) in zip(windows, fits) if by_row and by_col]
