"""All bands of a scene at its finest pixel size: the models' runs, and their results beside the finest bands."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from srsat_qgis.core.engine.session import return_memory
from srsat_qgis.core.fusion import decoding, misregistration
from srsat_qgis.core.fusion.adapt import Adapting, adapt, check_adaptable
from srsat_qgis.core.fusion.misregistration import corrected, misfits
from srsat_qgis.core.fusion.plan import Plan, Step, make_plan
from srsat_qgis.core.fusion.sensor import ALL, SHIFTED_NODATA, Part, SceneBand, Sensor, described, write_bands
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.pace import Pace
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate, Raster, Repeated
from srsat_qgis.core.raster.writer import BLOCKS, GTIFF, RasterWriter, check_writable, refuse_overwriting
from srsat_qgis.core.stages import run_pipeline
from srsat_qgis.core.superres.job import Settings, Source, prepare
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.superres.run import super_resolve
from srsat_qgis.core.temporary import workplace
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

# Of the run's time, about.
_MERGE_SHARE, _DECODING_SHARE = 0.1, 0.1
# Of a step's part of the progress, where its model is adapted first.
_ADAPT_SHARE = 0.5
# Rows after which what GDAL keeps of the sources is dropped: tiles of JPEG 2000 are so high in files of several bands,
# which are not decoded beforehand.
_RELEASED = 1024
# Blocks of all bands that may wait between reading and writing.
_DEPTH = 2


class MaskPixels(Protocol):
    """A mask on the output's grid."""

    def read(self, window: Window) -> np.ndarray:
        """Return True where the output is masked, (rows, cols)."""

    def tell(self, progress: Progress) -> None:
        """Report what was masked, once all has been read."""


class MaskFile(Protocol):
    """A file that tells where the output is to hold no data, such as under clouds."""

    @property
    def path(self) -> str:
        """The file."""

    def opened(self, grid: Grid, folder: Path, progress: Progress) -> AbstractContextManager[MaskPixels]:
        """Give the mask on a grid; ``folder`` is there for what it needs to write, and goes later."""


@dataclass(frozen=True)
class FusionRequest:
    """What is to be fused, and how; plain data."""

    sensor: Sensor
    layers: Mapping[str, SceneBand]
    """The scene's bands by name."""
    models: Mapping[float, ModelCard]
    """The model for bands of each native pixel size in metres; its first input has the output's bands."""
    target: str
    """Path of the output raster."""
    targets: str = ALL
    """One of the sensor's ``targets``: which bands to make finer."""
    added: Mapping[str, float] = field(default_factory=dict)
    """By band, what is added to digital numbers to get what is proportional to the signal: models that are not
    equivariant get these."""
    added_why: str = ""
    """Where that is known from, in words; empty where it is not known."""
    mask: MaskFile | None = None
    """Where every band becomes no data."""
    correct_shift: bool = False
    """Whether coarse bands that are shifted against the finest bands are moved to their place first."""
    adapting: Adapting | None = None
    """Adapt each model to the scene first."""
    settings: Settings = field(default_factory=Settings)
    """Device, tile and so on of the models' runs; ``extent`` in the scene's CRS."""


@dataclass(frozen=True)
class MadeBand:
    """A band that a model has made, with ``added`` on top of the sensor's digital numbers."""

    path: str
    number: int
    added: float

    def digital_numbers(self, values: np.ndarray, sensor: Sensor) -> np.ndarray:
        """Return what the file holds as the sensor's digital numbers."""
        if not self.added:
            return sensor.digital_numbers(values)
        return sensor.digital_numbers(values - self.added, values != SHIFTED_NODATA)


@dataclass(frozen=True)
class Run:
    """What a model's run has made."""

    step: Step
    """With the model and the parts of bands that it was done with: adapted and moved ones."""
    bands: Mapping[str, MadeBand]
    """Their files are there as long as the workplace is."""
    device: str
    degradation: str
    """With which the output is consistent with its input; empty where it need not be."""
    gain_percent: float | None = None
    """By how much adapting the model made the error on the held-out area smaller; None: it was not adapted."""

    def read(self, band: str, window: Window) -> np.ndarray:
        """Return a window of a band in the sensor's digital numbers, (rows, cols)."""
        made = self.bands[band]
        return made.digital_numbers(Raster(made.path).read_raw(made.number, window), self.step.sensor)


