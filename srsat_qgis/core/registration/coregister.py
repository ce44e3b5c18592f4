"""How far a raster is shifted against another one, and the raster moved by that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import BandMismatch, Cancelled, GridMismatch, InvalidSetting
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.grid import Grid, check_transformable
from srsat_qgis.core.raster.quantize import check_nodata, set_nodata
from srsat_qgis.core.raster.reader import Raster, check_band_numbers
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter, check_writable, refuse_overwriting
from srsat_qgis.core.registration.lattice import (
    PLAIN,
    band_view,
    memory_dataset,
    pair_up,
    refuse_gcps,
    warp_into,
)
from srsat_qgis.core.registration.measure import AUTO, check_settings, measure_shift
from srsat_qgis.core.types import Progress, SilentProgress, Window

MODES = (AUTO, "intensity", "gradient")
MEASURED, UNDETERMINED = "measured", "undetermined"


@dataclass(frozen=True)
class RasterShift:
    """What must be added to a raster's coordinates to align it with its reference."""

    dx: float | None
    """Map units of the raster's own CRS; None when undetermined, never 0."""
    dy: float | None
    dx_pixels: float | None
    """Along the raster's columns, in its own pixels."""
    dy_pixels: float | None
    """Along the raster's rows, positive towards the last one, in its own pixels."""
    confidence: float
    """0 to 1; see ``srsat_qgis.core.registration.correlation``."""
    correlation_before: float | None
    """Correlation of the fine detail before the shift; None where one of the rasters has no detail."""
    correlation_after: float | None
    mode: str
    """What was compared: intensity or gradient."""
    warped: bool
    """Whether the reference had to be resampled for the comparison."""
    reason: str
    """Why the shift is undetermined; empty when it is measured."""

    @property
    def status(self) -> str:
        """``"measured"`` or ``"undetermined"``."""
        return UNDETERMINED if self.dx is None else MEASURED


def raster_shift(
    test: Raster,
    reference: Raster,
    *,
    band: int = 1,
    reference_band: int = 1,
    max_shift_px: float,
    mode: str = AUTO,
    extent: tuple[float, float, float, float] | None = None,
    agreeing: float | None = None,
    progress: Progress | None = None,
) -> RasterShift:
    """Return the shift between ``test`` and ``reference``.

    Parameters
    ----------
    test, reference : Raster
        May differ in pixel size, grid, CRS and orientation; see ``lattice.pair_up``.
    band, reference_band : int
        The bands that are compared, counted from 1.
    max_shift_px : float
        The longest shift to search for, in pixels of ``test``.
    mode : str
        One of ``MODES``.
    extent : tuple of float, optional
        xmin, ymin, xmax, ymax in the CRS of ``test``: the part of it that is compared.
    agreeing : float, optional
        See ``measure.measure_shift``.
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If a band, the largest shift, the mode or the extent is out of range.
    GridMismatch, UnsupportedRaster, RasterNotReadable
        See ``lattice.pair_up``.
    Cancelled
        When the progress says so.
    """
    check_settings(max_shift_px, mode)
    check_band_numbers(test, (band,))
    check_band_numbers(reference, (reference_band,))
    grid = test.grid
    part = Window(0, 0, grid.rows, grid.cols) if extent is None else test.window_of(extent)
    try:
        pair = pair_up(reference, reference_band, test, band, part)
    except InvalidSetting as error:
        raise GridMismatch(f"{test.path} and {reference.path}: {error}") from error
    found = measure_shift(
        pair.reference,
        pair.test,
        max_shift_px=max_shift_px / min(pair.factors),
        mode=mode,
        origin=pair.origin,
        agreeing=agreeing,
        progress=progress,
    )
    dx = dy = dx_pixels = dy_pixels = None
    if found.rows_px is not None and found.cols_px is not None:
        dy_pixels, dx_pixels = found.rows_px * pair.factors[0], found.cols_px * pair.factors[1]
        _, xc, xr, _, yc, yr = grid.transform or PLAIN
        dx, dy = dx_pixels * xc + dy_pixels * xr, dx_pixels * yc + dy_pixels * yr
    return RasterShift(
        dx=dx,
        dy=dy,
        dx_pixels=dx_pixels,
        dy_pixels=dy_pixels,
        confidence=found.confidence,
        correlation_before=found.correlation_before,
        correlation_after=found.correlation_after,
        mode=found.mode,
        warped=pair.warped,
        reason=found.reason,
    )


KEEP = "none"
RESAMPLINGS = (KEEP, "nearest", "bilinear", "cubic", "lanczos", "average")
"""none: the pixels stay, and only the geotransform changes. The others are GDAL's."""
# The largest of the integers up to which doubles hold all.
_LARGEST_WHOLE = 2**53
GDAL_RESAMPLINGS = {"nearest": "near"}
"""Names that are different in GDAL."""


