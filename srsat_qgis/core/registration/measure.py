"""The shift between two images on one lattice: a coarse search where it may be long, then a summed cross-spectrum."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from srsat_qgis.core.errors import Cancelled, InvalidSetting, ShapeMismatch
from srsat_qgis.core.registration.correlation import CrossSpectrum, Peak, Shift, coarse_shift
from srsat_qgis.core.registration.images import MODES, ArrayPixels, Pixels, shared
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

AUTO = "auto"
"""Intensity, and where that is not sure, the gradient."""
SURE = 0.3
"""Least confidence of a shift that counts as determined; see ``tests/benchmarks/registration.py`` for how often
unrelated images reach it."""
WINDOW_SIDES = (256, 128, 64, 32)
"""Sides of the windows, best first: the largest that fits twice and finds enough places without holes."""
MAX_WINDOWS = 12
"""Windows along one axis of a large image: more would not make the shift any surer."""

# Of the windows' side: the longest shift that windows at one place can show.
_DIRECT = 0.25
# Share of windows without holes below which smaller windows are tried.
_ENOUGH = 0.25
# A shift as long as the limit must not fail for its last hundredth.
_SLACK_PX = 0.5
# Windows this near to the fit need not be moved: more than half, so that none goes to and fro.
_NEAR_PX = 0.75
# Of the progress that is left: how many rounds follow is not known.
_ROUND_SHARE = 0.6
# The windows are moved by whole pixels until the rest is less than one: mostly once.
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
    progress: Progress | None = None,
) -> Shift:
    """Return how far ``test`` lies beside ``reference``, in pixels of their lattice.

    Parameters
    ----------
    reference, test : Pixels
    max_shift_px : float
    mode : str
        ``"auto"``, or one of ``MODES``.
    origin : tuple of float
        ``(rows, cols)``: the shift on the lattice at which the two lie as their georeferences say. It is taken off
        the result.
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
        found.append(_Measure(reference, test, max_shift_px, one, origin, part).result())
        if found[-1].determined:
            return found[-1]
    return max(found, key=lambda shift: shift.confidence)


class _Measure:
    """One measure in one mode."""

    def __init__(
        self,
        reference: Pixels,
        test: Pixels,
        max_shift_px: float,
        mode: str,
        origin: tuple[float, float],
        progress: Progress,
    ) -> None:
        self._reference, self._test, self._mode = reference, test, mode
        self._limit, self._origin, self._progress = max_shift_px, origin, progress
        self._done = 0.0

    def result(self) -> Shift:
        """Return the shift, or why there is none."""
        spectrum = self._summed((0, 0))
        if spectrum is None:
            smallest = WINDOW_SIDES[-1]
            return self._undetermined(
                f"the images share no {smallest} x {smallest} pixels in which both hold values"
            )
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
                return self._undetermined("too little of the images overlaps once they are shifted", before)
            peak = following
            start = _nearest(moved, peak)
        return self._judged(peak, moved, before)

    def _start(self, first: Peak, size: int) -> tuple[int, int]:
        """Return the whole-pixel shift to look around: from the first windows, or a search in thinned images."""
        if self._limit > _DIRECT * size:
            return coarse_shift(self._reference, self._test, self._limit, self._mode, self._origin)
        return _nearest((0, 0), first)

    def _peak(self, spectrum: CrossSpectrum, offset: tuple[float, float]) -> Peak | None:
        reach = min(self._limit, _DIRECT * spectrum.size)
        return spectrum.peak(max_shift_px=reach, offset=offset, searched_px=self._limit)

    def _judged(self, peak: Peak, moved: tuple[int, int], before: float) -> Shift:
        rows = moved[0] + peak.rows_px - self._origin[0]
        cols = moved[1] + peak.cols_px - self._origin[1]
        shift = Shift(rows, cols, peak.confidence, True, before, peak.correlation, self._mode)
        if math.hypot(rows, cols) > self._limit + _SLACK_PX:
            reason = f"the best fit lies farther than {self._limit:g} px away"
        elif peak.confidence < SURE:
            reason = f"no shift fits clearly better than others (confidence {peak.confidence:.2f} of {SURE})"
        else:
            return shift
        return replace(
            shift, rows_px=None, cols_px=None, determined=False, correlation_after=None, reason=reason
        )

    def _undetermined(self, reason: str, before: float | None = None) -> Shift:
        return Shift(None, None, 0.0, False, before, None, self._mode, reason)

    def _summed(self, moved: tuple[int, int], known_side: int | None = None) -> CrossSpectrum | None:
        """Return the sums over windows whose side suits the holes, the test's moved back by whole pixels.

        ``known_side`` is that of earlier windows: the same again, so that correlations compare.
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
    """Yield windows that cover the region evenly, in small images by half a side or less from one to the next."""
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