@dataclass(frozen=True)
class Fused:
    """What has been made."""

    request: FusionRequest
    plan: Plan
    """What was done, with the models and the parts of bands that it was done with."""
    runs: tuple[Run, ...]
    moved: Mapping[str, tuple[float, float]]
    """Rows and columns by which coarse bands were moved first, by their native pixels' size: ``60 m``."""
    provenance: Mapping[str, str]
    seconds: float

    @property
    def path(self) -> str:
        """The output."""
        return self.request.target

    @property
    def width(self) -> int:
        """Columns of the output."""
        return self.plan.grid.cols

    @property
    def height(self) -> int:
        """Rows of the output."""
        return self.plan.grid.rows

    @property
    def sources(self) -> dict[str, str]:
        """Name of the file that each band was read from."""
        return {band: Path(self.request.layers[band].path).name for band in self.plan.bands}

    @property
    def device(self) -> str:
        """Where the models ran, in words: one device, or several in the order of the runs."""
        return ", ".join(dict.fromkeys(run.device for run in self.runs))

    @property
    def adapted(self) -> dict[float, float]:
        """By native pixel size in metres: by how many percent adapting reduced the error on the held-out area."""
        return {run.step.gsd_m: run.gain_percent for run in self.runs if run.gain_percent is not None}


def fuse(request: FusionRequest, *, progress: Progress | None = None) -> Fused:
    """Bring the coarse bands of a scene to the finest pixel size; see ``fusing``."""
    with fusing(request, progress=progress) as fused:
        return fused


@contextmanager
def fusing(request: FusionRequest, *, progress: Progress | None = None) -> Iterator[Fused]:
    """Bring the coarse bands of a scene to the finest pixel size, and keep what lies between the steps for a while.

    They are written with the finest bands, in the sensor's order. The finest bands pass through untouched. Pixels of
    the nodata value keep it, and saturated pixels stay so; neither has influence on others. The output appears at
    ``request.target`` when it is whole, before the block begins; when the block ends, decoded and moved bands and
    the models' own results are removed.

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``. No partial output is left behind; what the block raises leaves the whole one.
    """
    started = time.monotonic()
    progress = progress or SilentProgress()
    plan = make_plan(
        request.sensor,
        request.layers,
        request.models,
        targets=request.targets,
        extent=request.settings.extent,
        added=request.added,
    )
    _check(request, plan)
    steps = ", then ".join(f"{', '.join(step.makes)} by {step.card.id}" for step in plan.steps)
    size = f"{plan.grid.cols} x {plan.grid.rows} pixels, {len(plan.bands)} bands, {request.sensor.data_type}"
    progress.info(f"output: {size}; first {steps}")
    for step in plan.steps:
        rows, cols = step.rim(plan.grid)
        if rows or cols:
            progress.warn(
                f"at the scene's edges, {rows} of {plan.grid.rows} rows and {cols} of {plan.grid.cols} columns of the "
                f"output are nodata in {', '.join(step.makes)}: these bands, or others that {step.card.id} takes, do "
                "not cover them"
            )
    mask, start = request.mask, _DECODING_SHARE if decoding.bytes_needed(plan) else 0.0
    with (
        workplace(Path(request.target)) as folder,
        mask.opened(plan.grid, folder, progress) if mask else nullcontext() as masked,
    ):
        plan = decoding.decoded(
            plan, folder, threads=request.settings.threads, progress=PartProgress(progress, 0.0, start)
        )
        found = list(misfits(plan))
        for misfit in found:
            notable = misfit.notable and not request.correct_shift
            (progress.warn if notable else progress.info)(misfit.describe())
        moved: Mapping[str, tuple[float, float]] = {}
        shares = _shares(plan.steps, start)
        if request.correct_shift:
            plan, moved = corrected(plan, found, folder, progress=progress)
        runs = tuple(
            _run(request, step, folder, PartProgress(progress, *share))
            for step, share in zip(plan.steps, shares)
        )
        plan = replace(plan, steps=tuple(run.step for run in runs))
        fused = Fused(request, plan, runs, moved, {}, 0.0)
        fused = replace(fused, provenance=_provenance(fused))
        _merge(fused, masked, progress=PartProgress(progress, 1 - _MERGE_SHARE, 1.0))
        yield replace(fused, seconds=time.monotonic() - started)


def _check(request: FusionRequest, plan: Plan) -> None:
    """Refuse what cannot work before anything is written."""
    paths = dict.fromkeys(layer.path for layer in request.layers.values())
    refuse_overwriting(request.target, [Raster(path) for path in paths])
    if request.adapting is not None:
        for step in plan.steps:
            check_adaptable(step.card)
    made = sum(len(step.makes) for step in plan.steps)
    size = plan.grid.rows * plan.grid.cols * request.sensor.dtype.itemsize
    # The models' results, and bands of another form, lie beside the target uncompressed until all is put together.
    needed = size * made + size * len(plan.bands) // 2 + decoding.bytes_needed(plan)
    if request.correct_shift:
        needed += misregistration.bytes_needed(plan)
    check_writable(
        request.target,
        bytes_needed=needed,
        creation_options=request.settings.creation_options,
        layout=request.settings.layout,
    )


