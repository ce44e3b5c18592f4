"""Whether pixels of one grid fill those of another, and where they lie: the one place that decides it.

Larger pixels hold a whole number of smaller ones, along both axes alike. Positions may be off by ``TOLERANCE``, at each
of the four corners, so that a small difference of pixel sizes that adds up is found at the far end. Both grids are
georeferenced, or neither is and both cover the same ground; where only one names a CRS, it is taken for the other's.
What is made of a raster without a georeference lies in coordinates of its pixels, and is known by that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.raster.grid import UNREFERENCED, Grid, crs_name, same_crs
from srsat_qgis.core.types import Window

TOLERANCE = 1e-3
"""Pixels of the finer grid: the most by which edges that lie on each other may be apart."""


@dataclass(frozen=True)
class Placement:
    """Where a grid lies on one of smaller or equal pixels; all in these."""

    ratio: int
    """Side of a pixel."""
    row: int
    col: int
    """Of its first pixel's corner; may be negative."""

    def covered(self, grid: Grid) -> Window:
        """Return the finer pixels that ``grid``, which is placed so, covers."""
        return Window(self.row, self.col, grid.rows * self.ratio, grid.cols * self.ratio)

    def window_of(self, fine: Window) -> Window:
        """Return the pixels of this grid under a window of finer ones that lies on whole ones."""
        return Window(fine.row - self.row, fine.col - self.col, fine.rows, fine.cols).divided(self.ratio)


def check_same_crs(first: Grid, second: Grid, *, names: tuple[str, str]) -> None:
    """Refuse grids whose CRSs are known and differ, or of which one alone is georeferenced.

    Raises
    ------
    GridMismatch
    """
    if (first.transform is None) != (second.transform is None):
        raise GridMismatch(f"{names[0]} and {names[1]}: only one of the two has a georeference")
    if first.crs_wkt and second.crs_wkt and not same_crs(first.crs_wkt, second.crs_wkt):
        raise GridMismatch(
            f"{names[0]} is in {_short(first)} and {names[1]} in {_short(second)}: expected one coordinate "
            "reference system; warp one of them first"
        )


def pixel_ratio(coarse: Grid, fine: Grid, *, names: tuple[str, str]) -> int:
    """Return how many pixels of ``fine`` lie side by side in one of ``coarse``.

    Raises
    ------
    GridMismatch
        If that is no whole number, pixels are turned or flipped, or only one of the two has a georeference.
    """
    coarse, fine = _in_pixels(coarse, fine), _in_pixels(fine, coarse)
    check_same_crs(coarse, fine, names=names)
    if coarse.transform is None:
        ratio = round(fine.rows / coarse.rows)
        if ratio < 1 or (coarse.rows * ratio, coarse.cols * ratio) != (fine.rows, fine.cols):
            raise GridMismatch(
                f"neither has a georeference, and the {coarse.cols} x {coarse.rows} pixels of {names[0]} do not fill "
                f"the {fine.cols} x {fine.rows} of {names[1]} by a whole factor"
            )
        return ratio
    try:
        start, right, down, _ = _corners(coarse, fine)
    except InvalidSetting as error:
        raise GridMismatch(f"{names[1]} holds no place for {names[0]}: {error}") from error
    across, tall = (right[1] - start[1]) / coarse.cols, (down[0] - start[0]) / coarse.rows
    ratio = round(tall)
    if ratio < 1 or _distance(coarse, fine, Placement(ratio, 0, 0), start) > TOLERANCE:
        raise GridMismatch(
            f"{names[0]}: its pixels are {across:.9g} x {tall:.9g} times as large as those of {names[1]}; expected a "
            "whole number, the same in both directions and over the whole extent, and the same orientation. Resample "
            "one of them first"
        )
    return ratio


def place(coarse: Grid, fine: Grid, *, names: tuple[str, str]) -> Placement:
    """Return where ``coarse`` lies on ``fine``; ``names`` are what messages call the two.

    Raises
    ------
    GridMismatch
        If CRSs differ, the pixels of one are no whole multiple of the other's, or edges of pixels do not meet.
    """
    ratio = pixel_ratio(coarse, fine, names=names)
    coarse, fine = _in_pixels(coarse, fine), _in_pixels(fine, coarse)
    if coarse.transform is None:
        return Placement(ratio, 0, 0)
    row, col = _corners(coarse, fine)[0]
    placement = Placement(ratio, round(row), round(col))
    if _distance(coarse, fine, placement) > TOLERANCE:
        raise GridMismatch(
            f"{names[0]} does not nest with {names[1]}: its corner lies {_off(col)} columns and {_off(row)} rows of "
            "the finer pixels off their edges; expected 0. Co-register or warp one of them first"
        )
    return placement


