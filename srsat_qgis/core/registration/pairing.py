"""The lattice on which two rasters are compared: the pixels of the coarser one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from srsat_qgis.core.errors import GridMismatch, UnsupportedRaster
from srsat_qgis.core.grid import Grid, Transform, same_crs
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.registration.lattice import Axis, LatticePixels
from srsat_qgis.core.registration.pixels import Pixels, shared
from srsat_qgis.core.registration.warped import WarpedPixels, pixels_per_pixel
from srsat_qgis.core.types import Window

_STRAIGHT = 1e-2  # pixels over the whole raster: less turn than this is none
PLAIN: Transform = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
"""Where QGIS shows a raster without a georeference."""


@dataclass(frozen=True)
class Pair:
    """Two bands on one lattice."""

    reference: Pixels
    test: Pixels
    origin: tuple[float, float]
    """Shift of the test on the lattice, rows and columns, at which the two lie as georeferenced."""
    factors: tuple[float, float]
    """The test's own pixels per lattice pixel, rows and columns."""
    warped: bool
    """Whether the reference had to be resampled, since its CRS or direction is another one."""


def pair_up(reference: Raster, band: int, test: Raster, test_band: int, part: Window) -> Pair:
    """Return the two bands on the pixels of the coarser one.

    Pixels of the finer one are averaged, over whole pixels where the sizes allow it and by exact shares else. What
    the grids lie beside each other is reckoned with, so nothing is interpolated; a reference in another CRS or
    turned another way is warped.

    Parameters
    ----------
    reference, test : Raster
    band, test_band : int
        Counted from 1.
    part : Window
        The pixels of ``test`` that count.

    Raises
    ------
    GridMismatch
        If only one of the two has a georeference, or they lie apart.
    UnsupportedRaster
        If one is placed by ground control points only.
    """
    for raster in (reference, test):
        if raster.grid.transform is None and raster.grid.gcps:
            raise UnsupportedRaster(
                f"{raster.path}: expected a geotransform, found ground control points only; warp it first ('Warp "
                "(reproject)' in the toolbox)"
            )
    names = f"{test.path} and {reference.path}"
    if (reference.grid.transform is None) != (test.grid.transform is None):
        raise GridMismatch(f"{names}: only one of the two has a georeference")
    pair = _straight(reference, band, test, test_band, part) or _warped(
        reference, band, test, test_band, part
    )
    if 0 in shared(pair.reference.extent, pair.test.extent, (0, 0))[2:]:
        raise GridMismatch(
            f"{names}: they do not overlap: {test.grid.describe()}; {reference.grid.describe()}"
        )
    return pair


def _straight(reference: Raster, band: int, test: Raster, test_band: int, part: Window) -> Pair | None:
    """Return the pair where rows run along rows, and columns along columns; None elsewhere."""
    first, second = reference.grid, test.grid
    if first.crs_wkt and second.crs_wkt and not same_crs(first.crs_wkt, second.crs_wkt):
        return None
    start, down, right = (
        np.array(first.pixel_of(*_point(second, row, col)))
        for row, col in ((0, 0), (second.rows, 0), (0, second.cols))
    )
    rows_turn, cols_turn = (down - start)[1], (right - start)[0]
    scales = float((down - start)[0]) / second.rows, float((right - start)[1]) / second.cols
    if max(abs(rows_turn), abs(cols_turn)) > _STRAIGHT or min(scales) <= 0:
        return None
    ours, theirs = [], []
    for axis, scale in enumerate(scales):
        sizes = (first.rows, first.cols)[axis], (second.rows, second.cols)[axis]
        nearly_one = abs(scale - 1) * max(sizes) <= _STRAIGHT
        if scale <= 1 or nearly_one:  # the reference's pixels are the lattice
            ours.append(Axis(1.0, 0.0, sizes[0]))
            theirs.append(Axis(1.0 if nearly_one else 1 / scale, -float(start[axis]) / scale, sizes[1]))
        else:
            ours.append(Axis(scale, float(start[axis]), sizes[0]))
            theirs.append(Axis(1.0, 0.0, sizes[1]))
    return Pair(
        LatticePixels(reference, band, ours[0], ours[1], Window(0, 0, first.rows, first.cols)),
        LatticePixels(test, test_band, theirs[0], theirs[1], part),
        (theirs[0].residual - ours[0].residual, theirs[1].residual - ours[1].residual),
        (theirs[0].factor, theirs[1].factor),
        warped=False,
    )


def _warped(reference: Raster, band: int, test: Raster, test_band: int, part: Window) -> Pair:
    """Return the pair on pixels of the test, or on blocks of them as large as the reference's pixels."""
    factor = max(1, round(pixels_per_pixel(reference, test)))
    grid = test.grid
    x0, xc, xr, y0, yc, yr = grid.transform or PLAIN
    lattice = replace(
        grid,
        rows=grid.rows // factor,
        cols=grid.cols // factor,
        transform=(x0, xc * factor, xr * factor, y0, yc * factor, yr * factor),
    )
    rows, cols = Axis(float(factor), 0.0, grid.rows), Axis(float(factor), 0.0, grid.cols)
    return Pair(
        WarpedPixels(reference, band, lattice),
        LatticePixels(test, test_band, rows, cols, part),
        (0.0, 0.0),
        (float(factor), float(factor)),
        warped=True,
    )


def _point(grid: Grid, row: float, col: float) -> tuple[float, float]:
    """Return the map coordinates of a place in pixels."""
    x0, xc, xr, y0, yc, yr = grid.transform or PLAIN
    return x0 + col * xc + row * xr, y0 + col * yc + row * yr
