"""Reflectance of Landsat's OLI turned into what Sentinel-2's MSI would have measured, band by band.

Every adjustment is a line ``MSI = gain * OLI + offset`` in reflectance, or a curve of quantiles, and carries its
source. Published lines hold for surface reflectance or for top of atmosphere alone, and are refused on the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, NoValidPixels, ShapeMismatch

SURFACE, TOP_OF_ATMOSPHERE = "surface reflectance", "top-of-atmosphere reflectance"
"""What reflectance can be of."""

_HLS_SOURCE = "HLS v2.0 bandpass adjustment, inverted"
_CHASTAIN_SOURCE = "Chastain et al. 2019, table 4"

# OLI = a * MSI + b, by Sentinel-2 band.
_HLS = {
    "hls-s2a": {
        "B1": (0.9959, -0.0002),
        "B2": (0.9778, -0.0040),
        "B3": (1.0053, -0.0009),
        "B4": (0.9765, 0.0009),
        "B8A": (0.9983, -0.0001),
        "B11": (0.9987, -0.0011),
        "B12": (1.0030, -0.0012),
    },
    "hls-s2b": {
        "B1": (0.9959, -0.0002),
        "B2": (0.9778, -0.0040),
        "B3": (1.0075, -0.0008),
        "B4": (0.9761, 0.0010),
        "B8A": (0.9966, 0.0),
        "B11": (1.0000, -0.0003),
        "B12": (0.9867, 0.0004),
    },
    "hls-s2c": {
        "B1": (1.0030, 0.0),
        "B2": (0.9851, -0.0027),
        "B3": (1.0038, -0.0009),
        "B4": (0.9718, 0.0011),
        "B8A": (0.9995, -0.0003),
        "B11": (0.9994, -0.0007),
        "B12": (0.9910, 0.0004),
    },
}
# MSI = a * OLI + b, by Sentinel-2 band. The near infrared is B8's.
_CHASTAIN = {
    "B2": (1.0946, -0.0107),
    "B3": (1.0043, 0.0026),
    "B4": (1.0524, -0.0015),
    "B8": (0.8954, 0.0033),
    "B11": (1.0049, 0.0065),
    "B12": (1.0002, 0.0046),
}
PUBLISHED = (*_HLS, "chastain-toa")
"""Names of the published adjustments."""
NIR_MADE = {**dict.fromkeys(_HLS, "B8A"), "chastain-toa": "B8"}
"""The near infrared of Sentinel-2 that each of them makes."""

_PAIRS = 20_000
"""Pairs of pixels whose slopes start the robust regression."""
_STEPS = 30
# Tukey's bisquare keeps 95 % of the efficiency of least squares at this many standard deviations.
_BISQUARE = 4.685
# A median absolute deviation becomes a normal distribution's standard deviation by this factor.
_MAD_TO_SIGMA = 1.4826
_LEAST_PIXELS = 30


@dataclass(frozen=True)
class Adjustment:
    """A line in reflectance: ``adjusted = gain * reflectance + offset``."""

    band: str
    """Name of the Sentinel-2 band that it makes."""
    gain: float
    offset: float
    source: str

    def apply(self, reflectance: np.ndarray) -> np.ndarray:
        """Return adjusted reflectance, float64."""
        return np.asarray(reflectance, np.float64) * self.gain + self.offset

    def describe(self) -> str:
        """Return band, gain, offset and source, for logs and provenance."""
        return f"{self.band} = {self.gain:.6g} * reflectance {self.offset:+.6g} ({self.source})"


@dataclass(frozen=True)
class Curve:
    """Quantiles laid on quantiles: a monotone curve in reflectance."""

    band: str
    """Name of the Sentinel-2 band that it makes."""
    source_quantiles: tuple[float, ...]
    reference_quantiles: tuple[float, ...]
    source: str

    def apply(self, reflectance: np.ndarray) -> np.ndarray:
        """Return adjusted reflectance, float64; beyond the outer quantiles it keeps its distance to them."""
        x, y = np.array(self.source_quantiles), np.array(self.reference_quantiles)
        values = np.asarray(reflectance, np.float64)
        inside = np.interp(values, x, y)
        return inside + np.minimum(values - x[0], 0) + np.maximum(values - x[-1], 0)

    def describe(self) -> str:
        """Return band, ends of the curve, and source, for logs and provenance."""
        ends = [
            f"{x:.6g} to {y:.6g}"
            for x, y in list(zip(self.source_quantiles, self.reference_quantiles))[
                :: len(self.source_quantiles) - 1
            ]
        ]
        return f"{self.band}: {', '.join(ends)} ({self.source})"


def unadjusted(band: str, why: str) -> Adjustment:
    """Return the line that changes nothing, and why it does not."""
    return Adjustment(band, 1.0, 0.0, why)


def published_bands(name: str) -> tuple[str, ...]:
    """Return the Sentinel-2 bands that a published adjustment, one of ``PUBLISHED``, has coefficients for."""
    return tuple(_HLS.get(name, _CHASTAIN))


def published(name: str, band: str, *, level: str) -> Adjustment:
    """Return a published adjustment of OLI to a Sentinel-2 band.

    Parameters
    ----------
    name : str
        One of ``PUBLISHED``.
    band : str
        Sentinel-2 band, such as ``B8A``.
    level : str
        What the reflectance is of: ``SURFACE`` or ``TOP_OF_ATMOSPHERE``.

    Raises
    ------
    InvalidSetting
        If the name is unknown, the adjustment holds for the other level, or it has no such band.

    References
    ----------
    NASA Harmonized Landsat Sentinel-2 v2.0, bandpass parameters; Chastain et al. 2019, doi:10.1016/j.rse.2018.11.012.
    """
    if name not in PUBLISHED:
        raise InvalidSetting(f"RADIOMETRY: found {name!r}, expected one of {', '.join(PUBLISHED)}")
    wanted = SURFACE if name in _HLS else TOP_OF_ATMOSPHERE
    if level != wanted:
        raise InvalidSetting(f"RADIOMETRY: {name} holds for {wanted}, and the input is {level}")
    table = _HLS.get(name, _CHASTAIN)
    if band not in table:
        raise InvalidSetting(
            f"RADIOMETRY: {name} has no coefficients for {band}, only for {', '.join(table)}"
        )
    a, b = table[band]
    if name in _HLS:
        return Adjustment(band, 1 / a, -b / a, f"{_HLS_SOURCE}, {name[-3:].upper()}")
    return Adjustment(band, a, b, _CHASTAIN_SOURCE)


def fitted(source: np.ndarray, reference: np.ndarray, *, band: str) -> Adjustment:
    """Return the line from ``source`` to ``reference`` that the unchanged pixels follow.

    The median slope of random pairs of pixels starts an iteratively reweighted regression with Tukey's bisquare, so
    that a minority of changed pixels has no weight. All of its randomness is fixed.

    Parameters
    ----------
    source, reference : ndarray of float, same shape
        Reflectance on one grid; pixels where one of them is not finite are left out.
    band : str
        Sentinel-2 band of the reference.

    Raises
    ------
    ShapeMismatch
        If the shapes differ.
    NoValidPixels
        If fewer than 30 pixels are finite in both, or the source has one value only.
    """
    x, y = _pairs(source, reference, band)
    gain, offset = _median_line(x, y)
    for _ in range(_STEPS):
        residual = y - gain * x - offset
        spread = _MAD_TO_SIGMA * np.median(np.abs(residual - np.median(residual)))
        if spread <= np.finfo(np.float64).eps * np.abs(y).max():
            # More than half of the pixels lie on the line.
            break
        weight = np.square(1 - np.minimum(np.square(residual / (_BISQUARE * spread)), 1))
        mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
        variance = np.sum(weight * np.square(x - mean_x))
        if variance == 0:
            break
        gain = np.sum(weight * (x - mean_x) * (y - mean_y)) / variance
        offset = mean_y - gain * mean_x
    return Adjustment(band, float(gain), float(offset), f"robust regression on {x.size} pixels")


def matched(source: np.ndarray, reference: np.ndarray, *, band: str) -> Curve:
    """Return the curve that gives ``source`` the histogram of ``reference``, by their percentiles.

    Parameters
    ----------
    source, reference : ndarray of float, same shape
        Reflectance on one grid; pixels where one of them is not finite are left out.
    band : str
        Sentinel-2 band of the reference.

    Raises
    ------
    ShapeMismatch, NoValidPixels
        As ``fitted``.
    """
    x, y = _pairs(source, reference, band)
    shares = np.linspace(0.5, 99.5, 100)
    at, to = np.percentile(x, shares), np.percentile(y, shares)
    # Equal quantiles of the source are one place, to which no two values can belong.
    first = np.concatenate([[True], np.diff(at) > 0])
    count = f"histogram of {x.size} pixels"
    return Curve(band, tuple(at[first].tolist()), tuple(to[first].tolist()), count)


def _pairs(source: np.ndarray, reference: np.ndarray, band: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of the pixels that are finite in both, after checking that there are enough."""
    if source.shape != reference.shape:
        raise ShapeMismatch(f"{band}: shapes {source.shape} and {reference.shape} differ; expected one grid")
    known = np.isfinite(source) & np.isfinite(reference)
    x, y = source[known].astype(np.float64), reference[known].astype(np.float64)
    if x.size < _LEAST_PIXELS or np.ptp(x) == 0:
        raise NoValidPixels(
            f"{band}: {x.size} pixels are valid in both rasters, with values from "
            f"{x.min() if x.size else np.nan:g} to {x.max() if x.size else np.nan:g}; expected at least "
            f"{_LEAST_PIXELS} that differ"
        )
    return x, y


def _median_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return median slope of random pairs, and the median offset by it (Theil and Sen)."""
    drawn = np.random.RandomState(0)
    first, second = drawn.randint(0, x.size, (2, _PAIRS))
    run = x[first] - x[second]
    # Pairs that lie close to each other tell the noise's slope.
    apart = np.abs(run) > max(np.median(np.abs(run)) / 2, 0)
    if not apart.any():
        apart = run != 0
    if not apart.any():
        first, second = np.array([x.argmax()]), np.array([x.argmin()])
        run, apart = x[first] - x[second], np.ones(1, bool)
    gain = float(np.median((y[first] - y[second])[apart] / run[apart]))
    return gain, float(np.median(y - gain * x))