def moved_grid(grid: Grid, dx: float, dy: float) -> Grid:
    """Return the grid shifted by ``dx`` and ``dy`` map units, its ground control points too."""
    gcps = tuple((col, row, x + dx, y + dy, z) for col, row, x, y, z in grid.gcps)
    if grid.transform is None and gcps:
        return replace(grid, gcps=gcps)
    x0, xc, xr, y0, yc, yr = grid.transform or PLAIN
    return replace(grid, transform=(x0 + dx, xc, xr, y0 + dy, yc, yr), gcps=gcps)


def write_moved(
    raster: Raster,
    target: str,
    *,
    shift: tuple[float, float],
    resampling: str = KEEP,
    onto: Grid | None = None,
    metadata: Mapping[str, str] | None = None,
    creation_options: Sequence[str] = (),
    progress: Progress | None = None,
) -> None:
    """Write ``raster`` moved by ``shift``; it appears at ``target`` when it is complete.

    Bands, their names, nodata, masks, alpha, scale and offset are kept. Where nodata values differ between bands, or
    bands have masks of their own, invalid pixels get the first band's nodata value, and valid ones that hold it move
    off it by one step. Pixels of a resampled output outside the moved raster are invalid: they get the raster's nodata
    value if it has one, else NaN in floats, else a mask.

    Parameters
    ----------
    raster : Raster
    target : str
    shift : tuple of float
        ``(dx, dy)`` in map units of the raster's CRS.
    resampling : str
        One of ``RESAMPLINGS``.
    onto : Grid, optional
        With resampling: the grid of the output, in any CRS; by default the raster's own.
    metadata : mapping of str to str, optional
        Additional metadata items of the dataset.
    creation_options : sequence of str
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the resampling is unknown, or a grid is given without one; or if a pixel is invalid in some bands alone and
        the raster names no nodata value that could say so.
    GridMismatch, UnsupportedRaster, BandMismatch
        With resampling: if the raster lies where no CRS has places, only ground control points place it, or it has only
        an alpha band.
    OutputIsInput
        If the target is a file of the raster.
    OutputNotWritable, DiskFull, RasterNotReadable
        If it cannot be written or read.
    Cancelled
        When the progress says so; nothing is left behind.
    """
    if resampling not in RESAMPLINGS:
        raise InvalidSetting(f"resampling '{resampling}': expected one of {', '.join(RESAMPLINGS)}")
    if resampling == KEEP and onto is not None:
        raise InvalidSetting("resampling 'none' keeps the raster's pixels: expected no other grid")
    refuse_overwriting(target, [raster])
    moved = moved_grid(raster.grid, *shift)
    if resampling != KEEP:
        refuse_gcps(raster)
        check_transformable(moved, path=raster.path)
        if all(info.is_alpha for info in raster.bands):
            raise BandMismatch(f"{raster.path}: expected a band besides alpha to resample, found none")
    grid = moved if resampling == KEEP else (onto or raster.grid)
    source = _Copied(raster) if resampling == KEEP else _Resampled(raster, moved, grid, resampling)
    sample = np.dtype(source.dtype).itemsize
    check_writable(target, bytes_needed=grid.rows * grid.cols * len(raster.bands) * sample)
    progress = progress or SilentProgress()
    items = {"SRSAT_SHIFT": f"{shift[0]:.9g} {shift[1]:.9g}", **(metadata or {})}
    if raster.area_or_point:
        items["AREA_OR_POINT"] = raster.area_or_point
    writer = RasterWriter(
        target,
        grid=grid,
        data_type=source.data_type,
        bands=[raster.template(info.number) for info in raster.bands],
        nodata=source.nodata,
        mask=source.mask,
        metadata=items,
        creation_options=creation_options,
    )
    windows = list(grid.windows(2 * BLOCKS[0]))
    counted = sum(not info.is_alpha for info in raster.bands)
    try:
        for index, window in enumerate(windows):
            if progress.cancelled:
                raise Cancelled("writing the moved raster was cancelled")
            image, valid = source.read(window)
            writer.write(window, image, valid, statistics=counted)
            progress.update((index + 1) / len(windows))
        writer.finish()
    except BaseException:
        writer.abort()
        raise


