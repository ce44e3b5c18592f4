"""Reflectance normalised to one sun and nadir view, by the angles of the scene or of each of its pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from srsat_qgis.core.landsat.brdf import STEEPEST_DEG, factor_of, kernels
from srsat_qgis.core.landsat.products import SUN_AZIMUTH, SUN_ZENITH, VIEW_AZIMUTH, VIEW_ZENITH
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

_DEGREES = 0.01
_LARGEST_AZIMUTH = 360.0


class Normalised:
    """What the bands' reflectance is multiplied by, window by window.

    Parameters
    ----------
    factors : mapping of str to float
        By Sentinel-2's name of the band, the scene's: of pixels whose angles are not told.
    normal_zenith : float
        Height of the sun that is wanted, as an angle to the zenith in degrees.
    paths : mapping of str to str
        Files of the pixels' angles, on the bands' grid; none: the scene's factors hold everywhere.

    Raises
    ------
    RasterNotReadable
        If a file cannot be opened.
    """

    def __init__(self, factors: Mapping[str, float], normal_zenith: float, paths: Mapping[str, str]) -> None:
        self._scene = dict(factors)
        self._normal = kernels(normal_zenith, 0.0, 0.0)
        self._rasters = {kind: Raster(path) for kind, path in paths.items()} if factors else {}
        self._sums = dict.fromkeys(factors, 0.0)
        self._least = dict.fromkeys(factors, np.inf)
        self._most = dict.fromkeys(factors, -np.inf)
        self._told = 0

    @property
    def by_pixel(self) -> bool:
        """Whether the angles of any pixel were told."""
        return self._told > 0

    def factors(self) -> dict[str, float]:
        """Return each band's factor: the scene's, or the mean over pixels read so far that have their own."""
        return {
            name: self._sums[name] / self._told if self._told else one for name, one in self._scene.items()
        }

    def extremes(self) -> dict[str, tuple[float, float]]:
        """Return the least and the largest factor of the pixels whose angles were told."""
        return {name: (self._least[name], self._most[name]) for name in self._scene} if self._told else {}

    def at(self, window: Window) -> dict[str, float | np.ndarray]:
        """Return the factors in a window of the scene, one number a band, or one a pixel (rows, cols)."""
        if not self._rasters:
            return dict(self._scene)
        sun, view, turn = (self._degrees(kind, window) for kind in (SUN_ZENITH, VIEW_ZENITH, SUN_AZIMUTH))
        told = (sun > 0) & (sun <= STEEPEST_DEG) & (view >= 0) & (view <= STEEPEST_DEG)
        other = self._degrees(VIEW_AZIMUTH, window)
        told &= (np.abs(turn) <= _LARGEST_AZIMUTH) & (np.abs(other) <= _LARGEST_AZIMUTH)
        if not told.any():
            return dict(self._scene)
        seen = kernels(sun[told], view[told], other[told] - turn[told])
        found: dict[str, float | np.ndarray] = {}
        for name, alone in self._scene.items():
            own = factor_of(name, seen, self._normal)
            plane = np.full(told.shape, alone)
            plane[told] = own
            found[name] = plane
            self._sums[name] += float(own.sum())
            self._least[name] = min(self._least[name], float(own.min()))
            self._most[name] = max(self._most[name], float(own.max()))
        self._told += int(told.sum())
        return found

    def _degrees(self, kind: str, window: Window) -> np.ndarray:
        # Zero is an angle like others, whatever a file declares as no data: fill has no height of the sun.
        return self._rasters[kind].read_raw(1, window).astype(np.float64) * _DEGREES
