"""The pipeline: card, inputs, tiles and engine to a super-resolved file.

``super_resolve`` does all of it; ``doubt`` maps how much the model's answers to the flipped and turned image disagree,
brought to the size of the error where the model's card says how.
The same in steps, for several processes or machines: ``prepare`` and ``settle`` make a job that can be pickled,
``run_rows`` computes some of its rows of tiles anywhere, ``assemble`` writes the file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from srsat_qgis.core.models.card import DoubtSpec, ModelCard
from srsat_qgis.core.raster import tiled_run
from srsat_qgis.core.raster.grid import crs_name
from srsat_qgis.core.raster.tiled_run import Chunk, RowStore
from srsat_qgis.core.raster.writer import BandStatistics
from srsat_qgis.core.stages import in_lanes
from srsat_qgis.core.superres.disagreement import PASSES, DoubtfulPlaces
from srsat_qgis.core.superres.job import Job, RasterFacts, Settings, Source, prepare
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.superres.tiles import Blender, TileInput, TileSource
from srsat_qgis.core.tiling import Tile, TilePlan
from srsat_qgis.core.types import Progress, SilentProgress, Window

__all__ = [
    "Doubt",
    "Job",
    "Result",
    "Settings",
    "Source",
    "assemble",
    "bands_read",
    "computed_chunks",
    "doubt",
    "prepare",
    "run_block",
    "run_rows",
    "settle",
    "super_resolve",
]


@dataclass(frozen=True)
class Result:
    """What a run has made."""

    path: str
    scale: int
    width: int
    height: int
    device: str
    device_reason: str
    seconds: float
    tiles: int
    tile_px: tuple[int, int]
    """Rows and columns of a tile's core, in output pixels."""
    provenance: Mapping[str, str]
    facts: RasterFacts
    """What the run worked by."""


@dataclass(frozen=True)
class Doubt:
    """What a map of doubt shows."""

    path: str
    places: tuple[tuple[float, float, float], ...]
    """The windows of 32 x 32 output pixels with the largest values, at most ten, largest first: x and y of their middle
    in the raster's CRS, and their mean value as a share of the band's contrast."""
    seconds: float
    provenance: Mapping[str, str]
    calibration: DoubtSpec | None = None
    """By which the disagreement became an uncertainty; None: the values are the disagreement itself."""
    crs: str = ""
    """Of the places; may be empty."""


def super_resolve(
    source: Source | Mapping[str, Source],
    card: ModelCard,
    target: str,
    *,
    settings: Settings | None = None,
    items: Mapping[str, str] | None = None,
    facts: RasterFacts | None = None,
    progress: Progress | None = None,
) -> Result:
    """Super-resolve a raster, or several co-registered ones, tile by tile.

    The output covers the input's extent to the last bit of the geotransform and carries over bands, nodata and
    mask. It appears at ``target`` when it is whole; until then what stood there is untouched.

    Parameters
    ----------
    source : Source or mapping of str to Source
        One raster, or one per input of the card, by the input's name.
    card : ModelCard
    target : str
        Path of the output raster.
    settings : Settings, optional
    items : mapping of str to str, optional
        Of the output's metadata, in place of the run's own of the same names: where it is a step of another run.
    facts : RasterFacts, optional
        Of another run on the same raster (``Result.facts``), so that nothing is measured twice; None: measured.
    progress : Progress, optional

    Returns
    -------
    Result

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``; Cancelled when the progress says so. No partial output is left behind; with
        ``settings.resume`` the finished rows of tiles stay beside the target for the next run.
    """
    started = time.monotonic()
    settings, progress = settings or Settings(), progress or SilentProgress()
    job = prepare(source, card, target, settings)
    if facts is not None:
        job = replace(job, facts=facts if settings.consistency != "off" else replace(facts, sigmas=()))
    if card.invents_texture and settings.strength > 0:
        progress.warn(
            f"{card.id} invents texture that is likely, not measured: use the result to look at, not to measure in"
        )
    model = _model(job, progress)
    job = job.settled(model.facts, model.halo)
    if items:
        output = replace(job.output, metadata={**job.output.metadata, **items})
        job = replace(job, output=output, provenance={**job.provenance, **items})
    store = None
    if settings.resume:
        store = RowStore.beside(target, {**job.identity(), "device": model.device}, _plan(job).tile_cols)
    tiled_run.run_tiles(
        _Tiles(job, model),
        job.output,
        progress=progress,
        nothing=_nothing(job),
        store=store,
        trial_s=lambda: model.trial_s(_plan(job)),
    )
    if model.final_device != model.device:
        progress.warn(f"the run ended on {model.final_device}, since {model.device} had too little memory")
    return _result(job, model.final_device, model.reason, time.monotonic() - started)


