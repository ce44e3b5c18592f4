"""A multispectral raster brought to the pixels of a panchromatic one, by regression on the pan's own detail.

The pan is blurred and sampled as the multispectral sensor would have recorded it, each band is regressed on that in a
local window, and the slope times the detail that the pan lost is added to the enlarged band (MTF-GLP with
regression-based injection). Back-projection then makes the result consistent with its input. Pixel sizes need no whole
ratio and grids no common corner: every pixel is placed by its centre.

References
----------
Aiazzi et al. 2006, doi:10.14358/PERS.72.5.591; Vivone et al. 2018, doi:10.1109/TIP.2018.2819501.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import ceil, floor
from pathlib import Path

import numpy as np

from srsat_qgis.core.degradation.kernels import TRUNCATE, mtf_sigma
from srsat_qgis.core.errors import BandMismatch, GridMismatch
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.layer import common_type
from srsat_qgis.core.raster.nesting import check_same_crs
from srsat_qgis.core.raster.quantize import check_nodata
from srsat_qgis.core.raster.reader import Raster, check_band_numbers
from srsat_qgis.core.raster.resample import fill_invalid, keys_weights
from srsat_qgis.core.raster.tiled_run import Chunk, OutputRaster, run_tiles
from srsat_qgis.core.raster.writer import check_writable, refuse_overwriting
from srsat_qgis.core.tiling import Tile, TilePlan
from srsat_qgis.core.types import Progress, SilentProgress, Window

LEAST_RATIO, LARGEST_RATIO = 1.2, 16.0
"""Side of a multispectral pixel in pan pixels."""
_TILE = 512
# Side of the windows of a sample, in pixels.
_SAMPLE = 256
# Multispectral pixels around a tile: enlargements, regression, filled holes, and 4 for each back-projection.
_HALO = 32
_REGRESSION = 3
_BACK_PROJECTIONS = 4
# Share of the pan's variance in the scene below which a window follows the scene's slope rather than its own.
_RIDGE = 0.02
# Turned pixels would need another resampling.
_TURN = 1e-9


@dataclass(frozen=True)
class PansharpenOptions:
    """What is read and how it is written; None is as the input has it."""

    mtf: float = 0.3
    """The multispectral sensor's modulation transfer at its Nyquist frequency."""
    bands: tuple[int, ...] | None = None
    pan_band: int = 1
    nodata: float | None = None
    """Overrides what the multispectral raster declares."""
    pan_nodata: float | None = None
    creation_options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alignment:
    """Where pan pixels lie among multispectral ones, along rows or columns: ``start + step * n`` is their centre."""

    start: float
    """Multispectral index, counted at centres, of the first pan pixel's centre."""
    step: float

    def coarse_span(self, first: int, count: int, halo: int = _HALO) -> tuple[int, int]:
        """Return first multispectral pixel and count of those that ``count`` pan pixels and the halo depend on."""
        low = floor(self.start + self.step * first) - halo
        high = ceil(self.start + self.step * (first + count - 1)) + halo
        return low, high - low + 1

    def fine_span(self, first: int, count: int, sigma: float) -> tuple[int, int]:
        """Return first pan pixel and count of those that multispectral pixels are made of."""
        radius = TRUNCATE * sigma
        low = floor((first - self.start) / self.step - radius)
        high = ceil((first + count - 1 - self.start) / self.step + radius)
        return low, high - low + 1

    def enlarging(
        self, coarse: tuple[int, int], fine: tuple[int, int], *, linear: bool = False
    ) -> np.ndarray:
        """Return the matrix of cubic convolution from coarse to fine pixels, or of linear interpolation.

        Beyond the edges they repeat.
        """
        weights = np.zeros((fine[1], coarse[1]))
        for row in range(fine[1]):
            position = self.start + self.step * (fine[0] + row) - coarse[0]
            before = floor(position)
            phase = position - before
            taps = np.array([0.0, 1 - phase, phase, 0.0]) if linear else keys_weights(phase)
            for tap, weight in enumerate(taps):
                weights[row, min(max(before - 1 + tap, 0), coarse[1] - 1)] += weight
        return weights

    def sampling(self, coarse: tuple[int, int], fine: tuple[int, int], sigma: float) -> np.ndarray:
        """Return the matrix of a Gaussian (``sigma`` in fine pixels) around the coarse pixels' centres."""
        centres = (np.arange(coarse[1]) + coarse[0] - self.start) / self.step - fine[0]
        away = np.arange(fine[1]) - np.clip(centres, 0, fine[1] - 1)[:, np.newaxis]
        weights = np.where(np.abs(away) <= TRUNCATE * sigma + 1, np.exp(-0.5 * np.square(away / sigma)), 0.0)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def alignments(coarse: Grid, fine: Grid, *, names: tuple[str, str]) -> tuple[Alignment, Alignment]:
    """Return how a pan grid lies on a multispectral one, along rows and columns.

    Raises
    ------
    GridMismatch
        If CRSs differ, a grid has no georeference, pixels are turned or mirrored to each other, the ratio of their
        sides is not from 1.2 to 16, or the two have no ground in common.
    """
    check_same_crs(coarse, fine, names=names)
    if coarse.transform is None:
        raise GridMismatch(f"{names[0]} and {names[1]}: expected rasters with a georeference, found none")
    corners = [coarse.pixel_of(*fine.point(*at)) for at in ((0, 0), (fine.rows, 0), (0, fine.cols))]
    start, below, right = corners
    turned = max(abs(below[1] - start[1]), abs(right[0] - start[0]))
    steps = ((below[0] - start[0]) / fine.rows, (right[1] - start[1]) / fine.cols)
    if turned > _TURN * max(coarse.rows, coarse.cols) + 1e-6 or min(steps) <= 0:
        raise GridMismatch(
            f"{names[1]}: its pixels are turned or mirrored to those of {names[0]}; warp one of them"
        )
    for step in steps:
        if not LEAST_RATIO <= 1 / step <= LARGEST_RATIO:
            raise GridMismatch(
                f"{names[0]}: a pixel is {1 / step:.4g} times as large as one of {names[1]}; expected "
                f"{LEAST_RATIO:g} to {LARGEST_RATIO:g} times: INPUT has the larger pixels, PAN the smaller"
            )
    sizes = (coarse.rows, coarse.cols)
    ends = (below[0], right[1])
    if any(start[axis] >= sizes[axis] or ends[axis] <= 0 for axis in (0, 1)):
        raise GridMismatch(
            f"{names[0]} and {names[1]} have no ground in common: {coarse.describe()}; {fine.describe()}; "
            "expected rasters that overlap"
        )
    rows, cols = (Alignment(start[axis] + 0.5 * steps[axis] - 0.5, steps[axis]) for axis in (0, 1))
    return rows, cols


