"""Windows of pixels that slide over a raster: who counts which, and which are wholly valid."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.metrics.exact import ExactSums
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean
from srsat_qgis.core.types import Window

LEAST_SHARE = 0.1
"""Where fewer than this share of the windows at valid pixels are wholly valid, a windowed measure is n/a."""

STRIP_ROWS = 32
"""Rows computed at once: few enough that intermediate arrays stay in the processor's cache."""


def largest_fitting(sides: Sequence[int], room: int) -> int:
    """Return the largest side that fits twice, so that some windows miss a hole, else the largest that fits, else 0."""
    twice = next((side for side in sides if 2 * side <= room), 0)
    return twice or next((side for side in sides if side <= room), 0)


@dataclass(frozen=True)
class Sliding:
    """Square windows at every pixel, each owned by one of its pixels; only those that lie wholly on the raster."""

    size: int
    before: int
    """Rows above and columns left of the owner: 0 owns by the top left pixel, ``size // 2`` by the centre."""

    @property
    def after(self) -> int:
        """Rows below and columns right of the owner."""
        return self.size - 1 - self.before

    @property
    def halo(self) -> int:
        """Pixels that a block needs around its core."""
        return max(self.before, self.after)

    def owners(self, context: Context, core: Window) -> Window:
        """Return the pixels of ``core`` that own a window; of no rows or columns where there is none."""
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
        """Return which windows are wholly valid, shape (rows - size + 1, cols - size + 1)."""
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
    """The exact sum of a map over the usable windows, one a band."""

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
            return Score.absent(f"no {what} fits on valid pixels of the raster", bands=self.bands)
        if self.windows < LEAST_SHARE * self.wanted:
            share = self.windows / self.wanted
            reason = f"only {100 * share:.2g} % of the places at valid pixels hold a {what} without holes"
            return Score.absent(reason, bands=self.bands, **self.facts)
        return None


class WindowedSums(Accumulator):
    """The sum of an index over windows that are wholly valid; a subclass says which windows and which index."""

    windows: Sliding

    def __init__(self, context: Context) -> None:
        self._context = context
        self.sums = MapSums(context.bands)

    @abstractmethod
    def index(self, reference: np.ndarray, test: np.ndarray) -> np.ndarray:
        """Return the index of every window that lies wholly on two planes."""

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