def doubt(
    source: Source | Mapping[str, Source],
    card: ModelCard,
    target: str,
    *,
    settings: Settings | None = None,
    facts: RasterFacts | None = None,
    progress: Progress | None = None,
) -> Doubt:
    """Map how much a model's answers to the eight flipped and turned images disagree: a sign of doubt, not an error.

    The raster lies on the grid of ``super_resolve``'s output, with its bands, nodata and mask, as Float32. Its values
    are standard deviations over the eight passes of the network, before back-projection, in the input's unit, times the
    factor of the card's ``doubt``; the log says whether there is one. It takes the time of eight runs. It appears at
    ``target`` when it is whole.

    Parameters
    ----------
    source : Source or mapping of str to Source
        As of ``super_resolve``.
    card : ModelCard
    target : str
        Path of the output raster.
    settings : Settings, optional
        Those of the run in question; its type, consistency and resuming are of no account.
    facts : RasterFacts, optional
        Of the run in question (``Result.facts``), so that nothing is measured twice; None: measured.
    progress : Progress, optional

    Returns
    -------
    Doubt

    Raises
    ------
    SrsatError
        As ``super_resolve``; no partial output is left behind.
    """
    started = time.monotonic()
    settings, progress = settings or Settings(), progress or SilentProgress()
    settings = replace(settings, output_type="Float32", consistency="off", resume=False)
    _tell_calibration(card, settings.strength, progress)
    job = prepare(source, card, target, settings).of_disagreement()
    if facts is not None:
        job = replace(job, facts=replace(facts, sigmas=()))
    model = _model(job, progress)
    job = job.settled(model.facts, model.halo, images=_Passes.images)
    grid = job.output.grid
    found = DoubtfulPlaces(grid.rows, grid.cols, job.output.value_bands)
    plan = _plan(job)
    tiled_run.run_tiles(
        _Passes(job, model, found),
        job.output,
        progress=progress,
        nothing=_nothing(job),
        trial_s=lambda: model.trial_s(plan, passes=len(PASSES)),
    )
    places = []
    for place in found.found():
        x, y = grid.point(place.row, place.col)
        places.append((x, y, float(f"{place.value:.4g}")))
    crs = crs_name(grid.crs_wkt) if grid.transform else ""
    _tell_places(places, crs, progress)
    return Doubt(target, tuple(places), time.monotonic() - started, job.provenance, card.doubt, crs)


def bands_read(card: ModelCard, provenance: Mapping[str, str]) -> list[int]:
    """Return the numbers of the first input's bands that a run has read, in the order of its output's bands."""
    found: list[int] = json.loads(provenance["SRSAT_PARAMETERS"])["bands"][card.inputs[0].name]
    return found


def _tell_calibration(card: ModelCard, strength: float, progress: Progress) -> None:
    if card.doubt is None:
        progress.info(
            f"the map of doubt is not calibrated: the card of {card.id} does not say how its disagreement compares "
            "with the error, which is usually several times larger"
        )
        return
    progress.info(f"the map of doubt is {card.doubt.describe()}")
    if strength != 1:
        progress.warn(
            f"the map of doubt is calibrated for STRENGTH 1, found {strength:g}: less added detail is no smaller error"
        )


def _tell_places(places: list[tuple[float, float, float]], crs: str, progress: Progress) -> None:
    if not places:
        progress.info("the eight passes agree everywhere: no place is doubtful")
        return
    progress.info(
        f"the most doubtful places: x, y ({crs or 'no CRS'}), and the map's mean there as a share of the band's "
        "contrast"
    )
    for x, y, value in places:
        progress.info(f"{x:.10g}, {y:.10g}: {value:.3g}")


