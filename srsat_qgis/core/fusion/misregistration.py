"""Coarse bands that are shifted against fine ones: measured before a fusion, and moved to their place on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.fusion.plan import Plan
from srsat_qgis.core.fusion.sensor import Part, Sensor
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.resample import shift_margin, shifted, shifted_nearest
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter
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
# Of the windows that are read, moved and written.
_WRITTEN_SIDE = 2 * BLOCKS[0]


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
    """Return the bands that are coarser than the output, made finer or as guides, by native pixel size.

    Each is the part that all steps take of it together.
    """
    groups: dict[float, dict[str, Part]] = {}
    for step in plan.steps:
        for part in (part for parts in step.inputs.values() for part in parts):
            if plan.ratio(part) > 1:
                group = groups.setdefault(plan.sensor[part.layer.band].gsd_m, {})
                other = group.get(part.layer.band)
                group[part.layer.band] = part if other is None else _both(part, other, plan.ratio(part))
    return dict(sorted(groups.items()))


def _both(part: Part, other: Part, ratio: int) -> Part:
    """Return the part of a band that holds two."""
    one, two = part.window, other.window
    row, col = min(one.row, two.row), min(one.col, two.col)
    rows = max(one.row + one.rows, two.row + two.rows) - row
    cols = max(one.col + one.cols, two.col + two.cols) - col
    at = (part.at[0] - (one.row - row) * ratio, part.at[1] - (one.col - col) * ratio)
    return replace(part, window=Window(row, col, rows, cols), at=at)


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
    better = _with(
        plan,
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


def _with(plan: Plan, moved: Mapping[str, tuple[Part, Part]]) -> Plan:
    """Return the plan with some bands moved: each as it is now, on the ground of what it was."""

    def other(part: Part) -> Part:
        if part.layer.band not in moved:
            return part
        new, old = moved[part.layer.band]
        row, col = part.window.row - old.window.row, part.window.col - old.window.col
        return replace(part, layer=new.layer, window=part.window._replace(row=row, col=col))

    steps = tuple(
        replace(step, inputs={name: tuple(map(other, many)) for name, many in step.inputs.items()})
        for step in plan.steps
    )
    return replace(plan, steps=steps)


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
    layer = part.layer
    raster, grid = Raster(layer.path), layer.grid.cropped(part.window)
    writer = RasterWriter(
        target,
        grid=grid,
        data_type=layer.data_type,
        bands=[BandTemplate(description=layer.band)],
        nodata=None,
        mask=False,
        metadata={},
        creation_options=("COMPRESS=NONE",),
    )
    try:
        for window in _windows(grid.rows, grid.cols):
            if progress.cancelled:
                raise Cancelled("the run was cancelled")
            source = window._replace(row=window.row + part.window.row, col=window.col + part.window.col)
            values = moved_window(raster, layer.number, source, sensor, shift)
            writer.write(window, values[np.newaxis], None, statistics=0)
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    moved = replace(layer, path=target, number=1, grid=grid)
    return replace(part, layer=moved, window=Window(0, 0, grid.rows, grid.cols))


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


def _windows(rows: int, cols: int) -> Iterator[Window]:
    for row in range(0, rows, _WRITTEN_SIDE):
        for col in range(0, cols, _WRITTEN_SIDE):
            yield Window(row, col, min(_WRITTEN_SIDE, rows - row), min(_WRITTEN_SIDE, cols - col))
