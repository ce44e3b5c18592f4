"""Coarse bands that lie beside the 10 m bands, brought to their place before they are fused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from srsat_qgis.core.sentinel2.alignment import Misfit, coarse_groups, misfits
from srsat_qgis.core.sentinel2.moved_band import write_moved_band
from srsat_qgis.core.sentinel2.plan import Plan
from srsat_qgis.core.sentinel2.stack import Part
from srsat_qgis.core.types import Progress

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