def settle(job: Job, progress: Progress) -> Job:
    """Return the job with what only the running model tells: the raster's blur and noise, and the tiles that follow.

    Raises
    ------
    SrsatError
        As ``super_resolve``.
    """
    model = _model(job, progress)
    return job.settled(model.facts, model.halo)


def run_rows(job: Job, rows: range, folder: Path, progress: Progress) -> str:
    """Compute some rows of a settled job's tiles and keep them in a folder; those that are there are left.

    Several processes may fill one folder at the same time, each with its own rows.

    Parameters
    ----------
    job : Job
        From ``settle``.
    rows : range
        Rows of tiles, within ``range(job.plan.tile_rows)``.
    folder : Path
        Made where it is missing.
    progress : Progress

    Returns
    -------
    str
        The device that computed the last tile.

    Raises
    ------
    SrsatError
        As ``super_resolve``; whole rows stay in the folder.
    """
    model = _model(job, progress)
    tiled_run.compute_rows(_Tiles(job, model), rows, _store(job, folder), progress=progress)
    return model.final_device


def run_block(
    job: Job, model: TileModel, rows: range, cols: range, target: str, progress: Progress
) -> tuple[BandStatistics, ...]:
    """Write the pixels of some rows and columns of a settled job's tiles as a raster of its own.

    Every pixel is that of a run in one go. The raster has the job's bands, metadata, nodata and mask.

    Parameters
    ----------
    job : Job
        From ``settle``.
    model : TileModel
        Of the job.
    rows, cols : range
        Rows and columns of tiles, within ``job.plan``.
    target : str
        Path of the raster; it appears when it is whole.
    progress : Progress

    Returns
    -------
    tuple of BandStatistics
        One a band without alpha.

    Raises
    ------
    SrsatError
        As ``super_resolve``, but a raster without a valid pixel is none.
    """
    window = _plan(job).written_by(rows, cols).scaled(job.card.cell)
    output = replace(job.output, path=target, grid=job.output.grid.cropped(window))
    return tiled_run.run_block(_Tiles(job, model), rows, cols, output, progress=progress)


def computed_chunks(job: Job, model: TileModel) -> Iterator[Chunk]:
    """Compute a settled job's tiles with a model that is loaded already, and yield them; nothing is written.

    Raises
    ------
    SrsatError
        As ``super_resolve``.
    """
    work = _Tiles(job, model)
    for tile, computed in work.compute(work.read(range(len(work.plan)))):
        yield work.finish(tile, computed)


def assemble(job: Job, folder: Path, progress: Progress) -> None:
    """Write a settled job's output from the rows in a folder: the bytes of a run in one go.

    Raises
    ------
    OutputNotWritable
        If rows are missing or damaged, or the output cannot be written.
    NoValidPixels, DiskFull, Cancelled
        As ``super_resolve``.
    """
    tiled_run.assemble(
        _store(job, folder), job.output, _plan(job), job.card.cell, progress=progress, nothing=_nothing(job)
    )


def _model(job: Job, progress: Progress) -> TileModel:
    model = TileModel(job, progress)
    progress.info(f"{job.card.id} {job.card.version} runs on {model.device}: {model.reason}")
    return model


def _plan(job: Job) -> TilePlan:
    if job.plan is None:
        raise ValueError("the job is not settled: its tiles follow from the model's halo")
    return job.plan


def _store(job: Job, folder: Path) -> RowStore:
    return RowStore(folder, job.identity(), _plan(job).tile_cols)


def _nothing(job: Job) -> str:
    return f"{job.layers[0].path}: no pixel of the region holds a value; expected one that is neither nodata nor NaN"


def _result(job: Job, device: str, reason: str, seconds: float) -> Result:
    plan, cell, grid = _plan(job), job.card.cell, job.output.grid
    return Result(
        path=job.output.path,
        scale=job.card.scale,
        width=grid.cols,
        height=grid.rows,
        device=device,
        device_reason=reason,
        seconds=seconds,
        tiles=len(plan),
        tile_px=(plan.core_rows * cell, plan.core_cols * cell),
        provenance=job.provenance,
        facts=job.facts or RasterFacts(),
    )


