"""Guides on the sharpened grid: warped without aliasing, reduced to a few channels, and faded out at holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import fill_invalid
from srsat_qgis.core.registration.coregister import write_moved
from srsat_qgis.core.registration.lattice import pixels_per_pixel
from srsat_qgis.core.types import Progress

CHANNELS = 3
"""Channels that networks are given, whatever the guides' bands."""
# A guide whose pixels are larger than the output's by more than this has no detail to give.
_COARSER = 1.1
# Guide pixels this much smaller than the output's are averaged over its area, not interpolated.
_AVERAGED = 1.5
# Share of all variance below which a component is what rounding left of bands that follow from each other.
_FOLLOWS = 1e-9
# Share of a band's squared mean below which its variance is rounding: the band is constant.
_FLAT = 1e-13


def check_guide(guide: Raster, target: Raster, scale: int) -> float:
    """Return the side of a guide's pixel in pixels of the sharpened grid.

    Parameters
    ----------
    guide, target : Raster
        May differ in CRS and orientation.
    scale : int
        Output pixels per pixel of the target, along one axis.

    Raises
    ------
    InvalidSetting
        If the guide is coarser than the output: there is no detail to take from it.
    GridMismatch
        If one cannot be transformed to the CRS of the other.
    """
    size = pixels_per_pixel(guide, target) * scale
    if size > _COARSER:
        raise InvalidSetting(
            f"{guide.path}: its pixels are {size:.3g} times as large as those of {target.path} sharpened {scale} "
            "times; expected pixels of at most that size. Choose a finer guide or a smaller SCALE"
        )
    return size


def resampling_for(size: float) -> str:
    """Return how a guide is resampled whose pixel has this side in output pixels; both ways hold off aliasing."""
    return "average" if size * _AVERAGED <= 1 else "cubic"


def warp_guide(
    guide: Raster,
    target: str,
    *,
    grid: Grid,
    size: float,
    shift: tuple[float, float] = (0.0, 0.0),
    progress: Progress | None = None,
) -> None:
    """Write a guide on the sharpened grid, which nests in that of the coarse temperatures.

    Parameters
    ----------
    guide : Raster
    target : str
        Path of the GeoTIFF; pixels that the guide does not cover are invalid there.
    grid : Grid
        ``lst.grid.refined(scale)``.
    size : float
        As `check_guide` returns it.
    shift : tuple of float
        ``(dx, dy)`` in map units of the guide's CRS, added to its coordinates first: a measured misregistration.
    progress : Progress, optional

    Raises
    ------
    InputError, OutputError, InvalidSetting, Cancelled
        As ``registration.coregister.write_moved``.
    """
    write_moved(guide, target, shift=shift, resampling=resampling_for(size), onto=grid, progress=progress)


def fading(valid: np.ndarray, reach: int) -> np.ndarray:
    """Return how much a guide counts in each pixel: 0 where it is invalid, 1 farther than ``2 * reach`` from there.

    The sharpened image is ``fading * with guide + (1 - fading) * without``: no edge of a cloud is drawn into it.

    Parameters
    ----------
    valid : ndarray of bool, shape (rows, cols)
    reach : int
        Half the width of the ramp, in pixels. A pixel depends on others at most ``2 * reach`` away; outside of the
        array lie valid ones.

    Returns
    -------
    ndarray of float32, shape (rows, cols)
    """
    if reach < 1:
        return valid.astype(np.float32)
    near = _box_means(~valid, reach) > 0
    return np.where(valid, 1.0 - _box_means(near, reach), 0.0).astype(np.float32)


def _box_means(image: np.ndarray, reach: int) -> np.ndarray:
    """Return the means over squares of ``2 * reach + 1`` pixels; outside lies 0."""
    total = np.asarray(image, np.int64)
    side = 2 * reach + 1
    for axis in (0, 1):
        margins = [(0, 0), (0, 0)]
        margins[axis] = (reach + 1, reach)
        sums = np.cumsum(np.pad(total, margins), axis=axis)
        high, low = [slice(None)] * 2, [slice(None)] * 2
        high[axis], low[axis] = slice(side, None), slice(None, -side)
        total = sums[tuple(high)] - sums[tuple(low)]
    return total / side**2


