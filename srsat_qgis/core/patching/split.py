"""Which windows of a raster become patches, and on which side of the split they lie."""

from __future__ import annotations

from srsat_qgis.core.types import Window

TRAIN, VALIDATION = SPLITS = ("train", "validation")


def patch_windows(rows: int, cols: int, size: int) -> list[Window]:
    """Return windows of ``size`` that cover a grid; the last of a row or column is moved inside it."""
    if min(rows, cols) < size:
        return []
    starts = [sorted({*range(0, side - size + 1, size), side - size}) for side in (rows, cols)]
    return [Window(row, col, size, size) for row in starts[0] for col in starts[1]]


def split_windows(rows: int, cols: int, size: int, share: float) -> dict[str, list[Window]]:
    """Return the windows of each split when the lowest ``share`` of the rows is held out.

    No training window is nearer than ``size`` rows to a validation window. A raster too low for both
    belongs to training alone.
    """
    held = max(round(rows * share), size) if share else 0
    above = rows - held - size  # a guard band of one patch
    if not held or above < size:
        return {TRAIN: patch_windows(rows, cols, size), VALIDATION: []}
    lower = [w._replace(row=w.row + rows - held) for w in patch_windows(held, cols, size)]
    return {TRAIN: patch_windows(above, cols, size), VALIDATION: lower}


def file_windows(
    rows: int, cols: int, size: int, *, split: str, share: float, step: int = 1
) -> list[tuple[str, Window]]:
    """Return ``(split, window)`` of one file, whole on its side, or divided by ``share`` if it is of training.

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
    sides = (
        split_windows(rows, cols, size, share) if split == TRAIN else {split: patch_windows(rows, cols, size)}
    )
    return [(side, window.scaled(step)) for side, windows in sides.items() for window in windows]
