"""Feature similarity (Zhang et al. 2011) on fixed tiles, without downsampling: "FSIM (tiled, F=1)".

The published measure takes the image as one: one periodic Fourier transform, one noise threshold. Here the raster is
cut into cores of 512 pixels with 64 around them, counted from its first pixel and reflected at its edges; a first
pass takes the noise threshold from at most 3 x 3 of the cores, spread evenly. A raster of at most 512 x 512 pixels is
taken as one, as published.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srsat_qgis.core.metrics.exact import ExactSums
from srsat_qgis.core.metrics.phase import (
    ORIENTATIONS,
    SCALES,
    SHORTEST_WAVE_PX,
    WAVE_FACTOR,
    finest_energy,
    noise_thresholds,
    phase_congruency,
)
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean, slices
from srsat_qgis.core.types import Window

CORE, MARGIN = 512, 64
LEAST = int(SHORTEST_WAVE_PX * WAVE_FACTOR ** (SCALES - 1))
"""Rows and columns that a raster must have at least: the longest wave of the filters."""
T1, T2 = 0.85, 160.0
GREY = 255.0
_BINS_PER_OCTAVE = 256
_OCTAVES = (-40, 40)  # energies of grey levels beyond these are none, or not finite
_SAMPLED = 3  # tiles along an axis at most from which the noise is estimated


class FeatureSums(Accumulator):
    """First pass: histograms of the finest scale's energy. Second pass: similarity weighted by phase congruency."""

    def __init__(self, context: Context, noise: np.ndarray | None = None) -> None:
        self._context = context
        self._noise = noise  # median energies, shape (2 images, bands, orientations)
        bins = (_OCTAVES[1] - _OCTAVES[0]) * _BINS_PER_OCTAVE
        first = noise is None
        self._counts = np.zeros((2, context.bands, ORIENTATIONS, bins if first else 0), dtype=np.int64)
        self._sums = ExactSums(2 * context.bands)
        self.tiles = 0
        self.wanted = 0

    @property
    def _small(self) -> bool:
        return min(self._context.rows, self._context.cols) < LEAST

    @property
    def _single(self) -> bool:
        return max(self._context.rows, self._context.cols) <= CORE

    def update(self, block: Block) -> None:
        """Count the tiles whose middle lies in a block's core."""
        if block.reference is None or not self._context.data_range or self._small:
            return
        for tile in self._owned(block.core):
            seen = tile if self._single else block.around(MARGIN, tile)
            cut = block.cut(seen)
            self.wanted += 1
            if not block.valid[cut].all():
                continue
            self.tiles += 1
            for band in range(self._context.bands):
                images = [self._grey(image[band][cut], tile, seen) for image in (block.reference, block.test)]
                self._take(band, images, self._core(tile, seen))

    def _owned(self, core: Window) -> Iterator[Window]:
        rows, cols = self._context.rows, self._context.cols
        for row in _starts(core.row, core.rows, rows):
            for col in _starts(core.col, core.cols, cols):
                if self._noise is not None or self._sampled(row, col):
                    yield Window(row, col, min(CORE, rows - row), min(CORE, cols - col))

    def _sampled(self, row: int, col: int) -> bool:
        """Return whether a tile is among the at most 3 x 3 whose noise is looked at."""
        steps = (-(-side // CORE) for side in (self._context.rows, self._context.cols))
        return all(
            start // CORE % max(1, -(-step // _SAMPLED)) == 0 for start, step in zip((row, col), steps)
        )

    def _grey(self, values: np.ndarray, tile: Window, seen: Window) -> np.ndarray:
        grey = values.astype(np.float64) * (GREY / float(self._context.data_range or 1))
        if self._single:
            return grey
        side = CORE + 2 * MARGIN
        before = [MARGIN - (tile.row - seen.row), MARGIN - (tile.col - seen.col)]
        after = [side - seen.rows - before[0], side - seen.cols - before[1]]
        return np.pad(grey, list(zip(before, after)), mode="symmetric")

    def _core(self, tile: Window, seen: Window) -> tuple[slice, slice]:
        frame = seen if self._single else Window(tile.row - MARGIN, tile.col - MARGIN, 0, 0)
        return slices(tile, frame)

    def _take(self, band: int, images: list[np.ndarray], core: tuple[slice, slice]) -> None:
        if self._noise is None:
            for which, image in enumerate(images):
                energy = finest_energy(image)[(slice(None), *core)]
                for orientation in range(ORIENTATIONS):
                    self._counts[which, band, orientation] += _octave_counts(energy[orientation])
            return
        congruency = [
            phase_congruency(image, noise_thresholds(self._noise[which, band], image.shape), core)
            for which, image in enumerate(images)
        ]
        gradient = [_gradient(image)[core] for image in images]
        largest = np.maximum(*congruency)
        likeness = _likeness(congruency[0], congruency[1], T1) * _likeness(gradient[0], gradient[1], T2)
        self._sums.add(2 * band, likeness * largest)
        self._sums.add(2 * band + 1, largest)

    def merge(self, other: FeatureSums) -> None:
        """Add what another one has counted."""
        self._counts += other._counts
        self._sums.merge(other._sums)
        self.tiles += other.tiles
        self.wanted += other.wanted

    def following(self) -> FeatureSums | None:
        """Return the second pass, which knows the noise."""
        if self._noise is not None or not self.tiles:
            return None
        return FeatureSums(self._context, _medians(self._counts))

    def score(self) -> Score:
        """Return the mean over bands, or why there is none."""
        bands = self._context.bands
        if self._small:
            return Score.absent(f"the raster is smaller than {LEAST} x {LEAST} pixels", bands=bands)
        if not self.tiles:
            what = "raster" if self._single else f"tile of {CORE} x {CORE} pixels with {MARGIN} around it"
            return Score.absent(f"no {what} is wholly valid", bands=bands)
        values: list[Value] = []
        for band in range(bands):
            likeness, weight = self._sums.fraction(2 * band), self._sums.fraction(2 * band + 1)
            values.append(float(likeness / weight) if likeness is not None and weight else None)
        why = {
            band: "no feature stands out of the noise" for band, value in enumerate(values) if value is None
        }
        return band_mean(values, why, tiles=self.tiles, usable_share=self.tiles / self.wanted)


def _starts(first: int, length: int, limit: int) -> Iterator[int]:
    """Yield where tiles start whose middle line, on the raster, is among ``length`` lines from ``first`` on."""
    for start in range(max(0, first - CORE) // CORE * CORE, min(first + length, limit), CORE):
        if 0 <= start + min(CORE, limit - start) // 2 - first < length:
            yield start


def _octave_counts(energy: np.ndarray) -> np.ndarray:
    low, high = _OCTAVES
    bins = (high - low) * _BINS_PER_OCTAVE
    octaves = np.log2(np.maximum(energy, 2.0**low))
    index = ((octaves - low) * _BINS_PER_OCTAVE).astype(np.intp)
    return np.bincount(np.clip(index, 0, bins - 1).reshape(-1), minlength=bins)


def _medians(counts: np.ndarray) -> np.ndarray:
    """Return the median energy of each histogram, between the bin's edges in proportion to the counts."""
    running = np.cumsum(counts, axis=-1)
    half = running[..., -1:] / 2
    index = (running < half).sum(axis=-1)
    at = np.take_along_axis(counts, index[..., np.newaxis], axis=-1)[..., 0]
    below = np.take_along_axis(running, index[..., np.newaxis], axis=-1)[..., 0] - at
    inside = (half[..., 0] - below) / np.maximum(at, 1)
    energy: np.ndarray = 2.0 ** (_OCTAVES[0] + (index + inside) / _BINS_PER_OCTAVE)
    return np.where(index == 0, 0.0, energy)


def _gradient(image: np.ndarray) -> np.ndarray:
    """Return the gradient's size by the Scharr operator, divided by 16; zeros beyond the border, as published."""
    padded = np.pad(image, 1, mode="constant")
    across, down = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    x = (3 * across[:-2] + 10 * across[1:-1] + 3 * across[2:]) / 16
    y = (3 * down[:, :-2] + 10 * down[:, 1:-1] + 3 * down[:, 2:]) / 16
    return np.sqrt(x * x + y * y)


def _likeness(a: np.ndarray, b: np.ndarray, constant: float) -> np.ndarray:
    return (2 * a * b + constant) / (a * a + b * b + constant)


def fsim_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to hold all tiles whose middle lies in it."""
    return CORE // 2 + MARGIN


def fsim(context: Context, state: FeatureSums) -> Score:
    """Return the mean over bands of the similarity weighted by phase congruency."""
    if not context.data_range:
        return Score.absent("the data range is not known", bands=context.bands)
    return state.score()
