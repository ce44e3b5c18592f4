"""How far the coarse bands of a scene lie beside its 10 m bands, measured before they are fused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.raster import Raster
from srsat_qgis.core.registration.shift import estimate_shift
from srsat_qgis.core.sentinel2.offsets import NODATA, SATURATED
from srsat_qgis.core.sentinel2.plan import Plan
from srsat_qgis.core.sentinel2.spectrum import BY_NAME
from srsat_qgis.core.sentinel2.stack import Part
from srsat_qgis.core.types import Window

NOTABLE_PX = 0.25
"""Pixels of the coarse band from which on detail lands beside the edges that it belongs to."""

_SIDE = 512  # coarse pixels of the window that is compared, in the middle of the scene
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
        yield Misfit(coarse, guide, *_measured(parts[coarse], plan.kept[guide], ratio), ratio)


def _distance(first: str, second: str) -> float:
    return abs(BY_NAME[first].wavelength_nm - BY_NAME[second].wavelength_nm)


def _measured(part: Part, guide: Part, ratio: int) -> tuple[float | None, float | None, str]:
    rows, cols = (min(_SIDE, side) for side in (part.window.rows, part.window.cols))
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
