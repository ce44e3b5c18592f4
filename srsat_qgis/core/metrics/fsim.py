"""Feature similarity (Zhang et al. 2011) on fixed tiles, from phase congruency (Kovesi 1999)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from srsat_qgis.core.metrics.score import (
    REFERENCE,
    Accumulator,
    Block,
    Context,
    Family,
    Score,
    Value,
    band_mean,
    measure,
    slices,
)
from srsat_qgis.core.metrics.windows import ExactSums
from srsat_qgis.core.types import Window

SCALES, ORIENTATIONS = 4, 4
SHORTEST_WAVE_PX, WAVE_FACTOR = 6.0, 2.0
# Sigma of the log-Gabor filter over its centre frequency.
BANDWIDTH = 0.55
# Angle between orientations over the sigma of their spread.
ANGLE_FACTOR = 1.2
NOISE_SIGMAS = 2.0
# The published noise threshold is the estimate divided by this.
_NOISE_SCALE = 1.7
# Low-pass filter that avoids ringing from the corners of the spectrum.
_CUTOFF, _SHARPNESS = 0.45, 15
# Of grey levels 0 to 255.
_TINY = 1e-4
# Rows or columns computed at once.
_STRIP = 32


@lru_cache(maxsize=2)
def _filters(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the filters' factors by frequency: (scales, rows, cols) radial, (orientations, rows, cols) angular."""
    rows, cols = (np.fft.fftfreq(side) for side in shape)
    y, x = np.broadcast_arrays(rows[:, np.newaxis], cols[np.newaxis, :])
    radius = np.hypot(y, x)
    radius[0, 0] = 1.0
    low_pass = 1 / (1 + (radius / _CUTOFF) ** (2 * _SHARPNESS))
    radial = np.empty((SCALES, *shape))
    for scale in range(SCALES):
        centre = 1 / (SHORTEST_WAVE_PX * WAVE_FACTOR**scale)
        radial[scale] = np.exp(-(np.log(radius / centre) ** 2) / (2 * math.log(BANDWIDTH) ** 2)) * low_pass
        radial[scale, 0, 0] = 0.0
    theta = np.arctan2(-y, x)
    spread = math.pi / ORIENTATIONS / ANGLE_FACTOR
    angular = np.empty((ORIENTATIONS, *shape))
    for orientation in range(ORIENTATIONS):
        angle = orientation * math.pi / ORIENTATIONS
        apart = np.abs(np.arctan2(np.sin(theta - angle), np.cos(theta - angle)))
        angular[orientation] = np.exp(-(apart**2) / (2 * spread**2))
    return radial, angular


def finest_energy(image: np.ndarray) -> np.ndarray:
    """Return the squared responses of the finest scale, from which noise is estimated.

    Parameters
    ----------
    image : ndarray, shape (rows, cols)
        Grey levels 0 to 255; taken as periodic.

    Returns
    -------
    ndarray of float64, shape (orientations, rows, cols)
    """
    radial, angular = _filters(image.shape)
    spectrum = np.fft.fft2(image)
    energy = np.empty(angular.shape)
    for orientation in range(ORIENTATIONS):
        response = np.fft.ifft2(spectrum * (radial[0] * angular[orientation]))
        energy[orientation] = response.real**2 + response.imag**2
    return energy


@lru_cache(maxsize=2)
def _noise_factors(shape: tuple[int, int]) -> np.ndarray:
    """Return, by orientation, the noise threshold over the root of the finest scale's median energy."""
    radial, angular = _filters(shape)
    factors = np.empty(ORIENTATIONS)
    for orientation in range(ORIENTATIONS):
        filters = radial * angular[orientation]
        # By Parseval the pixels' sums of products are those of the spectra: filters are real and none is transformed.
        products = np.einsum("ayx,byx->ab", filters, _mirrored_mean(filters))
        squares, pairs = float(np.trace(products)), float(np.triu(products, 1).sum())
        power = 1 / math.log(2) / float((filters[0] ** 2).sum())
        tau = math.sqrt(power * (squares + 2 * pairs))
        factors[orientation] = (
            tau * (math.sqrt(math.pi / 2) + NOISE_SIGMAS * math.sqrt(2 - math.pi / 2)) / _NOISE_SCALE
        )
    return factors


def _mirrored_mean(filters: np.ndarray) -> np.ndarray:
    """Return the part of each filter that is even about frequency 0, whose transform is real."""
    mirrored = np.roll(filters[:, ::-1, ::-1], 1, axis=(1, 2))
    even: np.ndarray = (filters + mirrored) / 2
    return even


