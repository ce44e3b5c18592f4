"""How like Sentinel-2 a harmonised scene is, before and after, on ground that has not changed.

Values are compared band by band and as NDVI; detail by spectral power and correlation above the frequency that
Landsat's pixels still hold; and the place by the shift that is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import Cancelled, NoValidPixels
from srsat_qgis.core.landsat.radiometry import Adjustment, fitted
from srsat_qgis.core.landsat.reference import NODATA, Reference, ReferenceOn
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.coregister import RasterShift, raster_shift
from srsat_qgis.core.registration.images import hann
from srsat_qgis.core.types import Progress, Window

_MAD_TO_SIGMA = 1.4826
# Robust standard deviations within which a pixel follows the line of its band.
_FOLLOWS = 3.0
_SIDE = 512
# Side of the windows whose spectra are summed, in target pixels.
_SPECTRUM = 64
LANDSAT_NYQUIST = 1 / 6
"""Cycles per pixel of 10 m up to which pixels of 30 m hold detail."""
_LARGEST_SHIFT_PX = 12.0
NEAR_INFRARED = ("B8A", "B8")
# Pixels on a side of the pictures.
_SHOWN = 192


@dataclass(frozen=True)
class Unchanged:
    """Which pixels of the scene follow the lines that most of them do, in every band that both have."""

    lines: tuple[Adjustment | None, ...]
    """One a band, from the scene to the reference; None where the reference lacks it."""
    limits: tuple[float, ...]

    @classmethod
    def of(cls, scene: np.ndarray, reference: np.ndarray, names: Sequence[str]) -> Unchanged:
        """Fit the lines on samples, both (bands, pixels), NaN where one lacks a value.

        Raises
        ------
        NoValidPixels
            If no band of the two has enough pixels in common.
        """
        lines: list[Adjustment | None] = []
        limits = []
        for x, y, name in zip(scene, reference, names):
            if not np.isfinite(y).any():
                lines.append(None)
                limits.append(math.inf)
                continue
            line = fitted(x, y, band=name)
            residual = y - line.apply(x)
            residual = residual[np.isfinite(residual)]
            spread = _MAD_TO_SIGMA * np.median(np.abs(residual - np.median(residual)))
            lines.append(line)
            limits.append(float(max(_FOLLOWS * spread, np.finfo(np.float32).eps)))
        if not any(lines):
            raise NoValidPixels("scene and reference have no pixel in common that is valid in both")
        return cls(tuple(lines), tuple(limits))

    def where(self, scene: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return which pixels are valid in both and unchanged; images are (bands, rows, cols) of reflectance."""
        same = np.ones(scene.shape[1:], bool)
        for x, y, line, limit in zip(scene, reference, self.lines, self.limits):
            if line is not None:
                with np.errstate(invalid="ignore"):
                    same &= np.abs(y - line.apply(x)) <= limit
        return same


@dataclass(frozen=True)
class Agreement:
    """A band, or NDVI, against the reference; in reflectance, or in NDVI."""

    name: str
    bias: float
    rmse: float
    slope: float
    """Of the regression of the reference on the scene; NaN where the scene is constant."""
    correlation: float
    detail_power: float
    """Spectral power above Landsat's Nyquist frequency relative to the reference's; NaN where nothing was measured."""
    detail_correlation: float


@dataclass(frozen=True)
class Likeness:
    """All measures, before and after."""

    before: tuple[Agreement, ...]
    after: tuple[Agreement, ...]
    pixels: int
    """Unchanged ones, which all measures of values are on."""
    unchanged_share: float
    """Of the pixels that are valid in the output and the reference."""
    frequencies: tuple[float, ...]
    """Of the rings of the spectra, in cycles per pixel."""
    power_before: tuple[float, ...]
    power_after: tuple[float, ...]
    """Mean over the bands of the spectral power relative to the reference's, by ring; NaN where it has none."""
    shift: RasterShift | None
    """Of the output against the reference, in its pixels."""
    shown: tuple[tuple[str, np.ndarray], ...]
    """Pictures of the middle by what they show: reflectance (bands, rows, cols), red, green and blue or one band."""


