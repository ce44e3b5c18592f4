"""All bands of a Sentinel-2 scene at 10 m: the models' runs, and their results in one raster beside the 10 m bands."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import OutputNotWritable
from srsat_qgis.core.job import Settings, Source, plugin_version, refuse_overwriting
from srsat_qgis.core.part_progress import PartProgress
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.raster_writer import check_writable
from srsat_qgis.core.sentinel2.alignment import misfits
from srsat_qgis.core.sentinel2.groups import Layer
from srsat_qgis.core.sentinel2.merge import Merge, Result, merge
from srsat_qgis.core.sentinel2.offsets import NODATA, SATURATED, Offsets
from srsat_qgis.core.sentinel2.plan import Plan, Step, make_plan
from srsat_qgis.core.sentinel2.stack import write_stack
from srsat_qgis.core.superres import super_resolve
from srsat_qgis.core.types import Progress, SilentProgress

_MERGE_SHARE = 0.1  # of the run's time, about
_SPEED_SHARE = {20: 3.0, 60: 1.0}  # of the models' time, about


@dataclass(frozen=True)
class Fused:
    """What a run has made."""

    path: str
    bands: tuple[str, ...]
    width: int
    height: int
    device: str
    seconds: float
    provenance: Mapping[str, str]
    plan: Plan
    """What was done, with the models and the parts of bands that it was done with."""
    degradations: tuple[str, ...]
    """By which each step's bands are tied to their originals; empty where they are not."""


def fuse(
    layers: Mapping[str, Layer],
    models: Mapping[int, ModelCard],
    target: str,
    *,
    targets: str = "all",
    offsets: Offsets | None = None,
    classes: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    then: Callable[[Fused], None] | None = None,
) -> Fused:
    """Bring the 20 m and 60 m bands of a scene to 10 m and write them with the 10 m bands, in wavelength order.

    The 10 m bands pass through untouched. Pixels of 0 stay 0, no data; pixels of 65535 stay 65535, saturated, and
    have no influence on their neighbours. The output appears at ``target`` when it is whole.

    Parameters
    ----------
    layers : mapping of str to Layer
        The scene's bands by name; see ``srsat_qgis.core.sentinel2.groups``.
    models : mapping of int to ModelCard
        The model for bands of 20 and of 60 metres. Each card's first input has the output's bands.
    target : str
        Path of the output raster.
    targets : {"all", "20 m", "60 m"}
        Which bands to make finer.
    offsets : Offsets, optional
        What the product adds to its digital numbers. Models that are not equivariant get values without it.
    classes : str, optional
        A scene classification (SCL) whose clouds and cloud shadows become no data.
    settings : Settings, optional
        Device, tile and so on of the models' runs; ``extent`` in the scene's CRS.
    progress : Progress, optional
    then : callable, optional
        Called with the result once the output stands, and while what lies between the steps is still there.

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``. No partial output is left behind; what ``then`` raises leaves the whole one.
    """
    started = time.monotonic()
    settings, progress = settings or Settings(), progress or SilentProgress()
    plan = make_plan(layers, models, targets=targets, extent=settings.extent)
    paths = dict.fromkeys(layer.path for layer in layers.values())
    refuse_overwriting(target, [Raster(path) for path in paths])
    made = sum(len(step.makes) for step in plan.steps)
    pixels = plan.grid.rows * plan.grid.cols
    # The models' results lie beside the target uncompressed until all is put together.
    check_writable(target, bytes_needed=2 * pixels * made + pixels * len(plan.bands))
    for misfit in misfits(plan):
        (progress.warn if misfit.notable else progress.info)(misfit.describe())
    device = "cpu"
    results: dict[str, Result] = {}
    degradations = []
    with _workplace(target) as folder:
        for step, (start, end) in zip(plan.steps, _shares(plan.steps)):
            result = run_step(step, folder, offsets, settings, PartProgress(progress, start, end))
            device = result.device
            results.update(result.bands)
            degradations.append(result.degradation)
        provenance = _provenance(plan, targets, offsets, classes, settings)
        if len(degradations) == 1 and degradations[0]:  # of two groups of bands, one item cannot tell
            provenance["SRSAT_DEGRADATION"] = degradations[0]
        job = Merge(plan, results, offsets, classes, provenance, settings.creation_options)
        merge(job, target, progress=PartProgress(progress, 1 - _MERGE_SHARE, 1.0))
        fused = Fused(
            path=target,
            bands=plan.bands,
            width=plan.grid.cols,
            height=plan.grid.rows,
            device=device,
            seconds=time.monotonic() - started,
            provenance=provenance,
            plan=plan,
            degradations=tuple(degradations),
        )
        if then is not None:
            then(fused)
    return fused


