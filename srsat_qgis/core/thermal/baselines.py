"""Sharpening without networks, as practitioners know it: bicubic, TsHARP, and local ridge regression like DMS.

All fits are made once on the coarse grid of the whole raster and are plain arrays there; a window of the sharpened
image then depends on the guide's pixels below it alone, so that tiles are exact.

- TsHARP: Agam et al., A vegetation index based technique for spatial sharpening of thermal imagery, Remote Sensing of
  Environment 107 (2007), doi:10.1016/j.rse.2006.10.006. One regression of temperature on NDVI over homogeneous
  pixels, and its residual added back.
- Local regression in the manner of Gao et al., A Data Mining Approach for Sharpening Thermal Satellite Imagery over
  Land, Remote Sensing 4 (2012), doi:10.3390/rs4113287: a fit in a window around each coarse pixel and one over the
  raster, samples weighted by homogeneity, the two blended by their squared residuals. Ridge regression stands for
  their trees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, NoValidPixels, ShapeMismatch
from srsat_qgis.core.raster.resample import HALO as BICUBIC_HALO
from srsat_qgis.core.raster.resample import bicubic_upsample, fill_invalid
from srsat_qgis.core.tiling import mirrored_indices
from srsat_qgis.core.types import Window

WINDOW = 15
"""Side of the windows of a local fit, in coarse pixels."""
BEYOND = 0.25
"""Share of the range of a window's temperatures by which predictions may leave it."""
# Share of the guides' standardised variance in the ridge.
_RIDGE = 0.02
# Share of coarse pixels, the most homogeneous, that TsHARP's regression is made on.
_HOMOGENEOUS = 0.25
# Fewest samples of a regression: in a window of which less is valid, the fit over the raster counts alone.
_LEAST = 8
# Kelvins squared that a residual has at least, so that no fit is beyond doubt.
_NOISE = 0.01
# Coarse pixels that holes are filled from: interpolation needs a value beside every edge.
_REACH = BICUBIC_HALO + 1


def bicubic(coarse: np.ndarray, valid: np.ndarray, *, scale: int) -> np.ndarray:
    """Return coarse temperatures (rows, cols) enlarged bicubically; holes are filled from around first."""
    return bicubic_upsample(_filled(coarse, valid), scale=scale)


@dataclass(frozen=True)
class CoarseGuides:
    """Guides on the grid of the coarse temperatures."""

    means: np.ndarray
    """Over the fine pixels in each coarse one, shape (bands, rows, cols)."""
    spreads: np.ndarray
    """Their standard deviation there, same shape."""
    valid: np.ndarray
    """True where all fine pixels are valid, shape (rows, cols)."""


