"""Phase congruency (Kovesi 1999): where the waves of an image agree in phase, as they do at lines and edges.

Written from the papers; 4 scales and 4 orientations with the constants of FSIM (Zhang et al. 2011,
doi:10.1109/TIP.2011.2109730).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

SCALES, ORIENTATIONS = 4, 4
SHORTEST_WAVE_PX, WAVE_FACTOR = 6.0, 2.0
BANDWIDTH = 0.55  # sigma of the log-Gabor filter over its centre frequency
ANGLE_FACTOR = 1.2  # angle between orientations over the sigma of their spread
NOISE_SIGMAS = 2.0
_NOISE_SCALE = 1.7  # the published threshold is the estimate divided by this
_CUTOFF, _SHARPNESS = 0.45, 15  # low-pass that keeps the corners of the spectrum from ringing
_TINY = 1e-4  # of grey levels 0 to 255
_STRIP = 32  # rows or columns worked on at once


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
    # In strips, whose arrays stay in the processor's cache: first along the rows, then along the columns wanted.
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
    """Return the length along the mean phase of all scales less what they deviate from it, and the sum of lengths."""
    pairs = [(one.real.copy(), one.imag.copy()) for one in responses]
    shape = responses[0].shape
    even, odd, energy, size, product = (np.zeros(shape) for _ in range(5))
    for real, imaginary in pairs:
        even += real
        odd += imaginary
        size += _length(real, imaginary)
    length = _length(even, odd)
    # The lengths along the mean phase add up to the length of the sum; only the deviations are each their own.
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
    """Return the root of ``x^2 + y^2``; ``hypot`` guards against overflow that cannot be here, and is slow."""
    length = x * x
    length += y * y
    return np.sqrt(length, out=length)