@dataclass(frozen=True)
class Made:
    """What a model's run has made."""

    bands: Mapping[str, Result]
    device: str
    degradation: str
    """By which the output is tied to its input; empty where it is not."""


def run_step(
    step: Step, folder: Path, offsets: Offsets | None, settings: Settings, progress: Progress
) -> Made:
    """Run a model on stacks of its bands."""
    added = offsets.values if offsets and not step.card.equivariant else {}
    sources = {}
    for name, parts in step.inputs.items():
        # An equivariant model commutes with an offset of each band: nothing to take off and to put back.
        values = [added.get(part.layer.band, 0.0) for part in parts]
        path = folder / f"{step.card.id}.{name}.vrt"
        sources[name] = Source(write_stack(path, parts, nodata=NODATA, shift=values if any(values) else ()))
    target = str(folder / f"{step.card.id}.tif")
    plain = replace(
        settings,
        extent=None,
        nodata=None,
        output_type=None,
        resume=False,
        saturation=SATURATED,
        creation_options=("COMPRESS=NONE",),
    )
    result = super_resolve(sources, step.card, target, settings=plain, progress=progress)
    shifted = any(added.get(band, 0.0) for band in step.makes)
    bands = {
        band: Result(target, number, added.get(band, 0.0) if shifted else 0.0)
        for number, band in enumerate(step.makes, 1)
    }
    return Made(bands, result.device, result.provenance.get("SRSAT_DEGRADATION", ""))


def _shares(steps: Sequence[Step]) -> list[tuple[float, float]]:
    """Return each step's part of the progress."""
    weights = [_SPEED_SHARE.get(10 * step.card.scale, 1.0) for step in steps]
    whole = sum(weights) / (1 - _MERGE_SHARE)
    ends = [sum(weights[: number + 1]) / whole for number in range(len(weights))]
    return list(zip([0.0, *ends], ends))


@contextmanager
def _workplace(target: str) -> Iterator[Path]:
    """Make a folder beside the target for what lies between the steps, and take it away in the end."""
    parent = Path(target).parent
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{Path(target).stem}.srsat-", dir=parent))
    except OSError as error:
        raise OutputNotWritable(f"{parent}: no folder can be made there ({error})") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _provenance(
    plan: Plan, targets: str, offsets: Offsets | None, classes: str | None, settings: Settings
) -> dict[str, str]:
    """Return the items that go into the output's metadata; nothing that differs between equal runs."""
    cards = [step.card for step in plan.steps]
    parameters = {
        "targets": targets,
        "consistency": settings.consistency,
        "extent": settings.extent,
        "clouds": Path(classes).name if classes else None,
        "offsets": offsets.why if offsets else None,
        "sources": {band: Path(part.layer.path).name for band, part in plan.kept.items()}
        | {band: Path(part.layer.path).name for band, (part, _) in plan.coarse.items()},
    }
    return {
        "SRSAT_MODEL": ", ".join(card.id for card in cards),
        "SRSAT_MODEL_VERSION": ", ".join(card.version for card in cards),
        "SRSAT_MODEL_SHA256": ", ".join(card.sha256 for card in cards),
        "SRSAT_SCALE": ", ".join(str(card.scale) for card in cards),
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
        "AREA_OR_POINT": "Area",
    }
