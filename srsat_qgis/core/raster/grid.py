"""Pixel grids in map units: the only place where cells and coordinates meet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, floor, isclose, isfinite
from typing import Any

from osgeo import osr

from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.types import Window

Transform = tuple
"""Six floats in GDAL's order: x0, x per col, x per row, y0, y per col, y per row."""
UNREFERENCED: Transform = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
"""Where QGIS shows a raster without a georeference: on the extent (0, -rows, cols, 0)."""

# Parts of an edge whose ends are transformed to another CRS.
_EDGE_POINTS = 20
# Pixels. An extent this close to a pixel's edge was meant to lie on it.
_SNAP = 1e-6


@dataclass(frozen=True)
class Grid:
    """Size and georeference of a raster.

    ``transform`` is GDAL's geotransform, or None where the raster has none; ``gcps`` holds ground control points
    as ``(col, row, x, y, z)`` with their CRS in ``gcp_wkt``.
    """

    rows: int
    cols: int
    transform: Transform | None
    crs_wkt: str = ""
    gcps: tuple[tuple[float, float, float, float, float], ...] = ()
    gcp_wkt: str = ""

    def refined(self, factor: int) -> Grid:
        """Return the grid of the same extent with ``factor`` times smaller pixels.

        Without a georeference, it gets the extent that QGIS shows the raster on, so that the two lie on each other.
        """
        grid = replace(self, rows=self.rows * factor, cols=self.cols * factor)
        return grid if factor == 1 else grid._resized(lambda side: side / factor, lambda at: at * factor)

    def coarsened(self, factor: int) -> Grid:
        """Return the grid of ``factor`` times larger pixels with the same origin; what fills none is not covered.

        Without a georeference, ``refined`` brings back an extent that QGIS shows in the same place.
        """
        grid = replace(self, rows=self.rows // factor, cols=self.cols // factor)
        return grid if factor == 1 else grid._resized(lambda side: side * factor, lambda at: at / factor)

    def _resized(self, side: Callable[[float], float], at: Callable[[float], float]) -> Grid:
        """Return the grid with other pixel sizes, and its ground control points at other pixels."""
        x0, xc, xr, y0, yc, yr = self.transform or UNREFERENCED
        transform = (
            None if self.transform is None and self.gcps else (x0, side(xc), side(xr), y0, side(yc), side(yr))
        )
        gcps = tuple((at(col), at(row), x, y, z) for col, row, x, y, z in self.gcps)
        return replace(self, transform=transform, gcps=gcps)

    def cropped(self, window: Window) -> Grid:
        """Return the grid of the pixels in ``window``."""
        transform = self.transform
        # Ground control points alone are the place; a geotransform beside them would be made up.
        if (window.row, window.col) != (0, 0) and not (transform is None and self.gcps):
            x0, xc, xr, y0, yc, yr = transform or UNREFERENCED
            x0, y0 = x0 + window.col * xc + window.row * xr, y0 + window.col * yc + window.row * yr
            transform = (x0, xc, xr, y0, yc, yr)
        gcps = tuple((col - window.col, row - window.row, x, y, z) for col, row, x, y, z in self.gcps)
        return replace(self, rows=window.rows, cols=window.cols, transform=transform, gcps=gcps)

    def windows(self, side: int) -> Iterator[Window]:
        """Yield windows of ``side`` pixels, smaller at the last edges, that cover the grid row by row."""
        for row in range(0, self.rows, side):
            for col in range(0, self.cols, side):
                yield Window(row, col, min(side, self.rows - row), min(side, self.cols - col))

    def point(self, row: float, col: float) -> tuple[float, float]:
        """Return ``(x, y)`` in map units of a place in pixels from the origin corner."""
        x0, xc, xr, y0, yc, yr = self.transform or UNREFERENCED
        return x0 + col * xc + row * xr, y0 + col * yc + row * yr

    def pixel_of(self, x: float, y: float) -> tuple[float, float]:
        """Return ``(row, col)`` of a point in map units, as fractions of pixels from the origin corner.

        Raises
        ------
        InvalidSetting
            If the geotransform gives no finite place.
        """
        x0, xc, xr, y0, yc, yr = self.transform or UNREFERENCED
        determinant = xc * yr - xr * yc
        dx, dy = x - x0, y - y0
        row, col = xc * dy - yc * dx, yr * dx - xr * dy
        if determinant == 0 or not all(map(isfinite, (determinant, row / determinant, col / determinant))):
            raise InvalidSetting(f"the geotransform {self.transform} cannot be inverted")
        return row / determinant, col / determinant

    def window_of(self, extent: tuple[float, float, float, float]) -> Window:
        """Return the smallest window of whole pixels that covers ``extent`` within the raster.

        Parameters
        ----------
        extent : tuple of float
            xmin, ymin, xmax, ymax in map units.

        Raises
        ------
        InvalidSetting
            If the extent is empty or lies outside the raster.
        """
        xmin, ymin, xmax, ymax = extent
        if not (xmin < xmax and ymin < ymax):
            raise InvalidSetting(f"extent {extent}: expected xmin < xmax and ymin < ymax")
        corners = [self.pixel_of(x, y) for x in (xmin, xmax) for y in (ymin, ymax)]
        row0, col0 = (max(0, floor(min(corner[axis] for corner in corners) + _SNAP)) for axis in (0, 1))
        row1 = min(self.rows, ceil(max(corner[0] for corner in corners) - _SNAP))
        col1 = min(self.cols, ceil(max(corner[1] for corner in corners) - _SNAP))
        if row0 >= row1 or col0 >= col1:
            raise InvalidSetting(
                f"extent {extent} lies outside the raster ({self.describe()}); expected one that overlaps it"
            )
        return Window(row0, col0, row1 - row0, col1 - col0)

    def describe(self) -> str:
        """Return size, origin and pixel size in words, for messages."""
        if self.transform is None:
            return f"{self.cols} x {self.rows} pixels, no georeference"
        x0, xc, xr, y0, yc, yr = self.transform
        rotation = "" if xr == yc == 0 else f", rotated ({xr:g}, {yc:g})"
        return f"{self.cols} x {self.rows} pixels of {abs(xc):g} x {abs(yr):g} from ({x0:.12g}, {y0:.12g}){rotation}"


# Map units from a CRS's origin; beyond, transformations have no result, and far beyond PROJ crashes.
_FARTHEST = 1e12


def check_transformable(grid: Grid, *, path: str) -> None:
    """Check that the corners of a raster's grid lie where points can be transformed to another CRS, and pixels apart.

    Raises
    ------
    GridMismatch
        If one does not, or if pixels are so small that neighbours have the same coordinates; the message names the
        raster and its geotransform.
    """
    corners = [grid.point(row, col) for row in (0, grid.rows) for col in (0, grid.cols)]
    if not all(abs(place) <= _FARTHEST for corner in corners for place in corner):
        raise GridMismatch(
            f"{path}: expected a geotransform whose corners lie within {_FARTHEST:g} map units, found {grid.transform}"
        )
    if len({grid.point(row, col) for row, col in ((0, 0), (0, 1), (1, 0))}) < 3:
        raise GridMismatch(
            f"{path}: expected a geotransform by which neighbouring pixels lie apart, found {grid.transform}"
        )


@lru_cache(maxsize=64)
def _reference(wkt: str) -> Any:
    """Return a CRS by its definition, empty where that is none; one object for all who ask, who only read it."""
    reference = osr.SpatialReference()
    with contextlib.suppress(GdalFailure):
        call(reference.ImportFromWkt, wkt)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def same_crs(first_wkt: str, second_wkt: str) -> bool:
    """Return True when two WKT definitions name one CRS, whatever their axis order in print.

    Files keep an ellipsoid that has no name, as weather satellites use, by other numbers or another name: such CRSs
    are one when projection, parameters and ellipsoid are.
    """
    first, second = _reference(first_wkt), _reference(second_wkt)
    return bool(first.IsSame(second)) or _alike(first, second)


# Relative difference of numbers that are the same but for their rounding in a file.
_ROUNDED = 1e-9
# What tells the ellipsoid, which is compared by its axes, and words that say nothing.
_OF_ELLIPSOID = ("ellps", "datum", "a", "b", "rf", "f", "towgs84", "no_defs", "wktext", "type")


def _alike(first: Any, second: Any) -> bool:
    """Return whether two projected CRSs, one of which has a datum that no authority lists, are the same in numbers."""
    both = (first, second)
    if not all(one.IsProjected() for one in both) or all(one.GetAuthorityCode("DATUM") for one in both):
        return False
    axes = [(one.GetSemiMajor(), one.GetSemiMinor()) for one in both]
    told = [_proj_terms(one) for one in both]
    if not told[0] or told[0].keys() != told[1].keys():
        return False
    pairs = [*zip(*axes), *((told[0][name], told[1][name]) for name in told[0])]
    return all(_equal(*pair) for pair in pairs)


def _proj_terms(reference: Any) -> dict[str, str]:
    """Return a CRS in PROJ's words, without its ellipsoid."""
    try:
        text = call(reference.ExportToProj4)
    except GdalFailure:
        return {}
    terms = dict(term.lstrip("+").partition("=")[::2] for term in text.split())
    return {name: value for name, value in terms.items() if name not in _OF_ELLIPSOID}


def _equal(first: Any, second: Any) -> bool:
    try:
        return isclose(float(first), float(second), rel_tol=_ROUNDED)
    except ValueError:
        return bool(first == second)


def epsg_wkt(code: int) -> str:
    """Return the definition of a CRS by its EPSG code.

    Raises
    ------
    InvalidSetting
        If GDAL knows no such code.
    """
    reference = osr.SpatialReference()
    try:
        call(reference.ImportFromEPSG, code)
    except GdalFailure as error:
        raise InvalidSetting(f"EPSG:{code}: {error}") from error
    return str(reference.ExportToWkt())


def longitude_latitude(wkt: str, x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude on WGS 84, in degrees, of a point in map units of a CRS.

    Raises
    ------
    GridMismatch
        If the point has no place on the globe by this CRS.
    """
    return _transformed(wkt, epsg_wkt(4326), [(x, y)])[0]


def extent_in(grid: Grid, wkt: str) -> tuple[float, float, float, float]:
    """Return xmin, ymin, xmax, ymax of a grid in another CRS, by points along its edges.

    Raises
    ------
    GridMismatch
        If one of them has no place in it.
    """
    edge = [
        grid.point(row, col)
        for step in range(_EDGE_POINTS + 1)
        for row, col in (
            (step * grid.rows / _EDGE_POINTS, 0),
            (step * grid.rows / _EDGE_POINTS, grid.cols),
            (0, step * grid.cols / _EDGE_POINTS),
            (grid.rows, step * grid.cols / _EDGE_POINTS),
        )
    ]
    xs, ys = zip(*(edge if same_crs(grid.crs_wkt, wkt) else _transformed(grid.crs_wkt, wkt, edge)))
    return min(xs), min(ys), max(xs), max(ys)


def utm_wkt(longitude: float, latitude: float) -> str:
    """Return the definition of the UTM zone on WGS 84 that a place in degrees lies in."""
    zone = int((longitude + 180) // 6) % 60 + 1
    return epsg_wkt((32600 if latitude >= 0 else 32700) + zone)


def is_utm(wkt: str) -> bool:
    """Return whether a CRS is a zone of UTM."""
    return bool(wkt) and bool(_reference(wkt).GetUTMZone())


def _transformed(source: str, target: str, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    try:
        transformation = call(osr.CoordinateTransformation, _reference(source), _reference(target))
        found = [(x, y) for x, y, *_ in call(transformation.TransformPoints, points)]
    except GdalFailure as error:
        raise GridMismatch(
            f"{crs_name(source)} cannot be transformed to {crs_name(target)}: {error}"
        ) from error
    if not all(isfinite(value) for point in found for value in point):
        raise GridMismatch(f"{crs_name(source)}: some of {points[0]} ... have no place in {crs_name(target)}")
    return found


def crs_code(wkt: str) -> str:
    """Return the authority's code of a CRS, such as ``EPSG:32633``; empty where it has none."""
    if not wkt:
        return ""
    reference = _reference(wkt)
    name, code = reference.GetAuthorityName(None), reference.GetAuthorityCode(None)
    return f"{name}:{code}" if name and code else ""


def crs_name(wkt: str) -> str:
    """Return a CRS's code where an authority has named it, else its definition."""
    return crs_code(wkt) or wkt


def metres_per_pixel(grid: Grid) -> float | None:
    """Return the side of a pixel in metres, in degrees along the meridian; None where no CRS says what a unit is."""
    if grid.transform is None or not grid.crs_wkt:
        return None
    reference = _reference(grid.crs_wkt)
    down = (grid.transform[2] ** 2 + grid.transform[5] ** 2) ** 0.5
    if reference.IsGeographic():
        return down * reference.GetAngularUnits() * reference.GetSemiMajor()
    return down * reference.GetLinearUnits() if reference.IsProjected() else None
