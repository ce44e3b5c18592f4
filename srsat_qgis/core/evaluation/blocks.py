"""Reads the blocks of a comparison with the halo that the measures need, and their bicubic baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from srsat_qgis.core.degradation.kernels import as_type
from srsat_qgis.core.evaluation.comparison import Comparison
from srsat_qgis.core.evaluation.partners import Partner
from srsat_qgis.core.metrics.arrays import inside
from srsat_qgis.core.metrics.score import Block
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import HALO, bicubic_upsample, fill_invalid
from srsat_qgis.core.tiling import align_up
from srsat_qgis.core.types import Window


class BlockReader:
    """The rasters of a comparison, opened; one thread at a time.

    All windows are counted from the first pixel of the measured area.

    Parameters
    ----------
    comparison : Comparison
    """

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._test = Raster(comparison.test.address)
        self._reference, self._lowres, self._mask = (
            None if partner is None else Raster(partner.address)
            for partner in (comparison.reference, comparison.lowres, comparison.mask)
        )
        self._bytes_read = 0
        self.step = comparison.context.scale or 1
        """Blocks begin and end on multiples of this."""

    def block(self, core: Window, halo: int) -> Block:
        """Return a block: its core with at least ``halo`` pixels around it, as far as the area extends.

        Raises
        ------
        RasterNotReadable
            If GDAL reports an error.
        """
        area, comparison = self._comparison.area, self._comparison
        window = inside(core.grown(align_up(halo, self.step)), area.rows, area.cols)
        test, valid = _exact(self._test, self._absolute(window), comparison.test.numbers)
        reference = lowres = coarse_valid = None
        if self._reference is not None and comparison.reference is not None:
            there = comparison.reference.placement.window_of(self._absolute(window))
            reference, known = _exact(self._reference, there, comparison.reference.numbers)
            valid &= known
        if self._lowres is not None and comparison.lowres is not None:
            there = comparison.lowres.placement.window_of(self._absolute(window))
            lowres, coarse_valid = _exact(self._lowres, there, comparison.lowres.numbers)
            valid &= coarse_valid.repeat(self.step, axis=0).repeat(self.step, axis=1)
        if self._mask is not None and comparison.mask is not None:
            there = comparison.mask.placement.window_of(self._absolute(window))
            wanted, known = _exact(self._mask, there, comparison.mask.numbers)
            valid &= known & (wanted[0] != 0)
        self._bytes_read += sum(image.nbytes for image in (test, reference, lowres) if image is not None)
        return Block(
            window=window,
            core=core,
            test=test,
            valid=valid,
            reference=reference,
            lowres=lowres,
            lowres_valid=coarse_valid,
        )

    def baseline(self, block: Block) -> Block | None:
        """Return the same block with bicubic upsampling instead of the raster under test; None without a baseline."""
        comparison = self._comparison
        if not comparison.baseline:
            return None
        coarse_window = self._absolute(block.window)
        if comparison.baseline == "lowres" and comparison.lowres is not None and self._lowres is not None:
            coarse = self._coarse_pixels(comparison.lowres, self._lowres, coarse_window)
        else:
            coarse = self._degraded(coarse_window)
        edge = HALO * self.step
        fine = bicubic_upsample(coarse, scale=self.step)[:, edge:-edge, edge:-edge]
        return replace(block, test=as_type(fine, comparison.data_type))

    def release(self, *, beyond: int) -> None:
        """Drop GDAL's cached blocks, if more than so many bytes were read since the last time."""
        if self._bytes_read <= beyond:
            return
        self._bytes_read = 0
        for raster in (self._test, self._reference, self._lowres, self._mask):
            if raster is not None:
                raster.release_cache()

    def _absolute(self, window: Window) -> Window:
        """Return a window of the area in pixels of the whole raster under test."""
        area = self._comparison.area
        return window._replace(row=window.row + area.row, col=window.col + area.col)

    def _coarse_pixels(self, partner: Partner, raster: Raster, window: Window) -> np.ndarray:
        """Return the low-resolution raster under a window with a margin for bicubic; invalid pixels are filled."""
        there = partner.placement.window_of(window).grown(HALO)
        return _filled(*raster.read(there, partner.numbers))

    def _degraded(self, window: Window) -> np.ndarray:
        """Return the degraded reference, with a margin for bicubic."""
        partner, blur = self._comparison.reference, self._comparison.blur
        if partner is None or self._reference is None:
            raise ValueError("a baseline from the reference needs one")
        margin = blur.halo(self.step)
        there = partner.placement.window_of(window).grown((HALO + margin) * self.step)
        image, valid = self._reference.read(there, partner.numbers)
        coarse = blur.apply(image, scale=self.step, valid=valid)
        inner = slice(margin, -margin or None)
        coarse = coarse[:, inner, inner]
        known = np.isfinite(coarse)
        coarse = as_type(np.where(known, coarse, 0), self._comparison.data_type).astype(np.float32)
        return _filled(coarse, None if known.all() else known)


def _exact(raster: Raster, window: Window, numbers: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return values (bands, rows, cols) and where all bands are valid (rows, cols); floats are 0 elsewhere."""
    values, valid = raster.read_exact(window, numbers)
    if valid is None:
        return values, np.ones(values.shape[1:], bool)
    known = np.asarray(valid.all(axis=0))
    if values.dtype.kind == "f":
        values = np.where(known, values, values.dtype.type(0))
    return values, known


def _filled(image: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
    if valid is None:
        return image
    return np.stack([fill_invalid(band, ok, reach=HALO) for band, ok in zip(image, valid)])
