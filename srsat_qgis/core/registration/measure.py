"""The shift between two images on one lattice: a coarse search for long shifts, then a summed cross-spectrum."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from srsat_qgis.core.errors import Cancelled, InvalidSetting, ShapeMismatch
from srsat_qgis.core.registration.correlation import CrossSpectrum, Peak, Shift, coarse_shift
from srsat_qgis.core.registration.images import MODES, ArrayPixels, Pixels, shared
from srsat_qgis.core.registration.strata import farthest_stratum
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

AUTO = "auto"
"""Intensity, and the gradient if the confidence of that is too low."""
MIN_CONFIDENCE = 0.3
"""Smallest confidence of a shift that counts as determined; ``tests/benchmarks/registration.py`` measures how often
unrelated images have it."""
WINDOW_SIDES = (256, 128, 64, 32)
"""Sides of the windows, best first: the largest that fits twice and finds enough places without invalid pixels."""
MAX_WINDOWS = 12
"""Windows along one axis of a large image: more would not increase the confidence."""

# The longest shift that windows at the same place can show, as a share of their side.
_DIRECT = 0.25
# Share of windows without invalid pixels below which smaller windows are tried.
_ENOUGH = 0.25
# A shift that is as long as the limit must not fail because of a hundredth of a pixel.
_SLACK_PX = 0.5
# Windows this close to the fit are not moved: more than half a pixel, so that they do not oscillate.
_NEAR_PX = 0.75
# Share of the remaining progress for one round: the number of rounds is unknown.
_ROUND_SHARE = 0.6
# The windows are moved by whole pixels until less than one pixel remains: usually once.
_ROUNDS = 4


def check_settings(max_shift_px: float, mode: str) -> None:
    """Raise InvalidSetting for a largest shift that is not positive, or an unknown mode."""
    if not (math.isfinite(max_shift_px) and max_shift_px > 0):
        raise InvalidSetting(f"largest shift of {max_shift_px} px: expected more than 0")
    if mode not in (AUTO, *MODES):
        raise InvalidSetting(f"mode {mode!r}: expected one of {', '.join((AUTO, *MODES))}")


def measure_shift(
    reference: Pixels,
    test: Pixels,
    *,
    max_shift_px: float,
    mode: str,
    origin: tuple[float, float] = (0.0, 0.0),
    agreeing: float | None = None,
    progress: Progress | None = None,
) -> Shift:
    """Return the shift between ``test`` and ``reference``, in pixels of their lattice.

    Parameters
    ----------
    reference, test : Pixels
    max_shift_px : float
    mode : str
        ``"auto"``, or one of ``MODES``.
    origin : tuple of float
        ``(rows, cols)``: the shift on the lattice at which the two are as their georeferences say. It is subtracted
        from the result.
    agreeing : float, optional
        A shift counts only where those of the bright and the dark parts of the images are at most so many steps off
        (`strata`, ``CLOSE_STEPS`` or ``LOOSE_STEPS``); None: they are not asked.
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the largest shift or the mode is out of range.
    Cancelled
        When the progress says so.
    """
    check_settings(max_shift_px, mode)
    progress = progress or SilentProgress()
    modes = MODES if mode == AUTO else (mode,)
    found = []
    for index, one in enumerate(modes):
        part = PartProgress(progress, index / len(modes), (index + 1) / len(modes))
        measure = _Measure(reference, test, max_shift_px, one, origin, agreeing, part)
        found.append(measure.result())
        # Another mode would be asked about the same clouds.
        if found[-1].determined or measure.dissent:
            return found[-1]
    return max(found, key=lambda shift: shift.confidence)


class _Measure:
    """The measurement in one mode."""

    def __init__(
        self,
        reference: Pixels,
        test: Pixels,
        max_shift_px: float,
        mode: str,
        origin: tuple[float, float],
        agreeing: float | None,
        progress: Progress,
    ) -> None:
        self._reference, self._test, self._mode = reference, test, mode
        self._limit, self._origin, self._progress = max_shift_px, origin, progress
        self._agreeing, self.dissent = agreeing, ""
        self._done = 0.0

    def result(self) -> Shift:
        """Return the shift, or why there is none."""
        spectrum = self._summed((0, 0))
        if spectrum is None:
            smallest = WINDOW_SIDES[-1]
            return self._undetermined(f"the images have no {smallest} x {smallest} valid pixels in common")
        first = self._peak(spectrum, self._origin)
        if first is None:
            return self._undetermined("one of the images is flat")
        before = first.correlation_at_offset
        peak, moved = first, (0, 0)
        start = self._start(first, spectrum.size)
        for _ in range(_ROUNDS):
            if start == moved:
                break
            moved = start
            there = self._summed(moved, spectrum.size)
            following = None if there is None else self._peak(there, (0.0, 0.0))
            if following is None:
                return self._undetermined("the images overlap too little after the shift", before)
            peak = following
            start = _nearest(moved, peak)
        return self._judged(peak, moved, before)

    def _start(self, first: Peak, size: int) -> tuple[int, int]:
        """Return the whole-pixel shift to start from: by the first windows, or a search in averaged images."""
        if self._limit > _DIRECT * size:
            return coarse_shift(self._reference, self._test, self._limit, self._mode, self._origin)
        return _nearest((0, 0), first)

    def _peak(self, spectrum: CrossSpectrum, offset: tuple[float, float]) -> Peak | None:
        radius = min(self._limit, _DIRECT * spectrum.size)
        return spectrum.peak(max_shift_px=radius, offset=offset, searched_px=self._limit)

    def _judged(self, peak: Peak, moved: tuple[int, int], before: float) -> Shift:
        rows = moved[0] + peak.rows_px - self._origin[0]
        cols = moved[1] + peak.cols_px - self._origin[1]
        shift = Shift(rows, cols, peak.confidence, True, before, peak.correlation, self._mode)
        if math.hypot(rows, cols) > self._limit + _SLACK_PX:
            reason = f"the best fit is a shift of more than {self._limit:g} px"
        elif peak.confidence < MIN_CONFIDENCE:
            confidence = f"confidence {peak.confidence:.2f}, expected at least {MIN_CONFIDENCE}"
            reason = f"no shift fits clearly better than others ({confidence})"
        else:
            self.dissent = reason = self._dissenting(peak, moved)
        if not reason:
            return shift
        return replace(
            shift, rows_px=None, cols_px=None, determined=False, correlation_after=None, reason=reason
        )

    def _dissenting(self, peak: Peak, moved: tuple[int, int]) -> str:
        """Return in words that parts of the images show another shift than the whole; nothing where none is asked."""
        if self._agreeing is None:
            return ""
        whole = (moved[0] + peak.rows_px, moved[1] + peak.cols_px)
        steps, away = farthest_stratum(
            self._reference, self._test, whole, self._limit, self._mode, self._origin
        )
        if steps <= self._agreeing:
            return ""
        return f"bright and dark parts of the images show shifts {away:.1f} px apart: clouds, or changes; mask them"

    def _undetermined(self, reason: str, before: float | None = None) -> Shift:
        return Shift(None, None, 0.0, False, before, None, self._mode, reason)

    def _summed(self, moved: tuple[int, int], known_side: int | None = None) -> CrossSpectrum | None:
        """Return the sums over windows of the best side, with those of the test moved back by whole pixels.

        ``known_side`` is the side of earlier windows, which is used again so that correlations can be compared.
        """
        best: CrossSpectrum | None = None
        region = shared(self._reference.extent, self._test.extent, moved)
        for side in WINDOW_SIDES:
            wanted = side if side in (known_side, WINDOW_SIDES[-1]) else 2 * side
            if min(region.rows, region.cols) < wanted or (known_side is not None and side > known_side):
                continue
            places = list(_places(region, side))
            spectrum = CrossSpectrum(side, mode=self._mode)
            for index, place in enumerate(places):
                if self._progress.cancelled:
                    raise Cancelled("the search for the shift was cancelled")
                self._add(spectrum, place, moved)
                self._progress.update(
                    self._done + _ROUND_SHARE * (1 - self._done) * (index + 1) / len(places)
                )
            self._done += _ROUND_SHARE * (1 - self._done)
            if best is None or spectrum.windows * side * side > best.windows * best.size * best.size:
                best = spectrum
            if spectrum.windows >= _ENOUGH * len(places):
                break
        return best if best is not None and best.windows else None

    def _add(self, spectrum: CrossSpectrum, place: Window, moved: tuple[int, int]) -> None:
        values, valid = self._reference.read(place, 1)
        if not valid.all():
            return
        back = Window(place.row - moved[0], place.col - moved[1], place.rows, place.cols)
        others, valid = self._test.read(back, 1)
        if valid.all():
            spectrum.update(values, others)


def _places(region: Window, side: int) -> Iterator[Window]:
    """Yield windows that cover the region evenly; in small images they overlap by half a side or more."""
    for row in starts(region.rows, side):
        for col in starts(region.cols, side):
            yield Window(region.row + row, region.col + col, side, side)


def starts(length: int, side: int) -> list[int]:
    """Return where at most ``MAX_WINDOWS`` windows begin along an axis, half a side apart or evenly spread."""
    count = min(MAX_WINDOWS, 1 + math.ceil((length - side) / (side / 2)))
    return [round(float(start)) for start in np.linspace(0, length - side, count)]


def _nearest(moved: tuple[int, int], peak: Peak) -> tuple[int, int]:
    """Return the whole-pixel shift of the windows from which the peak is less than a pixel away."""
    if max(abs(peak.rows_px), abs(peak.cols_px)) <= _NEAR_PX:
        return moved
    return round(moved[0] + peak.rows_px), round(moved[1] + peak.cols_px)


__all__ = ["CrossSpectrum", "Shift", "estimate_shift"]


def estimate_shift(
    reference: np.ndarray,
    test: np.ndarray,
    *,
    valid: np.ndarray | None = None,
    max_shift_px: float,
    mode: str = "intensity",
) -> Shift:
    """Return the shift between ``test`` and ``reference``.

    Parameters
    ----------
    reference, test : ndarray, shape (rows, cols)
        Two images on the same pixels.
    valid : ndarray of bool, shape (rows, cols), optional
        Pixels that are valid in both; pixels that are not finite are never used.
    max_shift_px : float
        The longest shift to search for.
    mode : str
        ``"intensity"``, ``"gradient"``, or ``"auto"``: the one with the higher confidence.

    Returns
    -------
    Shift
        What must be added to the coordinates of ``test``. Undetermined for flat, tiny or unrelated images.

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
