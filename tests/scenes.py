"""Synthetic scenes with known truth, shared by the tests; ``tests.rasters`` writes them to files."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent


@functools.lru_cache(maxsize=4)
def landscape(seed: int = 7, size: int = 64, factors: tuple[int, ...] = (1, 2, 4)) -> dict[int, np.ndarray]:
    """Return the procedural landscape at 10 m / factor, DN (4, size * factor, size * factor), read-only."""
    from resources.make_sample import scenes  # GDAL is needed for this scene alone

    truths = scenes(seed, size, factors)
    for truth in truths.values():
        truth.setflags(write=False)
    return truths


@functools.lru_cache(maxsize=4)
def observed(seed: int = 7, size: int = 64) -> np.ndarray:
    """Return what the sample's sensor makes of ``landscape``: uint16 DN (4, size, size), 0 in a corner, read-only."""
    from resources.make_sample import TRUTH_FACTOR, observe

    dn = observe(landscape(seed, size, (1, 2, TRUTH_FACTOR))[TRUTH_FACTOR], seed)
    dn.setflags(write=False)
    return dn


def waves(bands: int, rows: int, cols: int, *, factor: int = 1, seed: int = 1) -> np.ndarray:
    """Return smooth images whose every pixel is the exact mean of one function over the pixel's area.

    So the plain area mean of ``waves(..., factor=f)`` over blocks of f x f equals ``waves(..., factor=1)``. Values lie
    between 0 and 1; no wave is shorter than six pixels of ``factor=1``, measured along an axis.
    """
    random = np.random.RandomState(seed)
    image = np.full((bands, rows * factor, cols * factor), 0.5)
    y = (np.arange(rows * factor) + 0.5) / factor
    x = (np.arange(cols * factor) + 0.5) / factor
    for band in image:
        for strength in (0.2, 0.15, 0.1):
            fy, fx = random.uniform(-1 / 6, 1 / 6, 2)
            phase = 2 * np.pi * (fy * y[:, None] + fx * x[None, :] + random.random_sample())
            band += strength * np.sinc(fy / factor) * np.sinc(fx / factor) * np.cos(phase)
    return image


def point(rows: int, cols: int, row: int, col: int) -> np.ndarray:
    """Return zeros with a one at (row, col), shape (rows, cols)."""
    image = np.zeros((rows, cols))
    image[row, col] = 1
    return image


def centroid(image: np.ndarray, *, pixel: float = 1.0) -> tuple[float, float]:
    """Return the centre of mass (row, col) of a (rows, cols) image, in units in which a pixel's side is ``pixel``."""
    row, col = ((np.arange(side) + 0.5) * pixel for side in image.shape)
    return float(row @ image.sum(axis=1) / image.sum()), float(col @ image.sum(axis=0) / image.sum())


def psnr(reference: np.ndarray, test: np.ndarray, *, data_range: float) -> float:
    """Return 10 log10(data_range**2 / MSE) over all that is finite in both."""
    error = (np.asarray(test, dtype=np.float64) - reference)[np.isfinite(reference) & np.isfinite(test)]
    return float(10 * np.log10(data_range**2 / np.mean(error**2)))
