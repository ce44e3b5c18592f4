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

from srsat_qgis.core.errors import OutputNotWritable
from srsat_qgis.core.fusion.adapt import Adapted, Adapting, adapt, check_adaptable
from srsat_qgis.core.fusion.layers import Layer
from srsat_qgis.core.fusion.merge import Merge, Result, merge
from srsat_qgis.core.fusion.misregistration import Corrected, bytes_needed, corrected, misfits
from srsat_qgis.core.fusion.plan import Plan, Step, make_plan
from srsat_qgis.core.fusion.steps import Made, measured_blur, run_step, write_stacks
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.writer import check_writable, refuse_overwriting
from srsat_qgis.core.sentinel2.clouds import CloudMask, open_clouds
from srsat_qgis.core.sentinel2.offsets import Offsets
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress

_MERGE_SHARE = 0.1  # of the run's time, about
_SPEED_SHARE = {20: 3.0, 60: 1.0}  # of the models' time, about
_ADAPT_SHARE = 0.5  # of a step's part of the progress, where its model is adapted first


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
    """What was done, with the models and the parts of bands that it was done with: adapted and moved ones."""
    degradations: tuple[str, ...]
    """By which each step's bands are tied to their originals; empty where they are not."""
    adapted: Mapping[int, float]
    """By native pixel size in metres: by how many percent adapting made the error on held-out ground smaller."""


