"""Finds how blurred a raster is, so that the output is tied to it by its own blur and not by an average one.

A blind model sharpens by what it sees. Degraded again with the right blur, its output comes closest to the raster
that it was made from; with too much or too little blur it does not. So a sample of windows is super-resolved, and
the blur with the smallest difference is taken. A model that makes all bands at once tells each band's own blur: those
of one sensor differ. A model that is given one band after the other tells one for all, from a few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Callable

import numpy as np

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.degrade import gaussian_area, gaussian_area_halo
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fill import fill_invalid
from srsat_qgis.core.tilesource import InputLayer
from srsat_qgis.core.types import Window

STEP = 0.05
"""Resolution of the estimate in input pixels; coarse enough that CPU and GPU find the same value."""

_SIDE = 96  # input pixels of a sampled window
_PER_AXIS = 3  # windows along each axis of the raster
_BANDS = 3
_FEWEST_VALID = 0.5  # share of a window below which it says nothing


def estimate_sigmas(
    layers: Sequence[InputLayer],
    card: ModelCard,
    infer: Callable[[Mapping[str, np.ndarray]], np.ndarray],
) -> tuple[float, ...]:
    """Return the raster's blur in input pixels, within the range of the card: one for all bands, or one a band.

    The windows lie at fixed places of the whole raster, so that tile size and extent have no influence.

    Parameters
    ----------
    layers : sequence of InputLayer
        The inputs; the first one has the largest pixels. Of a bandwise model up to three bands are sampled.
    card : ModelCard
        With a degradation that has a ``sigma_range``.
    infer : callable
        Super-resolves padded windows, given by the inputs' names, to (bands, rows * scale, cols * scale).

    Returns
    -------
    tuple of float
        Multiples of ``STEP``; the card's own ``sigma`` where no window tells, for want of valid pixels or contrast.
    """
    degradation = card.degradation
    if degradation is None or degradation.sigma_range is None:
        raise InvalidSetting(f"the card of {card.id} names no range of blurs")
    low, high = degradation.sigma_range
    candidates = np.arange(np.ceil(low / STEP - 1e-9), np.floor(high / STEP + 1e-9) + 1) * STEP
    total = np.zeros((len(candidates), 1 if card.bandwise else len(layers[0].numbers)))
    for images, valid in _samples(layers, card.tile.halo):
        output, image = infer(images), images[layers[0].name]
        most = min(_BANDS, len(image)) if card.bandwise else len(image)
        chosen = np.linspace(0, len(image) - 1, most).astype(int)
        for index, sigma in enumerate(candidates):
            margin = card.tile.halo + gaussian_area_halo(scale=card.scale, sigma=sigma)
            inner = slice(margin, -margin)
            again = gaussian_area(output[chosen], scale=card.scale, sigma=float(sigma))
            difference = np.abs(again - image[chosen])[:, inner, inner]
            counted = np.where(valid[chosen][:, inner, inner], difference, 0.0).sum(axis=(1, 2))
            total[index] += counted.sum() if card.bandwise else counted
    found = candidates[np.argmin(total, axis=0)]
    return tuple(
        float(round(sigma, 4)) if told else degradation.sigma
        for sigma, told in zip(found, np.atleast_1d(total.any(axis=0)))
    )


def _samples(
    layers: Sequence[InputLayer], halo: int
) -> Iterator[tuple[Mapping[str, np.ndarray], np.ndarray]]:
    """Yield windows of all inputs with a halo, filled, and which of the first one's pixels count."""
    first = layers[0]
    grid = first.raster.grid
    for row in _starts(grid.rows):
        for col in _starts(grid.cols):
            window = Window(row, col, min(_SIDE, grid.rows), min(_SIDE, grid.cols)).grown(halo + 8)
            read = {
                layer.name: _filled(layer, window.scaled(first.ratio // layer.ratio), halo)
                for layer in layers
            }
            if all(valid.mean() >= _FEWEST_VALID for _, valid in read.values()):
                yield {name: image for name, (image, _) in read.items()}, read[first.name][1]


def _filled(layer: InputLayer, window: Window, halo: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a window without holes, and which of its pixels were none."""
    image, valid = layer.raster.read(window, layer.numbers, centres=layer.centres)
    if valid is None:
        return image, np.ones(image.shape, bool)
    filled = [fill_invalid(band, ok, reach=halo) for band, ok in zip(image, valid)]
    return np.stack(filled), valid


def _starts(size: int) -> list[int]:
    """Return the first pixels of the windows along an axis, spread evenly."""
    if size <= _SIDE:
        return [0]
    count = min(_PER_AXIS, -(-size // _SIDE))
    return sorted({int(start) for start in np.linspace(0, size - _SIDE, count)})
