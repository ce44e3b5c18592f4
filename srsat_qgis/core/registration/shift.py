"""The sub-pixel shift between two arrays."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.core.registration.crossspectrum import CrossSpectrum, Shift
from srsat_qgis.core.registration.measure import measure_shift
from srsat_qgis.core.registration.pixels import ArrayPixels

__all__ = ["CrossSpectrum", "Shift", "estimate_shift"]


def estimate_shift(
    reference: np.ndarray,
    test: np.ndarray,
    *,
    valid: np.ndarray | None = None,
    max_shift_px: float,
    mode: str = "intensity",
) -> Shift:
    """Return how far ``test`` lies beside ``reference``.

    Parameters
    ----------
    reference, test : ndarray, shape (rows, cols)
        The same pixels of two images.
    valid : ndarray of bool, shape (rows, cols), optional
        Pixels that hold a value in both; not finite ones never count.
    max_shift_px : float
        The longest shift to expect.
    mode : str
        ``"intensity"``, ``"gradient"``, or ``"auto"``: whichever of the two is surer.

    Returns
    -------
    Shift
        What must be added to the coordinates of ``test``. Undetermined for flat, tiny or unlike images.

    Raises
    ------
    ShapeMismatch
        If the arrays differ in shape.
    InvalidSetting
        If ``max_shift_px`` is not positive or the mode unknown.
    """
    if reference.shape != test.shape or reference.ndim != 2:
        raise ShapeMismatch(
            f"reference {reference.shape}, test {test.shape}: expected two images of one shape"
        )
    if valid is not None and valid.shape != reference.shape:
        raise ShapeMismatch(f"valid {valid.shape}: expected {reference.shape}")
    first, second = ArrayPixels(reference, valid), ArrayPixels(test, valid)
    return measure_shift(first, second, max_shift_px=max_shift_px, mode=mode)