def fuse(
    layers: Mapping[str, Layer],
    models: Mapping[int, ModelCard],
    target: str,
    *,
    targets: str = "all",
    offsets: Offsets | None = None,
    clouds: CloudMask | None = None,
    correct_shift: bool = False,
    adapting: Adapting | None = None,
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
        The scene's bands by name; see ``srsat_qgis.core.fusion.layers``.
    models : mapping of int to ModelCard
        The model for bands of 20 and of 60 metres. Each card's first input has the output's bands.
    target : str
        Path of the output raster.
    targets : {"all", "20 m", "60 m"}
        Which bands to make finer.
    offsets : Offsets, optional
        What the product adds to its digital numbers. Models that are not equivariant get values without it.
    clouds : CloudMask, optional
        What tells where the scene is cloudy; there, every band becomes no data.
    correct_shift : bool
        Whether coarse bands that lie beside the 10 m bands are moved to their place first.
    adapting : Adapting, optional
        Adapt each model to the scene first; see ``srsat_qgis.core.fusion.adapt``.
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
    _check(plan, layers, target, adapting, moving=correct_shift)
    found = list(misfits(plan))
    for misfit in found:
        (progress.warn if misfit.notable and not correct_shift else progress.info)(misfit.describe())
    device, degradations = "cpu", []
    results: dict[str, Result] = {}
    adapted: dict[int, float] = {}
    with _workplace(target) as folder, open_clouds(clouds, plan.grid, folder) as masked:
        placed = corrected(plan, found, folder, progress=progress) if correct_shift else Corrected(plan, {})
        steps = []
        for step, (start, end) in zip(placed.plan.steps, _shares(plan.steps)):
            part = PartProgress(progress, start, end)
            if adapting is None:
                steps.append(step)
                made = run_step(step, folder, offsets, settings, part)
            else:
                better, made = _run_adapted(step, folder, offsets, settings, adapting, part)
                steps.append(replace(step, card=better.card))
                adapted[10 * step.card.scale] = better.gain_percent
            device = made.device
            results.update(made.bands)
            degradations.append(made.degradation)
        done = replace(placed.plan, steps=tuple(steps))
        provenance = _provenance(
            done,
            {
                "targets": targets,
                "consistency": settings.consistency,
                "extent": settings.extent,
                "clouds": Path(clouds.path).name if clouds else None,
                "correct_shift": placed.moved if correct_shift else None,
                "adapted_percent": {f"{gsd} m": round(gain, 2) for gsd, gain in adapted.items()} or None,
                "offsets": offsets.why if offsets else None,
                "sources": _sources(plan),
            },
        )
        if len(degradations) == 1 and degradations[0]:  # of two groups of bands, one item cannot tell
            provenance["SRSAT_DEGRADATION"] = degradations[0]
        job = Merge(done, results, offsets, masked, provenance, settings.creation_options)
        merge(job, target, progress=PartProgress(progress, 1 - _MERGE_SHARE, 1.0))
        fused = Fused(
            path=target,
            bands=plan.bands,
            width=plan.grid.cols,
            height=plan.grid.rows,
            device=device,
            seconds=time.monotonic() - started,
            provenance=provenance,
            plan=done,
            degradations=tuple(degradations),
            adapted=adapted,
        )
        if then is not None:
            then(fused)
    return fused


def _check(
    plan: Plan, layers: Mapping[str, Layer], target: str, adapting: Adapting | None, *, moving: bool
) -> None:
    """Refuse what cannot work before anything is written."""
    paths = dict.fromkeys(layer.path for layer in layers.values())
    refuse_overwriting(target, [Raster(path) for path in paths])
    if adapting is not None:
        for step in plan.steps:
            check_adaptable(step.card)
    made = sum(len(step.makes) for step in plan.steps)
    pixels = plan.grid.rows * plan.grid.cols
    # The models' results lie beside the target uncompressed until all is put together.
    needed = 2 * pixels * made + pixels * len(plan.bands) + (bytes_needed(plan) if moving else 0)
    check_writable(target, bytes_needed=needed)


def _run_adapted(
    step: Step,
    folder: Path,
    offsets: Offsets | None,
    settings: Settings,
    adapting: Adapting,
    progress: Progress,
) -> tuple[Adapted, Made]:
    """Adapt a step's model to the scene and run it, or the one that was there where that is better."""
    stacks = write_stacks(step, folder, offsets)
    before = PartProgress(progress, 0.0, _ADAPT_SHARE)
    better = adapt(step.card, stacks, folder / step.card.id, adapting, progress=before)
    if better.used:
        # The blur is the scene's. A model that knows the scene by heart sharpens it for any blur alike.
        settings = replace(settings, blur=measured_blur(step, stacks, folder, settings, before))
    after = PartProgress(progress, _ADAPT_SHARE, 1.0)
    return better, run_step(replace(step, card=better.card), folder, offsets, settings, after)


def _shares(steps: Sequence[Step]) -> list[tuple[float, float]]:
    """Return each step's part of the progress."""
    weights = [_SPEED_SHARE.get(10 * step.card.scale, 1.0) for step in steps]
    whole = sum(weights) / (1 - _MERGE_SHARE)
    ends = [sum(weights[: number + 1]) / whole for number in range(len(weights))]
    return list(zip([0.0, *ends], ends))


@contextmanager
def _workplace(target: str) -> Iterator[Path]:
    """Make a folder beside the target for what lies between the steps, and take it away in the end."""
    parent = Path(target).absolute().parent
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{Path(target).stem}.srsat-", dir=parent))
    except OSError as error:
        raise OutputNotWritable(f"{parent}: no folder can be made there ({error})") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sources(plan: Plan) -> dict[str, str]:
    parts = {**plan.kept, **{band: part for band, (part, _) in plan.coarse.items()}}
    return {band: Path(part.layer.path).name for band, part in parts.items()}


def _provenance(plan: Plan, parameters: Mapping[str, object]) -> dict[str, str]:
    """Return the items that go into the output's metadata; nothing that differs between equal runs without ADAPT."""
    cards = [step.card for step in plan.steps]
    return {
        "SRSAT_MODEL": ", ".join(card.id for card in cards),
        "SRSAT_MODEL_VERSION": ", ".join(card.version for card in cards),
        "SRSAT_MODEL_SHA256": ", ".join(card.sha256 for card in cards),
        "SRSAT_SCALE": ", ".join(str(card.scale) for card in cards),
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
        "AREA_OR_POINT": "Area",
    }
