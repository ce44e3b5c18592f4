"""Sums of floating-point numbers that are exact, so that they depend neither on order nor on grouping."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

_UNIT_BITS = 1074  # every float64 is a whole multiple of 2**-1074
_CHUNK_BITS = 26  # a chunk of this many bits can be added 2**26 times in the 53 bits of a float64
_MOST_ADDED = 1 << 22
_BUFFERED = 256


class ExactSums:
    """Several running sums, exact whatever is added in whatever order.

    Each number is cut into chunks of 26 bits on a grid common to the array; sums of chunks are exact in float64
    (as in Demmel & Nguyen 2013, doi:10.1109/ARITH.2013.9) and are kept as integers of any length.

    Parameters
    ----------
    count : int
        Number of sums.
    """

    def __init__(self, count: int) -> None:
        self._totals = [0] * count
        self._finite = [True] * count
        self._waiting: list[np.ndarray] = []

    def add(self, index: int, values: np.ndarray) -> None:
        """Add all numbers of an array of any shape to the sum ``index``."""
        flat = np.ascontiguousarray(values, dtype=np.float64).reshape(-1)
        for first in range(0, flat.size, _MOST_ADDED):
            part = flat[first : first + _MOST_ADDED]
            largest = float(np.max(np.abs(part)))
            if not np.isfinite(largest):
                self._finite[index] = False
            elif largest:
                self._totals[index] += _exact_sum(part, largest)

    def add_whole(self, numbers: Sequence[int]) -> None:
        """Add one whole number to each sum."""
        for index, number in enumerate(numbers):
            self._totals[index] += number << _UNIT_BITS

    def add_row(self, row: np.ndarray) -> None:
        """Add one number to each sum; cheap for many sums and many rows."""
        self._waiting.append(np.array(row, dtype=np.float64))
        if len(self._waiting) >= _BUFFERED:
            self._flush()

    def merge(self, other: ExactSums) -> None:
        """Add the sums of another one."""
        self._flush()
        other._flush()
        self._totals = [a + b for a, b in zip(self._totals, other._totals)]
        self._finite = [a and b for a, b in zip(self._finite, other._finite)]

    def fraction(self, index: int) -> Fraction | None:
        """Return a sum, or None if a number added to it was not finite."""
        self._flush()
        return Fraction(self._totals[index], 1 << _UNIT_BITS) if self._finite[index] else None

    def array(self) -> np.ndarray:
        """Return all sums rounded to float64; NaN where a number added was not finite."""
        fractions = (self.fraction(index) for index in range(len(self._totals)))
        return np.array([np.nan if value is None else float(value) for value in fractions])

    def _flush(self) -> None:
        if not self._waiting:
            return
        rows = np.stack(self._waiting)
        self._waiting = []
        for index, column in enumerate(np.ascontiguousarray(rows.T)):
            self.add(index, column)


def _exact_sum(values: np.ndarray, largest: float) -> int:
    """Return the sum of finite numbers of at most ``largest`` in size, as a multiple of 2**-1074."""
    total = 0
    rest = values
    while largest:
        top = int(np.frexp(largest)[1])
        bits = min(_CHUNK_BITS, top + _UNIT_BITS)
        if bits <= 0 or top > 1000:
            return total + sum(_whole(float(value)) for value in rest)
        # Adding 1.5 * 2**e rounds to multiples of 2**(e - 52): here to the upper bits of the largest number.
        anchor = np.ldexp(1.5, top - bits + 52)
        upper = (rest + anchor) - anchor
        total += _whole(float(upper.sum()))
        rest = rest - upper
        largest = float(np.max(np.abs(rest)))
    return total


def _whole(value: float) -> int:
    numerator, denominator = value.as_integer_ratio()
    return numerator * ((1 << _UNIT_BITS) // denominator)
