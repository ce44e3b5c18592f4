"""The pipeline: card, inputs, tiles and engine to a super-resolved file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, NoValidPixels
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.raster.quantize import quantize
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter
from srsat_qgis.core.stages import run_pipeline
from srsat_qgis.core.superres.job import Job, Settings, Source, prepare
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.superres.rows import RowStore
from srsat_qgis.core.superres.tiles import Blender, TileInput, TileSource
from srsat_qgis.core.tiling import Tile, TilePlan, align_up, plan_tiles
from srsat_qgis.core.types import Progress, SilentProgress, Window

__all__ = ["Result", "Settings", "Source", "super_resolve"]

# Tiles that wait between two stages: enough to ride over a slow read, few enough to fit small machines.
_DEPTH = 3


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


@dataclass(frozen=True)
class _Inferred:
    """A tile on its way from the network to the writer."""

    item: TileInput
    image: np.ndarray | None
    """Digital numbers of the written window, (bands, rows, cols) float32; None when no pixel is valid."""


def super_resolve(
    source: Source | Mapping[str, Source],
    card: ModelCard,
    target: str,
    *,
    settings: Settings | None = None,
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
    model = TileModel(job, progress)
    if model.sigmas:
        degradation = f"gaussian-area sigma={','.join(f'{sigma:g}' for sigma in model.sigmas)}"
        job = replace(job, provenance={**job.provenance, "SRSAT_DEGRADATION": degradation})
    progress.info(f"{card.id} {card.version} runs on {model.device}: {model.reason}")
    plan = _plan(job, model.halo)
    _Run(job, model, plan, progress).execute()
    if model.final_device != model.device:
        progress.warn(f"the run ended on {model.final_device}, since {model.device} had too little memory")
    return Result(
        path=target,
        scale=card.scale,
        width=job.grid.cols,
        height=job.grid.rows,
        device=model.final_device,
        device_reason=model.reason,
        seconds=time.monotonic() - started,
        tiles=len(plan),
        tile_px=(plan.core_rows * card.cell, plan.core_cols * card.cell),
        provenance=job.provenance,
    )


def _plan(job: Job, halo: int) -> TilePlan:
    spec = job.card.tile
    core = job.settings.tile or spec.default
    if spec.blend == "linear":
        core = max(core, align_up(halo, 2))  # a core holds the fades of both its sides
    return plan_tiles(
        job.origin.rows,
        job.origin.cols,
        core=core,
        halo=halo,
        multiple=spec.multiple,
        align=spec.align,
        fixed=spec.fixed,
        blended=spec.blend == "linear",
    )


class _Run:
    """One execution of a job: reads, infers and writes at the same time, and keeps rows when asked to."""

    def __init__(self, job: Job, model: TileModel, plan: TilePlan, progress: Progress) -> None:
        self._job, self._model, self._plan, self._progress = job, model, plan, progress
        card = job.card
        self._cell = card.cell
        self._source = TileSource(
            job.layers,
            origin=job.origin,
            plan=plan,
            nodata_policy=card.nodata,
            per_band=card.bandwise,
            output_bands=job.value_bands,
        )
        self._blender = Blender(plan, cell=card.cell, bands=job.value_bands) if plan.overlap else None
        # Tiles that end on the file's block borders leave no half-written block behind.
        sides = (plan.core_rows * card.cell, plan.core_cols * card.cell)
        self._block = next((size for size in BLOCKS if all(side % size == 0 for side in sides)), None)
        self._any_valid = False
        self._rows: RowStore | None = None
        self._writer: RasterWriter

    def execute(self) -> None:
        """Run the job; on any error nothing but finished rows (when resuming was asked for) stays behind."""
        job = self._job
        done = 0
        if job.settings.resume:
            identity = {**job.identity(), "plan": repr(self._plan), "device": self._model.device}
            rows = self._rows = RowStore(Path(job.target), identity)
            done = rows.open()
        self._writer = RasterWriter(
            job.target,
            grid=job.grid,
            data_type=job.data_type,
            bands=job.bands,
            nodata=job.nodata,
            mask=job.mask,
            metadata=self._metadata(),
            creation_options=job.settings.creation_options,
            block=self._block,
        )
        try:
            if done:
                self._replay(rows, done)
            first = done * self._plan.tile_cols
            # A blended row needs the fading border of the row above, which is computed again and not written.
            start = max(0, done - 1) if self._blender else done
            tiles = self._source.tiles(start * self._plan.tile_cols)
            run_pipeline(
                tiles,
                lambda items: (one for one in self._compute(items) if one.item.tile.index >= first),
                self._write,
                depth=_DEPTH,
                progress=self._progress,
            )
            if not self._any_valid:
                raise NoValidPixels(f"{job.layers[0].raster.path}: no pixel of the region holds a value")
            self._writer.finish()
        except BaseException:
            self._writer.abort()
            if self._rows is not None:
                self._rows.close()
            raise
        if self._rows is not None:
            self._rows.remove()

    def _metadata(self) -> dict[str, str]:
        metadata = dict(self._job.provenance)
        area_or_point = self._job.layers[0].raster.area_or_point
        if area_or_point:
            metadata["AREA_OR_POINT"] = area_or_point
        return metadata

    def _replay(self, rows: RowStore, done: int) -> None:
        """Write the rows that an earlier run has finished."""
        count = f"{done} of {self._plan.tile_rows}"
        self._progress.info(f"{count} rows of tiles are taken from the interrupted run")
        for row in range(done):
            for window, image, valid in rows.chunks(row):
                self._write_chunk(window, image, valid)

    def _compute(self, items: Iterator[TileInput]) -> Iterator[_Inferred]:
        """Infer tiles in groups that fill a batch; yield output in the order of the tiles."""
        while True:
            group = list(islice(items, self._model.tiles_per_group))
            if not group:
                return
            filled = [item.images for item in group if item.images is not None]
            outputs = iter(self._model.apply(filled) if filled else ())
            for item in group:
                image = None if item.images is None else self._written(item.tile, next(outputs))
                yield _Inferred(replace(item, images=None), image)
                self._progress.update((item.tile.index + 1) / len(self._plan))

    def _written(self, tile: Tile, padded: np.ndarray) -> np.ndarray:
        """Return the output of the tile's written window."""
        if self._blender is not None:
            return self._blender.add(tile, padded)
        window = tile.written.scaled(self._cell)
        halo = self._plan.halo * self._cell
        return padded[:, halo : halo + window.rows, halo : halo + window.cols]

    def _write(self, inferred: _Inferred) -> None:
        """Bring a tile into the output's type and write it; in the writer's thread, beside the next inference."""
        tile, valid = inferred.item.tile, inferred.item.valid
        window = tile.written.scaled(self._cell)
        values = self._quantized(inferred, window)
        row, col = divmod(tile.index, self._plan.tile_cols)
        ends_row = col == self._plan.tile_cols - 1
        if self._rows is not None:
            self._rows.append(row, window, values, valid)
            if ends_row:
                self._rows.finish_row()
        self._write_chunk(window, values, valid)

    def _quantized(self, inferred: _Inferred, window: Window) -> np.ndarray:
        """Return the tile in the output's type, alpha included."""
        job, valid, alpha = self._job, inferred.item.valid, inferred.item.alpha
        marked = job.nodata is not None or job.mask or len(job.bands) > job.value_bands
        if valid is not None and not marked and not job.data_type.startswith("Float"):
            raise InvalidSetting(
                f"{job.layers[0].raster.path}: holds invalid pixels (NaN) but names no nodata value, and "
                f"{job.data_type} cannot hold NaN; give NODATA"
            )
        image = inferred.image
        if image is None:
            image = np.zeros((job.value_bands, window.rows, window.cols), np.float32)
        centres = job.layers[0].centres
        values = quantize(image, valid, data_type=job.data_type, nodata=job.nodata, centres=centres)
        return values if alpha is None else np.concatenate([values, alpha.astype(values.dtype)[np.newaxis]])

    def _write_chunk(self, window: Window, image: np.ndarray, valid: np.ndarray | None) -> None:
        self._any_valid = self._any_valid or valid is None or bool(valid.any())
        self._writer.write(window, image, valid, statistics=self._job.value_bands)
        if self._block is not None:
            self._writer.flush_blocks()
