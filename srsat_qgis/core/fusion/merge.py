"""Put the bands that were kept and those that were made into one raster, block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.fusion.plan import SHIFTED_NODATA, Part, Plan
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.resample import Repeated
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter
from srsat_qgis.core.sentinel2.clouds import Clouds
from srsat_qgis.core.sentinel2.msi import BY_NAME
from srsat_qgis.core.sentinel2.offsets import NODATA, SATURATED, Offsets
from srsat_qgis.core.types import Progress, Window

_RELEASED = 1024
"""Rows after which what GDAL keeps of the sources is dropped: the tiles of a product's images are so high, and each is
decoded as a whole."""


@dataclass(frozen=True)
class Result:
    """A band that a model has made."""

    path: str
    number: int
    shift: float = 0.0
    """What was added to the digital numbers before the model."""


@dataclass(frozen=True)
class Merge:
    """What is put together."""

    plan: Plan
    results: Mapping[str, Result]
    offsets: Offsets | None
    clouds: Clouds | None
    """Where every band becomes no data."""
    metadata: Mapping[str, str]
    creation_options: Sequence[str] = ()


def merge(job: Merge, target: str, *, progress: Progress) -> None:
    """Write the output's bands in wavelength order, uint16.

    A coarse pixel of 65535 is 65535 on all its ground, and clouds become no data.

    Raises
    ------
    DiskFull, OutputNotWritable, RasterNotReadable, Cancelled
        Whichever applies; nothing is left behind.
    """
    plan, grid = job.plan, job.plan.grid
    sources = {band: _Source.of(job, band) for band in plan.bands}
    writer = RasterWriter(
        target,
        grid=grid,
        data_type="UInt16",
        bands=[_template(band, job.offsets) for band in plan.bands],
        nodata=NODATA,
        mask=False,
        metadata=job.metadata,
        creation_options=job.creation_options,
    )
    side = BLOCKS[0]
    try:
        for row in range(0, grid.rows, side):
            for col in range(0, grid.cols, side):
                if progress.cancelled:
                    raise Cancelled("the run was cancelled")
                window = Window(row, col, min(side, grid.rows - row), min(side, grid.cols - col))
                image = np.stack([source.read(window) for source in sources.values()])
                if job.clouds is not None:
                    image[:, job.clouds.read(window)] = NODATA
                writer.write(window, image, image != NODATA, statistics=len(image))
            writer.flush_blocks()
            if (row + side) % _RELEASED == 0:
                for source in sources.values():
                    source.release()
            progress.update(min(1.0, (row + side) / grid.rows))
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    if job.clouds is not None:
        job.clouds.tell(progress)


class _Source:
    """Where a band of the output is read: a kept band in its window, or a made one with its coarse original."""

    def __init__(
        self,
        raster: Raster,
        number: int,
        window: Window | None,
        coarse: _Original | None = None,
        shift: float = 0.0,
    ) -> None:
        self._raster, self._number, self._window = raster, number, window
        self._coarse, self._shift = coarse, shift

    @classmethod
    def of(cls, job: Merge, band: str) -> _Source:
        """Open what the band is read from."""
        if band in job.results:
            result = job.results[band]
            part, ratio = job.plan.coarse[band]
            return cls(Raster(result.path), result.number, None, _Original(part, ratio), result.shift)
        part = job.plan.kept[band]
        return cls(Raster(part.layer.path), part.layer.number, part.window)

    def read(self, window: Window) -> np.ndarray:
        """Return the output's values, (rows, cols) uint16."""
        moved = window
        if self._window is not None:
            moved = window._replace(row=window.row + self._window.row, col=window.col + self._window.col)
        values = digital_numbers(self._raster.read_raw(self._number, moved), self._shift)
        if self._coarse is not None:
            saturated = self._coarse.read(window) == SATURATED
            if saturated.any():
                values = np.where(saturated, np.uint16(SATURATED), values)
        return values

    def release(self) -> None:
        """Drop what GDAL keeps of the pixels."""
        self._raster.release_cache()
        if self._coarse is not None:
            self._coarse.release()


def digital_numbers(values: np.ndarray, shift: float) -> np.ndarray:
    """Return what a model's run has written as digital numbers, uint16.

    Parameters
    ----------
    values : ndarray of any shape
    shift : float
        What was added before the model; taken off again, and ``SHIFTED_NODATA`` becomes no data.
    """
    if shift:
        values = np.where(values == SHIFTED_NODATA, NODATA, np.maximum(values - shift, 1))
    if values.dtype == np.uint16:
        return values
    return np.asarray(np.clip(np.rint(values), 0, SATURATED).astype(np.uint16))


class _Original:
    """The coarse band that a band was made of, on the output's grid."""

    def __init__(self, part: Part, ratio: int) -> None:
        origin = (part.window.row * ratio, part.window.col * ratio)
        self._pixels, self._number = Repeated(Raster(part.layer.path), ratio, origin), part.layer.number

    def read(self, window: Window) -> np.ndarray:
        """Return the values that lie under the output's window."""
        return self._pixels.read(self._number, window)

    def release(self) -> None:
        """Drop what GDAL keeps of the pixels."""
        self._pixels.release()


def _template(band: str, offsets: Offsets | None) -> BandTemplate:
    spec = BY_NAME[band]
    metadata = {"wavelength": f"{spec.wavelength_nm:g}", "wavelength_units": "nm"}
    added = offsets.values.get(band, 0.0) if offsets else 0.0
    if added:
        metadata["ADD_OFFSET"] = f"{added:g}"
    return BandTemplate(description=band, metadata=metadata)
