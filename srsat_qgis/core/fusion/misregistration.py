"""Coarse bands that are shifted against fine ones: measured before a fusion, and moved to their place on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.fusion.plan import Part, Plan
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.resample import fill_invalid
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter
from srsat_qgis.core.registration.measure import estimate_shift
from srsat_qgis.core.sentinel2.msi import BY_NAME
from srsat_qgis.core.sentinel2.offsets import NODATA, SATURATED
from srsat_qgis.core.types import Progress, Window

_LOBES = 3
_WRITTEN_SIDE = 2 * BLOCKS[0]  # of the windows that are read, moved and written


def write_moved_band(part: Part, target: str, *, shift: tuple[float, float], progress: Progress) -> Part:
    """Write a band moved by ``shift``, on the ground of its window, and return it as a part.

    A pixel holds no data, or is saturated, where the pixel is that its middle comes from; such pixels have no
    influence on others. Beyond the raster's edge there is no data; beyond the window there is what the raster holds.

    Parameters
    ----------
    part : Part
    target : str
        Path of the GeoTIFF.
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
            values = moved_window(raster, layer.number, source, shift)
            writer.write(window, values[np.newaxis], None, statistics=0)
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    moved = replace(layer, path=target, number=1, grid=grid)
    return replace(part, layer=moved, window=Window(0, 0, grid.rows, grid.cols))


def moved_window(raster: Raster, number: int, window: Window, shift: tuple[float, float]) -> np.ndarray:
    """Return a window of a band after moving it by ``shift``, in its own type; the same whatever window it lies in."""
    margin = 2 * _LOBES + ceil(
        max(abs(one) for one in shift)
    )  # the kernel's reach, and that of what fills holes
    outer = window.grown(margin)
    row, col = max(0, outer.row), max(0, outer.col)
    last_row = min(raster.grid.rows, outer.row + outer.rows)
    last_col = min(raster.grid.cols, outer.col + outer.cols)
    inner = raster.read_raw(number, Window(row, col, last_row - row, last_col - col))
    beyond = (
        (row - outer.row, outer.row + outer.rows - last_row),
        (col - outer.col, outer.col + outer.cols - last_col),
    )
    values = np.pad(inner, beyond, mode="edge")
    near = np.pad(inner, beyond, mode="constant", constant_values=int(NODATA))
    image = fill_invalid(values, _is_measurement(values), reach=_LOBES).astype(np.float64)
    for axis, one in enumerate(shift):
        image = _interpolated(image, axis, one, margin)
        near = _cut(near, axis, margin + floor(0.5 - one), margin)
    return np.where(_is_measurement(near), _as_type(image, near.dtype), near)


def _is_measurement(values: np.ndarray) -> np.ndarray:
    """Return True where a value is neither no data nor saturated."""
    return np.asarray(np.isfinite(values) & (values != NODATA) & (values < SATURATED))


def _interpolated(image: np.ndarray, axis: int, shift: float, margin: int) -> np.ndarray:
    """Return the image moved along an axis, without its margin there."""
    base = floor(-shift)
    taps = np.arange(1 - _LOBES, _LOBES + 1)
    distance = taps - (-shift - base)
    weights = np.sinc(distance) * np.sinc(distance / _LOBES)
    weights[np.abs(distance) >= _LOBES] = 0.0
    weights /= weights.sum()
    parts = (
        _cut(image, axis, margin + base + int(tap), margin) * weight for tap, weight in zip(taps, weights)
    )
    return np.asarray(sum(parts))


def _cut(plane: np.ndarray, axis: int, start: int, margin: int) -> np.ndarray:
    """Return what starts at ``start`` along an axis and is shorter by two margins."""
    part = [slice(None), slice(None)]
    part[axis] = slice(start, start + plane.shape[axis] - 2 * margin)
    return plane[tuple(part)]


