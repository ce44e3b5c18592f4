"""Sharpened temperatures made to keep the means of the coarse ones: of temperature, of radiance, or over larger boxes.

A pixel of a radiometer sees emitted power, which grows as the fourth power of temperature. The mean of T^4 and that of
T differ by about 1.5 s^2 / T for a spread s inside the pixel: 0.13 K for 5 K at 300 K. Which one a product keeps is a
choice, and it has a name here.

Under misregistration, exact means put the guide's edges and the sensor's into conflict; then only the means over boxes
of n x n coarse pixels are kept (``relaxed``).
"""

from __future__ import annotations

from typing import Callable

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.raster.resample import HALO as BICUBIC_HALO
from srsat_qgis.core.raster.resample import bicubic_upsample, fill_invalid

OFF, AREA, RADIANCE, RELAXED = "off", "area", "area-radiance", "relaxed"
MODES = (OFF, AREA, RADIANCE, RELAXED)
DEFAULT_BOX = 3
RELAXING_SHIFT_PX = 0.2
"""Residual shift between target and guide, in coarse pixels, from which ``default_mode`` relaxes."""
# Smooth corrections before what is left is added block by block: by then that is too little for edges to show.
_STEPS = 8
# Of a relaxed correction, which converges as slowly as the box suppresses.
_RELAXED_STEPS = 20
# Coarse pixels that holes of the residual are filled from.
_REACH = 2
# Kelvins that become 1 before the fourth power: float64 keeps all digits either way, this keeps them readable.
_UNIT_K = 300.0


def default_mode(residual_shift_px: float | None) -> tuple[str, str]:
    """Return the mode that a residual shift between target and guide suggests, and why, for the log.

    Parameters
    ----------
    residual_shift_px : float or None
        Length in coarse pixels after any correction; None: not measured or undetermined.
    """
    if residual_shift_px is None:
        return AREA, "the shift between target and guide is not known: block means are kept"
    if residual_shift_px > RELAXING_SHIFT_PX:
        return RELAXED, (
            f"target and guide are {residual_shift_px:.2f} coarse pixels apart, more than {RELAXING_SHIFT_PX:g}: means "
            f"are kept over {DEFAULT_BOX} x {DEFAULT_BOX} coarse pixels only"
        )
    return AREA, f"target and guide are {residual_shift_px:.2f} coarse pixels apart: block means are kept"


def check_mode(mode: str, box: int) -> None:
    """Refuse a mode that is none, or a box that has no middle.

    Raises
    ------
    InvalidSetting
    """
    if mode not in MODES:
        raise InvalidSetting(f"consistency '{mode}': expected one of {', '.join(MODES)}")
    if mode == RELAXED and (box < 3 or box % 2 == 0):
        raise InvalidSetting(f"consistency 'relaxed': BOX is {box}, expected an odd number of at least 3")


def block_means(
    fine: np.ndarray, valid: np.ndarray, *, scale: int, domain: str = AREA
) -> tuple[np.ndarray, np.ndarray]:
    """Return the temperature of each block of ``scale x scale`` pixels, and which blocks have one.

    Parameters
    ----------
    fine : ndarray, shape (rows * scale, cols * scale)
        In kelvins.
    valid : ndarray of bool, same shape
        What stands in the other pixels does not count.
    scale : int
    domain : str
        ``area``: the mean of T; ``area-radiance``: the fourth root of the mean of T^4.

    Returns
    -------
    means : ndarray of float64, shape (rows, cols)
        0 where there is none.
    known : ndarray of bool, shape (rows, cols)
    """
    into, back = _domain(domain)
    sums, known = _means(into(fine), valid, scale)
    return np.where(known, back(np.where(known, sums, 1.0)), 0.0), known


