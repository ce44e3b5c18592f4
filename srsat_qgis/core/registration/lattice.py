"""The lattice on which two rasters are compared: the larger pixels of the two; warped if the CRSs differ."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import GridMismatch, RasterNotReadable, UnsupportedRaster
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.grid import Grid, Transform, check_transformable, same_crs
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.images import Pixels, averaged, shared
from srsat_qgis.core.types import Window

# Pixels of the result that are warped at a time.
_WARPED_PIXELS = 1 << 20


# Places along an axis of a raster that are looked for in another one.
_PLACES = 17


def band_view(raster: Raster, bands: tuple[int, ...], transform: Transform | None) -> Any:
    """Return a virtual dataset of these bands, and of alpha where there is one, on another geotransform.

    Raises
    ------
    RasterNotReadable
        If GDAL reports an error.
    UnsupportedRaster
        If a band has a mask of its own beside others, or beside alpha: the warper knows one mask of a dataset.
    """
    alpha = () if raster.alpha is None else (raster.alpha,)
    options: dict[str, Any] = {"format": "VRT", "bandList": [*bands, *alpha]}
    if raster.own_masks.intersection(bands):
        if len(options["bandList"]) > 1:
            raise UnsupportedRaster(
                f"{raster.path}: masks of single bands cannot be resampled together with other bands or alpha; "
                "expected one mask, or nodata values"
            )
        options["maskBand"] = f"mask,{bands[0]}"
    declared = {raster.nodata[number - 1] for number in bands}
    # One value may be the user's; different values are those of the file.
    if len(declared) == 1 and None not in declared:
        options["noData"] = declared.pop()
    try:
        view = call(gdal.Translate, "", raster.path, **options)
        if transform is not None:
            call(view.SetGeoTransform, list(transform))
    except GdalFailure as error:
        raise RasterNotReadable(f"{raster.path}: {error}") from error
    return view


def warp_into(view: Any, target: Any, *, raster: Raster, resampling: str) -> None:
    """Resample a view of ``raster`` into the dataset ``target``, without the warper's usual tolerance.

    Raises
    ------
    RasterNotReadable
        If GDAL reports an error.
    """
    options = gdal.WarpOptions(
        resampleAlg=resampling,
        errorThreshold=0.0,
        srcAlpha=raster.alpha is not None,
        dstAlpha=True,
        warpOptions=["INIT_DEST=NO_DATA"],
    )
    try:
        call(gdal.Warp, target, view, options=options)
    except GdalFailure as error:
        raise RasterNotReadable(f"{raster.path}: it cannot be warped: {error}") from error


def memory_dataset(window_grid: Grid, crs_wkt: str, bands: int, data_type: int, nodata: float | None) -> Any:
    """Return an empty dataset in memory for ``bands`` bands and alpha."""
    driver = gdal.GetDriverByName("MEM")
    dataset = call(driver.Create, "", window_grid.cols, window_grid.rows, bands + 1, data_type)
    if window_grid.transform is not None:
        call(dataset.SetGeoTransform, list(window_grid.transform))
    if crs_wkt:
        call(dataset.SetProjection, crs_wkt)
    if nodata is not None:
        for number in range(1, bands + 1):
            call(dataset.GetRasterBand(number).SetNoDataValue, nodata)
    call(dataset.GetRasterBand(bands + 1).SetColorInterpretation, gdal.GCI_AlphaBand)
    return dataset


def pixels_per_pixel(reference: Raster, test: Raster) -> float:
    """Return the size of a pixel in the middle of ``reference`` in pixels of ``test``, as the root of the area.

    Raises
    ------
    GridMismatch
        If the reference's middle cannot be transformed to the CRS of the test.
    """
    for raster in (reference, test):
        check_transformable(raster.grid, path=raster.path)
    try:
        transformer = call(
            gdal.Transformer, band_view(reference, (1,), None), band_view(test, (1,), None), []
        )
        row, col = reference.grid.rows / 2, reference.grid.cols / 2
        points, found = call(transformer.TransformPoints, 0, [(col, row), (col + 1, row), (col, row + 1)])
    except GdalFailure as error:
        raise GridMismatch(f"{reference.path} cannot be transformed to {test.path}: {error}") from error
    (x, y, _), (right_x, right_y, _), (down_x, down_y, _) = points
    size = math.sqrt(abs((right_x - x) * (down_y - y) - (right_y - y) * (down_x - x)))
    # GDAL calls points found that it gives as infinite.
    if not (all(found) and math.isfinite(size)):
        raise GridMismatch(f"{reference.path} cannot be transformed to the CRS of {test.path}")
    return size


def touch(first: Raster, second: Raster) -> bool:
    """Return whether some places spread over one of two rasters lie within the other, by their georeferences.

    Raises
    ------
    GridMismatch
        If one cannot be transformed to the CRS of the other.
    """
    for one, other in ((first, second), (second, first)):
        rows, cols = (np.linspace(0, length, _PLACES) for length in (one.grid.rows, one.grid.cols))
        places = [(float(col), float(row)) for row in rows for col in cols]
        try:
            transformer = call(gdal.Transformer, band_view(one, (1,), None), band_view(other, (1,), None), [])
            points, found = call(transformer.TransformPoints, 0, places)
        except GdalFailure as error:
            raise GridMismatch(f"{one.path} cannot be transformed to {other.path}: {error}") from error
        grid = other.grid
        if any(
            known and 0 <= col <= grid.cols and 0 <= row <= grid.rows
            for (col, row, _), known in zip(points, found)
        ):
            return True
    return False


class WarpedPixels:
    """A band as ``Pixels`` on a lattice in any CRS and orientation.

    Parameters
    ----------
    raster : Raster
    band : int
    lattice : Grid
        The lattice's georeference; its size is that of the other image.
    """

    def __init__(self, raster: Raster, band: int, lattice: Grid) -> None:
        self._raster, self._lattice = raster, lattice
        self._view = band_view(raster, (band,), None)
        self.extent = Window(0, 0, lattice.rows, lattice.cols)

    def read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return values interpolated or averaged to ``step`` lattice pixels, and which of them have a value."""
        return in_strips(
            window, max(1, _WARPED_PIXELS // max(1, window.cols)), lambda part: self._read(part, step)
        )

    def _read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        grid = self._lattice.cropped(window.scaled(step))
        x0, xc, xr, y0, yc, yr = grid.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
        coarse = Grid(window.rows, window.cols, (x0, xc * step, xr * step, y0, yc * step, yr * step))
        target = memory_dataset(coarse, self._lattice.crs_wkt, 1, gdal.GDT_Float64, float("nan"))
        warp_into(self._view, target, raster=self._raster, resampling="bilinear")
        values = target.GetRasterBand(1).ReadAsArray()
        valid = np.isfinite(values) & (target.GetRasterBand(2).ReadAsArray() > 0)
        return np.where(valid, values, 0.0), valid


# A factor counts as a whole number if the difference is less than this many pixels over the whole raster.
_WHOLE = 1e-3
# Pixels read at a time, so that averaging a large raster needs little memory.
_READ_PIXELS = 1 << 22


@dataclass(frozen=True)
class Axis:
    """One axis of a lattice over a raster's pixels: lattice pixel 0 starts at ``offset``, each is ``factor`` long.

    ``factor`` is 1 or more. With a whole factor, whole pixels are read, which start up to half a pixel off the lattice;
    ``residual`` is this offset in lattice pixels.
    """

    factor: float
    offset: float
    size: int
    """The raster's pixels along the axis."""

    @property
    def whole(self) -> bool:
        """True when every lattice pixel is the same number of raster pixels."""
        return abs(self.factor - round(self.factor)) * self.size / self.factor <= _WHOLE

    @property
    def residual(self) -> float:
        """The offset of the pixels that are read from the lattice, in lattice pixels."""
        return (round(self.offset) - self.offset) / round(self.factor) if self.whole else 0.0

    def covered(self, first: int, last: int) -> tuple[int, int]:
        """Return the first lattice pixel completely within raster pixels ``first`` to ``last``, and their number."""
        offset, factor = (
            (round(self.offset), round(self.factor)) if self.whole else (self.offset, self.factor)
        )
        start = math.ceil((max(first, 0) - offset) / factor - 1e-9)
        end = math.floor((min(last, self.size) - offset) / factor + 1e-9)
        return start, max(0, end - start)


class LatticePixels:
    """A band as ``Pixels`` on a lattice whose pixels are not smaller than its own.

    Parameters
    ----------
    raster : Raster
    band : int
    rows, cols : Axis
    part : Window
        The raster's pixels that are used.
    """

    def __init__(self, raster: Raster, band: int, rows: Axis, cols: Axis, part: Window) -> None:
        self._raster, self._band, self._rows, self._cols = raster, band, rows, cols
        self._centre = raster.centre(band) if raster.wide else 0.0
        row, row_count = rows.covered(part.row, part.row + part.rows)
        col, col_count = cols.covered(part.col, part.col + part.cols)
        self.extent = Window(row, col, row_count, col_count)

    def read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the means over ``step`` x ``step`` lattice pixels, and which of them have a value."""
        per_row = self._rows.factor * self._cols.factor * step * step * max(1, window.cols)
        count = max(1, int(_READ_PIXELS / per_row))
        return in_strips(window, count, lambda strip: self._read(strip, step))

    def _read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        if self._rows.whole and self._cols.whole:
            return self._read_whole(window, step)
        row, down = _shares(self._rows, window.row, window.rows, step)
        col, across = _shares(self._cols, window.col, window.cols, step)
        values, valid = self._pixels(Window(row, col, down.shape[1], across.shape[1]))
        holes = down @ (~valid).astype(np.float64) @ across.T
        return down @ np.where(valid, values, 0.0) @ across.T, holes < 1e-9

    def _read_whole(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        high, wide = (round(axis.factor) * step for axis in (self._rows, self._cols))
        box = Window(
            round(self._rows.offset) + window.row * high,
            round(self._cols.offset) + window.col * wide,
            window.rows * high,
            window.cols * wide,
        )
        values, valid = self._pixels(box)
        return averaged(np.where(valid, values, 0.0), valid, (high, wide))

    def _pixels(self, box: Window) -> tuple[np.ndarray, np.ndarray]:
        image, valid = self._raster.read(box, (self._band,), centres=(self._centre,))
        return image[0].astype(np.float64), np.isfinite(image[0]) if valid is None else valid[0]


def in_strips(
    window: Window, rows: int, read: Callable[[Window], tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``read`` gives for ``window``, read in strips of ``rows`` lattice rows."""
    parts = [
        read(Window(window.row + start, window.col, min(rows, window.rows - start), window.cols))
        for start in range(0, window.rows, rows)
    ]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([values for values, _ in parts]), np.concatenate([valid for _, valid in parts])


def _shares(axis: Axis, start: int, count: int, step: int) -> tuple[int, np.ndarray]:
    """Return the first raster pixel of ``count`` lattice steps, and the weight of each pixel in each step's mean."""
    edges = axis.offset + axis.factor * step * np.arange(start, start + count + 1)
    first, last = math.floor(edges[0] + 1e-9), math.ceil(edges[-1] - 1e-9)
    pixel = np.arange(first, last)
    overlap = np.minimum(edges[1:, np.newaxis], pixel + 1) - np.maximum(edges[:-1, np.newaxis], pixel)
    weights = np.maximum(overlap, 0.0)
    weights[weights < 1e-9] = 0.0
    return first, weights / weights.sum(axis=1, keepdims=True)


# A rotation of less than this many pixels over the whole raster is ignored.
_STRAIGHT = 1e-2
PLAIN: Transform = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
"""The geotransform with which QGIS shows a raster that has none."""


@dataclass(frozen=True)
class Pair:
    """Two bands on one lattice."""

    reference: Pixels
    test: Pixels
    origin: tuple[float, float]
    """Shift of the test on the lattice (rows, columns) at which the two are as their georeferences say."""
    factors: tuple[float, float]
    """The test's own pixels per lattice pixel, rows and columns."""
    warped: bool
    """Whether the reference had to be resampled, because its CRS or orientation is different."""


def refuse_gcps(raster: Raster) -> None:
    """Refuse a raster that ground control points alone place.

    Raises
    ------
    UnsupportedRaster
    """
    if raster.grid.transform is None and raster.grid.gcps:
        raise UnsupportedRaster(
            f"{raster.path}: expected a geotransform, found ground control points only; warp it first ('Warp "
            "(reproject)' in the toolbox)"
        )


def pair_up(reference: Raster, band: int, test: Raster, test_band: int, part: Window) -> Pair:
    """Return the two bands on the larger of their pixels.

    The smaller pixels are averaged, over whole pixels if the sizes allow it, else with exact weights. An offset between
    the grids is included in the result, so that nothing is interpolated. A reference in another CRS or orientation is
    warped.

    Parameters
    ----------
    reference, test : Raster
    band, test_band : int
        Counted from 1.
    part : Window
        The pixels of ``test`` that are used.

    Raises
    ------
    GridMismatch
        If only one of the two has a georeference, or they do not overlap.
    UnsupportedRaster
        If one has only ground control points.
    """
    for raster in (reference, test):
        refuse_gcps(raster)
    names = f"{test.path} and {reference.path}"
    if (reference.grid.transform is None) != (test.grid.transform is None):
        raise GridMismatch(f"{names}: only one of the two has a georeference")
    pair = _straight(reference, band, test, test_band, part) or _warped(
        reference, band, test, test_band, part
    )
    if 0 in shared(pair.reference.extent, pair.test.extent, (0, 0))[2:]:
        raise GridMismatch(
            f"{names}: they do not overlap: {test.grid.describe()}; {reference.grid.describe()}; expected rasters of "
            "the same ground"
        )
    return pair


def _straight(reference: Raster, band: int, test: Raster, test_band: int, part: Window) -> Pair | None:
    """Return the pair if rows are parallel to rows and columns to columns; else None."""
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
        # The reference's pixels are the lattice.
        if scale <= 1 or nearly_one:
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
    """Return the pair on pixels of the test, or on blocks of them with the size of the reference's pixels."""
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
    """Return the map coordinates of a position in pixels."""
    x0, xc, xr, y0, yc, yr = grid.transform or PLAIN
    return x0 + col * xc + row * xr, y0 + col * yc + row * yr
