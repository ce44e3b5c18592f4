"""Coarse bands that are shifted against fine ones: measured before a fusion, and moved to their place on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.fusion.plan import Plan
from srsat_qgis.core.fusion.sensor import Part, Sensor, write_part
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import shift_margin, shifted, shifted_nearest
from srsat_qgis.core.registration.measure import estimate_shift
from srsat_qgis.core.types import Progress, Window

NOTABLE_PX = 0.25
"""Pixels of the coarse band from which on detail does not meet the edges that it belongs to."""
WORTH_PX = 0.1
"""Pixels of the coarse bands above which they are moved. Scenes that fit measure up to 0.03, so that a shift beyond
this one is there; and from 0.1 on, what interpolation loses is less than what the shift costs."""
# Coarse pixels of the window that is compared, in the middle of the scene.
_COMPARED_SIDE = 512
_LONGEST_PX = 3.0
# Of a shift, in pixels: so many are applied and recorded.
_DIGITS = 3


@dataclass(frozen=True)
class Misfit:
    """The shift between a coarse band and the finest band whose wavelength is nearest."""

    coarse: str
    fine: str
    rows_px: float | None
    """What must be added to the coarse band's rows, in its own pixels; None when undetermined."""
    cols_px: float | None
    reason: str
    """Why it is undetermined."""
    gsd_m: float
    """Native pixel size of the coarse band, in metres."""
    ratio: int
    """Finest pixels side by side in one of the coarse band's."""

    @property
    def notable(self) -> bool:
        """True when the shift is long enough to harm the result."""
        if self.rows_px is None or self.cols_px is None:
            return False
        return max(abs(self.rows_px), abs(self.cols_px)) > NOTABLE_PX

    def describe(self) -> str:
        """Return the shift in words, for the log."""
        pair = f"the shift of {self.coarse} ({self.gsd_m:g} m) to {self.fine} is"
        if self.rows_px is None or self.cols_px is None:
            return f"{pair} not known: {self.reason}"
        return f"{pair} {self.rows_px:+.2f} rows and {self.cols_px:+.2f} columns of its pixels"


def misfits(plan: Plan) -> Iterator[Misfit]:
    """Yield the shift of one band of every coarse pixel size: the one nearest in wavelength to a finest band."""
    sensor = plan.sensor
    fine = [band for band in plan.kept if sensor[band].gsd_m == sensor.sizes_m[0]]
    for gsd, parts in _coarse_groups(plan).items():
        pairs = [(coarse, guide) for coarse in parts for guide in fine]
        coarse, guide = min(
            pairs, key=lambda pair: abs(sensor[pair[0]].wavelength_nm - sensor[pair[1]].wavelength_nm)
        )
        ratio = plan.ratio(parts[coarse])
        found = _measured_shift(sensor, parts[coarse], plan.kept[guide], ratio)
        yield Misfit(coarse, guide, *found, gsd, ratio)


def _coarse_groups(plan: Plan) -> dict[float, dict[str, Part]]:
    """Return the bands that are coarser than the output, made finer or as guides, by native pixel size."""
    groups: dict[float, dict[str, Part]] = {}
    for band, part in plan.parts.items():
        if plan.ratio(part) > 1:
            groups.setdefault(plan.sensor[band].gsd_m, {})[band] = part
    return dict(sorted(groups.items()))