class Banded:
    """A matrix whose rows have few neighbouring weights, applied without its zeros.

    Parameters
    ----------
    matrix : ndarray, shape (rows, cols)
    """

    def __init__(self, matrix: np.ndarray) -> None:
        filled = matrix != 0
        last = matrix.shape[1] - filled[:, ::-1].argmax(axis=1)
        first = filled.argmax(axis=1)
        taps = int((last - first).max())
        first = np.minimum(first, matrix.shape[1] - taps)
        self._places = first + np.arange(taps)[:, np.newaxis]
        self._weights = np.take_along_axis(matrix, self._places.T, axis=1).T[:, :, np.newaxis]

    def apply(self, plane: np.ndarray) -> np.ndarray:
        """Return the product with a plane, along its rows."""
        total = self._weights[0] * plane[self._places[0]]
        for places, weights in zip(self._places[1:], self._weights[1:]):
            total += weights * plane[places]
        return total


@dataclass(frozen=True)
class Matrices:
    """Enlarging and sampling along rows and columns for one window."""

    up: tuple[Banded, Banded]
    down: tuple[Banded, Banded]

    def enlarged(self, plane: np.ndarray) -> np.ndarray:
        """Return a plane of coarse pixels on fine ones."""
        return both_axes(self.up, plane)

    def sampled(self, plane: np.ndarray) -> np.ndarray:
        """Return a plane of fine pixels as coarse ones."""
        return both_axes(self.down, plane)


