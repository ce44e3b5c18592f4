"""Pan-sharpening by Wald's protocol on Landsat 8: decibels over bicubic, and consistency by another blur.

    python -m tests.benchmarks.pansharpen MULTISPECTRAL PAN

All bands and the pan are degraded by 2 (block mean of a Gaussian of sigma 0.5 coarse pixels), sharpened, and compared
with the bands as they were. The result at full scale is degraded by a narrower Gaussian than the method's and compared
with its input.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from srsat_qgis.core.degradation.run import DegradeMethod, DegradeOptions, degrade_raster
from srsat_qgis.core.fusion.pansharpen import alignments, pansharpen_raster
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

EDGE = 8


def _aligned(pan: str, multispectral: str) -> tuple[float, float, float, float]:
    """Return the pan's extent without the first row or column where its pairs then meet the other's pixels."""
    grid, other = Raster(pan).grid, Raster(multispectral).grid
    starts = []
    for axis in (0, 1):
        places = [other.pixel_of(*grid.point(at, at))[axis] for at in (0, 1)]
        starts.append(min((0, 1), key=lambda at: abs(places[at] - round(places[at]))))
    left, top = grid.point(*starts)
    right, bottom = grid.point(grid.rows, grid.cols)
    return (left, bottom, right, top)


def _all(path: str) -> np.ndarray:
    raster = Raster(path)
    numbers = [band.number for band in raster.bands]
    values, valid = raster.read_exact(Window(0, 0, raster.grid.rows, raster.grid.cols), numbers)
    return np.where(True if valid is None else valid, values.astype(float), np.nan)


def _on(values: np.ndarray, axes, rows: int, cols: int) -> np.ndarray:
    """Return bands enlarged by cubic convolution to ``rows x cols`` finer pixels that lie by ``axes``."""
    up = [
        axis.enlarging((0, size), (0, count))
        for axis, size, count in zip(axes, values.shape[1:], (rows, cols))
    ]
    return np.stack([up[0] @ band @ up[1].T for band in values])


def wald(multispectral: str, pan: str) -> None:
    """Print bicubic's and the method's error of each band at the degraded scale, and the gain in decibels."""
    with tempfile.TemporaryDirectory() as folder:
        coarse, coarse_pan, result = (str(Path(folder) / f"{name}.tif") for name in ("ms", "pan", "out"))
        how = DegradeMethod(scale=2, method="gaussian-area", sigma=0.5)
        degrade_raster(multispectral, coarse, how)
        degrade_raster(pan, coarse_pan, how, options=DegradeOptions(extent=_aligned(pan, multispectral)))
        pansharpen_raster(coarse, coarse_pan, result)
        found, small = _all(result), _all(coarse)
        names = (multispectral, result)
        axes = alignments(Raster(coarse).grid, Raster(result).grid, names=names)
        plain = _on(small, axes, *found.shape[1:])
        # Where the two grids cannot meet, the truth is interpolated linearly, which softens it.
        truth_grid, grid = Raster(multispectral).grid, Raster(result).grid
        truth = _all(multispectral)
        row, col = truth_grid.pixel_of(*grid.point(0.5, 0.5))
        print(f"truth's pixels are off by {row % 1 - 0.5:+.3f} rows, {col % 1 - 0.5:+.3f} columns")
        _compare(truth, plain, found, row - 0.5, col - 0.5)


def consistency(multispectral: str, pan: str) -> None:
    """Print by how much the result, averaged over the input's pixels, differs from the input, of its range."""
    with tempfile.TemporaryDirectory() as folder:
        result = str(Path(folder) / "out.tif")
        pansharpen_raster(multispectral, pan, result)
        values, found = _all(multispectral), _all(result)
        axes = alignments(Raster(multispectral).grid, Raster(result).grid, names=(multispectral, result))
        # A Gaussian as wide as a block mean, which is narrower than the one that the method fits.
        down = [
            axis.sampling((0, size), (0, count), 0.29 / axis.step)
            for axis, size, count in zip(axes, values.shape[1:], found.shape[1:])
        ]
        for number, (band, fine) in enumerate(zip(values, found), start=1):
            again = down[0] @ np.nan_to_num(fine) @ down[1].T
            inner = (slice(EDGE, -EDGE), slice(EDGE, -EDGE))
            error = np.sqrt(np.nanmean(np.square(again - band)[inner]))
            share = error / np.nanpercentile(band, 99.9) * 100
            print(f"band {number}: degraded again, RMSE {error:.2f} ({share:.2f} % of the 99.9th percentile)")


def _compare(truth: np.ndarray, plain: np.ndarray, found: np.ndarray, row: float, col: float) -> None:
    rows, cols = found.shape[1:]
    at_rows, at_cols = row + np.arange(rows), col + np.arange(cols)
    for number, band in enumerate(truth, start=1):
        reference = _interpolated(band, at_rows, at_cols)
        cut = (slice(EDGE, -EDGE), slice(EDGE, -EDGE))
        known = np.isfinite(found[number - 1][cut]) & np.isfinite(reference[cut])
        errors = [
            np.sqrt(np.mean(np.square((image[number - 1] - reference)[cut][known])))
            for image in (plain, found)
        ]
        gain = 20 * np.log10(errors[0] / errors[1])
        print(f"band {number}: bicubic {errors[0]:8.2f}  pan-sharpened {errors[1]:8.2f}  {gain:+.2f} dB")


def _interpolated(band: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return a band at fractional places, bilinearly; NaN outside."""
    out = np.full((rows.size, cols.size), np.nan)
    low_rows, low_cols = np.floor(rows + 1e-6).astype(int), np.floor(cols + 1e-6).astype(int)
    ok_rows = (low_rows >= 0) & (low_rows < band.shape[0] - 1)
    ok_cols = (low_cols >= 0) & (low_cols < band.shape[1] - 1)
    y, x = low_rows[ok_rows][:, np.newaxis], low_cols[ok_cols]
    fy, fx = (rows - low_rows)[ok_rows][:, np.newaxis], (cols - low_cols)[ok_cols]
    value = (1 - fy) * ((1 - fx) * band[y, x] + fx * band[y, x + 1])
    value = value + fy * ((1 - fx) * band[y + 1, x] + fx * band[y + 1, x + 1])
    out[np.ix_(ok_rows, ok_cols)] = value
    return out


if __name__ == "__main__":
    wald(sys.argv[1], sys.argv[2])
    consistency(sys.argv[1], sys.argv[2])
