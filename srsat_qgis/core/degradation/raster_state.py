"""How blurred and how noisy a raster is, band by band, measured from its pixels alone.

Blur is the standard deviation, in pixels, of the Gaussian that followed by the mean over each pixel's area made the
raster of the scene (``kernels.gaussian_area``). Noise is the standard deviation of what varies from pixel to pixel
without belonging to the scene, in the raster's unit; the rounding of values is part of it. The features and the
perceptron that tell both are those of ``spectra``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from srsat_qgis.core.degradation.spectra import (
    BlockStatistics,
    Perceptron,
    block_statistics,
    features,
    shipped_perceptron,
)
from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.core.raster.layer import InputLayer
from srsat_qgis.core.types import Window

OWN_BLUR = 0.42
"""Blur in its own pixels of the images that models learn from: Sentinel-2's published MTF of 0.28 at the Nyquist
frequency, of which the pixel's area makes 0.64."""
LARGEST_BLUR = 1.2
"""Above, the estimate was not trained."""
WIDEST_BLUR_SPREAD = 0.2
"""A blur known no better than by so many pixels is undetermined."""
WIDEST_NOISE_SPREAD = 2.0
"""A noise whose logarithm is known no better than by this is undetermined."""
LOUDEST = 1.4
"""Noise is at most so many times the fine detail of a raster's quiet blocks, which holds it."""
MOST_EXTREME = 0.5
"""Share of pixels that have the smallest or the largest value, above which a band is cut off rather than measured."""

_WINDOW = 128  # pixels along a side of a sampled window
_PER_AXIS = 4
# Windows of all bands together; a raster of many bands is looked at in fewer places, down to the second number.
_WINDOWS, _FEWEST_PER_AXIS = 512, 2
_FLOOR = 1e-4  # square pixels


@dataclass(frozen=True)
class Estimate:
    """A measured value."""

    value: float
    spread: float
    """One standard deviation."""


@dataclass(frozen=True)
class BandState:
    """What a band's pixels tell; None: they do not."""

    blur: Estimate | None
    """In pixels."""
    noise: Estimate | None
    """In the band's unit."""
    contrast: float = field(default=0.0, compare=False)
    """Standard deviation of the band's values, in its unit."""
    reach: float = field(default=0.0, compare=False)
    """Largest difference of neighbouring pixels, likewise, but for one block of 16 x 16 pixels in a hundred."""


UNDETERMINED = BandState(None, None)


def relative_blur(sigma: float, scale: int) -> float:
    """Return the Gaussian that degrades finer images to a raster's blur.

    Parameters
    ----------
    sigma : float
        Blur of the raster in its pixels.
    scale : int
        How many times finer the pixels of the images are, which themselves have a blur of ``OWN_BLUR`` of their pixels.

    Returns
    -------
    float
        Standard deviation in the raster's pixels, at least 0.01.
    """
    return math.sqrt(max(sigma**2 - (OWN_BLUR / scale) ** 2, _FLOOR))


def measure_layer(layer: InputLayer, *, bands: Sequence[int] | None = None) -> tuple[BandState, ...]:
    """Measure the bands of a raster.

    At most 16 windows of 128 x 128 pixels a band are read, spread evenly over the raster; with more than 32 bands
    fewer, and at least 4. They depend on the size of the raster and its number of bands alone.

    Parameters
    ----------
    layer : InputLayer
        Values from its saturation on tell nothing.
    bands : sequence of int, optional
        Numbers of the bands to measure, counted from 1; those of the layer where not given.

    Returns
    -------
    tuple of BandState
        One a band, in the order of ``bands``.

    Raises
    ------
    InputError
        As ``Raster``.
    """
    raster = layer.open()
    numbers = tuple(layer.numbers if bands is None else bands)
    parts: list[list[BlockStatistics]] = [[] for _ in numbers]
    for window in sampled_windows(raster.grid.rows, raster.grid.cols, len(numbers)):
        image, valid = raster.read(window, numbers, dtype=np.float64)
        for index, statistics in enumerate(_statistics(image, valid, layer.saturation)):
            parts[index].append(statistics)
    raster.release_cache()
    return tuple(state_of(BlockStatistics.joined(each)) for each in parts)


def measure_image(image: np.ndarray, valid: np.ndarray | None = None) -> tuple[BandState, ...]:
    """Measure the bands of an image in memory, in the windows that ``measure_layer`` would read.

    Parameters
    ----------
    image : ndarray, shape (bands, rows, cols)
    valid : ndarray of bool, optional, shape (rows, cols) or that of ``image``
        Pixels that hold a value. None: all that are finite.

    Returns
    -------
    tuple of BandState
        One a band.

    Raises
    ------
    ShapeMismatch
        If the image has not three axes, or ``valid`` does not fit it.
    """
    if image.ndim != 3 or (valid is not None and valid.shape not in (image.shape, image.shape[1:])):
        found = "" if valid is None else f", validity of shape {valid.shape}"
        raise ShapeMismatch(
            f"image of shape {image.shape}{found}; expected (bands, rows, cols), and the same or (rows, cols)"
        )
    known = np.isfinite(image) if valid is None else np.isfinite(image) & valid
    parts: list[list[BlockStatistics]] = [[] for _ in image]
    for window in sampled_windows(image.shape[1], image.shape[2], len(image)):
        here = (slice(None), *window.slices)
        for index, statistics in enumerate(_statistics(image[here], known[here], None)):
            parts[index].append(statistics)
    return tuple(state_of(BlockStatistics.joined(each)) for each in parts)


