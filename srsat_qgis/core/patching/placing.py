"""Where co-registered rasters of one place lie on the finest of their grids, and what they have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from srsat_qgis.core.errors import GridMismatch
from srsat_qgis.core.grid import Grid, crs_name, same_crs
from srsat_qgis.core.types import Window

_OFF = 0.05
"""Pixels of the finer grid: the most by which a grid that nests may be off."""


@dataclass(frozen=True)
class Place:
    """A raster's grid on the finest grid of its scene."""

    ratio: int
    """Side of a pixel in finest pixels."""
    row: int
    """Of its upper left corner, in finest pixels; may be negative."""
    col: int


def check_same_crs(first: Grid, second: Grid, *, names: tuple[str, str]) -> None:
    """Refuse rasters whose CRSs are known and differ, or of which one alone is georeferenced.

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


def _short(grid: Grid) -> str:
    name = crs_name(grid.crs_wkt)
    return name if len(name) < 40 else f"'{name[:40]}...'"


def place(coarse: Grid, fine: Grid, *, names: tuple[str, str]) -> Place:
    """Return where ``coarse`` lies on ``fine``; ``names`` are what messages call the two.

    Raises
    ------
    GridMismatch
        If CRSs differ, the pixels of one are no whole multiple of the other's, or edges of pixels do not meet.
    """
    check_same_crs(coarse, fine, names=names)
    if coarse.transform is None or fine.transform is None:
        ratios = (fine.rows / coarse.rows, fine.cols / coarse.cols)
        if ratios[0] != ratios[1] or ratios[0] != int(ratios[0]):
            raise GridMismatch(
                f"{names[0]} has {coarse.cols} x {coarse.rows} pixels and {names[1]} {fine.cols} x {fine.rows}, "
                "without a georeference; expected a whole number of pixels in each"
            )
        return Place(int(ratios[0]), 0, 0)
    top, left = _position(coarse, fine, 0, 0)
    bottom, right = _position(coarse, fine, coarse.rows, coarse.cols)
    skewed = max(
        abs(_position(coarse, fine, 0, coarse.cols)[0] - top),
        abs(_position(coarse, fine, coarse.rows, 0)[1] - left),
    )
    ratios = ((bottom - top) / coarse.rows, (right - left) / coarse.cols)
    ratio = round(ratios[0])
    drift = max(abs(bottom - top - ratio * coarse.rows), abs(right - left - ratio * coarse.cols), skewed)
    if ratio < 1 or drift > 2 * _OFF:
        raise GridMismatch(
            f"{names[0]}: its pixels are {ratios[1]:.4g} x {ratios[0]:.4g} times as large as those of {names[1]}; "
            "expected a whole number, the same in both directions, and the same orientation. Resample one of them"
        )
    off = max(abs(top - round(top)), abs(left - round(left)))
    if off > _OFF:
        raise GridMismatch(
            f"{names[0]} does not nest with {names[1]}: its corner lies {off:.2f} of the finer pixels off their edges; "
            "expected 0. Bring one onto the other's grid first (srsat:coregister, or warp with that extent)"
        )
    return Place(ratio, round(top), round(left))


def _position(grid: Grid, on: Grid, row: int, col: int) -> tuple[float, float]:
    x0, xc, xr, y0, yc, yr = grid.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    return on.pixel_of(x0 + col * xc + row * xr, y0 + col * yc + row * yr)


def common_window(grids: Mapping[str, Grid], places: Mapping[str, Place], *, step: int) -> Window:
    """Return the finest pixels that all rasters cover, starting where pixels of all of them do.

    Parameters
    ----------
    grids, places : mapping
        By layer name.
    step : int
        Rows and columns are multiples of this, itself a multiple of every ratio.

    Raises
    ------
    GridMismatch
        If the rasters have nothing in common, or pixels of coarse ones never start together.
    """
    spans = []
    for axis in ("row", "col"):
        starts = [getattr(place, axis) for place in places.values()]
        ends = [
            getattr(place, axis) + getattr(grids[name], f"{axis}s") * place.ratio
            for name, place in places.items()
        ]
        start = _first_start([(getattr(place, axis), place.ratio) for place in places.values()], max(starts))
        spans.append((start, max(0, min(ends) - start) // step * step))
    if not spans[0][1] or not spans[1][1]:
        raise GridMismatch(f"{', '.join(grids)}: the rasters have less than {step} x {step} pixels in common")
    return Window(spans[0][0], spans[1][0], spans[0][1], spans[1][1])


def _first_start(edges: Sequence[tuple[int, int]], least: int) -> int:
    """Return the first position from ``least`` on at which a pixel of every (start, size) begins."""
    for position in range(least, least + math.lcm(*(size for _, size in edges))):
        if all((position - start) % size == 0 for start, size in edges):
            return position
    raise GridMismatch(
        "the pixels of the coarser rasters never start together: "
        + ", ".join(f"{size} fine pixels wide from {start}" for start, size in edges)
    )