class _Source:
    """What both ways have in common: the output's type, nodata and mask."""

    def __init__(self, raster: Raster) -> None:
        self._raster = raster
        self._numbers = tuple(info.number for info in raster.bands)
        self.data_type = raster.types[0]
        for name in raster.types[1:]:
            pair = (gdal.GetDataTypeByName(self.data_type), gdal.GetDataTypeByName(name))
            self.data_type = gdal.GetDataTypeName(gdal.DataTypeUnion(*pair))
        self._values = tuple(number for number in self._numbers if number != raster.alpha)
        declared = [raster.nodata[number - 1] for number in self._values]
        self.nodata = next((value for value in declared if value is not None), None)
        check_nodata(self.nodata, self.data_type, what=f"{raster.path}: the nodata value")
        self._floats = self.data_type.startswith("Float")
        self._unlike = bool(raster.own_masks) or len(set(map(repr, declared))) > 1
        # Masks of single bands that are alike are one of the raster.
        alike = bool(raster.own_masks) and self.nodata is None and not self._floats and raster.alpha is None
        self.mask = raster.has_mask or alike

    @property
    def dtype(self) -> Any:
        """Numpy's type of the output."""
        return self._raster.read_raw(1, Window(0, 0, 1, 1)).dtype

    def _set_nodata(self, image: np.ndarray, valid: np.ndarray | None) -> None:
        """Have all bands but alpha say which pixels are invalid in the output's way, where theirs are several."""
        if not self._unlike:
            return
        values = [number - 1 for number in self._values]
        if valid is not None and self.nodata is None and not self._floats:
            known, alpha = valid[values], self._raster.alpha
            # A mask shows a pixel in all bands or in none, alpha where it is above 0.
            lost = ~known & (known.any(axis=0) if alpha is None else image[alpha - 1] > 0)
            if lost.any():
                raise InvalidSetting(
                    f"{self._raster.path}: holds pixels that are masked in one band alone and names no nodata value "
                    "that could say so; give it one first ('Translate' in the toolbox)"
                )
        for index in values:
            set_nodata(image[index], None if valid is None else valid[index], self.nodata)


class _Copied(_Source):
    """Unchanged pixels."""

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
        """Return all bands of a window, in their own type, and which pixels are valid."""
        image, valid = self._raster.read_exact(window, self._numbers)
        self._set_nodata(image, valid)
        return image, valid


class _Resampled(_Source):
    """Pixels of another grid, interpolated by GDAL."""

    def __init__(self, raster: Raster, moved: Grid, grid: Grid, resampling: str) -> None:
        super().__init__(raster)
        if self.data_type in ("Int64", "UInt64"):
            self._check_doubles()
        if self.nodata is None and self._floats:
            self.nodata = float("nan")
        self.mask = self.mask or (self.nodata is None and raster.alpha is None)
        self._grid, self._method = grid, GDAL_RESAMPLINGS.get(resampling, resampling)
        # The warper knows one mask for all bands of a dataset, and the output one nodata value.
        together = [(number,) for number in self._values] if self._unlike else [self._values]
        self._views = [
            (numbers, self._nodata_of(numbers[0]), band_view(raster, numbers, moved.transform))
            for numbers in together
        ]

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
        """Return all bands of a window of the grid, and which pixels are valid."""
        part = self._grid.cropped(window)
        part = part if part.transform is not None else replace(part, transform=PLAIN)
        parts = [self._warped(part, *view) for view in self._views]
        values, valid = (np.concatenate([one[index] for one in parts]) for index in (0, 1))
        if self._raster.alpha is not None:
            at, alpha = self._raster.alpha - 1, parts[0][2]
            values, valid = np.insert(values, at, alpha, axis=0), np.insert(valid, at, alpha > 0, axis=0)
        self._set_nodata(values, valid)
        return values, valid

    def _check_doubles(self) -> None:
        """Refuse integers that GDAL's warper, which computes in doubles, would change."""
        raster, side = self._raster, BLOCKS[0]
        for row in range(0, raster.grid.rows, side):
            rows = min(side, raster.grid.rows - row)
            values, valid = raster.read_exact(Window(row, 0, rows, raster.grid.cols), self._values)
            seen = values if valid is None else values[valid]
            largest = max((abs(int(one)) for one in (seen.min(), seen.max())), default=0) if seen.size else 0
            if largest > _LARGEST_WHOLE:
                raise InvalidSetting(
                    f"{raster.path}: holds the integer {largest}, which cannot be resampled; expected at most 2^53 = "
                    f"{_LARGEST_WHOLE}. Resampling 'none' keeps every value"
                )

    def _nodata_of(self, number: int) -> float | None:
        """Return the nodata value with which a band is warped: its own, where the output's type holds it."""
        own = self._raster.nodata[number - 1]
        try:
            check_nodata(own, self.data_type, what="")
        except InvalidSetting:
            own = None
        return float("nan") if own is None and self._floats else own

    def _warped(
        self, part: Grid, numbers: tuple[int, ...], nodata: float | None, view: Any
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the bands of a view on a grid, which of their pixels are valid, and what covers them."""
        try:
            kind = gdal.GetDataTypeByName(self.data_type)
            target = memory_dataset(part, self._grid.crs_wkt, len(numbers), kind, nodata)
            warp_into(view, target, raster=self._raster, resampling=self._method)
            bands = call(target.ReadAsArray)
        except GdalFailure as error:
            raise InvalidSetting(f"{self._raster.path}: {error}") from error
        values, covered = bands[:-1], bands[-1]
        valid = np.broadcast_to(covered > 0, values.shape).copy()
        if nodata is not None:
            valid &= ~np.isnan(values) if np.isnan(nodata) else values != values.dtype.type(nodata)
            # A window that the raster does not touch at all is left at 0 by GDAL.
            values[~valid] = nodata
        return values, valid, covered