def sampled_windows(rows: int, cols: int, bands: int) -> list[Window]:
    """Return the windows that are looked at, spread evenly over a raster."""
    most = max(_FEWEST_PER_AXIS, min(_PER_AXIS, math.isqrt(_WINDOWS // max(bands, 1))))
    height, width = min(_WINDOW, rows), min(_WINDOW, cols)
    return [
        Window(row, col, height, width)
        for row in _starts(rows, height, most)
        for col in _starts(cols, width, most)
    ]


def _starts(size: int, side: int, most: int) -> list[int]:
    count = min(most, -(-size // side))
    return sorted({int(start) for start in np.linspace(0, size - side, count)})


def _statistics(
    image: np.ndarray, valid: np.ndarray | None, saturation: float | None
) -> list[BlockStatistics]:
    found = []
    for index, plane in enumerate(image):
        ok = np.isfinite(plane) if valid is None else valid[index]
        if saturation is not None:
            ok = ok & (plane < saturation)
        found.append(block_statistics(np.where(ok, plane, 0.0), None if ok.all() else ok))
    return found


def state_of(statistics: BlockStatistics, perceptron: Perceptron | None = None) -> BandState:
    """Return what the blocks of one band tell."""
    found = features(statistics)
    contrast = float(np.std(statistics.values)) if len(statistics.values) else 0.0
    if found is None or found.extreme > MOST_EXTREME:
        return replace(UNDETERMINED, contrast=contrast, reach=statistics.reach)
    blur, blur_spread, log_noise, noise_spread = (perceptron or shipped_perceptron())(found.values)
    noise = max(math.exp(log_noise) * found.level, found.step / math.sqrt(12))
    # The way up of the logarithm's spread, which is the longer one, as far as the quiet blocks allow.
    way_up = noise * math.expm1(min(noise_spread, WIDEST_NOISE_SPREAD))
    above = min(way_up, max(LOUDEST * found.level - noise, noise * noise_spread))
    return BandState(
        Estimate(min(max(blur, 0.0), LARGEST_BLUR), blur_spread)
        if blur_spread <= WIDEST_BLUR_SPREAD
        else None,
        Estimate(noise, above) if noise_spread <= WIDEST_NOISE_SPREAD else None,
        contrast,
        statistics.reach,
    )


def median_of(estimates: Sequence[Estimate | None]) -> Estimate | None:
    """Return the median of those that are known, with the median of their spreads; None: none is."""
    known = [one for one in estimates if one is not None]
    if not known:
        return None
    return Estimate(
        float(np.median([one.value for one in known])), float(np.median([one.spread for one in known]))
    )


SHARP, SOFT, VERY_SOFT = 0.33, 0.75, 1.0
"""Blurs, in pixels, at which the advice changes."""


def advice(states: Sequence[BandState]) -> tuple[str, ...]:
    """Return what was found, and what it means for the choice of a model, in plain sentences."""
    blur = median_of([state.blur for state in states])
    noise = median_of([state.noise for state in states])
    return (*_on_blur(blur), *_on_noise(noise))


def _on_blur(blur: Estimate | None) -> tuple[str, ...]:
    if blur is None:
        return (
            "Blur: undetermined. The raster is too small, too even, too much cut off or too unlike known images to "
            "tell; give BLUR yourself, about 0.4 to 0.5 pixels for images that were not resampled.",
        )
    found = f"Blur: {blur.value:.2f} pixels, give or take {blur.spread:.2f}."
    if blur.value < SHARP:
        return found, (
            "Very sharp: detail finer than the pixels is folded into it, which no model can tell apart. Models that "
            "are told the blur fit; others add too much."
        )
    if blur.value < SOFT:
        return found, "As sensors deliver it: models of factors 2 to 4 fit."
    if blur.value < VERY_SOFT:
        return found, (
            "Softer than sensors deliver: a model of factor 2 that is told the blur mostly restores what the pixels "
            "could hold; the detail of a larger factor would be guessed."
        )
    return found, (
        "Very soft: the raster was probably resampled to smaller pixels than its detail, or is out of focus. Degrade "
        "it by 2 first, and then use a model; its pixels hold no more than the larger ones."
    )


def _on_noise(noise: Estimate | None) -> tuple[str, ...]:
    if noise is None:
        return (
            "Noise: undetermined. A model that takes NOISE needs a number from you; 0 treats all detail as true.",
        )
    return (f"Noise: {noise.value:.3g} in the raster's unit, give or take {noise.spread:.2g}.",)