def coarse_guides(guides: np.ndarray, valid: np.ndarray, *, scale: int) -> CoarseGuides:
    """Return the means and spreads of fine guides in blocks of ``scale x scale`` pixels.

    Parameters
    ----------
    guides : ndarray, shape (bands, rows * scale, cols * scale)
    valid : ndarray of bool, shape (rows * scale, cols * scale)

    Raises
    ------
    ShapeMismatch
        If sides are no multiples of the scale, or the mask has another size.
    """
    if guides.ndim != 3 or guides.shape[1:] != valid.shape or any(side % scale for side in valid.shape):
        raise ShapeMismatch(
            f"guides {guides.shape}, valid {valid.shape}; expected (bands, rows, cols), sides multiples of {scale}"
        )
    rows, cols = (side // scale for side in valid.shape)
    known = np.asarray(valid.reshape(rows, scale, cols, scale).all(axis=(1, 3)))
    blocks = np.where(valid, guides, 0.0).reshape(len(guides), rows, scale, cols, scale)
    means = blocks.mean(axis=(2, 4))
    # Around each block's own mean: the difference of large squares would be noise.
    spreads = (blocks - means[:, :, None, :, None]).std(axis=(2, 4))
    return CoarseGuides(means, np.where(known, spreads, 0.0), known)


@dataclass(frozen=True)
class Fit:
    """Linear maps from guides to temperatures, one a coarse pixel, and what they leave; arrays of (..., rows, cols)."""

    scale: int
    slopes: np.ndarray
    """Kelvins per unit of each guide, shape (bands, rows, cols)."""
    offsets: np.ndarray
    """Kelvins, shape (rows, cols)."""
    limits: tuple[np.ndarray, np.ndarray] | None
    """Least and largest temperature that may be predicted, shape (rows, cols); None: any."""
    residual: np.ndarray
    """Kelvins by which the coarse temperatures exceed what the coarse guides predict, filled in holes. Means of the
    blocks are kept nearly; `conservation` keeps them exactly."""

    def predict(self, guides: np.ndarray, window: Window) -> np.ndarray:
        """Return sharpened temperatures of a window, with the residual added back.

        Parameters
        ----------
        guides : ndarray, shape (bands, window.rows * scale, window.cols * scale)
            Fine guides of the window, filled where invalid.
        window : Window
            In coarse pixels, within the raster.

        Returns
        -------
        ndarray of float64, shape (window.rows * scale, window.cols * scale)
        """
        return self._regressed(guides, window) + self._enlarged(self.residual, window)

    def _regressed(self, guides: np.ndarray, window: Window) -> np.ndarray:
        total = self._enlarged(self.offsets, window)
        if guides.shape != (len(self.slopes), *total.shape):
            raise ShapeMismatch(f"guides {guides.shape}, expected {(len(self.slopes), *total.shape)}")
        for slope, guide in zip(self.slopes, guides):
            total += self._enlarged(slope, window) * guide
        if self.limits is None:
            return total
        low, high = (self._enlarged(limit, window) for limit in self.limits)
        return np.clip(total, low, high)

    def _enlarged(self, plane: np.ndarray, window: Window) -> np.ndarray:
        """Return a window of a coarse plane enlarged bicubically, mirrored at the raster's edges."""
        grown = window.grown(BICUBIC_HALO)
        rows = mirrored_indices(grown.row, grown.rows, plane.shape[0])
        cols = mirrored_indices(grown.col, grown.cols, plane.shape[1])
        part = plane[np.ix_(rows, cols)]
        edge = slice(BICUBIC_HALO * self.scale, -BICUBIC_HALO * self.scale)
        return bicubic_upsample(part.astype(np.float64), scale=self.scale)[edge, edge]


def tsharp(coarse: np.ndarray, valid: np.ndarray, guides: CoarseGuides, *, scale: int, band: int = 0) -> Fit:
    """Return the one regression of temperatures on one guide, NDVI as published, over homogeneous pixels.

    Parameters
    ----------
    coarse : ndarray, shape (rows, cols)
        In kelvins.
    valid : ndarray of bool, same shape
    guides : CoarseGuides
    scale : int
    band : int
        The guide that is used, from 0.

    Raises
    ------
    NoValidPixels
        If fewer than 8 coarse pixels have a temperature and guides.
    """
    known = _known(coarse, valid, guides)
    spread = guides.spreads[band]
    # The most homogeneous quarter, ties included, and enough of them.
    share = max(_HOMOGENEOUS, _LEAST / known.sum())
    chosen = known & (spread <= np.quantile(spread[known], min(1.0, share)))
    x, y = guides.means[band][chosen], coarse[chosen]
    x_mean, y_mean = x.mean(), y.mean()
    variance = ((x - x_mean) ** 2).mean()
    slope = ((x - x_mean) * (y - y_mean)).mean() / variance if variance > 0 else 0.0
    slopes = np.zeros((len(guides.means), *coarse.shape))
    slopes[band] = slope
    offsets = np.full(coarse.shape, y_mean - slope * x_mean)
    left = _filled(coarse - (slope * guides.means[band] + offsets), known)
    return Fit(scale, slopes, offsets, None, left)


def local_ridge(
    coarse: np.ndarray, valid: np.ndarray, guides: CoarseGuides, *, scale: int, window: int = WINDOW
) -> Fit:
    """Return ridge regressions of temperatures on all guides, around each coarse pixel, blended with one over all.

    Parameters
    ----------
    coarse : ndarray, shape (rows, cols)
        In kelvins.
    valid : ndarray of bool, same shape
    guides : CoarseGuides
    scale : int
    window : int
        Odd side of the windows, in coarse pixels.

    Raises
    ------
    NoValidPixels
        If fewer than 8 coarse pixels have a temperature and guides.
    InvalidSetting
        If the window is no odd number of at least 3.
    """
    if window < 3 or window % 2 == 0:
        raise InvalidSetting(f"window is {window}, expected an odd number of at least 3")
    known = _known(coarse, valid, guides)
    centre = guides.means[:, known].mean(axis=1)
    spread = guides.means[:, known].std(axis=1)
    gain = np.where(spread > 0, 1.0 / np.where(spread > 0, spread, 1.0), 0.0)
    x = np.where(known, (guides.means - centre[:, None, None]) * gain[:, None, None], 0.0)
    level = coarse[known].mean()
    y = np.where(known, coarse - level, 0.0)
    weight = np.where(known, 1.0 / (0.1 + (guides.spreads * gain[:, None, None]).mean(axis=0)), 0.0)

    count = _box_sums(known.astype(np.float64), window)
    everywhere = _solved(x, y, weight, lambda plane: np.full(plane.shape, plane.sum()))
    around = _solved(x, y, weight, lambda plane: _box_sums(plane, window))
    errors = []
    for slopes, offsets in (everywhere, around):
        left = np.where(known, y - (slopes * x).sum(axis=0) - offsets, 0.0)
        errors.append(
            _box_sums(left**2, 3) / np.maximum(_box_sums(known.astype(np.float64), 3), 1.0) + _NOISE
        )
    share = np.where(count >= _LEAST, errors[0] / (errors[0] + errors[1]), 0.0)
    slopes = share * around[0] + (1 - share) * everywhere[0]
    offsets = share * around[1] + (1 - share) * everywhere[1]
    left = _filled(y - (slopes * x).sum(axis=0) - offsets, known)
    slopes = slopes * gain[:, None, None]
    offsets = offsets + level - (slopes * centre[:, None, None]).sum(axis=0)
    return Fit(scale, slopes, offsets, _limits(coarse, known, count, window), left)


def _limits(
    coarse: np.ndarray, known: np.ndarray, count: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and largest temperature that may be predicted, by those in the window of each pixel."""
    enough = count >= _LEAST
    low = np.where(enough, _extreme(np.where(known, coarse, np.inf), window, np.minimum), coarse[known].min())
    high = np.where(
        enough, _extreme(np.where(known, coarse, -np.inf), window, np.maximum), coarse[known].max()
    )
    return low - BEYOND * (high - low), high + BEYOND * (high - low)


def _known(coarse: np.ndarray, valid: np.ndarray, guides: CoarseGuides) -> np.ndarray:
    known = valid & guides.valid
    if known.sum() < _LEAST:
        raise NoValidPixels(
            f"{int(known.sum())} coarse pixels have a temperature and guides, expected at least {_LEAST}"
        )
    return known


def _solved(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, total: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes and offsets of weighted ridge regressions; ``total`` adds a plane up around each pixel."""
    weights = np.maximum(total(weight), 1e-12)
    x_mean, y_mean = np.stack([total(weight * one) for one in x]) / weights, total(weight * y) / weights
    bands = len(x)
    system, wanted = np.zeros((*y.shape, bands, bands)), np.zeros((*y.shape, bands, 1))
    for i in range(bands):
        for j in range(i, bands):
            moment = total(weight * x[i] * x[j]) / weights - x_mean[i] * x_mean[j]
            system[..., i, j] = system[..., j, i] = moment
        wanted[..., i, 0] = total(weight * x[i] * y) / weights - x_mean[i] * y_mean
    # Guides are standardised: the ridge is a share of their variance.
    slopes = np.moveaxis(np.linalg.solve(system + _RIDGE * np.eye(bands), wanted)[..., 0], -1, 0)
    return slopes, y_mean - (slopes * x_mean).sum(axis=0)


def _box_sums(plane: np.ndarray, side: int) -> np.ndarray:
    """Return the sums over squares around each pixel; outside lies 0."""
    half = side // 2
    for axis in (0, 1):
        margins = [(0, 0), (0, 0)]
        margins[axis] = (half + 1, half)
        sums = np.cumsum(np.pad(plane, margins), axis=axis)
        plane = np.take(sums, range(side, sums.shape[axis]), axis) - np.take(
            sums, range(sums.shape[axis] - side), axis
        )
    return plane


def _extreme(plane: np.ndarray, side: int, of_two: np.ufunc) -> np.ndarray:
    """Return the least or largest value in squares around each pixel, as ``of_two`` chooses."""
    half = side // 2
    for axis in (0, 1):
        margins = [(0, 0), (0, 0)]
        margins[axis] = (half, half)
        padded = np.pad(plane, margins, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, side, axis=axis)
        plane = of_two.reduce(windows, axis=-1)
    return plane


def _filled(plane: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return a plane with holes filled from around, far ones by the mean, which is taken off before."""
    if known.all():
        return np.asarray(plane, np.float64)
    level = plane[known].mean() if known.any() else 0.0
    filled = fill_invalid(np.where(known, plane - level, 0.0).astype(np.float32), known, reach=_REACH)
    return np.where(known, plane, filled.astype(np.float64) + level)
