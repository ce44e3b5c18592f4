"""Reflectance normalised to nadir view and one height of the sun by the c-factor.

Kernels are RossThick and LiSparse-Reciprocal (h/b = 2, b/r = 1), their weights global means.

References
----------
Roy et al. 2016, doi:10.1016/j.rse.2016.01.023; Lucht et al. 2000, doi:10.1109/36.841980; Zhang et al. 2016,
doi:10.1016/j.rse.2016.01.024, for the usual zenith of the sun.
"""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.errors import InvalidSetting

# Isotropic, volumetric and geometric weight, by Sentinel-2 band.
WEIGHTS = {
    "B2": (0.0774, 0.0372, 0.0079),
    "B3": (0.1306, 0.0580, 0.0178),
    "B4": (0.1690, 0.0574, 0.0227),
    "B8": (0.3093, 0.1535, 0.0330),
    "B8A": (0.3093, 0.1535, 0.0330),
    "B11": (0.3430, 0.1154, 0.0453),
    "B12": (0.2658, 0.0639, 0.0387),
}
"""Roy et al. 2016, table 5."""
_HEIGHT_OVER_RADIUS = 2.0
STEEPEST_DEG = 85.0
"""Largest zenith angle for which the kernels are used."""
# Of the mean zenith by latitude, from the constant on.
_USUAL_ZENITH = (31.0076, -0.1272, 0.01187, 2.40e-5, -9.48e-7, -1.95e-9, 6.15e-11)
_LARGEST_LATITUDE = 81.0


def c_factor(
    band: str, *, sun_zenith: float, view_zenith: float, relative_azimuth: float, normal_zenith: float
) -> float:
    """Return what reflectance is multiplied by to be seen from nadir under a sun at ``normal_zenith``.

    Parameters
    ----------
    band : str
        Sentinel-2 band that the reflectance stands for, a key of ``WEIGHTS``.
    sun_zenith, view_zenith, relative_azimuth, normal_zenith : float
        In degrees.

    Raises
    ------
    InvalidSetting
        If the band has no weights, or a zenith angle is not from 0 to 85 degrees.
    """
    if band not in WEIGHTS:
        raise InvalidSetting(f"BRDF: {band} has no published weights, only {', '.join(WEIGHTS)}")
    for name, angle in (("sun", sun_zenith), ("view", view_zenith), ("normal", normal_zenith)):
        if not 0 <= angle <= STEEPEST_DEG:
            raise InvalidSetting(f"BRDF: {name} zenith is {angle} degrees, expected 0 to {STEEPEST_DEG:g}")
    seen = kernels(sun_zenith, view_zenith, relative_azimuth)
    return float(factor_of(band, seen, kernels(normal_zenith, 0.0, 0.0)))


def factor_of(band: str, seen: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Return what reflectance is multiplied by, from the kernels of the angles it was seen at and of those wanted.

    Parameters
    ----------
    band : str
        A key of ``WEIGHTS``.
    seen, normal : ndarray, shape (3, ...)
        As ``kernels`` returns them.
    """
    weights = np.array(WEIGHTS[band])
    return np.asarray(np.tensordot(weights, normal, 1) / np.tensordot(weights, seen, 1))


def usual_zenith(latitude: float) -> float:
    """Return the sun's mean zenith angle of a year at Landsat's overpass, in degrees, by the latitude in degrees.

    Raises
    ------
    InvalidSetting
        Beyond 81 degrees, where Landsat does not pass.
    """
    if not abs(latitude) <= _LARGEST_LATITUDE:
        raise InvalidSetting(
            f"BRDF: latitude is {latitude:g} degrees, expected at most {_LARGEST_LATITUDE:g}"
        )
    return float(np.polynomial.polynomial.polyval(latitude, _USUAL_ZENITH))


def kernels(
    sun_zenith: float | np.ndarray, view_zenith: float | np.ndarray, relative_azimuth: float | np.ndarray
) -> np.ndarray:
    """Return 1, RossThick and LiSparse-Reciprocal, shape (3, ...), at angles in degrees, each a number or an array.

    The latter two are 0 at nadir sun and view.
    """
    sun, view, turn = (np.radians(angle) for angle in (sun_zenith, view_zenith, relative_azimuth))
    cos_phase = np.cos(sun) * np.cos(view) + np.sin(sun) * np.sin(view) * np.cos(turn)
    phase = np.arccos(np.clip(cos_phase, -1, 1))
    ross = ((np.pi / 2 - phase) * cos_phase + np.sin(phase)) / (np.cos(sun) + np.cos(view)) - np.pi / 4
    # With b/r = 1 crowns are spheres, and the angles need no transformation.
    across = np.tan(sun) * np.tan(view)
    distance = np.square(np.tan(sun)) + np.square(np.tan(view)) - 2 * across * np.cos(turn)
    secants = 1 / np.cos(sun) + 1 / np.cos(view)
    cos_overlap = (
        _HEIGHT_OVER_RADIUS * np.sqrt(np.maximum(distance, 0) + np.square(across * np.sin(turn))) / secants
    )
    angle = np.arccos(np.clip(cos_overlap, -1, 1))
    overlap = (angle - np.sin(angle) * np.cos(angle)) * secants / np.pi
    li = overlap - secants + 0.5 * (1 + cos_phase) / (np.cos(sun) * np.cos(view))
    return np.stack([np.ones_like(ross), ross, li])