def noise_thresholds(median_energy: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the noise threshold of each orientation from the median of ``finest_energy`` over the image."""
    return np.sqrt(median_energy) * _noise_factors(shape)


def phase_congruency(image: np.ndarray, thresholds: np.ndarray, core: tuple[slice, slice]) -> np.ndarray:
    """Return the phase congruency of a part of an image.

    Parameters
    ----------
    image : ndarray, shape (rows, cols)
        Grey levels 0 to 255; taken as periodic.
    thresholds : ndarray, shape (orientations,)
        See ``noise_thresholds``.
    core : tuple of slice
        The rows and columns wanted.

    Returns
    -------
    ndarray of float64, shape of the core
        0 to 1; 0 where the image is flat.
    """
    radial, angular = _filters(image.shape)
    spectrum = np.fft.fft2(image)
    rows, cols = core
    shape = image[core].shape
    energy, amplitude = (
        np.zeros(shape[::-1]),
        np.zeros(shape[::-1]),
    )  # by columns, as the second transform leaves them
    across = np.empty((SCALES, len(image), shape[1]), dtype=np.complex128)
    # In strips, whose arrays stay in the processor's cache: first along the rows, then along the columns that are
    # needed.
    for orientation in range(ORIENTATIONS):
        for first in range(0, len(image), _STRIP):
            strip = slice(first, first + _STRIP)
            turned = spectrum[strip] * angular[orientation, strip]
            for scale in range(SCALES):
                across[scale, strip] = np.fft.ifft(turned * radial[scale, strip], axis=1)[:, cols]
        for first in range(0, shape[1], _STRIP):
            strip = slice(first, first + _STRIP)
            strength, size = _energy([np.fft.ifft(one[:, strip].T, axis=1)[:, rows] for one in across])
            energy[strip] += np.maximum(strength - thresholds[orientation], 0)
            amplitude[strip] += size
    congruency = np.divide(energy, amplitude, out=np.zeros_like(energy), where=amplitude > _TINY)
    return np.ascontiguousarray(congruency.T)


def _energy(responses: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the length along the mean phase of all scales minus the deviations from it, and the sum of lengths."""
    pairs = [(one.real.copy(), one.imag.copy()) for one in responses]
    shape = responses[0].shape
    even, odd, energy, size, product = (np.zeros(shape) for _ in range(5))
    for real, imaginary in pairs:
        even += real
        odd += imaginary
        size += _length(real, imaginary)
    length = _length(even, odd)
    # The lengths along the mean phase add up to the length of the sum; only the deviations are computed per scale.
    energy += length * (length / (length + _TINY))
    length += _TINY
    even /= length
    odd /= length
    for real, imaginary in pairs:
        real *= odd
        np.multiply(imaginary, even, out=product)
        real -= product
        energy -= np.abs(real, out=real)
    return energy, size


def _length(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the root of ``x^2 + y^2``; ``hypot`` is slow, because it avoids an overflow that cannot occur here."""
    length = x * x
    length += y * y
    return np.sqrt(length, out=length)


CORE, MARGIN = 512, 64
LEAST = int(SHORTEST_WAVE_PX * WAVE_FACTOR ** (SCALES - 1))
"""Least number of rows and columns of a raster: the longest wave of the filters."""
T1, T2 = 0.85, 160.0
GREY = 255.0
_BINS_PER_OCTAVE = 256
# Grey levels give no finite energies outside these, apart from 0.
_OCTAVES = (-40, 40)
# The noise is estimated from at most so many tiles along an axis.
_SAMPLED = 3


class FeatureSums(Accumulator):
    """First pass: histograms of the finest scale's energy. Second pass: similarity weighted by phase congruency."""

    summed = ("_counts", "_sums", "tiles", "wanted")

    def __init__(self, context: Context, noise: np.ndarray | None = None) -> None:
        self._context = context
        # Median energies, shape (2 images, bands, orientations).
        self._noise = noise
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
        """Return whether a tile is one of the at most 3 x 3 from which the noise is estimated."""
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

    def following(self) -> FeatureSums | None:
        """Return the second pass, which uses the noise of the first."""
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
            return Score.absent(f"no {what} contains only valid pixels", bands=bands)
        values: list[Value] = []
        for band in range(bands):
            likeness, weight = self._sums.fraction(2 * band), self._sums.fraction(2 * band + 1)
            values.append(float(likeness / weight) if likeness is not None and weight else None)
        why = {
            band: "no feature is stronger than the noise"
            for band, value in enumerate(values)
            if value is None
        }
        return band_mean(values, why, tiles=self.tiles, usable_share=self.tiles / self.wanted)


def _starts(first: int, length: int, limit: int) -> Iterator[int]:
    """Yield the starts of tiles whose middle line on the raster is one of ``length`` lines from ``first``."""
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
    """Return the gradient's magnitude by the Scharr operator, divided by 16; zeros outside the border, as published."""
    padded = np.pad(image, 1, mode="constant")
    across, down = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    x = (3 * across[:-2] + 10 * across[1:-1] + 3 * across[2:]) / 16
    y = (3 * down[:, :-2] + 10 * down[:, 1:-1] + 3 * down[:, 2:]) / 16
    return np.sqrt(x * x + y * y)


def _likeness(a: np.ndarray, b: np.ndarray, constant: float) -> np.ndarray:
    return (2 * a * b + constant) / (a * a + b * b + constant)


def fsim_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to contain all tiles whose middle lies in it."""
    return CORE // 2 + MARGIN


FEATURES = Family("features", REFERENCE, fsim_halo, FeatureSums)


@measure(
    "FSIM (tiled, F=1)", "feature similarity", FEATURES, higher_is_better=True, perfect=1.0, default=False
)
def fsim(context: Context, state: FeatureSums) -> Score:
    """Feature similarity, computed on tiles of 512 pixels with 64 around them and not downsampled; mean over bands.

    Zhang et al. 2011, doi:10.1109/TIP.2011.2109730: phase congruency of 4 scales and 4 orientations and Scharr
    gradients, T1 = 0.85, T2 = 160 on grey levels 0 to 255. The published index is computed on the whole image,
    downsampled.
    """
    if not context.data_range:
        return Score.absent("the data range is unknown", bands=context.bands)
    return state.score()
