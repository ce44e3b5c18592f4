"""A few windows of the rasters, read before all others: what range to draw, never what to measure against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.evaluation.partner import Partner
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.types import Window

_SIDE, _PER_AXIS = 64, 6
_SHOWN_PERCENT = (1.0, 99.0)
_ERROR_PERCENT = 98.0


@dataclass(frozen=True)
class Sample:
    """Ranges of values in some windows."""

    limits: np.ndarray
    """Per band the values between which almost all lie, shape (bands, 2)."""
    extremes: tuple[float, float]
    error: float
    """The size that almost no difference to the reference exceeds; 0 without a reference."""
    _values: np.ndarray

    def beyond(self, data_range: float) -> float:
        """Return the share of values that no interval of this length from 0 (or the smallest value) holds."""
        low = min(0.0, self.extremes[0])
        return float(np.mean(self._values > low + data_range)) if self._values.size else 0.0


def sample(raster: Raster, numbers: tuple[int, ...], reference: Partner | None, area: Window) -> Sample:
    """Return ranges from at most 36 windows, spread evenly over the scored area."""
    truth = None if reference is None else Raster(reference.address)
    columns: list[np.ndarray] = []
    errors: list[np.ndarray] = []
    for window in _windows(area):
        image, ok = _read(raster, window, numbers)
        parts = [(image, ok)]
        if truth is not None and reference is not None:
            other, known = _read(truth, reference.placement.window_of(window), reference.numbers)
            parts.append((other, known))
            both = ok & known
            errors.append(np.abs(image[:, both] - other[:, both]).ravel())
        columns += [values[:, valid] for values, valid in parts]
    values = np.concatenate(columns, axis=1) if columns else np.zeros((len(numbers), 0))
    if not values.size:
        return Sample(np.tile([0.0, 1.0], (len(numbers), 1)), (0.0, 0.0), 0.0, values)
    difference = np.concatenate(errors) if errors else np.zeros(0)
    return Sample(
        limits=np.percentile(values, _SHOWN_PERCENT, axis=1).T,
        extremes=(float(values.min()), float(values.max())),
        error=float(np.percentile(difference, _ERROR_PERCENT)) if difference.size else 0.0,
        _values=values,
    )


def _windows(area: Window) -> list[Window]:
    rows, cols = min(_SIDE, area.rows), min(_SIDE, area.cols)
    return [
        Window(area.row + row, area.col + col, rows, cols)
        for row in _starts(area.rows, rows)
        for col in _starts(area.cols, cols)
    ]


def _starts(length: int, side: int) -> list[int]:
    count = min(_PER_AXIS, -(-length // side))
    return sorted({round(float(start)) for start in np.linspace(0, length - side, count)})


def _read(raster: Raster, window: Window, numbers: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    values, valid = raster.read_exact(window, numbers)
    ok = np.ones(values.shape[1:], bool) if valid is None else np.asarray(valid.all(axis=0))
    return values.astype(np.float64), ok
