"""One place and time as training sees it: co-registered rasters read as layers of one grid, with a mask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from srsat_qgis.core.errors import BandMismatch, GridMismatch
from srsat_qgis.core.models.card import BandSpec, InputSpec
from srsat_qgis.core.patches.store import StoreBand, side_step
from srsat_qgis.core.raster.bands import match_bands
from srsat_qgis.core.raster.grid import Grid, crs_name, same_crs
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

# Pixels of the finer grid: the most by which a grid that nests may be off.
_OFF = 0.05


@dataclass(frozen=True)
class Placement:
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


def place(coarse: Grid, fine: Grid, *, names: tuple[str, str]) -> Placement:
    """Return the place of ``coarse`` on ``fine``; messages call the two by ``names``.

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
        return Placement(int(ratios[0]), 0, 0)
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
            f"{names[0]} does not nest with {names[1]}: its corner is {off:.2f} of the finer pixels off their edges; "
            "expected 0. Bring one onto the other's grid first (srsat:coregister, or warp with that extent)"
        )
    return Placement(ratio, round(top), round(left))


def _position(grid: Grid, on: Grid, row: int, col: int) -> tuple[float, float]:
    x0, xc, xr, y0, yc, yr = grid.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    return on.pixel_of(x0 + col * xc + row * xr, y0 + col * yc + row * yr)


def common_window(grids: Mapping[str, Grid], places: Mapping[str, Placement], *, step: int) -> Window:
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


TARGET, IMAGE, GUIDE = "target", "image", "guide"


class RasterPlane:
    """A raster from one of its pixels on, as a layer of a scene."""

    def __init__(self, raster: Raster, numbers: Sequence[int], window: Window) -> None:
        self.raster, self.numbers = raster, tuple(numbers)
        self._window = window
        self.rows, self.cols = window.rows, window.cols

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values ``(bands, rows, cols)`` and where all bands are valid ``(rows, cols)``."""
        placed = window._replace(row=window.row + self._window.row, col=window.col + self._window.col)
        values, valid = self.raster.read_exact(placed, self.numbers)
        whole = np.ones(values.shape[1:], bool) if valid is None else np.asarray(valid.all(axis=0))
        return values, whole

    def bands(self) -> tuple[StoreBand, ...]:
        """Return names, wavelengths, scales and offsets of the bands; numbers where the raster names none."""
        bands = []
        for number in self.numbers:
            info, template = self.raster.bands[number - 1], self.raster.template(number)
            name = info.name or str(number)
            bands.append(StoreBand(name, info.wavelength_nm, template.scale, template.offset))
        return tuple(bands)


class ScaledPlane:
    """A plane whose bands are matched to another one's radiometry by a gain and an offset each."""

    def __init__(self, plane: RasterPlane, gains: Sequence[float], offsets: Sequence[float]) -> None:
        self._plane = plane
        self._gains, self._offsets = (np.asarray(values)[:, None, None] for values in (gains, offsets))
        self.rows, self.cols = plane.rows, plane.cols

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values, in the raster's type, and their validity."""
        values, valid = self._plane.read(window)
        scaled = np.where(valid, values, 0) * self._gains + self._offsets
        if np.issubdtype(values.dtype, np.integer):
            limits = np.iinfo(values.dtype)
            scaled = np.clip(np.rint(scaled), limits.min, limits.max)
        return scaled.astype(values.dtype), valid