def _shares(steps: Sequence[Step], start: float) -> list[tuple[float, float]]:
    """Return each step's part of the progress from ``start`` on, by the bands that it makes."""
    weights = [len(step.makes) for step in steps]
    whole = sum(weights) / (1 - _MERGE_SHARE - start)
    ends = [start + sum(weights[: number + 1]) / whole for number in range(len(weights))]
    return list(zip([start, *ends], ends))


def _provenance(fused: Fused) -> dict[str, str]:
    """Return the items that go into the output's metadata; nothing that differs between equal runs without ADAPT."""
    request, cards = fused.request, [run.step.card for run in fused.runs]
    gains = {f"{gsd:g} m": round(gain, 2) for gsd, gain in fused.adapted.items()}
    parameters = {
        "targets": request.targets,
        "consistency": request.settings.consistency,
        "extent": request.settings.extent,
        "clouds": Path(request.mask.path).name if request.mask else None,
        "correct_shift": fused.moved if request.correct_shift else None,
        "adapted_percent": gains or None,
        "offsets": request.added_why or None,
        "sources": fused.sources,
    }
    items = {
        "SRSAT_MODEL": ", ".join(card.id for card in cards),
        "SRSAT_MODEL_VERSION": ", ".join(card.version for card in cards),
        "SRSAT_MODEL_SHA256": ", ".join(card.sha256 for card in cards),
        "SRSAT_SCALE": ", ".join(str(card.scale) for card in cards),
        "SRSAT_PRECISION": ", ".join(card.precision for card in cards),
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
        "AREA_OR_POINT": "Area",
    }
    # Of two groups of bands, one item cannot tell.
    if len(fused.runs) == 1 and fused.runs[0].degradation:
        items["SRSAT_DEGRADATION"] = fused.runs[0].degradation
    return items


def run_step(step: Step, folder: Path, settings: Settings, progress: Progress) -> Run:
    """Run a model on stacks of its bands; stacks and result lie in ``folder``. Raises as ``super_resolve`` does.

    Of the settings, which are the whole run's, extent, types and what is written in the end are not the step's.
    """
    sources, _, target, plain = _prepared(step, folder, settings)
    result = super_resolve(sources, step.card, target, settings=plain, progress=progress)
    # The next model needs as much again.
    return_memory()
    bands = {
        band: MadeBand(target, number, step.added.get(band, 0.0))
        for number, band in enumerate(step.makes, start=1)
    }
    return Run(step, bands, result.device, result.provenance.get("SRSAT_DEGRADATION", ""))


def _run(request: FusionRequest, step: Step, folder: Path, progress: Progress) -> Run:
    """Run a step; adapt its model to the scene first where that is asked for, and use it where it is better."""
    settings, adapting = request.settings, request.adapting
    if adapting is None:
        return run_step(step, folder, settings, progress)
    prepared, before = _prepared(step, folder, settings), PartProgress(progress, 0.0, _ADAPT_SHARE)
    stacks = {name: source.path for name, source in prepared[0].items()}
    better = adapt(
        step.card,
        step.sensor,
        stacks,
        folder / step.card.id,
        adapting,
        saturation=step.saturated,
        progress=before,
    )
    if better.used and settings.consistency == "model":
        # The blur is the scene's. A model that is overfit to the scene sharpens it for any blur alike.
        settings = replace(settings, blur=TileModel(prepare(*prepared), before).facts.sigmas)
    after = PartProgress(progress, _ADAPT_SHARE, 1.0)
    run = run_step(replace(step, card=better.card), folder, settings, after)
    return replace(run, gain_percent=better.gain_percent)


def _prepared(
    step: Step, folder: Path, settings: Settings
) -> tuple[dict[str, Source], ModelCard, str, Settings]:
    """Write the stack of each input of a model; return what its run takes: sources, card, target and settings."""
    sources = {
        name: Source(write_bands(folder / f"{step.card.id}.{name}.vrt", parts, step.sensor, step.added))
        for name, parts in step.inputs.items()
    }
    plain = replace(
        settings,
        extent=None,
        nodata=None,
        output_type=None,
        resume=False,
        saturation=step.saturated,
        creation_options=("COMPRESS=NONE",),
        layout=GTIFF,
    )
    return sources, step.card, str(folder / f"{step.card.id}.tif"), plain


