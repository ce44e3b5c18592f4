"""The 10 m grid that Landsat is brought to, and how Landsat's own pixels lie on it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from math import ceil, floor, hypot

import numpy as np

from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.fusion.pansharpen import Alignment, alignments
from srsat_qgis.core.raster.grid import (
    Grid,
    check_transformable,
    crs_name,
    extent_in,
    is_utm,
    longitude_latitude,
    metres_per_pixel,
    same_crs,
    utm_wkt,
)

AUTO, REFERENCE, UTM = "auto", "reference", "utm"
GRIDS = (AUTO, REFERENCE, UTM)
GSD_M = 10.0
RATIO = 3
"""Target pixels in one of Landsat's multispectral ones."""
# Metres: pan-sharpened ones, and those of warped products, are no 30 m.
_SMALLEST_M, _LARGEST_M = 12.0, 61.0
# Metres: a reference of 10 m may have been warped to a like pixel.
_LIKE = 0.1
# Pixels of the raster by which a centre on their edge may seem to be off it.
_ON_EDGE = 1e-6
# Pixels of the target by which pixels that are three times as large may be off at the far corner.
_NESTED = 0.02


def target_grid(landsat: Grid, reference: Grid | None, *, wanted: str, names: tuple[str, str]) -> Grid:
    """Return the grid of the output.

    Parameters
    ----------
    landsat : Grid
        Of the multispectral bands.
    reference : Grid, optional
        Of the Sentinel-2 reference's finest band.
    wanted : str
        ``reference``: its grid and extent. ``utm``: multiples of 10 m in Landsat's own zone of UTM, else in that of the
        place, over Landsat's extent. ``auto``: the reference's where there is one.
    names : tuple of str
        What messages call the two.

    Raises
    ------
    InvalidSetting
        If the word is unknown, or the reference's grid is wanted and there is none, or its pixels are none of 10 m.
    GridMismatch
        If Landsat has no place on the globe, or the two have no ground in common.
    """
    if wanted not in GRIDS:
        raise InvalidSetting(f"TARGET: found {wanted!r}, expected one of {', '.join(GRIDS)}")
    if landsat.transform is None or not landsat.crs_wkt:
        raise GridMismatch(f"{names[0]}: expected a georeference with a CRS, found {landsat.describe()}")
    check_transformable(landsat, path=names[0])
    own = metres_per_pixel(landsat)
    if own is None or not _SMALLEST_M <= own <= _LARGEST_M:
        raise InvalidSetting(
            f"{names[0]}: its pixels have {own or 0:.4g} m; expected Landsat's, {_SMALLEST_M:g} to {_LARGEST_M:g} m"
        )
    if reference is not None:
        if reference.transform is None or not reference.crs_wkt:
            raise GridMismatch(
                f"{names[1]}: expected a georeference with a CRS, found {reference.describe()}"
            )
        check_transformable(reference, path=names[1])
        _check_common(landsat, reference, names)
    if wanted == REFERENCE and reference is None:
        raise InvalidSetting("TARGET is reference; expected a REFERENCE, or utm")
    if reference is not None and wanted != UTM:
        side = metres_per_pixel(reference)
        if side is None or abs(side - GSD_M) > _LIKE:
            raise InvalidSetting(
                f"{names[1]}: its finest pixels have {side or 0:.4g} m; expected 10 m to be the target grid. Choose "
                "TARGET utm"
            )
        return Grid(reference.rows, reference.cols, reference.transform, reference.crs_wkt)
    wkt = landsat.crs_wkt
    if not is_utm(wkt):
        wkt = utm_wkt(*longitude_latitude(wkt, *landsat.point(landsat.rows / 2, landsat.cols / 2)))
    xmin, ymin, xmax, ymax = (side / GSD_M for side in extent_in(landsat, wkt))
    left, bottom, right, top = floor(xmin + 1e-6), floor(ymin + 1e-6), ceil(xmax - 1e-6), ceil(ymax - 1e-6)
    transform = (left * GSD_M, GSD_M, 0.0, top * GSD_M, 0.0, -GSD_M)
    return Grid(top - bottom, right - left, transform, wkt)


