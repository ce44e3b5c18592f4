"""The rasters of a comparison, and where they lie on each other: checked first, never assumed, never corrected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.errors import GridMismatch
from srsat_qgis.core.raster.grid import Grid, same_crs
from srsat_qgis.core.types import Window


@dataclass(frozen=True)
class Partner:
    """A raster of the comparison, and where it lies."""

    path: str
    """As the user names it."""
    address: str
    """What is read: the path, or a virtual raster that shows it on another grid."""
    numbers: tuple[int, ...]
    placement: Placement
    change: str = ""
    """What was done to bring it onto the grid; empty: nothing."""

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name or self.path


PIXEL_SIZE_TOLERANCE = 1e-6
"""Relative difference of pixel sizes that still counts as none."""
ORIGIN_TOLERANCE = 1e-3
"""Distance of pixel corners, in pixels of the finer raster, that still counts as none."""
_UNREFERENCED = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


@dataclass(frozen=True)
class Placement:
    """How a raster's grid lies under the grid of the raster under test."""

    scale: int
    """Test pixels per pixel of this raster, along one axis."""
    row: int
    col: int
    """Test pixel at which the first pixel of this raster begins; negative where it begins before."""

    def covered(self, grid: Grid) -> Window:
        """Return the test pixels that the raster of ``grid`` covers."""
        return Window(self.row, self.col, grid.rows * self.scale, grid.cols * self.scale)

    def window_of(self, test_window: Window) -> Window:
        """Return the pixels of this raster under a window of test pixels that lies on whole ones."""
        return Window(
            test_window.row - self.row, test_window.col - self.col, test_window.rows, test_window.cols
        ).divided(self.scale)


def place(test: Grid, other: Grid, *, same_size: bool, names: tuple[str, str]) -> Placement:
    """Return how ``other`` lies under ``test``.

    Parameters
    ----------
    test, other : Grid
    same_size : bool
        Whether pixels must be of one size; else those of ``other`` must hold a whole number of test pixels, at
        least 2.
    names : tuple of str
        The two rasters, for messages.

    Raises
    ------
    GridMismatch
        If CRS, pixel size, rotation or origin differ; the message gives both values.
    """
    pair = f"{names[1]} does not lie on the grid of {names[0]}"
    if (test.transform is None) != (other.transform is None):
        raise GridMismatch(f"{pair}: only one of the two has a georeference")
    if bool(test.crs_wkt) != bool(other.crs_wkt):
        raise GridMismatch(f"{pair}: only one of the two names a coordinate reference system")
    if test.crs_wkt and not same_crs(test.crs_wkt, other.crs_wkt):
        raise GridMismatch(
            f"{pair}: the two have different coordinate reference systems ({_crs_name(test.crs_wkt)} and "
            f"{_crs_name(other.crs_wkt)})"
        )
    if test.transform is None or other.transform is None:
        return _place_by_size(test, other, same_size, pair)
    scale = _whole_scale(test, other, same_size, pair)
    x0, y0 = other.transform[0], other.transform[3]
    row, col = test.pixel_of(x0, y0)
    away = max(abs(row - round(row)), abs(col - round(col)))
    if away > ORIGIN_TOLERANCE:
        raise GridMismatch(
            f"{pair}: its origin lies {col:.4g} columns and {row:.4g} rows from the other's; expected whole pixels"
        )
    placement = Placement(scale, round(row), round(col))
    _check_far_corner(test, other, placement, pair)
    return placement


def common_area(test: Grid, others: list[tuple[Placement, Grid]]) -> Window:
    """Return the test pixels that all rasters cover, cut to whole pixels of the coarse ones.

    Raises
    ------
    GridMismatch
        If the rasters do not overlap.
    """
    top, left, bottom, right = 0, 0, test.rows, test.cols
    for placement, grid in others:
        covered = placement.covered(grid)
        top, left = max(top, covered.row), max(left, covered.col)
        bottom, right = min(bottom, covered.row + covered.rows), min(right, covered.col + covered.cols)
    for placement, _ in others:
        scale = placement.scale
        top, bottom = (
            -(-(top - placement.row) // scale) * scale + placement.row,
            (bottom - placement.row) // scale * scale + placement.row,
        )
        left, right = (
            -(-(left - placement.col) // scale) * scale + placement.col,
            (right - placement.col) // scale * scale + placement.col,
        )
    if top >= bottom or left >= right:
        raise GridMismatch("the rasters do not overlap: there is no pixel to compare")
    return Window(top, left, bottom - top, right - left)


def _crs_name(wkt: str) -> str:
    """Return the name at the head of a WKT definition."""
    return wkt.split('"')[1] if wkt.count('"') > 1 else "unnamed"


def _place_by_size(test: Grid, other: Grid, same_size: bool, pair: str) -> Placement:
    """Place a raster without georeference: it covers just the same ground."""
    scale = 1 if same_size else round(test.rows / other.rows)
    if scale < (1 if same_size else 2) or (other.rows * scale, other.cols * scale) != (test.rows, test.cols):
        raise GridMismatch(
            f"{pair}: neither has a georeference, and {other.cols} x {other.rows} pixels do not fill "
            f"{test.cols} x {test.rows} by a whole factor"
        )
    return Placement(scale, 0, 0)


def _whole_scale(test: Grid, other: Grid, same_size: bool, pair: str) -> int:
    """Return the test pixels per pixel of ``other``, after comparing both axes with their directions."""
    (_, xc, xr, _, yc, yr), (_, oxc, oxr, _, oyc, oyr) = test.transform or (), other.transform or ()
    ratio = (oxc * xc + oyc * yc) / (xc * xc + yc * yc)
    scale = round(ratio)
    wanted = tuple(scale * step for step in (xc, xr, yc, yr))
    size = abs(scale) * max(abs(step) for step in (xc, xr, yc, yr))
    differs = max(abs(a - b) for a, b in zip(wanted, (oxc, oxr, oyc, oyr))) > PIXEL_SIZE_TOLERANCE * size
    if scale < 1 or differs or (scale != 1 if same_size else scale < 2):
        expected = "pixels of the same size" if same_size else "a whole number of pixels in each, at least 2"
        raise GridMismatch(
            f"{pair}: expected {expected} and the same directions, found {other.describe()} beside {test.describe()}"
        )
    return scale


def _check_far_corner(test: Grid, other: Grid, placement: Placement, pair: str) -> None:
    """Check that small differences of pixel size have not added up at the other end."""
    x0, xc, xr, y0, yc, yr = other.transform or _UNREFERENCED
    row, col = test.pixel_of(x0 + other.cols * xc + other.rows * xr, y0 + other.cols * yc + other.rows * yr)
    covered = placement.covered(other)
    away = max(abs(row - covered.row - covered.rows), abs(col - covered.col - covered.cols))
    if away > 10 * ORIGIN_TOLERANCE:
        raise GridMismatch(
            f"{pair}: the pixel sizes differ so much that the far corners lie {away:.3g} pixels apart"
        )