@dataclass(frozen=True)
class Reduction:
    """The map from a guide's bands to standardised channels, found once from the whole raster."""

    means: np.ndarray
    """Of the bands, shape (bands,)."""
    matrix: np.ndarray
    """Channels are ``matrix @ (bands - means)``; shape (channels, bands)."""

    def apply(self, image: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the channels of a window of the guide.

        Parameters
        ----------
        image : ndarray, shape (bands, rows, cols)
        valid : ndarray of bool, shape (rows, cols)
            Elsewhere channels are 0, which is their mean: no information.

        Returns
        -------
        ndarray of float32, shape (channels, rows, cols)

        Raises
        ------
        ShapeMismatch
            If the window has another number of bands.
        """
        if image.ndim != 3 or len(image) != len(self.means):
            raise ShapeMismatch(f"guide of shape {image.shape}, expected {len(self.means)} bands")
        apart = np.where(valid, image, self.means[:, None, None]) - self.means[:, None, None]
        return np.asarray(np.tensordot(self.matrix, apart, axes=1), np.float32)


class Moments:
    """Sums from which a `Reduction` is made, added up window by window.

    Parameters
    ----------
    bands : int
        Of all guides together.
    """

    def __init__(self, bands: int) -> None:
        self._count = 0
        self._shift: np.ndarray | None = None
        self._sums = np.zeros(bands + 1)
        self._products = np.zeros((bands + 1, bands + 1))

    def add(self, image: np.ndarray, valid: np.ndarray, temperatures: np.ndarray | None = None) -> None:
        """Take a window in.

        Parameters
        ----------
        image : ndarray, shape (bands, rows, cols)
        valid : ndarray of bool, shape (rows, cols)
            True where all bands, and the temperatures if there are any, have a value.
        temperatures : ndarray, shape (rows, cols), optional
            Coarse temperatures on the same grid, which decide on the channels' signs.
        """
        last = np.zeros(valid.shape) if temperatures is None else temperatures
        values = np.concatenate([image[:, valid], last[None, valid]]).astype(np.float64)
        if not values.size:
            return
        if self._shift is None:
            # Around the first window's means, so that squares do not drown the differences.
            self._shift = values.mean(axis=1)
        values -= self._shift[:, None]
        self._count += values.shape[1]
        self._sums += values.sum(axis=1)
        self._products += values @ values.T

    def reduction(self, channels: int = CHANNELS) -> Reduction:
        """Return the map to so many channels.

        Bands are standardised. As many as there are channels, or fewer, stay as they are; more are replaced by their
        principal components, each standardised. What is left over of the channels is 0. Where temperatures were
        given, a channel that falls where they rise is turned round: networks then meet guides of all kinds alike.

        Raises
        ------
        InvalidSetting
            If no pixel was valid.
        """
        if self._shift is None:
            raise InvalidSetting("the guides have no valid pixel in common with the temperatures")
        bands = len(self._sums) - 1
        mean = self._sums / self._count
        covariance = self._products / self._count - np.outer(mean, mean)
        variance = np.diag(covariance)
        scale = np.where(variance > _FLAT * np.maximum(self._shift**2, 1e-30), variance, np.inf)
        gain = np.where(np.isfinite(scale), 1 / np.sqrt(scale), 0.0)
        matrix = np.zeros((channels, bands))
        if bands <= channels:
            matrix[:bands] = np.diag(gain[:bands])
        else:
            correlation = (covariance * np.outer(gain, gain))[:bands, :bands]
            powers, directions = np.linalg.eigh(correlation)
            for row, index in enumerate(np.argsort(powers)[::-1][:channels]):
                if powers[index] > _FOLLOWS * bands:
                    direction = directions[:, index]
                    # Without temperatures, the sign is that of the largest share.
                    sign = np.sign(direction[np.argmax(np.abs(direction))])
                    matrix[row] = sign * direction * gain[:bands] / np.sqrt(powers[index])
        turn = np.sign(matrix @ covariance[:bands, bands])
        matrix *= np.where(turn == 0, 1.0, turn)[:, None]
        return Reduction(mean[:bands] + self._shift[:bands], matrix)


def stacked(parts: Sequence[tuple[np.ndarray, np.ndarray]], *, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the windows of several guides as one, filled where invalid, and where all of them are valid.

    Parameters
    ----------
    parts : sequence of (image, valid)
        Shapes (bands, rows, cols), both.
    reach : int
        Pixels that holes are filled from; see ``raster.resample.fill_invalid``.

    Returns
    -------
    image : ndarray of float32, shape (all bands, rows, cols)
    valid : ndarray of bool, shape (rows, cols)
    """
    image = np.concatenate([one for one, _ in parts])
    known = np.concatenate([valid for _, valid in parts])
    filled = [
        plane if ok.all() else fill_invalid(np.asarray(plane, np.float32), ok, reach=reach)
        for plane, ok in zip(image, known)
    ]
    return np.stack(filled).astype(np.float32), np.asarray(known.all(axis=0))