def _as_type(image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return values of a type: whole numbers stay measurements, neither no data nor saturated."""
    if dtype.kind == "f":
        return image.astype(dtype)
    limits = np.iinfo(dtype)
    whole = np.clip(np.rint(image), limits.min, min(limits.max, SATURATED - 1))
    whole[whole == NODATA] = 1
    return whole.astype(dtype)


def _windows(rows: int, cols: int) -> Iterator[Window]:
    for row in range(0, rows, _WRITTEN_SIDE):
        for col in range(0, cols, _WRITTEN_SIDE):
            yield Window(row, col, min(_WRITTEN_SIDE, rows - row), min(_WRITTEN_SIDE, cols - col))


NOTABLE_PX = 0.25
"""Pixels of the coarse band from which on detail lands beside the edges that it belongs to."""

_COMPARED_SIDE = 512  # coarse pixels of the window that is compared, in the middle of the scene
_LONGEST_PX = 3.0


@dataclass(frozen=True)
class Misfit:
    """The shift between a coarse band and the 10 m band whose wavelength is nearest."""

    coarse: str
    fine: str
    rows_px: float | None
    """What must be added to the coarse band's rows, in its own pixels; None when undetermined."""
    cols_px: float | None
    reason: str
    """Why it is undetermined."""
    ratio: int
    """10 m pixels side by side in one of the coarse band's."""

    @property
    def gsd_m(self) -> int:
        """Size of the coarse band's pixels in metres."""
        return 10 * self.ratio

    @property
    def notable(self) -> bool:
        """True when the shift is long enough to harm the result."""
        if self.rows_px is None or self.cols_px is None:
            return False
        return max(abs(self.rows_px), abs(self.cols_px)) > NOTABLE_PX

    def describe(self) -> str:
        """Return the shift in words, for the log."""
        if self.rows_px is None or self.cols_px is None:
            return f"the shift of {self.coarse} ({self.gsd_m} m) to {self.fine} is not known: {self.reason}"
        return (
            f"{self.coarse} ({self.gsd_m} m) lies {self.rows_px:+.2f} rows and {self.cols_px:+.2f} columns of its "
            f"pixels beside {self.fine}"
        )


def coarse_groups(plan: Plan) -> dict[int, dict[str, Part]]:
    """Return the bands that are coarser than the output, made finer or as guides, by output pixels per pixel."""
    groups: dict[int, dict[str, Part]] = {}
    for step in plan.steps:
        for part in (part for parts in step.inputs.values() for part in parts):
            ratio = plan.grid.rows // part.window.rows
            if ratio > 1:
                groups.setdefault(ratio, {})[part.layer.band] = part
    return dict(sorted(groups.items()))


def misfits(plan: Plan) -> Iterator[Misfit]:
    """Yield the shift of one band of every coarse group: the one nearest to a 10 m band."""
    fine = [band for band in plan.kept if BY_NAME[band].gsd_m == 10]
    for ratio, parts in coarse_groups(plan).items():
        pairs = [(coarse, guide) for coarse in parts for guide in fine]
        coarse, guide = min(pairs, key=lambda pair: _distance(*pair))
        yield Misfit(coarse, guide, *_measured_shift(parts[coarse], plan.kept[guide], ratio), ratio)


def _distance(first: str, second: str) -> float:
    return abs(BY_NAME[first].wavelength_nm - BY_NAME[second].wavelength_nm)


def _measured_shift(part: Part, guide: Part, ratio: int) -> tuple[float | None, float | None, str]:
    rows, cols = (min(_COMPARED_SIDE, side) for side in (part.window.rows, part.window.cols))
    row, col = (part.window.rows - rows) // 2, (part.window.cols - cols) // 2
    coarse = _read(part, Window(row, col, rows, cols))
    fine = _read(guide, Window(row, col, rows, cols).scaled(ratio))
    low = fine.reshape(rows, ratio, cols, ratio).mean(axis=(1, 3))
    shift = estimate_shift(low, coarse, max_shift_px=_LONGEST_PX)
    return shift.rows_px, shift.cols_px, shift.reason


def _read(part: Part, window: Window) -> np.ndarray:
    """Return values as float64, NaN where there is no measurement."""
    moved = window._replace(row=window.row + part.window.row, col=window.col + part.window.col)
    values = Raster(part.layer.path).read_raw(part.layer.number, moved).astype(np.float64)
    values[(values == NODATA) | (values >= SATURATED)] = np.nan
    return values


WORTH_PX = 0.1
"""Pixels of the coarse bands above which they are moved. Scenes that fit measure up to 0.03, so that a shift beyond
this one is there; and from 0.1 on, what interpolation loses is less than what the shift costs."""

_DIGITS = 3  # of a shift, in pixels: so many are applied and recorded


@dataclass(frozen=True)
class Corrected:
    """A plan whose coarse bands lie where they belong."""

    plan: Plan
    moved: Mapping[str, tuple[float, float]]
    """Rows and columns by which bands were moved, in their pixels, by their pixels' size: ``60 m``."""


def corrected(plan: Plan, found: Iterable[Misfit], folder: Path, *, progress: Progress) -> Corrected:
    """Move every group of bands whose shift is known and worth it; the log tells what was done and why.

    Parameters
    ----------
    plan : Plan
    found : iterable of Misfit
        Of this plan.
    folder : Path
        Where moved bands are written; they are needed as long as the plan is.
    progress : Progress

    Raises
    ------
    RasterNotReadable, OutputNotWritable, DiskFull, Cancelled
        Whichever applies.
    """
    groups = coarse_groups(plan)
    parts: dict[str, Part] = {}
    moved = {}
    for misfit in found:
        name = f"{misfit.gsd_m} m"
        if misfit.rows_px is None or misfit.cols_px is None:
            progress.warn(f"the {name} bands stay where they are: {misfit.describe()}")
            continue
        shift = (round(misfit.rows_px, _DIGITS), round(misfit.cols_px, _DIGITS))
        if max(abs(one) for one in shift) <= WORTH_PX:
            progress.info(
                f"the {name} bands stay where they are: no shift beyond {WORTH_PX:g} of their pixels"
            )
            continue
        for band, part in groups[misfit.ratio].items():
            target = str(folder / f"moved.{band}.tif")
            parts[band] = write_moved_band(part, target, shift=shift, progress=progress)
        moved[name] = shift
        progress.info(
            f"the {name} bands were moved by {shift[0]:+.2f} rows and {shift[1]:+.2f} columns of theirs"
        )
    if not parts:
        return Corrected(plan, {})
    better = _with(plan, parts)
    for misfit in misfits(better):
        if f"{misfit.gsd_m} m" in moved:
            (progress.warn if misfit.notable else progress.info)(f"now {misfit.describe()}")
    return Corrected(better, moved)


def bytes_needed(plan: Plan) -> int:
    """Return how much disk the moved bands need at most."""
    parts = [part for group in coarse_groups(plan).values() for part in group.values()]
    return 4 * sum(part.window.rows * part.window.cols for part in parts)


def _with(plan: Plan, parts: Mapping[str, Part]) -> Plan:
    """Return the plan with other parts of some bands."""

    def other(part: Part) -> Part:
        return replace(parts.get(part.layer.band, part), average=part.average)

    steps = tuple(
        replace(step, inputs={name: tuple(map(other, many)) for name, many in step.inputs.items()})
        for step in plan.steps
    )
    coarse = {band: (other(part), ratio) for band, (part, ratio) in plan.coarse.items()}
    return replace(plan, steps=steps, coarse=coarse)