class PairSums:
    """Moments of the pairs of one band, added up window by window."""

    def __init__(self) -> None:
        self.count, self.totals = 0, np.zeros(5)

    def add(self, test: np.ndarray, truth: np.ndarray) -> None:
        """Take values in, both of shape (pixels,) and finite."""
        self.count += test.size
        self.totals += (test.sum(), truth.sum(), test @ test, truth @ truth, test @ truth)

    def moments(self) -> tuple[float, float, float, float]:
        """Return bias, RMSE, slope and correlation."""
        if not self.count:
            return math.nan, math.nan, math.nan, math.nan
        x, y, xx, yy, xy = self.totals / self.count
        variances = max(xx - x * x, 0.0), max(yy - y * y, 0.0)
        covariance = xy - x * y
        slope = covariance / variances[0] if variances[0] > 0 else math.nan
        product = math.sqrt(variances[0] * variances[1])
        correlation = covariance / product if product > 0 else math.nan
        return x - y, math.sqrt(max(xx - 2 * xy + yy, 0.0)), slope, correlation


class _Spectra:
    """Powers of the reference and of two tests, and their cross powers with it, by ring and band."""

    def __init__(self, bands: int) -> None:
        rows = np.fft.fftfreq(_SPECTRUM)[:, np.newaxis]
        cols = np.fft.rfftfreq(_SPECTRUM)
        self._ring = np.rint(np.hypot(rows, cols) * _SPECTRUM).astype(int)
        self.rings = _SPECTRUM // 2 + 1
        self._inside = self._ring < self.rings
        twice = np.where((cols > 0) & (cols < 0.5), 2.0, 1.0)
        self._twice = np.broadcast_to(twice, self._ring.shape)
        self._taper = hann(_SPECTRUM)
        self.power = np.zeros((3, bands, self.rings))
        self.cross = np.zeros((2, bands, self.rings))
        self.windows = np.zeros(bands, int)

    def add(self, band: int, truth: np.ndarray, tests: Sequence[np.ndarray]) -> None:
        """Take a window of ``_SPECTRUM`` pixels on a side in."""
        images = [np.fft.rfft2((plane - plane.mean()) * self._taper) for plane in (truth, *tests)]
        for index, one in enumerate(images):
            self.power[index, band] += self._summed(np.abs(one) ** 2)
        for index, one in enumerate(images[1:]):
            self.cross[index, band] += self._summed((one * np.conj(images[0])).real)
        self.windows[band] += 1

    def _summed(self, values: np.ndarray) -> np.ndarray:
        weighed = (values * self._twice)[self._inside]
        return np.bincount(self._ring[self._inside], weights=weighed, minlength=self.rings)

    @property
    def frequencies(self) -> np.ndarray:
        """Of the rings, in cycles per pixel."""
        return np.arange(self.rings) / _SPECTRUM

    def detail(self, test: int, band: int) -> tuple[float, float]:
        """Return power ratio and correlation above Landsat's Nyquist frequency."""
        fine = self.frequencies > LANDSAT_NYQUIST
        truth, power = self.power[0, band, fine].sum(), self.power[1 + test, band, fine].sum()
        if truth <= 0:
            return math.nan, math.nan
        product = math.sqrt(truth * power)
        cross = self.cross[test, band, fine].sum()
        return float(power / truth), float(cross / product) if product > 0 else math.nan

    def ratios(self, test: int) -> tuple[float, ...]:
        """Return the mean power ratio of the bands by ring."""
        seen = self.windows > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            each = self.power[1 + test, seen] / self.power[0, seen]
        usable = np.isfinite(each)
        total = np.where(usable, each, 0.0).sum(axis=0)
        count = usable.sum(axis=0)
        return tuple(float(t / c) if c else math.nan for t, c in zip(total, count))