class _Tiles:
    """What a run computes: tiles read from the inputs, inferred in batches, cut or blended, brought into the type."""

    images = 1
    """Computed of each tile, all with the output's bands, one behind the other."""

    def __init__(self, job: Job, model: TileModel) -> None:
        self._job, self._model = job, model
        card, self.plan, self.cell = job.card, _plan(job), job.card.cell
        bands = job.output.value_bands
        self._centres = job.layers[0].centres
        self._computed_bands = self.images * bands
        self._source = TileSource(
            job.layers,
            origin=job.origin,
            plan=self.plan,
            nodata_policy=card.nodata,
            per_band=card.bandwise,
            output_bands=bands,
            keep_saturated=job.settings.keep_saturated and job.settings.saturation is not None,
        )
        self._blender = (
            Blender(self.plan, cell=card.cell, bands=self._computed_bands) if self.plan.overlap else None
        )
        # A blended row needs the fading border of the row above, which is computed again and not written.
        self.rows_before = 1 if self._blender else 0

    def read(self, tiles: Sequence[int]) -> Iterator[TileInput]:
        """Yield the inputs of these tiles."""
        return self._source.tiles(tiles)

    def compute(
        self, items: Iterator[TileInput]
    ) -> Iterator[tuple[Tile, tuple[TileInput, np.ndarray | None]]]:
        """Infer tiles in groups that fill a batch; None is the image of a tile without a valid pixel."""
        groups = iter(lambda: list(islice(items, self._model.tiles_per_group)), [])
        with closing(in_lanes(self._inferred, groups, self._model.lanes)) as results:
            for item, padded in chain.from_iterable(results):
                # In order, and one after the other: blending adds to what the tiles before have left.
                image = None if padded is None else self._written(item.tile, padded)
                yield item.tile, (item, image)

    def _inferred(self, group: Sequence[TileInput]) -> list[tuple[TileInput, np.ndarray | None]]:
        """Return each tile, without its images, with what is computed of its padded window."""
        filled = [item.images for item in group if item.images is not None]
        outputs = iter(self._infer(filled) if filled else ())
        return [
            (replace(item, images=None), None if item.images is None else next(outputs)) for item in group
        ]

    def finish(self, tile: Tile, computed: tuple[TileInput, np.ndarray | None]) -> Chunk:
        """Bring a tile into the output's type; in the writer's thread, beside the next inference."""
        (item, image), output = computed, self._job.output
        window = tile.written.scaled(self.cell)
        if image is None:
            image = np.zeros((self._computed_bands, window.rows, window.cols), np.float32)
        shown = self._shown(window, image, item.valid)
        source = self._job.layers[0].path
        values = output.values(shown, item.valid, item.alpha, centres=self._centres, source=source)
        if item.saturated is not None:
            values[: output.value_bands][item.saturated] = self._job.settings.saturation
        return Chunk(window, values, item.valid)

    def _shown(self, window: Window, image: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
        """Return the bands that are written, given what is computed of a window and which of it is valid."""
        return image

    def _infer(self, tiles: Sequence[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
        """Return what is computed of each padded window, float32 digital numbers of ``images * bands`` bands."""
        return self._model.apply(tiles)

    def _written(self, tile: Tile, padded: np.ndarray) -> np.ndarray:
        """Return what is computed of the tile's written window, given that of its padded one."""
        if self._blender is not None:
            return self._blender.add(tile, padded)
        window = tile.written.scaled(self.cell)
        halo = self.plan.halo * self.cell
        return padded[:, halo : halo + window.rows, halo : halo + window.cols]


class _Passes(_Tiles):
    """What a map of doubt computes: the tiles of a run, each given to the model from eight sides."""

    images = 2

    def __init__(self, job: Job, model: TileModel, found: DoubtfulPlaces) -> None:
        super().__init__(job, model)
        self._found = found
        # A difference has lost what was taken off the values.
        self._centres = None
        self._factor = np.float32(1.0 if job.card.doubt is None else job.card.doubt.factor)

    def _shown(self, window: Window, image: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
        mean, spread = np.split(image, 2)
        spread = spread * self._factor
        self._found.add(window, mean, spread, valid)
        return spread

    def _infer(self, tiles: Sequence[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
        return [np.concatenate(self._model.disagreement(images)) for images in tiles]