@dataclass(frozen=True)
class Mask:
    """A raster that says which ground is left out."""

    raster: Raster
    values: frozenset[float]
    """Values that are left out; none: every value but 0."""

    def share(self, window: Window, grid: Grid) -> float:
        """Return which share of a window of ``grid`` is left out; what the mask does not cover is."""
        own = self.raster.grid
        row, col, rows, cols = window
        points = [_position(grid, own, r, c) for r in (row, row + rows) for c in (col, col + cols)]
        weights = []
        for axis, side in ((0, own.rows), (1, own.cols)):
            low, high = (edge(point[axis] for point in points) for edge in (min, max))
            first, last = max(0, math.floor(low)), min(side, math.ceil(high))
            starts = np.arange(first, max(first, last))
            parts = np.minimum(starts + 1, high) - np.maximum(starts, low)
            weights.append((first, np.clip(parts, 0, 1) / (high - low)))
        (top, by_row), (left, by_col) = weights
        if not by_row.size or not by_col.size:
            return 1.0
        found = self.raster.read_raw(1, Window(top, left, by_row.size, by_col.size))
        clear = ~np.isin(found, list(self.values)) if self.values else found == 0
        return round(1.0 - float(by_row @ clear @ by_col), 9)


@dataclass(frozen=True)
class RasterScene:
    """Co-registered rasters of one place and time."""

    label: str
    grid: Grid
    """Of the finest layer, cut to what all rasters cover."""
    planes: Mapping[str, RasterPlane]
    ratios: Mapping[str, int]
    mask: Mask | None = field(default=None)

    def masked(self, window: Window) -> float:
        """Return which share of a window the mask leaves out."""
        return 0.0 if self.mask is None else self.mask.share(window, self.grid)


def open_scene(rasters: Mapping[str, Raster], mask: Mask | None) -> RasterScene:
    """Bring the rasters of a scene onto one grid.

    Parameters
    ----------
    rasters : mapping of str to Raster
        By layer name; ``target`` is one of them. The bands of ``image`` are put into the order of the target's.
    mask : Mask, optional

    Raises
    ------
    GridMismatch
        If CRSs differ, grids do not nest, or nothing is covered by all.
    BandMismatch
        If the image has not the target's bands.
    """
    numbers = _matched_bands(rasters)
    grids = {name: raster.grid for name, raster in rasters.items()}
    # Without a georeference, all rasters of a scene show the same extent.
    finest = min(
        grids, key=lambda name: pixel_side(grids[name]) if grids[name].transform else 1 / grids[name].cols
    )
    fine = grids[finest]
    places = {
        name: place(raster.grid, fine, names=(raster.path, rasters[finest].path))
        for name, raster in rasters.items()
    }
    if mask is not None:
        check_same_crs(mask.raster.grid, fine, names=(mask.raster.path, rasters[finest].path))
    common = common_window(grids, places, step=side_step(one.ratio for one in places.values()))
    planes = {}
    for name, one in places.items():
        offset = Window(common.row - one.row, common.col - one.col, common.rows, common.cols)
        planes[name] = RasterPlane(rasters[name], numbers[name], offset.divided(one.ratio))
    label = rasters[TARGET].path
    return RasterScene(label, fine.cropped(common), planes, {n: one.ratio for n, one in places.items()}, mask)


def pixel_side(grid: Grid) -> float:
    """Return the root of a pixel's area in map units; 1 without a georeference."""
    _, xc, xr, _, yc, yr = grid.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    return abs(xc * yr - xr * yc) ** 0.5


def _matched_bands(rasters: Mapping[str, Raster]) -> dict[str, tuple[int, ...]]:
    numbers = {
        name: tuple(band.number for band in raster.bands if not band.is_alpha)
        for name, raster in rasters.items()
    }
    for name, raster in rasters.items():
        if not numbers[name]:
            raise BandMismatch(f"{raster.path}: has no band besides its alpha band")
    if IMAGE in rasters:
        target, image = rasters[TARGET], rasters[IMAGE]
        bands = [target.bands[number - 1] for number in numbers[TARGET]]
        wanted = tuple(BandSpec(band.name or f"band {band.number}", band.wavelength_nm) for band in bands)
        try:
            numbers[IMAGE] = match_bands(InputSpec(IMAGE, 1, wanted), image.bands, None)
        except BandMismatch as error:
            there = ", ".join(band.describe() for band in image.bands)
            raise BandMismatch(
                f"{image.path}: its bands ({there}) are not those of {target.path} "
                f"({', '.join(band.name for band in wanted)}); expected the same, by name, wavelength or number"
            ) from error
    return numbers