def _merge(fused: Fused, masked: MaskPixels | None, *, progress: Progress) -> None:
    """Write the bands that were kept and those that were made in the sensor's order, block by block.

    The ground of a saturated coarse pixel is saturated, and what is masked becomes no data, as is what a made band's
    inputs do not cover.

    Raises
    ------
    DiskFull, OutputNotWritable, RasterNotReadable, Cancelled
        Whichever applies; nothing is left behind.
    """
    request, plan, grid, sensor = fused.request, fused.plan, fused.plan.grid, fused.plan.sensor
    made = {band: one for run in fused.runs for band, one in run.bands.items()}
    parts = {band: part for step in plan.steps for band, part in zip(step.makes, step.originals)}
    parts.update(plan.kept)
    sources = [_Merged(plan, parts[band], made.get(band)) for band in plan.bands]
    writer = RasterWriter(
        request.target,
        grid=grid,
        data_type=sensor.data_type,
        bands=[_template(request, band) for band in plan.bands],
        nodata=sensor.nodata,
        mask=False,
        metadata=fused.provenance,
        creation_options=request.settings.creation_options,
        layout=request.settings.layout,
        progress=progress,
    )
    side = BLOCKS[0]
    strips = -(-grid.rows // side)
    pace = Pace(progress, f"{len(plan.bands)} bands are put together", "strip", strips)

    def read() -> Iterator[tuple[Window, np.ndarray, np.ndarray]]:
        for row in range(0, grid.rows, side):
            for col in range(0, grid.cols, side):
                window = Window(row, col, min(side, grid.rows - row), min(side, grid.cols - col))
                image = np.stack([source.read(window) for source in sources])
                if masked is not None:
                    image[:, masked.read(window)] = sensor.nodata
                yield window, image, sensor.has_data(image)
            if (row + side) % _RELEASED == 0:
                for source in sources:
                    source.release()

    def write(item: tuple[Window, np.ndarray, np.ndarray]) -> None:
        window = item[0]
        writer.write(*item, statistics=len(plan.bands))
        if window.col + window.cols == grid.cols:
            writer.flush_blocks()
            progress.update(min(1.0, (window.row + side) / grid.rows))
            pace.reached(window.row // side + 1, window.row // side + 1)

    try:
        # Reading and compressing take one processor each.
        run_pipeline(read(), iter, write, depth=_DEPTH, progress=progress)
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    if masked is not None:
        masked.tell(progress)


class _Merged:
    """Where a band of the output is read: a kept band in its window, or a made one with its coarse original."""

    def __init__(self, plan: Plan, part: Part, made: MadeBand | None) -> None:
        ratio = plan.ratio(part)
        origin = (part.window.row * ratio - part.at[0], part.window.col * ratio - part.at[1])
        rows, cols = part.window.rows * ratio, part.window.cols * ratio
        self._place = Window(*part.at, rows, cols)
        self._sensor, self._number = plan.sensor, part.layer.number
        self._original = Repeated(Raster(part.layer.path), ratio, origin)
        self._made, self._raster = made, None if made is None else Raster(made.path)

    def read(self, window: Window) -> np.ndarray:
        """Return the output's values, (rows, cols), in the sensor's type."""
        place = self._place
        row, col = max(window.row, place.row), max(window.col, place.col)
        rows = min(window.row + window.rows, place.row + place.rows) - row
        cols = min(window.col + window.cols, place.col + place.cols) - col
        if (rows, cols) == (window.rows, window.cols):
            return self._covered(window)
        image = np.full((window.rows, window.cols), self._sensor.nodata, self._sensor.dtype)
        if min(rows, cols) > 0:
            inner = Window(row - window.row, col - window.col, rows, cols).slices
            image[inner] = self._covered(Window(row, col, rows, cols))
        return image

    def _covered(self, window: Window) -> np.ndarray:
        """Return the values of a window that the band covers."""
        sensor = self._sensor
        if self._made is None or self._raster is None:
            return sensor.digital_numbers(self._original.read(self._number, window))
        own = window._replace(row=window.row - self._place.row, col=window.col - self._place.col)
        values = self._made.digital_numbers(self._raster.read_raw(self._made.number, own), sensor)
        if sensor.saturated is not None:
            saturated = self._original.equal(self._number, window, sensor.saturated)
            if saturated is not None:
                values = np.where(saturated, values.dtype.type(sensor.saturated), values)
        return values

    def release(self) -> None:
        """Drop what GDAL keeps of the pixels."""
        self._original.release()
        if self._raster is not None:
            self._raster.release_cache()


def _template(request: FusionRequest, band: str) -> BandTemplate:
    added = request.added.get(band, 0.0)
    offset = {"ADD_OFFSET": f"{added:g}"} if added else {}
    return BandTemplate(description=band, metadata={**described(request.sensor[band]), **offset})