def both_axes(banded: tuple[Banded, Banded], plane: np.ndarray) -> np.ndarray:
    """Return a plane multiplied by one matrix along its rows and by the other along its columns."""
    return np.ascontiguousarray(banded[1].apply(np.ascontiguousarray(banded[0].apply(plane).T)).T)


def sharpened(bands: np.ndarray, pan: np.ndarray, matrices: Matrices, *, scene_variance: float) -> np.ndarray:
    """Return bands on the pan's pixels.

    Parameters
    ----------
    bands : ndarray of float64, shape (bands, coarse rows, coarse cols)
    pan : ndarray of float64, shape (rows, cols)
    matrices : Matrices
        Of this window.
    scene_variance : float
        The pan's variance over the whole scene, by which a window is flat or not.

    Returns
    -------
    ndarray of float64, shape (bands, rows, cols)
    """
    low = matrices.sampled(pan)
    detail = pan - matrices.enlarged(low)
    mean_low = _box_mean(low)
    variance = _box_mean(np.square(low - low.mean())) - np.square(mean_low - low.mean())
    out = []
    for band in bands:
        mean = _box_mean(band)
        covariance = _box_mean((low - low.mean()) * band) - (mean_low - low.mean()) * mean
        slope = covariance / (np.maximum(variance, 0) + _RIDGE * scene_variance + np.finfo(np.float64).tiny)
        fine = matrices.enlarged(band) + matrices.enlarged(slope) * detail
        for _ in range(_BACK_PROJECTIONS):
            fine += matrices.enlarged(band - matrices.sampled(fine))
        out.append(fine)
    return np.stack(out)


def _box_mean(plane: np.ndarray) -> np.ndarray:
    """Return the mean over ``2 * _REGRESSION + 1`` pixels along both axes; edges repeat."""
    side = 2 * _REGRESSION + 1
    padded = np.pad(plane, _REGRESSION, mode="edge")
    rows = np.sum([padded[at : at + plane.shape[0]] for at in range(side)], axis=0)
    return np.asarray(np.sum([rows[:, at : at + plane.shape[1]] for at in range(side)], axis=0) / side**2)


def pansharpen_raster(
    path: str,
    pan_path: str,
    target: str,
    *,
    options: PansharpenOptions | None = None,
    progress: Progress | None = None,
    tile: int | None = None,
) -> OutputRaster:
    """Write a multispectral raster on the grid of a panchromatic one.

    A pixel is valid where the pan is and where the multispectral pixel around its centre is; what stands in others has
    no influence. Values are in the multispectral raster's unit, rounded and clipped to its type at the end.

    Parameters
    ----------
    path, pan_path : str
        The two rasters, in one CRS.
    target : str
        Appears when it is whole.
    options : PansharpenOptions, optional
    progress : Progress, optional
    tile : int, optional
        Side of a tile in pan pixels; has no influence on the result.

    Returns
    -------
    OutputRaster
        What was written.

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``; nothing is then left behind.
    """
    options, progress = options or PansharpenOptions(), progress or SilentProgress()
    work = _Sharpening(path, pan_path, target, options, tile or _TILE)
    progress.info(work.output.metadata["SRSAT_PANSHARPEN"])
    nothing = f"{path}, {pan_path}: no pixel is valid in both of them"
    run_tiles(work, work.output, progress=progress, nothing=nothing)
    return work.output


@dataclass(frozen=True)
class _Read:
    """A tile with all that it depends on, beginning at a first pixel of each raster."""

    tile: Tile
    bands: np.ndarray
    bands_valid: np.ndarray | None
    pan: np.ndarray
    pan_valid: np.ndarray | None
    coarse: Window
    fine: Window