def check_nesting(coarse: Grid, fine: Grid, factor: int, *, names: tuple[str, str]) -> None:
    """Check that ``factor x factor`` pixels of ``fine`` fill every pixel of ``coarse``, and nothing else.

    Raises
    ------
    GridMismatch
        If sizes, origins, pixel sizes or CRSs don't nest; the message names both rasters.
    """
    wanted = coarse.refined(factor)
    pair = f"{names[1]} does not nest in {names[0]}"
    if (fine.rows, fine.cols) != (wanted.rows, wanted.cols):
        raise GridMismatch(
            f"{pair}: expected {wanted.cols} x {wanted.rows} pixels ({factor} times finer), found {fine.describe()}"
        )
    try:
        found = place(coarse, fine, names=names)
    except GridMismatch as error:
        raise GridMismatch(f"{pair}: {error}") from error
    if found != Placement(factor, 0, 0):
        raise GridMismatch(f"{pair}: expected {wanted.describe()}, found {fine.describe()}")


def common_window(placed: Sequence[tuple[str, Grid, Placement]], *, step: int | None = None) -> Window:
    """Return the finest pixels that all grids cover, starting where pixels of all of them do.

    Parameters
    ----------
    placed : sequence of (str, Grid, Placement)
        Grids, what messages call them, and where they lie.
    step : int, optional
        Rows and columns are multiples of this, itself a multiple of every ratio; by default the smallest such one.

    Raises
    ------
    GridMismatch
        If the grids have nothing in common, or pixels of coarse ones never start together.
    """
    step = step or math.lcm(*(place.ratio for _, _, place in placed))
    covered = [place.covered(grid) for _, grid, place in placed]
    row = _first_start([(name, place.row, place.ratio) for name, _, place in placed])
    col = _first_start([(name, place.col, place.ratio) for name, _, place in placed])
    rows = min(window.row + window.rows for window in covered) - row
    cols = min(window.col + window.cols for window in covered) - col
    if min(rows, cols) < step:
        raise GridMismatch(
            f"{', '.join(name for name, _, _ in placed)}: the rasters do not overlap; expected whole pixels of the "
            f"coarsest, at least {step} x {step} of the finest, in common"
        )
    return Window(row, col, rows // step * step, cols // step * step)


def _in_pixels(grid: Grid, other: Grid) -> Grid:
    """Return a grid without a georeference in coordinates of its pixels where another one lies within them."""
    if grid.transform is not None or grid.gcps or other.transform is None or other.crs_wkt:
        return grid
    placed = replace(grid, transform=UNREFERENCED)
    try:
        places = _corners(other, placed)
    except InvalidSetting:
        return grid
    within = all(
        -TOLERANCE <= place <= size + TOLERANCE
        for corner in places
        for place, size in zip(corner, (grid.rows, grid.cols))
    )
    return placed if within else grid


def _short(grid: Grid) -> str:
    name = crs_name(grid.crs_wkt)
    return name if len(name) < 40 else f"'{name[:40]}...'"


def _off(position: float) -> str:
    return f"{round(abs(position - round(position)), 6):g}"


def _corners(grid: Grid, on: Grid) -> list[tuple[float, float]]:
    """Return ``(row, col)`` on another grid of the first corner, that to its right, that below it, and the far one."""
    ends = ((0, 0), (0, grid.cols), (grid.rows, 0), (grid.rows, grid.cols))
    return [on.pixel_of(*grid.point(row, col)) for row, col in ends]


def _distance(
    coarse: Grid, fine: Grid, placement: Placement, start: tuple[float, float] = (0.0, 0.0)
) -> float:
    """Return how far a corner is from its place at most, with positions counted from ``start``."""
    row, col, rows, cols = placement.covered(coarse)
    wanted = ((row, col), (row, col + cols), (row + rows, col), (row + rows, col + cols))
    return max(
        abs(found[axis] - start[axis] - place[axis])
        for found, place in zip(_corners(coarse, fine), wanted)
        for axis in (0, 1)
    )


def _first_start(edges: Sequence[tuple[str, int, int]]) -> int:
    """Return the first position within all at which a pixel of every (name, start, size) begins."""
    least = max(start for _, start, _ in edges)
    for position in range(least, least + math.lcm(*(size for _, _, size in edges))):
        if all((position - start) % size == 0 for _, start, size in edges):
            return position
    raise GridMismatch(
        "pixels of the rasters never start together: "
        + ", ".join(f"{name} has {size} finest pixels in one, from {start} on" for name, start, size in edges)
    )