def _check_common(landsat: Grid, reference: Grid, names: tuple[str, str]) -> None:
    one, other = extent_in(landsat, landsat.crs_wkt), extent_in(reference, landsat.crs_wkt)
    if any(max(one[axis], other[axis]) >= min(one[axis + 2], other[axis + 2]) for axis in (0, 1)):
        raise GridMismatch(
            f"{names[0]} and {names[1]} have no ground in common: {landsat.describe()} in "
            f"{crs_name(landsat.crs_wkt)}; {reference.describe()} in {crs_name(reference.crs_wkt)}"
        )


def nearest(axis: Alignment, first: int, count: int, size: int) -> np.ndarray:
    """Return in which of a raster's ``size`` pixels the centres of target pixels lie; outside: in none of them.

    A centre on an edge belongs to the following pixel, and on the last edge to the last one: Landsat's grid is half a
    target pixel off Sentinel-2's.
    """
    place = axis.start + axis.step * (first + np.arange(count)) + 0.5
    found = np.floor(place + _ON_EDGE).astype(int)
    return np.where((found == size) & (place <= size + _ON_EDGE), size - 1, found)


def coarse_grid(target: Grid, *, margin: int) -> Grid:
    """Return pixels that each hold 3 x 3 of the target's, over its extent and ``margin`` of them around it."""
    rows, cols = (-(-side // RATIO) + 2 * margin for side in (target.rows, target.cols))
    x0, xc, xr, y0, yc, yr = _transform(target)
    x0, y0 = target.point(-margin * RATIO, -margin * RATIO)
    coarse = (x0, xc * RATIO, xr * RATIO, y0, yc * RATIO, yr * RATIO)
    return Grid(rows, cols, coarse, target.crs_wkt)


def axes(grid: Grid, target: Grid) -> tuple[Alignment, Alignment] | None:
    """Return how a target lies on a raster, along rows and along columns; None where the raster has to be warped."""
    if not same_crs(grid.crs_wkt, target.crs_wkt):
        return None
    with contextlib.suppress(GridMismatch):
        return alignments(grid, target, names=("the raster", "the target"))
    return None


@dataclass(frozen=True)
class Nested:
    """The grid of 3 x 3 target pixels that lies nearest to a raster's own pixels."""

    grid: Grid
    row: int
    col: int
    """Target pixel of its first corner; may be negative."""
    shift: tuple[float, float]
    """Rows and columns of the raster's pixels by which its picture moves on them, at most a sixth."""

    @property
    def length(self) -> float:
        """Of the shift, in the raster's pixels."""
        return hypot(*self.shift)


def nested(grid: Grid, target: Grid) -> Nested | None:
    """Return the nearest grid that nests in the target; None where three target pixels are none of the raster's."""
    start, end = (target.pixel_of(*grid.point(*at)) for at in ((0, 0), (grid.rows, grid.cols)))
    for axis, size in enumerate((grid.rows, grid.cols)):
        if abs(end[axis] - start[axis] - RATIO * size) > _NESTED:
            return None
    row, col = (round(at) for at in start)
    # What lies at 0.3 of the raster must be found at 0 of the nearest grid, if that starts 0.3 pixels after it.
    shift = ((start[0] - row) / RATIO, (start[1] - col) / RATIO)
    x0, xc, xr, y0, yc, yr = _transform(target)
    x0, y0 = target.point(row, col)
    transform = (x0, xc * RATIO, xr * RATIO, y0, yc * RATIO, yr * RATIO)
    return Nested(Grid(grid.rows, grid.cols, transform, target.crs_wkt), row, col, shift)


def _transform(grid: Grid) -> tuple[float, ...]:
    if grid.transform is None:
        raise GridMismatch(f"expected a grid with a georeference, found {grid.describe()}")
    return grid.transform
