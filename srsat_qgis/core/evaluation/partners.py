"""The rasters of a comparison: where they lie on each other, and the range of values that they are measured against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.metrics.arrays import LARGEST
from srsat_qgis.core.metrics.ranges import REFLECTANCE, usual_range
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.pictures.drawing import stretch_limits
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import Placement, place
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window


@dataclass(frozen=True)
class Partner:
    """A raster of the comparison, and where it lies."""

    path: str
    """As the user names it."""
    address: str
    """What is read: the path, or a virtual raster that shows it on another grid."""
    numbers: tuple[int, ...]
    placement: Placement
    """On the pixels of the raster under test."""
    change: str = ""
    """What was done to bring it onto the grid; empty: nothing."""

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name or self.path


def place_partner(test: Grid, other: Grid, *, same_size: bool, names: tuple[str, str]) -> Placement:
    """Return how ``other`` lies on the pixels of ``test``.

    Parameters
    ----------
    test, other : Grid
    same_size : bool
        Whether pixels must be of one size; else those of ``other`` must hold a whole number of test pixels, at
        least 2.
    names : tuple of str
        The two rasters, for messages.

    Raises
    ------
    GridMismatch
        If CRS, pixel size, rotation or origin differ; the message gives both values.
    """
    expected = "pixels of the same size" if same_size else "a whole number of pixels in each, at least 2"
    pair = f"{names[1]} does not lie on the grid of {names[0]} (expected {expected})"
    try:
        found = place(other, test, names=(names[1], names[0]))
    except GridMismatch as error:
        raise GridMismatch(f"{pair}: {error}") from error
    if (found.ratio == 1) != same_size:
        raise GridMismatch(f"{pair}: found {other.describe()} and {test.describe()}")
    return found


_SIDE, _PER_AXIS = 64, 6
_ERROR_PERCENT = 98.0


@dataclass(frozen=True)
class Sample:
    """Ranges of values in some windows."""

    limits: np.ndarray
    """For each band the values between which almost all are, shape (bands, 2)."""
    extremes: tuple[float, float]
    error: float
    """The absolute difference to the reference that almost no pixel exceeds; 0 without a reference."""
    _values: np.ndarray

    def beyond(self, data_range: float, lowest: float = 0.0) -> float:
        """Return the share of values above an interval of this length that begins at one (or the smallest) value."""
        low = min(lowest, self.extremes[0])
        return float(np.mean(self._values > low + data_range)) if self._values.size else 0.0


def sample(raster: Raster, numbers: tuple[int, ...], reference: Partner | None, area: Window) -> Sample:
    """Return a sample from at most 36 windows, spread evenly over the measured area."""
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
        limits=stretch_limits(values),
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


@dataclass(frozen=True)
class DataRange:
    """The data range and its origin."""

    value: float
    why: str
    lowest: float = 0.0
    """Where it begins."""


def decide_data_range(
    given: float | None,
    rasters: Sequence[tuple[Raster, Sequence[int]]],
    card: ModelCard | None,
    sample: Sample,
    *,
    of_values: bool = False,
) -> DataRange:
    """Return the user's range, or the one that type, file and model card imply.

    In this order: the user's number; 255 for 8 bits; the value range of the model card that the raster names; the
    number of bits that the file declares; 1 divided by the scale that the bands declare (that digital number is 1 in
    the unit of the data); 10000 for other integers, or the range of their type if more than a twentieth of the values
    exceed that; 1 for floats between about 0 and 1.

    Parameters
    ----------
    given : float, optional
    rasters : sequence of (Raster, band numbers)
        The raster under test first.
    card : ModelCard, optional
        That of the model which made the raster under test.
    sample : Sample
        Decides between the conventions for integers, and shows if floats have none; only with ``of_values`` the range
        is taken from it.
    of_values : bool
        Whether floats without a convention get the range of their own values.

    Raises
    ------
    InvalidSetting
        If the given range is not above 0, or none is given, the floats are not between about 0 and 1, and their own
        range is not wanted.
    """
    if given is not None:
        if not 1 / LARGEST < given < LARGEST:
            raise InvalidSetting(
                f"DATA_RANGE is {given:g}; expected a number above 0, between {1 / LARGEST:g} and {LARGEST:g}"
            )
        return DataRange(given, "as given")
    types = {raster.types[number - 1] for raster, numbers in rasters for number in numbers}
    if types == {"Byte"}:
        return DataRange(255.0, "8-bit values")
    low, high = (card.value_range if card is not None else None) or (0.0, 0.0)
    if card is not None and 1 / LARGEST < high - low < LARGEST:
        return DataRange(high - low, f"value range {low:g} to {high:g} of the model {card.id}", low)
    raster, numbers = rasters[0]
    bits = {raster.bits(number) for number in numbers}
    if len(bits) == 1 and None not in bits:
        count = bits.pop() or 0
        return DataRange(float(2**count - 1), f"{count}-bit values, as declared in the file")
    scales = {raster.template(number).scale for number in numbers}
    scale = scales.pop() if len(scales) == 1 else None
    if scale and 1 / LARGEST < scale < 1:
        return DataRange(float(round(1 / scale)), f"1 / scale of the bands ({scale:g})")
    beyond = sample.beyond(REFLECTANCE)
    kinds = [np.dtype(NUMPY_TYPES.get(name, np.float32)) for name in sorted(types)]
    found = usual_range(kinds, extremes=sample.extremes, beyond=beyond)
    if found is None:
        low, high = sample.extremes
        if of_values:
            return DataRange(high - low or 1.0, f"that of the values, {low:g} to {high:g}", low)
        raise InvalidSetting(
            f"DATA_RANGE: {raster.path} contains floats from {low:g} to {high:g}, for which there is "
            "no common range; give the range of the quantity, for example 60 for land surface temperatures in kelvin"
        )
    return DataRange(found, _why(found, "/".join(sorted(types)), beyond))


def _why(found: float, names: str, beyond: float) -> str:
    if found == 1:
        return "floats between about 0 and 1"
    if found == REFLECTANCE:
        return f"{names}, taken as reflectance x 10000"
    return f"range of {names}, because {100 * beyond:.0f} % of the values exceed 10000"
