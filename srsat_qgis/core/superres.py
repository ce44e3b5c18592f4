"""The pipeline: card, inputs, tiles and engine to a super-resolved file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from srsat_qgis.core.blend import Blender
from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import InvalidSetting, NoValidPixels
from srsat_qgis.core.job import Job, Settings, Source, prepare
from srsat_qgis.core.pipeline import run_pipeline
from srsat_qgis.core.quantize import quantize
from srsat_qgis.core.raster_writer import BLOCKS, RasterWriter
from srsat_qgis.core.resume import RowStore
from srsat_qgis.core.tilemodel import TileModel
from srsat_qgis.core.tilesource import TileInput, TileSource
from srsat_qgis.core.tiling import Tile, TilePlan, align_up, plan_tiles
from srsat_qgis.core.types import Progress, SilentProgress, Window

__all__ = ["Result", "Settings", "Source", "super_resolve"]

_DEPTH = (
    3  # tiles that wait between two stages: enough to ride over a slow read, few enough to fit small machines
)


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
    provenance: Mapping[str, str]


@dataclass(frozen=True)
class _Chunk:
    """A finished part of the output, of the output's type."""

    window: Window
    image: np.ndarray
    valid: np.ndarray | None
    row: int
    """Row of tiles that it came from."""
    ends_row: bool


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
        self._writer: RasterWriter | None = None

    def execute(self) -> None:
        """Run the job; on any error nothing but finished rows (when resuming was asked for) stays behind."""
        job = self._job
        done = 0
        if job.settings.resume:
            identity = {
                **job.identity(),
                "plan": repr(self._plan),
                "device": self._model.device,
                "sigma": self._model.sigma,
            }
            self._rows = RowStore(Path(job.target), identity)
            done = self._rows.open()
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
            self._replay(done)
            # A blended row needs the fading border of the row above, which is computed again and not written.
            start = max(0, done - 1) if self._blender else done
            tiles = self._source.tiles(start * self._plan.tile_cols)
            run_pipeline(
                tiles,
                lambda items: (chunk for chunk in self._compute(items) if chunk.row >= done),
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
        if self._model.sigma is not None:
            metadata["SRSAT_DEGRADATION"] = f"gaussian-area sigma={self._model.sigma:g}"
        area_or_point = self._job.layers[0].raster.area_or_point
        if area_or_point:
            metadata["AREA_OR_POINT"] = area_or_point
        return metadata

    def _replay(self, rows: int) -> None:
        """Write the rows that an earlier run has finished."""
        if rows:
            self._progress.info(
                f"{rows} of {self._plan.tile_rows} rows of tiles are taken from the interrupted run"
            )
        for row in range(rows):
            for window, image, valid in self._rows.chunks(row):
                self._write_chunk(window, image, valid)
            self._end_row(row)

    def _compute(self, items: Iterator[TileInput]) -> Iterator[_Chunk]:
        """Infer tiles in groups that fill a batch; yield output in the order of the tiles."""
        while True:
            group = list(islice(items, self._model.tiles_per_group))
            if not group:
                return
            filled = [tile for tile in group if tile.images is not None]
            outputs = iter(self._model.apply(filled) if filled else ())
            for item in group:
                yield self._chunk(item, next(outputs) if item.images is not None else None)

    def _chunk(self, item: TileInput, padded: np.ndarray | None) -> _Chunk:
        """Bring a tile's output into the output's type."""
        job, tile, valid = self._job, item.tile, item.valid
        image = self._written(tile, padded)
        self._refuse_unmarked(valid)
        values = quantize(
            image, valid, data_type=job.data_type, nodata=job.nodata, centres=job.layers[0].centres
        )
        if item.alpha is not None:
            alpha = item.alpha.astype(values.dtype)
            values = np.concatenate([values, alpha[np.newaxis]])
        row = tile.index // self._plan.tile_cols
        return _Chunk(
            tile.written.scaled(self._cell),
            values,
            valid,
            row,
            tile.index % self._plan.tile_cols == self._plan.tile_cols - 1,
        )

    def _written(self, tile: Tile, padded: np.ndarray | None) -> np.ndarray:
        """Return the output of the tile's written window."""
        window = tile.written.scaled(self._cell)
        if padded is None:
            return np.zeros((self._job.value_bands, window.rows, window.cols), np.float32)
        if self._blender is not None:
            return self._blender.add(tile, padded)
        halo = self._plan.halo * self._cell
        return padded[:, halo : halo + window.rows, halo : halo + window.cols]

    def _refuse_unmarked(self, valid: np.ndarray | None) -> None:
        """Refuse to write an invalid pixel that nothing in the output would mark as such."""
        job = self._job
        marked = job.nodata is not None or job.mask or len(job.bands) > job.value_bands
        if valid is not None and not marked and not job.data_type.startswith("Float"):
            raise InvalidSetting(
                f"{job.layers[0].raster.path}: holds invalid pixels (NaN) but names no nodata value, and "
                f"{job.data_type} cannot hold NaN; give NODATA"
            )

    def _write(self, chunk: _Chunk) -> None:
        if self._rows is not None:
            self._rows.append(chunk.row, chunk.window, chunk.image, chunk.valid)
            if chunk.ends_row:
                self._rows.finish_row()
        self._write_chunk(chunk.window, chunk.image, chunk.valid)
        if chunk.ends_row:
            self._end_row(chunk.row)

    def _write_chunk(self, window: Window, image: np.ndarray, valid: np.ndarray | None) -> None:
        self._any_valid = self._any_valid or valid is None or bool(valid.any())
        self._writer.write(window, image, valid, statistics=self._job.value_bands)

    def _end_row(self, row: int) -> None:
        if self._block is not None:
            self._writer.flush()
        self._progress.update((row + 1) / self._plan.tile_rows)
