"""From a fine raster to the coarser one that a sensor would have taken: blur, decimation, noise.

Two forms, both linear, both separable, both written as one strided filter so that the blurred fine image never
stands in memory:

- ``gaussian_area``: a Gaussian, then the mean over each block of ``scale x scale`` pixels. The protocol of all
  our quality numbers, and the degradation that model cards state.
- ``mtf_decimate``: a Gaussian whose transfer function has the wanted value at the coarse grid's Nyquist frequency,
  sampled at the block centres. A sensor's system MTF already holds its detector's box, so none is added.

Geometry is exact: a coarse pixel covers its block, and every kernel is symmetric about the block's centre, which lies
between two pixels where ``scale`` is even. Edges are reflected with the edge pixel repeated (half-sample symmetry), so
that means are kept. Arrays are (bands, rows, cols), or (rows, cols).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Union

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch

MTF_SENTINEL2: Mapping[str, float] = {
    "B1": 0.32, "B2": 0.26, "B3": 0.28, "B4": 0.24, "B5": 0.38, "B6": 0.34, "B7": 0.34, "B8": 0.26,
    "B8A": 0.33, "B9": 0.26, "B11": 0.22, "B12": 0.23,
}  # fmt: skip
"""System MTF at Nyquist of Sentinel-2's bands (Lanaras et al. 2017, SupReME, doi:10.1109/CVPRW.2017.194)."""

MTF_LANDSAT: Mapping[str, float] = dict.fromkeys(("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9"), 0.3)
"""Landsat 8/9 OLI. No per-band constants are published: 0.3 is an estimate, meant to be overridden."""

PRESETS: Mapping[str, Mapping[str, float]] = {"sentinel-2": MTF_SENTINEL2, "landsat": MTF_LANDSAT}

TRUNCATE = 4.0
"""Gaussians end at this many standard deviations, where their weight is below 4e-4 of the centre's."""

LARGEST_NOISE = 1e100
"""DN; its square still is a number."""

PerBand = Union[float, Sequence[float]]


def preset_mtf(preset: str, bands: Sequence[str]) -> tuple[float, ...]:
    """Return the MTF at Nyquist of ``bands`` ('B2', 'B02', 'b8a') of a sensor in ``PRESETS``.

    Raises
    ------
    InvalidSetting
        If the preset is not known, or has no such band.
    """
    if preset not in PRESETS:
        raise InvalidSetting(f"MTF preset {preset!r} is not known; expected one of {', '.join(PRESETS)}")
    table = PRESETS[preset]
    names = ["B" + band.upper().lstrip("B").lstrip("0") for band in bands]
    for band, name in zip(bands, names):
        if name not in table:
            raise InvalidSetting(f"MTF preset {preset!r} has no band {band!r}; it has {', '.join(table)}")
    return tuple(table[name] for name in names)


def mtf_sigma(mtf: float, *, scale: int) -> float:
    """Return the standard deviation, in fine pixels, of the Gaussian whose transfer is ``mtf`` at coarse Nyquist.

    ``sigma = scale * sqrt(-2 ln mtf) / pi``, since a Gaussian transfers ``exp(-2 (pi sigma f)^2)`` and the coarse
    grid's Nyquist frequency is ``f = 1 / (2 scale)`` cycles per fine pixel.

    Raises
    ------
    InvalidSetting
        If ``mtf`` is not above 0 and below 1.
    """
    if not 0 < mtf < 1:
        raise InvalidSetting(f"MTF at Nyquist is {mtf}; expected a value above 0 and below 1")
    return scale * math.sqrt(-2 * math.log(mtf)) / math.pi


def _gaussian(offsets: np.ndarray, sigma: float) -> np.ndarray:
    weights = np.exp(-0.5 * (offsets / sigma) ** 2) if sigma else (offsets == 0).astype(np.float64)
    return weights / weights.sum()


def area_kernel(sigma: float, scale: int) -> np.ndarray:
    """Return the Gaussian (``sigma`` in coarse pixels) convolved with the block mean; ``2 r + scale`` weights."""
    fine = sigma * scale
    radius = int(TRUNCATE * fine + 0.5)
    gaussian = _gaussian(np.arange(-radius, radius + 1.0), fine)
    return np.convolve(gaussian, np.full(scale, 1 / scale))


def _centre_kernel(sigma: float, scale: int) -> np.ndarray:
    """Return a Gaussian (``sigma`` in fine pixels) about a block's centre; as even or odd in length as ``scale``."""
    radius = max(0, math.ceil(TRUNCATE * sigma - scale / 2))
    taps = scale + 2 * radius
    return _gaussian(np.arange(taps) - (taps - 1) / 2, sigma)


def _margin(kernel: np.ndarray, scale: int) -> int:
    """Return the fine pixels beyond its block that a coarse pixel depends on."""
    return (len(kernel) - scale) // 2