class _Sharpening:
    """What a run computes; a cell of its tiles is a pan pixel."""

    cell, rows_before = 1, 0

    def __init__(self, path: str, pan_path: str, target: str, options: PansharpenOptions, tile: int) -> None:
        self._raster = Raster(path, nodata=options.nodata)
        self._pan = Raster(pan_path, nodata=options.pan_nodata)
        if options.bands is not None:
            check_band_numbers(self._raster, options.bands)
        self._numbers = options.bands or tuple(
            band.number for band in self._raster.bands if not band.is_alpha
        )
        if not self._numbers:
            raise BandMismatch(f"{path}: has no band besides its alpha band")
        check_band_numbers(self._pan, (options.pan_band,))
        self._options = options
        self._axes = alignments(self._raster.grid, self._pan.grid, names=(path, pan_path))
        self._sigmas = [mtf_sigma(options.mtf, scale=1) / axis.step for axis in self._axes]
        self.plan = TilePlan(self._pan.grid.rows, self._pan.grid.cols, tile, tile, 0)
        self.output = self._output(target)
        # Digits below these levels are the ones that count, and holes that are not filled lie at them.
        self._centres = tuple(self._raster.centre(number) for number in self._numbers)
        self._pan_centre = self._pan.centre(options.pan_band)
        self._variance = self._pan_variance()

    def read(self, tiles: Sequence[int]) -> Iterator[_Read]:
        """Yield these tiles with all that they depend on."""
        for tile in self.plan.tiles(tiles):
            spans = ((tile.written.row, tile.written.rows), (tile.written.col, tile.written.cols))
            coarse = [axis.coarse_span(*span) for axis, span in zip(self._axes, spans)]
            fine = [
                axis.fine_span(*span, sigma) for axis, span, sigma in zip(self._axes, coarse, self._sigmas)
            ]
            windows = [Window(rows[0], cols[0], rows[1], cols[1]) for rows, cols in (coarse, fine)]
            bands, bands_valid = self._raster.read(
                windows[0], self._numbers, centres=self._centres, dtype=np.float64
            )
            pan, pan_valid = self._pan.read(
                windows[1], (self._options.pan_band,), centres=(self._pan_centre,), dtype=np.float64
            )
            yield _Read(tile, bands, bands_valid, pan, pan_valid, *windows)
            if tile.index % self.plan.tile_cols == self.plan.tile_cols - 1:
                self._raster.release_cache()
                self._pan.release_cache()

    def compute(self, items: Iterator[_Read]) -> Iterator[tuple[Tile, Chunk]]:
        """Sharpen one tile after the other."""
        for item in items:
            yield item.tile, self._sharpened(item)

    def finish(self, tile: Tile, computed: Chunk) -> Chunk:
        """Return what was computed: it has the output's type already."""
        return computed

    def _sharpened(self, read: _Read) -> Chunk:
        written, coarse, fine = read.tile.written, read.coarse, read.fine
        ups, downs = [], []
        spans = (
            ((coarse.row, coarse.rows), (fine.row, fine.rows)),
            ((coarse.col, coarse.cols), (fine.col, fine.cols)),
        )
        for axis, sigma, (rough, sharp) in zip(self._axes, self._sigmas, spans):
            ups.append(Banded(axis.enlarging(rough, sharp)))
            downs.append(Banded(axis.sampling(rough, sharp, sigma)))
        matrices = Matrices((ups[0], ups[1]), (downs[0], downs[1]))
        bands = _filled(read.bands, read.bands_valid, _REGRESSION)
        pan = _filled(read.pan, read.pan_valid, ceil(_REGRESSION / min(axis.step for axis in self._axes)))
        image = sharpened(bands, pan[0], matrices, scene_variance=self._variance)
        top, left = written.row - fine.row, written.col - fine.col
        cut = (slice(top, top + written.rows), slice(left, left + written.cols))
        valid = self._valid(read, cut)
        shown = None if valid.all() else valid
        values = self.output.values(
            image[(slice(None), *cut)], shown, None, centres=self._centres, source=self._raster.path
        )
        return Chunk(written, values, shown)

    def _valid(self, read: _Read, cut: tuple[slice, slice]) -> np.ndarray:
        """Return which written pixels are valid in the pan and in the multispectral pixel around their centre."""
        written, grid = read.tile.written, self._raster.grid
        nearest = [
            np.floor(axis.start + axis.step * (first + np.arange(count)) + 0.5).astype(int)
            for axis, first, count in zip(
                self._axes, (written.row, written.col), (written.rows, written.cols)
            )
        ]
        inside = [(at >= 0) & (at < size) for at, size in zip(nearest, (grid.rows, grid.cols))]
        valid = np.repeat((inside[0][:, np.newaxis] & inside[1])[np.newaxis], len(self._numbers), axis=0)
        if read.bands_valid is not None:
            rows, cols = nearest[0] - read.coarse.row, nearest[1] - read.coarse.col
            valid &= read.bands_valid[:, rows[:, np.newaxis], cols]
        if read.pan_valid is not None:
            valid &= read.pan_valid[(slice(None), *cut)]
        return valid

    def _pan_variance(self) -> float:
        """Return the variance of a sample of the pan's pixels."""
        grid, found = self._pan.grid, []
        for row in _starts(grid.rows):
            for col in _starts(grid.cols):
                window = Window(row, col, min(_SAMPLE, grid.rows), min(_SAMPLE, grid.cols))
                values, valid = self._pan.read_exact(window, (self._options.pan_band,))
                found.append(values.ravel() if valid is None else values[valid])
        known = np.concatenate(found).astype(np.float64)
        return float(known.var()) if known.size else 0.0

    def _output(self, target: str) -> OutputRaster:
        """Return the raster that the run writes, after checks of its path."""
        raster, options = self._raster, self._options
        refuse_overwriting(target, [raster, self._pan])
        data_type = common_type(raster, self._numbers)
        nodata = next(
            (value for number in self._numbers if (value := raster.nodata[number - 1]) is not None), None
        )
        check_nodata(
            nodata, data_type, what="NODATA" if options.nodata is not None else f"{raster.path}: nodata"
        )
        ratio = " x ".join(f"{1 / axis.step:.4g}" for axis in self._axes)
        # From corner to corner, in multispectral pixels.
        offset = ", ".join(f"{axis.start + 0.5 - axis.step / 2:.4g}" for axis in self._axes)
        parameters = {**asdict(options), "source": Path(raster.path).name, "pan": Path(self._pan.path).name}
        output = OutputRaster(
            path=target,
            grid=self._pan.grid,
            data_type=data_type,
            bands=tuple(raster.template(number) for number in self._numbers),
            value_bands=len(self._numbers),
            nodata=nodata,
            # Where the type has no value to spare, a mask tells the pixels that only the pan covers.
            mask=nodata is None and not data_type.startswith("Float"),
            metadata={
                "SRSAT_PANSHARPEN": f"mtf-glp regression mtf={options.mtf:g} ratio={ratio} offset={offset}",
                "SRSAT_PANSHARPEN_PARAMETERS": json.dumps(parameters, sort_keys=True),
                "SRSAT_VERSION": plugin_version(),
            },
            creation_options=options.creation_options,
        )
        check_writable(
            target, bytes_needed=output.bytes_plain // 2, creation_options=options.creation_options
        )
        return output


def _starts(size: int) -> list[int]:
    last = max(0, size - _SAMPLE)
    return sorted({0, last // 2, last})


def _filled(image: np.ndarray, valid: np.ndarray | None, reach: int) -> np.ndarray:
    """Return planes with invalid pixels grown from around, 0 farther away; valid ones are as they were."""
    if valid is None:
        return image
    return np.stack(
        [np.where(ok, plane, fill_invalid(plane, ok, reach=reach)) for plane, ok in zip(image, valid)]
    )
