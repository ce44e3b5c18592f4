"""How blurred a raster is: estimated from its pixels, and the blur that a comparison degrades by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

import numpy as np

from srsat_qgis.core.degradation.kernels import (
    PRESETS,
    gaussian_area,
    gaussian_area_halo,
    mtf_decimate,
    mtf_halo,
    preset_mtf,
)
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.raster.layer import InputLayer
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import fill_invalid
from srsat_qgis.core.stages import in_lanes
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
    lanes: int = 1,
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
    lanes : int
        Threads that do so at a time.

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

    def differences(sample: tuple[Mapping[str, np.ndarray], np.ndarray]) -> np.ndarray:
        """Return how far a window's output, blurred by each candidate, is from its input; of the shape of the total."""
        images, valid = sample
        output, image = infer(images), images[layers[0].name]
        most = min(_BANDS, len(image)) if card.bandwise else len(image)
        chosen = np.linspace(0, len(image) - 1, most).astype(int)
        found = np.zeros_like(total)
        for index, sigma in enumerate(candidates):
            margin = card.tile.halo + gaussian_area_halo(scale=card.scale, sigma=sigma)
            inner = slice(margin, -margin)
            again = gaussian_area(output[chosen], scale=card.scale, sigma=float(sigma))
            difference = np.abs(again - image[chosen])[:, inner, inner]
            counted = np.where(valid[chosen][:, inner, inner], difference, 0.0).sum(axis=(1, 2))
            found[index] = counted.sum() if card.bandwise else counted
        return found

    for found in in_lanes(differences, _samples(layers, card.tile.halo), lanes):
        total += found
    nearest = candidates[np.argmin(total, axis=0)]
    return tuple(
        float(round(sigma, 4)) if told else degradation.sigma
        for sigma, told in zip(nearest, np.atleast_1d(total.any(axis=0)))
    )


def _samples(
    layers: Sequence[InputLayer], halo: int
) -> Iterator[tuple[Mapping[str, np.ndarray], np.ndarray]]:
    """Yield windows of all inputs with a halo, filled, and which of the first one's pixels count."""
    first, rasters = layers[0], [layer.open() for layer in layers]
    grid = rasters[0].grid
    for row in _starts(grid.rows):
        for col in _starts(grid.cols):
            window = Window(row, col, min(_SIDE, grid.rows), min(_SIDE, grid.cols)).grown(halo + 8)
            read = {
                layer.name: _filled(raster, layer, window.scaled(first.ratio // layer.ratio), halo)
                for layer, raster in zip(layers, rasters)
            }
            if all(valid.mean() >= _FEWEST_VALID for _, valid in read.values()):
                yield {name: image for name, (image, _) in read.items()}, read[first.name][1]


def _filled(raster: Raster, layer: InputLayer, window: Window, halo: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a window without holes, and which of its pixels were none."""
    image, valid = raster.read(window, layer.numbers, centres=layer.centres)
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


KINDS = ("auto", "area", "gaussian-area", "mtf", *PRESETS)
_RECORDED = re.compile(r"(gaussian-area|mtf)\b.*?(sigma|mtf|nyquist)=([0-9.,\s]+)")


@dataclass(frozen=True)
class Blur:
    """How fine pixels become coarse ones, one parameter for all bands or one a band."""

    kind: str
    """``gaussian-area`` (``values``: standard deviations in coarse pixels) or ``mtf`` (transfer at Nyquist)."""
    values: tuple[float, ...]
    why: str

    def describe(self) -> str:
        """Return the blur in words."""
        text = ", ".join(f"{value:g}" for value in dict.fromkeys(self.values))
        if self.kind == "mtf":
            return f"Gaussian of MTF {text} at the coarse grid's Nyquist frequency, sampled at pixel centres"
        if not any(self.values):
            return "mean over each coarse pixel's area"
        return f"Gaussian of {text} coarse pixels, then the mean over each coarse pixel's area"

    def halo(self, scale: int) -> int:
        """Return the coarse pixels around a block that it needs."""
        if self.kind == "mtf":
            return mtf_halo(scale=scale, mtf=self.values)
        return gaussian_area_halo(scale=scale, sigma=self.values)

    def apply(self, image: np.ndarray, *, scale: int, valid: np.ndarray | None) -> np.ndarray:
        """Return the coarse image of ``image`` (bands, rows, cols); NaN where a block is not wholly valid."""
        values = self.values if len(self.values) > 1 else self.values[0]
        if self.kind == "mtf":
            return mtf_decimate(image, scale=scale, mtf=values, valid=valid)
        return gaussian_area(image, scale=scale, sigma=values, valid=valid)


def decide_blur(
    kind: str,
    value: float | None,
    *,
    recorded: str | None,
    card: ModelCard | None,
    band_names: tuple[str, ...],
) -> Blur:
    """Return the blur that the user names, or the one that the raster under test was made for.

    Parameters
    ----------
    kind : str
        One of ``KINDS``. ``auto``: what stands in the raster's metadata, else in the card of its model, else the
        area mean.
    value : float, optional
        Standard deviation for ``gaussian-area``, transfer at Nyquist for ``mtf``.
    recorded : str, optional
        The item SRSAT_DEGRADATION of the raster's metadata.
    card : ModelCard, optional
    band_names : tuple of str
        For the presets of sensors.

    Raises
    ------
    InvalidSetting
        If the kind is not known, its value is missing, or the preset has no such band.
    """
    if kind not in KINDS:
        raise InvalidSetting(f"DEGRADATION {kind!r}: expected one of {', '.join(KINDS)}")
    if kind == "area":
        return Blur("gaussian-area", (0.0,), "as given")
    if kind in PRESETS:
        return Blur("mtf", preset_mtf(kind, band_names), f"the bands' MTF of {kind}")
    if kind in ("gaussian-area", "mtf"):
        if value is None:
            needed = "the standard deviation in coarse pixels" if kind != "mtf" else "the MTF at Nyquist"
            raise InvalidSetting(f"DEGRADATION {kind} needs DEGRADATION_VALUE, {needed}")
        if value < 0 or (kind == "mtf" and not 0 < value < 1):
            raise InvalidSetting(f"DEGRADATION_VALUE {value:g}: expected {_EXPECTED[kind]}")
        return Blur(kind, (float(value),), "as given")
    from_file = _recorded_blur(recorded, len(band_names))
    if from_file is not None:
        return from_file
    if card is not None and card.degradation is not None:
        return Blur("gaussian-area", (card.degradation.sigma,), f"the card of the model {card.id}")
    return Blur("gaussian-area", (0.0,), "nothing else is known")


_EXPECTED = {"gaussian-area": "0 or more", "mtf": "a value above 0 and below 1"}


def _recorded_blur(text: str | None, bands: int) -> Blur | None:
    """Return the blur of an SRSAT_DEGRADATION item, such as ``gaussian-area sigma=0.5``; None where there is none."""
    if not text:
        return None
    if text.strip() == "area":
        return Blur("gaussian-area", (0.0,), "recorded in the raster")
    match = _RECORDED.search(text)
    if match is None:
        return None
    try:
        values = tuple(float(one) for one in match.group(3).split(",") if one.strip())
    except ValueError:
        return None
    if len(values) not in (1, bands) or (match.group(1) == "mtf" and not all(0 < v < 1 for v in values)):
        return None
    return Blur(match.group(1), values, "recorded in the raster")