def _measured_shift(
    sensor: Sensor, part: Part, guide: Part, ratio: int
) -> tuple[float | None, float | None, str]:
    rows, cols = (min(_COMPARED_SIDE, side) for side in (part.window.rows, part.window.cols))
    window = Window((part.window.rows - rows) // 2, (part.window.cols - cols) // 2, rows, cols)
    under = window.scaled(ratio)
    under = under._replace(row=under.row + part.at[0], col=under.col + part.at[1])
    coarse, fine = (
        np.where(sensor.is_measured(values), values.astype(np.float64), np.nan)
        for values in (part.read(window), guide.read(under))
    )
    low = fine.reshape(rows, ratio, cols, ratio).mean(axis=(1, 3))
    shift = estimate_shift(low, coarse, max_shift_px=_LONGEST_PX)
    return shift.rows_px, shift.cols_px, shift.reason


def corrected(
    plan: Plan, found: Iterable[Misfit], folder: Path, *, progress: Progress
) -> tuple[Plan, dict[str, tuple[float, float]]]:
    """Move every group of bands whose shift is known and worth it; the log tells what was done and why.

    Parameters
    ----------
    plan : Plan
    found : iterable of Misfit
        Of this plan.
    folder : Path
        Where moved bands are written; they are needed as long as the plan is.
    progress : Progress

    Returns
    -------
    Plan
        With the moved bands in the place of the others.
    dict
        Rows and columns by which bands were moved, in their pixels, by their native pixels' size: ``60 m``.

    Raises
    ------
    RasterNotReadable, OutputNotWritable, DiskFull, Cancelled
        Whichever applies.
    """
    groups = _coarse_groups(plan)
    parts: dict[str, Part] = {}
    moved: dict[str, tuple[float, float]] = {}
    for misfit in found:
        name = f"{misfit.gsd_m:g} m"
        if misfit.rows_px is None or misfit.cols_px is None:
            progress.warn(f"the {name} bands stay where they are: {misfit.describe()}")
            continue
        shift = (round(misfit.rows_px, _DIGITS), round(misfit.cols_px, _DIGITS))
        if max(abs(one) for one in shift) <= WORTH_PX:
            progress.info(
                f"the {name} bands stay where they are: no shift beyond {WORTH_PX:g} of their pixels"
            )
            continue
        for band, part in groups[misfit.gsd_m].items():
            own = misfit.ratio / plan.ratio(part)
            target = str(folder / f"moved.{band}.tif")
            parts[band] = write_moved_band(
                part, target, plan.sensor, shift=(shift[0] * own, shift[1] * own), progress=progress
            )
        moved[name] = shift
        progress.info(
            f"the {name} bands were moved by {shift[0]:+.2f} rows and {shift[1]:+.2f} columns of theirs"
        )
    better = plan.elsewhere(
        {
            band: (parts[band], old)
            for group in groups.values()
            for band, old in group.items()
            if band in parts
        },
    )
    for misfit in misfits(better) if moved else ():
        if f"{misfit.gsd_m:g} m" in moved:
            (progress.warn if misfit.notable else progress.info)(f"now {misfit.describe()}")
    return better, moved


def bytes_needed(plan: Plan) -> int:
    """Return how much disk the moved bands need at most."""
    parts = [part for group in _coarse_groups(plan).values() for part in group.values()]
    return 4 * sum(part.window.rows * part.window.cols for part in parts)


def write_moved_band(
    part: Part, target: str, sensor: Sensor, *, shift: tuple[float, float], progress: Progress
) -> Part:
    """Write a band moved by ``shift``, on the ground of its window, and return it as a part.

    A pixel holds no data, or is saturated, where the pixel is that its middle comes from; such pixels have no
    influence on others. Beyond the raster's edge there is no data; beyond the window there is what the raster holds.

    Parameters
    ----------
    part : Part
    target : str
        Path of the GeoTIFF.
    sensor : Sensor
    shift : tuple of float
        ``(rows, cols)``: what is added to the coordinates of the band, in its pixels.
    progress : Progress
        Asked whether to go on.

    Raises
    ------
    RasterNotReadable, OutputNotWritable, DiskFull
        If it cannot be read or written.
    Cancelled
        When the progress says so; nothing is left behind.
    """
    raster, number = Raster(part.layer.path), part.layer.number
    return write_part(
        part, target, lambda window: moved_window(raster, number, window, sensor, shift), progress
    )


def moved_window(
    raster: Raster, number: int, window: Window, sensor: Sensor, shift: tuple[float, float]
) -> np.ndarray:
    """Return a window of a band after moving it by ``shift``, in its own type; the same whatever window it lies in."""
    outer = window.grown(shift_margin(shift))
    row, col = max(0, outer.row), max(0, outer.col)
    last_row = min(raster.grid.rows, outer.row + outer.rows)
    last_col = min(raster.grid.cols, outer.col + outer.cols)
    inner = raster.read_raw(number, Window(row, col, last_row - row, last_col - col))
    beyond = (
        (row - outer.row, outer.row + outer.rows - last_row),
        (col - outer.col, outer.col + outer.cols - last_col),
    )
    values = np.pad(inner, beyond, mode="edge")
    holed = np.pad(inner, beyond, mode="constant", constant_values=inner.dtype.type(sensor.nodata))
    image = shifted(values, sensor.is_measured(values), shift)
    near = shifted_nearest(holed, shift)
    measured = sensor.as_measured(image, raster.types[number - 1])
    return np.where(sensor.is_measured(near), measured, near)
