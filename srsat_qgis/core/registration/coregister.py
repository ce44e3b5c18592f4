"""The shift between two rasters, in pixels and map units."""

from __future__ import annotations

from dataclasses import dataclass

from srsat_qgis.core.raster.reader import Raster, check_band_numbers
from srsat_qgis.core.registration.lattice import PLAIN, pair_up
from srsat_qgis.core.registration.measure import AUTO, check_settings, measure_shift
from srsat_qgis.core.types import Progress, Window

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
    part = Window(0, 0, grid.rows, grid.cols) if extent is None else grid.window_of(extent)
    pair = pair_up(reference, reference_band, test, band, part)
    found = measure_shift(
        pair.reference,
        pair.test,
        max_shift_px=max_shift_px / min(pair.factors),
        mode=mode,
        origin=pair.origin,
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
