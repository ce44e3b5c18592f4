"""One model's run on a scene: stacks of the bands that it takes, and the raster of those that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from srsat_qgis.core.fusion.merge import Result
from srsat_qgis.core.fusion.plan import Step, write_stack
from srsat_qgis.core.sentinel2.offsets import NODATA, SATURATED, Offsets
from srsat_qgis.core.superres.job import Settings, Source, prepare
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.superres.run import super_resolve
from srsat_qgis.core.types import Progress


@dataclass(frozen=True)
class Made:
    """What a model's run has made."""

    bands: Mapping[str, Result]
    device: str
    degradation: str
    """By which the output is tied to its input; empty where it is not."""


def write_stacks(step: Step, folder: Path, offsets: Offsets | None) -> dict[str, str]:
    """Write the stack of each input of a model, and return their paths by the inputs' names."""
    added, stacks = _added(step, offsets), {}
    for name, parts in step.inputs.items():
        values = [added.get(part.layer.band, 0.0) for part in parts]
        path = folder / f"{step.card.id}.{name}.vrt"
        stacks[name] = write_stack(path, parts, nodata=NODATA, shift=values if any(values) else ())
    return stacks


def run_step(
    step: Step, folder: Path, offsets: Offsets | None, settings: Settings, progress: Progress
) -> Made:
    """Run a model on stacks of its bands.

    Parameters
    ----------
    step : Step
    folder : Path
        Where stacks and result lie as long as the result is used.
    offsets : Offsets, optional
    settings : Settings
        Of the whole run; extent, types and what is written in the end are not the step's.
    progress : Progress

    Raises
    ------
    SrsatError
        As ``super_resolve``.
    """
    sources, target = _run_of(step, write_stacks(step, folder, offsets), folder)
    result = super_resolve(sources, step.card, target, settings=_plain(settings), progress=progress)
    added = _added(step, offsets)
    bands = {
        band: Result(target, number, added.get(band, 0.0)) for number, band in enumerate(step.makes, start=1)
    }
    return Made(bands, result.device, result.provenance.get("SRSAT_DEGRADATION", ""))


def measured_blur(
    step: Step, stacks: Mapping[str, str], folder: Path, settings: Settings, progress: Progress
) -> tuple[float, ...]:
    """Return the blur of a step's bands in their pixels, as its model finds it; none where nothing is tied by it.

    Raises
    ------
    SrsatError
        As ``super_resolve``.
    """
    if settings.consistency != "model":
        return ()
    sources, target = _run_of(step, stacks, folder)
    return TileModel(prepare(sources, step.card, target, _plain(settings)), progress).sigmas


def _run_of(step: Step, stacks: Mapping[str, str], folder: Path) -> tuple[dict[str, Source], str]:
    """Return what a step reads, and the raster that it writes."""
    return {name: Source(path) for name, path in stacks.items()}, str(folder / f"{step.card.id}.tif")


def _plain(settings: Settings) -> Settings:
    return replace(
        settings,
        extent=None,
        nodata=None,
        output_type=None,
        resume=False,
        saturation=SATURATED,
        creation_options=("COMPRESS=NONE",),
    )


def _added(step: Step, offsets: Offsets | None) -> Mapping[str, float]:
    """Return what is added to each band's digital numbers before the model sees them."""
    # An equivariant model commutes with an offset of each band: nothing to take off and to put back.
    return offsets.values if offsets and not step.card.equivariant else {}
