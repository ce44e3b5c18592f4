"""One place and time as training reads it: co-registered rasters read as layers of one grid, with a mask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from srsat_qgis.core.errors import BandMismatch
from srsat_qgis.core.models.card import BandSpec, InputSpec
from srsat_qgis.core.patches.store import StoreBand, side_step
from srsat_qgis.core.raster.bands import match_bands
from srsat_qgis.core.raster.grid import UNREFERENCED, Grid
from srsat_qgis.core.raster.nesting import check_same_crs, common_window, place
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

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
        x0, xc, xr, y0, yc, yr = grid.transform or UNREFERENCED
        row, col, rows, cols = window
        points = [
            own.pixel_of(x0 + c * xc + r * xr, y0 + c * yc + r * yr)
            for r in (row, row + rows)
            for c in (col, col + cols)
        ]
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
    step = side_step(one.ratio for one in places.values())
    placed = [(raster.path, raster.grid, places[name]) for name, raster in rasters.items()]
    common = common_window(placed, step=step)
    planes = {
        name: RasterPlane(rasters[name], numbers[name], one.window_of(common)) for name, one in places.items()
    }
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