def gaussian_area_halo(*, scale: int, sigma: PerBand) -> int:
    """Return the coarse pixels that a block of ``gaussian_area`` needs on each side to equal the whole run."""
    return max(-(-_margin(area_kernel(s, scale), scale) // scale) for s in np.atleast_1d(sigma))


def mtf_halo(*, scale: int, mtf: PerBand) -> int:
    """Return the coarse pixels that a block of ``mtf_decimate`` needs on each side to equal the whole run."""
    sigmas = (mtf_sigma(m, scale=scale) for m in np.atleast_1d(mtf))
    return max(-(-_margin(_centre_kernel(s, scale), scale) // scale) for s in sigmas)


def _filter_last_axis(plane: np.ndarray, kernel: np.ndarray, scale: int) -> np.ndarray:
    margin = _margin(kernel, scale)
    padded = np.pad(plane, ((0, 0), (margin, margin)), mode="symmetric")
    span = plane.shape[1] - scale + 1
    total = np.zeros((plane.shape[0], plane.shape[1] // scale), dtype=plane.dtype)
    # One order of summation for every window: blocks equal the whole run to the bit.
    for tap, weight in enumerate(kernel.astype(plane.dtype)):
        total += weight * padded[:, tap : tap + span : scale]
    return total


def _filter_plane(plane: np.ndarray, kernel: np.ndarray, scale: int) -> np.ndarray:
    across = _filter_last_axis(plane, kernel, scale)
    return _filter_last_axis(np.ascontiguousarray(across.T), kernel, scale).T


def area_valid(valid: np.ndarray, *, scale: int) -> np.ndarray:
    """Return where a coarse pixel is valid: where all of its ``scale x scale`` fine pixels are.

    Parameters
    ----------
    valid : ndarray of bool, shape (rows, cols) or (bands, rows, cols)
        Rows and columns are multiples of ``scale``.
    scale : int
        Fine pixels per coarse pixel, along one axis.

    Returns
    -------
    ndarray of bool, shape (..., rows / scale, cols / scale)

    Raises
    ------
    ShapeMismatch
        If the rows or columns are no multiples of ``scale``.
    """
    rows, cols = _checked_shape(valid, scale)
    blocks = valid.reshape(*valid.shape[:-2], rows // scale, scale, cols // scale, scale)
    return np.asarray(blocks.all(axis=(-3, -1)))


def _checked_shape(image: np.ndarray, scale: int) -> tuple[int, int]:
    if scale < 1 or int(scale) != scale:
        raise InvalidSetting(f"scale is {scale}; expected a whole number of at least 1")
    if image.ndim not in (2, 3):
        raise ShapeMismatch(f"array of shape {image.shape}; expected (bands, rows, cols) or (rows, cols)")
    rows, cols = image.shape[-2:]
    if rows % scale or cols % scale or not rows or not cols:
        raise ShapeMismatch(f"{rows} rows x {cols} columns; expected multiples of the scale {scale}")
    return rows, cols


def _degraded(
    image: np.ndarray, kernels: list[np.ndarray], scale: int, valid: np.ndarray | None
) -> np.ndarray:
    planes = image.reshape(-1, *image.shape[-2:])
    dtype = np.float32 if image.dtype == np.float32 else np.float64
    out = np.empty((len(planes), planes.shape[1] // scale, planes.shape[2] // scale), dtype=dtype)
    masks = None if valid is None else np.broadcast_to(valid, image.shape).reshape(planes.shape)
    for index, plane in enumerate(planes):
        kernel = kernels[index if len(kernels) > 1 else 0]
        if masks is None or masks[index].all():
            out[index] = _filter_plane(plane.astype(dtype, copy=False), kernel, scale)
        else:
            out[index] = _filter_masked(plane.astype(dtype, copy=False), masks[index], kernel, scale)
    return out.reshape(*image.shape[:-2], *out.shape[1:])


def _filter_masked(plane: np.ndarray, valid: np.ndarray, kernel: np.ndarray, scale: int) -> np.ndarray:
    """Return the filter's mean over the valid pixels alone, NaN where the block is not wholly valid."""
    values = _filter_plane(np.where(valid, plane, plane.dtype.type(0)), kernel, scale)
    weights = _filter_plane(valid.astype(plane.dtype), kernel, scale)
    whole = area_valid(valid, scale=scale)
    # The weight of a wholly valid surrounding is 1 but for rounding, and the same rounding everywhere: dividing by the
    # ratio to it leaves pixels that see no invalid one bit for bit as they are.
    full = _filter_plane(np.ones((scale, scale), dtype=plane.dtype), kernel, scale)[0, 0]
    return np.divide(values, weights / full, out=np.full_like(values, np.nan), where=whole)


def _per_band(value: PerBand, image: np.ndarray, name: str) -> list[float]:
    values = [float(v) for v in np.atleast_1d(value)]
    bands = image.shape[0] if image.ndim == 3 else 1
    if len(values) not in (1, bands):
        raise ShapeMismatch(f"{len(values)} values of {name} for {bands} bands; expected 1 or {bands}")
    return values


def gaussian_area(
    image: np.ndarray, *, scale: int, sigma: PerBand, valid: np.ndarray | None = None
) -> np.ndarray:
    """Blur by a Gaussian, then average each block of ``scale x scale`` pixels.

    Parameters
    ----------
    image : ndarray, shape (bands, rows, cols) or (rows, cols)
        Rows and columns are multiples of ``scale``. float32 is computed in float32, all else in float64.
    scale : int
        Fine pixels per coarse pixel, along one axis.
    sigma : float or sequence of float
        Standard deviation in *coarse* pixels, one or one a band; 0 is the plain area mean.
    valid : ndarray of bool, optional, shape (rows, cols) or that of ``image``
        Pixels that hold a value. What stands in the others has no influence.

    Returns
    -------
    ndarray, shape (..., rows / scale, cols / scale)
        float32 or float64. NaN where a block is not wholly valid.

    Raises
    ------
    ShapeMismatch
        If the rows or columns are no multiples of ``scale``, or ``sigma`` does not fit the bands.
    InvalidSetting
        If ``sigma`` is negative, or ``scale`` below 1.
    """
    _checked_shape(image, scale)
    sigmas = _per_band(sigma, image, "sigma")
    if min(sigmas) < 0 or not np.isfinite(sigmas).all():
        raise InvalidSetting(f"sigma is {sigma} coarse pixels; expected 0 or more")
    return _degraded(image, [area_kernel(s, scale) for s in sigmas], scale, valid)


def mtf_decimate(
    image: np.ndarray, *, scale: int, mtf: PerBand, valid: np.ndarray | None = None
) -> np.ndarray:
    """Blur to a sensor's MTF and sample at the centres of the blocks of ``scale x scale`` pixels.

    Parameters
    ----------
    image : ndarray, shape (bands, rows, cols) or (rows, cols)
        As for ``gaussian_area``.
    scale : int
        Fine pixels per coarse pixel, along one axis.
    mtf : float or sequence of float
        Transfer at the coarse grid's Nyquist frequency, above 0 and below 1, one or one a band; see ``preset_mtf``.
    valid : ndarray of bool, optional, shape (rows, cols) or that of ``image``
        As for ``gaussian_area``.

    Returns
    -------
    ndarray, shape (..., rows / scale, cols / scale)
        float32 or float64. NaN where a block is not wholly valid.

    Raises
    ------
    ShapeMismatch, InvalidSetting
        As ``gaussian_area`` and ``mtf_sigma``.

    References
    ----------
    Lanaras et al. 2017, doi:10.1109/CVPRW.2017.194; Aiazzi et al. 2006, doi:10.14358/PERS.72.5.591.
    """
    _checked_shape(image, scale)
    sigmas = [mtf_sigma(m, scale=scale) for m in _per_band(mtf, image, "mtf")]
    return _degraded(image, [_centre_kernel(s, scale) for s in sigmas], scale, valid)


def add_noise(image: np.ndarray, *, read: float, shot: float, random: np.random.RandomState) -> np.ndarray:
    """Add Gaussian noise of variance ``read**2 + shot * signal``, as a detector's electronics and photons do.

    Parameters
    ----------
    image : ndarray of any shape
        The signal in digital numbers (DN); NaN stays NaN.
    read : float
        Standard deviation at zero signal, in DN.
    shot : float
        Growth of the variance with the signal, in DN.
    random : numpy.random.RandomState
        Source of the noise: the class whose stream numpy guarantees never to change (NEP 19). Block-wise callers
        seed one a block.

    Returns
    -------
    ndarray of float64, shape of ``image``

    Raises
    ------
    InvalidSetting
        If ``read`` or ``shot`` is negative.
    """
    signal = image.astype(np.float64)
    return signal + noise_spread(signal, read=read, shot=shot) * random.standard_normal(image.shape)


def noise_spread(signal: np.ndarray, *, read: float, shot: float) -> np.ndarray:
    """Return the standard deviation of ``add_noise`` at every pixel, in DN.

    Raises
    ------
    InvalidSetting
        If ``read`` or ``shot`` is negative or above ``LARGEST_NOISE``.
    """
    if not (0 <= read <= LARGEST_NOISE and 0 <= shot <= LARGEST_NOISE):
        raise InvalidSetting(
            f"noise read {read}, shot {shot}; expected 0 or more, and at most {LARGEST_NOISE:g}"
        )
    return np.asarray(np.sqrt(read**2 + shot * np.maximum(signal, 0)))


def as_type(image: np.ndarray, dtype: np.dtype | type) -> np.ndarray:
    """Return ``image`` rounded half to even and clipped to an integer type, or cast to a float type."""
    dtype = np.dtype(dtype)
    if dtype.kind not in "iu":
        return image.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(image), limits.min, limits.max).astype(dtype)
