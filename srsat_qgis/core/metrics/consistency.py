"""Consistency: made coarse again, a super-resolved raster should be the raster that it was made from."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.degrade import (
    area_valid,
    gaussian_area,
    gaussian_area_halo,
    mtf_decimate,
    mtf_halo,
)
from srsat_qgis.core.metrics.pointwise import PointSums, bias, correlation, mae, rmse
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, slices
from srsat_qgis.core.metrics.spectral_angle import AngleSums, sam


def degradation_text(context: Context) -> str:
    """Return how the raster is made coarse, in words."""
    if context.mtf is not None:
        return f"Gaussian of MTF {_listed(context.mtf)} at the coarse Nyquist frequency, sampled"
    if context.sigma is not None and any(context.sigma):
        return f"Gaussian of {_listed(context.sigma)} coarse pixels, then the area mean"
    return "area mean"


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def degradation_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to be made coarse."""
    scale = context.scale or 1
    if context.mtf is not None:
        return scale * mtf_halo(scale=scale, mtf=context.mtf)
    if context.sigma is not None and any(context.sigma):
        return scale * gaussian_area_halo(scale=scale, sigma=context.sigma)
    return 0


def made_coarse(context: Context, image: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an image on the coarse grid and where it holds a value.

    Parameters
    ----------
    context : Context
        Scale and degradation.
    image : ndarray, shape (bands, rows, cols)
        Rows and columns are multiples of the scale.
    valid : ndarray of bool, shape (rows, cols)

    Returns
    -------
    ndarray of float64, shape (bands, rows / scale, cols / scale), and ndarray of bool, shape (rows, cols) / scale
        Invalid pixels are 0.
    """
    scale = context.scale or 1
    coarse_valid = area_valid(valid, scale=scale)
    values = image.astype(np.float64)
    if context.mtf is not None:
        coarse = mtf_decimate(values, scale=scale, mtf=context.mtf, valid=valid)
    elif context.sigma is not None and any(context.sigma):
        coarse = gaussian_area(values, scale=scale, sigma=context.sigma, valid=valid)
    else:
        coarse = _area_mean(values, scale)
    return np.where(coarse_valid, coarse, 0.0), coarse_valid


def _area_mean(values: np.ndarray, scale: int) -> np.ndarray:
    """Return block means summed in one order; exact sums for whole numbers, unlike those of a filter."""
    total = np.zeros((len(values), values.shape[1] // scale, values.shape[2] // scale))
    for row in range(scale):
        for col in range(scale):
            total += values[:, row::scale, col::scale]
    return total / (scale * scale)


class ConsistencySums(Accumulator):
    """Point and angle sums of the coarse raster (reference) and the raster under test made coarse (test)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.points = PointSums(context)
        self.angles = AngleSums(context)

    def update(self, block: Block) -> None:
        """Count the coarse pixels of a block's core."""
        scale = self._context.scale
        if block.lowres is None or block.lowres_valid is None or scale is None:
            return
        seen = block.around(degradation_halo(self._context))
        cut = block.cut(seen)
        coarse, valid = made_coarse(self._context, block.test[(slice(None), *cut)], block.valid[cut])
        own = slices(block.core.divided(scale), seen.divided(scale))
        coarse_cut = block.coarse_cut(block.core, scale)
        truth = block.lowres[(slice(None), *coarse_cut)]
        coarse, mask = coarse[(slice(None), *own)], valid[own] & block.lowres_valid[coarse_cut]
        self.points.add(truth, coarse, mask)
        if self._context.bands > 1:
            self.angles.add(truth, coarse, mask)

    def merge(self, other: ConsistencySums) -> None:
        """Add what another one has counted."""
        self.points.merge(other.points)
        self.angles.merge(other.angles)


def lr_consistency(context: Context, state: ConsistencySums) -> Score:
    """Return the mean absolute difference to the coarse raster, over all bands together."""
    score = mae(context, state.points)
    if not score.applies:
        return Score.absent("no coarse pixel is wholly covered by valid pixels", bands=context.bands)
    others = {"rmse": rmse, "bias": bias, "cc": correlation}
    facts = {name: measure(context, state.points).value for name, measure in others.items()}
    facts["pixels"] = state.points.count
    return Score(score.value, score.per_band, facts={**facts, "degradation": degradation_text(context)})


def lr_angle(context: Context, state: ConsistencySums) -> Score:
    """Return the mean spectral angle to the coarse raster, in degrees."""
    return sam(context, state.angles)