def likeness(
    before: str,
    after: str,
    truth: ReferenceOn,
    reference: Reference,
    still: Callable[[Window], np.ndarray],
    *,
    progress: Progress,
) -> Likeness:
    """Compare two rasters of digital numbers with the reference on their grid.

    Parameters
    ----------
    before, after : str
        On the grid of ``truth``, with its bands.
    truth : ReferenceOn
    reference : Reference
        Whose scaling the rasters have.
    still : callable
        Returns which pixels of a window are unchanged.
    progress : Progress

    Raises
    ------
    NoValidPixels
        If no pixel is valid in all three and unchanged.
    Cancelled
        When the progress says so.
    """
    rasters = [Raster(before), Raster(after)]
    names, bands = truth.names, len(truth.names)
    ndvi = _ndvi_bands(names, reference)
    sums = [[PairSums() for _ in range(bands + 1)] for _ in rasters]
    spectra = _Spectra(bands)
    pixels = common = 0
    windows = list(truth.grid.windows(_SIDE))
    for count, window in enumerate(windows, start=1):
        if progress.cancelled:
            raise Cancelled("comparing with the reference was cancelled")
        real = truth.read(window)
        tests = [_reflectance(raster, reference, window, bands) for raster in rasters]
        shared = [at for at in range(bands) if names[at] in reference.bands]
        known = np.all([np.isfinite(one[shared]).all(axis=0) for one in (real, *tests)], axis=0)
        same = known & still(window)
        common += int(known.sum())
        pixels += int(same.sum())
        for test, own in zip(tests, sums):
            for at in shared:
                own[at].add(test[at][same], real[at][same])
            if ndvi is not None:
                own[bands].add(_ndvi(test, ndvi, same), _ndvi(real, ndvi, same))
        for part in _spectral_windows(known):
            for at in shared:
                spectra.add(at, real[at][part], [test[at][part] for test in tests])
        truth.release()
        progress.update(count / len(windows))
    if not pixels:
        raise NoValidPixels(f"{after}: no pixel is valid in the reference too and unchanged")
    found = []
    for index, own in enumerate(sums):
        rows = [
            Agreement(names[at], *own[at].moments(), *spectra.detail(index, at))
            for at in range(bands)
            if names[at] in reference.bands
        ]
        if ndvi is not None:
            rows.append(Agreement("NDVI", *own[bands].moments(), math.nan, math.nan))
        found.append(tuple(rows))
    return Likeness(
        found[0],
        found[1],
        pixels,
        pixels / common,
        tuple(float(one) for one in spectra.frequencies),
        spectra.ratios(0),
        spectra.ratios(1),
        _left(rasters[1], names, reference),
        _pictures(truth, rasters, reference),
    )


def _pictures(
    truth: ReferenceOn, rasters: Sequence[Raster], reference: Reference
) -> tuple[tuple[str, np.ndarray], ...]:
    """Return the middle of the three images, in natural colours where all three bands are there."""
    grid, names = truth.grid, truth.names
    rows, cols = min(_SHOWN, grid.rows), min(_SHOWN, grid.cols)
    window = Window((grid.rows - rows) // 2, (grid.cols - cols) // 2, rows, cols)
    natural = [names.index(name) for name in ("B4", "B3", "B2") if name in names and name in reference.bands]
    bands = (
        natural
        if len(natural) == 3
        else [next(at for at, name in enumerate(names) if name in reference.bands)]
    )
    images = [_reflectance(raster, reference, window, len(names)) for raster in rasters]
    labels = ("Landsat, enlarged", "Harmonised", "Sentinel-2")
    return tuple((label, image[bands]) for label, image in zip(labels, (*images, truth.read(window))))


def _ndvi_bands(names: Sequence[str], reference: Reference) -> tuple[int, int] | None:
    """Return where red and near infrared stand; None where the reference lacks one."""
    infrared = [name for name in NEAR_INFRARED if name in names and name in reference.bands]
    if "B4" not in names or "B4" not in reference.bands or not infrared:
        return None
    return names.index("B4"), names.index(infrared[0])


def _ndvi(image: np.ndarray, bands: tuple[int, int], where: np.ndarray) -> np.ndarray:
    red, infrared = image[bands[0]][where], image[bands[1]][where]
    total = infrared + red
    return np.where(total > 0, (infrared - red) / np.where(total > 0, total, 1.0), 0.0)


def _reflectance(raster: Raster, reference: Reference, window: Window, bands: int) -> np.ndarray:
    values, valid = raster.read(window, tuple(range(1, bands + 1)), dtype=np.float64)
    image = reference.reflectance(values)
    return image if valid is None else np.where(valid, image, np.nan)


def _spectral_windows(known: np.ndarray) -> Iterator[tuple[slice, slice]]:
    """Yield windows without a hole, side by side."""
    rows, cols = known.shape
    for row in range(0, rows - _SPECTRUM + 1, _SPECTRUM):
        for col in range(0, cols - _SPECTRUM + 1, _SPECTRUM):
            part = slice(row, row + _SPECTRUM), slice(col, col + _SPECTRUM)
            if known[part].all():
                yield part


def _left(raster: Raster, names: Sequence[str], reference: Reference) -> RasterShift | None:
    """Return the shift of the output against the reference, by the red band or the first one that both have."""
    shared = [name for name in names if name in reference.bands]
    name = "B4" if "B4" in shared else shared[0]
    band = reference.bands[name]
    return raster_shift(
        raster,
        Raster(band.path, nodata=NODATA),
        band=names.index(name) + 1,
        reference_band=band.number,
        max_shift_px=_LARGEST_SHIFT_PX,
    )
