"""The summed cross-spectrum of window pairs, and the shift at which it says that they fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.registration.detail import check_mode, detail_spectrum
from srsat_qgis.core.registration.peak import Peak, find_peak


@dataclass(frozen=True)
class Shift:
    """How far a test image lies beside its reference, in pixels.

    What is seen at ``(row, col)`` of the test image is seen at ``(row + rows_px, col + cols_px)`` of the reference:
    the shift is what must be added to the test image's coordinates.
    """

    rows_px: float | None
    """None when undetermined: never 0."""
    cols_px: float | None
    confidence: float
    """0 to 1; see ``srsat_qgis.core.registration.peak``."""
    determined: bool
    correlation_before: float | None
    """Correlation of the compared detail as the images lie; None when one of them has none."""
    correlation_after: float | None
    """The same after the shift; None when undetermined. Negative: bright in one is dark in the other."""
    mode: str
    """What was compared: intensity or gradient."""
    reason: str = ""
    """Why the shift is undetermined; empty when it is determined."""


class CrossSpectrum:
    """Sums over window pairs from which a shift follows; two of them merge into that of all their windows.

    Parameters
    ----------
    size : int
        Side of the windows, in pixels.
    mode : str
        What is compared; see ``srsat_qgis.core.registration.detail``.
    """

    def __init__(self, size: int = 256, *, mode: str = "intensity") -> None:
        check_mode(mode)
        if size < 16:
            raise InvalidSetting(f"windows of {size} px: expected at least 16")
        self.size, self.mode, self.windows = size, mode, 0
        self._cross = np.zeros((size, size), np.complex128)
        self._power_reference = np.zeros((size, size))
        self._power_test = np.zeros((size, size))
        self._chance = 0.0

    def update(self, reference: np.ndarray, test: np.ndarray) -> None:
        """Take a pair of windows in, both of shape (size, size) and without holes.

        Raises
        ------
        ShapeMismatch
            If a window has another shape.
        """
        if reference.shape != (self.size, self.size) or test.shape != reference.shape:
            raise ShapeMismatch(
                f"windows of {reference.shape} and {test.shape}: expected {self.size} x {self.size}"
            )
        first, second = detail_spectrum(reference, self.mode), detail_spectrum(test, self.mode)
        powers = np.abs(first) ** 2, np.abs(second) ** 2
        self._cross += first * np.conj(second)
        self._power_reference += powers[0]
        self._power_test += powers[1]
        self._chance += float(np.sum(powers[0] * powers[1]))
        self.windows += 1

    def merge(self, other: CrossSpectrum) -> None:
        """Take in what another one has summed.

        Raises
        ------
        InvalidSetting
            If it was made for other windows or another mode.
        """
        if (other.size, other.mode) != (self.size, self.mode):
            raise InvalidSetting(
                f"cannot merge windows of {other.size} px ({other.mode}) into {self.size} px ({self.mode})"
            )
        self._cross += other._cross
        self._power_reference += other._power_reference
        self._power_test += other._power_test
        self._chance += other._chance
        self.windows += other.windows

    def peak(
        self,
        *,
        max_shift_px: float,
        offset: tuple[float, float] = (0.0, 0.0),
        searched_px: float | None = None,
    ) -> Peak | None:
        """Return where the windows fit best, or None when one side has no detail.

        Parameters
        ----------
        max_shift_px : float
            The farthest that the peak may lie from ``offset``; at most a quarter of the windows' side is meaningful.
        offset : tuple of float
            ``(rows, cols)`` around which to search.
        searched_px : float, optional
            The radius of the whole search that led here, where it was wider: the more places have been tried, the
            higher a correlation is to be had by chance.
        """
        norm = float(np.sqrt(self._power_reference.sum() * self._power_test.sum()))
        if norm == 0:
            return None
        # Of the real part of a complex correlation, half the power is noise.
        half = 1.0 if self.mode == "intensity" else 0.5
        return find_peak(
            self._cross / norm,
            noise=math.sqrt(half * self._chance) / norm,
            max_shift_px=max_shift_px,
            searched_px=searched_px or max_shift_px,
            offset=offset,
            signed=self.mode == "gradient",
        )
