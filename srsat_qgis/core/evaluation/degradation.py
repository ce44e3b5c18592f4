"""The blur that leads from the super-resolved raster back to its input's grid: given, recorded, or the area mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.degrade import (
    PRESETS,
    gaussian_area,
    gaussian_area_halo,
    mtf_decimate,
    mtf_halo,
    preset_mtf,
)
from srsat_qgis.core.errors import InvalidSetting

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