def conserved(
    fine: np.ndarray,
    fine_valid: np.ndarray,
    coarse: np.ndarray,
    coarse_valid: np.ndarray,
    *,
    mode: str,
    box: int = DEFAULT_BOX,
) -> np.ndarray:
    """Return sharpened temperatures that keep the coarse ones in a mode's sense.

    Corrections are smooth: differences to the coarse pixels are enlarged bicubically and added, several times; with
    ``area`` and ``area-radiance`` the small rest is then added block by block, so that blocks are exact.

    Parameters
    ----------
    fine : ndarray, shape (rows * scale, cols * scale)
        In kelvins, above 0 where valid.
    fine_valid : ndarray of bool, same shape
    coarse : ndarray, shape (rows, cols)
        In kelvins.
    coarse_valid : ndarray of bool, same shape
        Blocks of the other pixels are corrected as those around.
    mode : str
        One of ``MODES``.
    box : int
        Of ``relaxed``: odd side of the boxes over which means are kept, in coarse pixels.

    Returns
    -------
    ndarray of float64, shape of ``fine``
        Pixels depend on coarse ones at most ``halo(mode, box)`` away.

    Raises
    ------
    InvalidSetting
        If the mode is unknown or the box is not an odd number of at least 3.
    ShapeMismatch
        If the fine image is no whole multiple of the coarse one.
    """
    check_mode(mode, box)
    scale = _scale(fine, coarse)
    result = np.asarray(fine, np.float64)
    if mode == OFF:
        return result.copy()
    into, back = _domain(RADIANCE if mode == RADIANCE else AREA)
    wanted = into(np.where(coarse_valid, coarse, _UNIT_K))
    values = into(np.where(fine_valid, result, _UNIT_K))
    for _ in range(_RELAXED_STEPS if mode == RELAXED else _STEPS):
        lacking, known = _lacking(values, fine_valid, wanted, coarse_valid, scale)
        if mode == RELAXED:
            # Twice: a box alone turns some patterns round, and correcting these would make them grow.
            lacking = _boxed(*_boxed(lacking, known, box), box)[0]
        values = values + bicubic_upsample(_filled(lacking, known), scale=scale)
    if mode != RELAXED:
        lacking, _ = _lacking(values, fine_valid, wanted, coarse_valid, scale)
        values = values + lacking.repeat(scale, axis=0).repeat(scale, axis=1)
    return np.where(fine_valid, back(values), result)


def halo(mode: str, box: int = DEFAULT_BOX) -> int:
    """Return the coarse pixels around its own on which a pixel of ``conserved`` depends at most."""
    if mode == OFF:
        return 0
    if mode == RELAXED:
        return _RELAXED_STEPS * (BICUBIC_HALO + _REACH + 2 * (box // 2))
    return _STEPS * (BICUBIC_HALO + _REACH)


def residuals(
    fine: np.ndarray,
    fine_valid: np.ndarray,
    coarse: np.ndarray,
    coarse_valid: np.ndarray,
    *,
    mode: str,
    box: int = DEFAULT_BOX,
) -> np.ndarray:
    """Return by how much the means that a mode keeps differ from the coarse temperatures, in kelvins.

    Returns
    -------
    ndarray of float64, shape (n,)
        One a coarse pixel that both have; with ``relaxed`` the mean over the box around it.
    """
    check_mode(mode, box)
    scale = _scale(fine, coarse)
    means, known = block_means(fine, fine_valid, scale=scale, domain=RADIANCE if mode == RADIANCE else AREA)
    known &= coarse_valid
    apart = np.where(known, means - np.where(known, coarse, 0.0), 0.0)
    if mode == RELAXED:
        apart, _ = _boxed(apart, known, box)
    return apart[known]


def _scale(fine: np.ndarray, coarse: np.ndarray) -> int:
    scale = fine.shape[0] // coarse.shape[0] if fine.ndim == coarse.ndim == 2 and coarse.size else 0
    if scale < 1 or fine.shape != tuple(side * scale for side in coarse.shape):
        raise ShapeMismatch(
            f"sharpened temperatures {fine.shape}, coarse ones {coarse.shape}; expected a whole multiple"
        )
    return scale


def _domain(name: str) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
    """Return the map of kelvins into the domain in which means are taken, and the way back."""
    if name == RADIANCE:
        return (
            lambda kelvins: (np.asarray(kelvins, np.float64) / _UNIT_K) ** 4,
            lambda powers: np.maximum(powers, 0.0) ** 0.25 * _UNIT_K,
        )
    if name == AREA:
        return lambda kelvins: np.asarray(kelvins, np.float64), lambda values: values
    raise InvalidSetting(f"domain '{name}': expected {AREA} or {RADIANCE}")


def _means(values: np.ndarray, valid: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    rows, cols = (side // scale for side in values.shape)
    shape = (rows, scale, cols, scale)
    counts = valid.reshape(shape).sum(axis=(1, 3))
    sums = np.where(valid, values, 0.0).reshape(shape).sum(axis=(1, 3))
    return sums / np.maximum(counts, 1), counts > 0


def _lacking(
    values: np.ndarray, valid: np.ndarray, wanted: np.ndarray, wanted_valid: np.ndarray, scale: int
) -> tuple[np.ndarray, np.ndarray]:
    means, known = _means(values, valid, scale)
    known &= wanted_valid
    return np.where(known, wanted - means, 0.0), known


def _filled(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    if known.all():
        return values
    # float32 has digits enough for a correction that the next step corrects.
    return fill_invalid(values.astype(np.float32), known, reach=_REACH).astype(np.float64)


def _boxed(values: np.ndarray, known: np.ndarray, box: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of the known values in a box around each, and what is known."""
    half = box // 2

    def total(one: np.ndarray) -> np.ndarray:
        padded = np.pad(one, half)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (box, box))
        return np.asarray(windows.sum(axis=(2, 3)))

    counts = total(known.astype(np.float64))
    sums = total(np.where(known, values, 0.0))
    return np.where(known, sums / np.maximum(counts, 1.0), 0.0), known
