"""Sums over pixels, exact in any order, and over sliding windows that contain only valid pixels."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean
from srsat_qgis.core.types import Window

# Every float64 is a whole multiple of 2**-1074.
_UNIT_BITS = 1074
# A chunk of this many bits can be added 2**26 times in the 53 bits of a float64.
_CHUNK_BITS = 26
_MOST_ADDED = 1 << 22
_BUFFERED = 256


class ExactSums:
    """Several running sums, which are exact in any order of adding.

    Each number is split into chunks of 26 bits on a common grid; sums of chunks are exact in float64 (as in Demmel &
    Nguyen 2013, doi:10.1109/ARITH.2013.9) and are kept as integers of any length.

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


LEAST_SHARE = 0.1
"""If fewer than this share of the windows at valid pixels contain only valid pixels, a windowed measure is n/a."""

STRIP_ROWS = 32
"""Rows computed at once; few enough that intermediate arrays stay in the processor's cache."""


def largest_fitting(sides: Sequence[int], room: int) -> int:
    """Return the largest side that fits twice, so that some windows avoid holes, else once, else 0."""
    twice = next((side for side in sides if 2 * side <= room), 0)
    return twice or next((side for side in sides if side <= room), 0)


@dataclass(frozen=True)
class Sliding:
    """Square windows at every pixel, each owned by one of its pixels; only those that are completely on the raster."""

    size: int
    before: int
    """Rows above and columns left of the owner: 0 for the top left pixel, ``size // 2`` for the centre."""

    @property
    def after(self) -> int:
        """Rows below and columns right of the owner."""
        return self.size - 1 - self.before

    @property
    def halo(self) -> int:
        """Pixels that a block needs around its core."""
        return max(self.before, self.after)

    def owners(self, context: Context, core: Window) -> Window:
        """Return the pixels of ``core`` that own a window; without rows or columns where there is none."""
        row, col = max(core.row, self.before), max(core.col, self.before)
        last_row = min(core.row + core.rows, context.rows - self.after)
        last_col = min(core.col + core.cols, context.cols - self.after)
        return Window(row, col, max(0, last_row - row), max(0, last_col - col))

    def strips(self, context: Context, block: Block) -> Iterator[tuple[Window, Window]]:
        """Yield (owners, pixels that their windows cover) for strips of a block's core."""
        owners = self.owners(context, block.core)
        if not owners.cols:
            return
        for row in range(owners.row, owners.row + owners.rows, STRIP_ROWS):
            rows = min(STRIP_ROWS, owners.row + owners.rows - row)
            seen = Window(
                row - self.before, owners.col - self.before, rows + self.size - 1, owners.cols + self.size - 1
            )
            yield Window(row, owners.col, rows, owners.cols), seen

    def usable(self, valid: np.ndarray) -> np.ndarray:
        """Return which windows contain only valid pixels, shape (rows - size + 1, cols - size + 1)."""
        return run_all(run_all(valid, self.size, 0), self.size, 1)


def run_all(valid: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Return, along an axis, where ``size`` values from here on are all True."""
    done, result = 1, valid
    while done < size:
        step = min(done, size - done)
        length = result.shape[axis] - step
        result = take(result, 0, length, axis) & take(result, step, length, axis)
        done += step
    return result


def take(array: np.ndarray, first: int, length: int, axis: int) -> np.ndarray:
    """Return ``length`` planes from ``first`` on along an axis, as a view."""
    cut = [slice(None)] * array.ndim
    cut[axis] = slice(first, first + length)
    return array[tuple(cut)]


class MapSums:
    """The exact sum of a map over the usable windows, one per band."""

    def __init__(self, bands: int) -> None:
        self.bands = bands
        self.sums = ExactSums(bands)
        self.windows = 0
        """Usable windows."""
        self.wanted = 0
        """Windows owned by a valid pixel."""

    def count(self, owned: np.ndarray, usable: np.ndarray) -> None:
        """Count windows: ``owned`` where the owner is valid, ``usable`` where all pixels are."""
        self.wanted += int(np.count_nonzero(owned))
        self.windows += int(np.count_nonzero(usable))

    def merge(self, other: MapSums) -> None:
        """Add what another one has counted."""
        self.sums.merge(other.sums)
        self.windows += other.windows
        self.wanted += other.wanted

    def score(self, what: str) -> Score:
        """Return the mean over windows and bands, or why there is none."""
        absent = self.absent(what)
        if absent is not None:
            return absent
        values: list[Value] = []
        for band in range(self.bands):
            total = self.sums.fraction(band)
            values.append(None if total is None else float(total / self.windows))
        why = {band: "values are too large to be squared" for band, one in enumerate(values) if one is None}
        return band_mean(values, why, **self.facts)

    @property
    def facts(self) -> dict[str, float]:
        """The number of windows counted, and their share of those at valid pixels."""
        return {"windows": self.windows, "usable_share": self.windows / self.wanted if self.wanted else 0.0}

    def absent(self, what: str) -> Score | None:
        """Return the score 'n/a' where too few windows are usable."""
        if not self.wanted:
            return Score.absent(f"no {what} fits on the valid pixels of the raster", bands=self.bands)
        if self.windows < LEAST_SHARE * self.wanted:
            share = self.windows / self.wanted
            reason = f"only {100 * share:.2g} % of the valid pixels have a {what} without invalid pixels"
            return Score.absent(reason, bands=self.bands, **self.facts)
        return None


class WindowedSums(Accumulator):
    """The sum of an index over windows with only valid pixels; a subclass gives the windows and the index."""

    windows: Sliding

    summed = ("sums",)

    def __init__(self, context: Context) -> None:
        self._context = context
        self.sums = MapSums(context.bands)

    @abstractmethod
    def index(self, reference: np.ndarray, test: np.ndarray) -> np.ndarray:
        """Return the index of every window that is completely on two planes."""

    def update(self, block: Block) -> None:
        """Count the windows that a block's core owns."""
        if block.reference is None:
            return
        for owners, seen in self.windows.strips(self._context, block):
            cut = block.cut(seen)
            usable = self.windows.usable(block.valid[cut])
            self.sums.count(block.valid[block.cut(owners)], usable)
            whole = bool(usable.all())
            if not whole and not usable.any():
                continue
            for band in range(self._context.bands):
                with np.errstate(over="ignore", invalid="ignore"):
                    values = self.index(block.reference[band][cut], block.test[band][cut])
                self.sums.sums.add(band, values if whole else values[usable])

    def merge(self, other: WindowedSums) -> None:
        """Add what another one has counted."""
        self.sums.merge(other.sums)
