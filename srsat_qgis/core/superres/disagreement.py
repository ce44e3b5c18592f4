"""How much a model's eight answers to the flipped and turned image disagree: a sign of doubt, not an error.

A model that knows what it does gives the same image whichever way the input lies. The mean of the eight passes is also
a slightly better image (geometric self-ensemble; Lim et al. 2017, doi:10.1109/CVPRW.2017.151). Their spread tells
nothing of an error that all eight share.

``DoubtfulPlaces`` finds, while a map of the disagreement is written, where it is largest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, NamedTuple

import numpy as np

from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.core.types import Window

Images = Mapping[str, np.ndarray]
"""By input, arrays of shape (bands, rows, cols)."""
PASSES = tuple((turns, flipped) for flipped in (False, True) for turns in range(4))
"""Quarter turns, and whether columns are reversed first; the first one leaves the image as it is."""
SIDE = 32
"""Of the windows among which the most doubtful ones are found, in output pixels."""
PLACES = 10
"""So many of them are told."""


def turned(image: np.ndarray, turns: int, flipped: bool) -> np.ndarray:
    """Return an image (..., rows, cols) flipped and then turned by so many quarters, as a view."""
    return np.rot90(image[..., ::-1] if flipped else image, turns, axes=(-2, -1))


def turned_back(image: np.ndarray, turns: int, flipped: bool) -> np.ndarray:
    """Undo ``turned``."""
    back = np.rot90(image, -turns, axes=(-2, -1))
    return back[..., ::-1] if flipped else back


def eight_passes(run: Callable[[Images], np.ndarray], images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and disagreement of a model's answers to the eight orientations of its inputs.

    Parameters
    ----------
    run : callable
        From images of all inputs to the output (bands, rows, cols); it is called eight times, with contiguous arrays.
    images : mapping
        All inputs of the same ground. Of a tile, its halo too: the passes agree where each of them is exact.

    Returns
    -------
    mean : ndarray of float32, shape (bands, rows, cols)
    disagreement : ndarray of float32, same shape
        Standard deviation over the passes, in the output's unit.

    Raises
    ------
    ShapeMismatch
        If the passes give images of different sizes.
    """
    first = _answer(run, images, *PASSES[0])
    total, squares = np.zeros(first.shape), np.zeros(first.shape)
    for turns, flipped in PASSES[1:]:
        answer = _answer(run, images, turns, flipped)
        if answer.shape != first.shape:
            raise ShapeMismatch(
                f"turned by {turns} quarters, the model gives {answer.shape}, expected {first.shape} as before"
            )
        # Around the first answer: the squares of the values themselves would drown the differences.
        apart = answer.astype(np.float64) - first
        total += apart
        squares += apart**2
    mean = total / len(PASSES)
    spread = np.sqrt(np.maximum(squares / len(PASSES) - mean**2, 0.0))
    return (first + mean).astype(np.float32), spread.astype(np.float32)


def _answer(run: Callable[[Images], np.ndarray], images: Images, turns: int, flipped: bool) -> np.ndarray:
    given = {name: np.ascontiguousarray(turned(image, turns, flipped)) for name, image in images.items()}
    # A copy, since a runner may use its output's memory again.
    return np.array(turned_back(run(given), turns, flipped), np.float32)


class DoubtfulPlace(NamedTuple):
    """The middle of a window, in output pixels from the raster's corner, and the disagreement in it."""

    row: float
    col: float
    value: float
    """Mean disagreement as a share of the band's contrast, of the band where this is largest."""


class DoubtfulPlaces:
    """Finds the windows of largest disagreement in a raster that is given part by part; memory for a row of parts.

    The windows lie side by side from the upper left corner. A band's contrast is the standard deviation of its valid
    pixels in the mean of the passes. A window counts in a band where at least half of its pixels are valid.

    Parameters
    ----------
    rows, cols, bands : int
        Size of the raster.
    """

    def __init__(self, rows: int, cols: int, bands: int) -> None:
        self._rows, self._cols = rows, cols
        self._least = min(SIDE, rows) * min(SIDE, cols) / 2
        # By row of windows that is not complete yet: sums and counts of its windows, (2, bands, windows).
        self._open: dict[int, np.ndarray] = {}
        # By band, the largest windows so far: mean disagreement, row and column of the window.
        self._largest: list[list[tuple[float, int, int]]] = [[] for _ in range(bands)]
        # Count, mean, and sum of squares around the mean.
        self._moments = np.zeros((3, bands))

    def add(self, window: Window, mean: np.ndarray, spread: np.ndarray, valid: np.ndarray | None) -> None:
        """Take in a part of the raster; parts come in row-major order, those beside each other of equal rows.

        Parameters
        ----------
        window : Window
            Where the part lies, in output pixels.
        mean, spread : ndarray, shape (bands, rows, cols)
            Mean of the passes, and their disagreement.
        valid : ndarray of bool, same shape, or None
            None: all pixels are valid.
        """
        known = np.ones(spread.shape, bool) if valid is None else valid
        self._add_contrast(mean, known)
        rows, row_starts = _cut(window.row, window.rows)
        cols, col_starts = _cut(window.col, window.cols)
        both = np.stack([np.where(known, spread, 0.0), known])
        sums = np.add.reduceat(np.add.reduceat(both, row_starts, axis=2), col_starts, axis=3)
        for position, row in enumerate(rows):
            if row not in self._open:
                self._open[row] = np.zeros((2, len(spread), -(-self._cols // SIDE)))
            self._open[row][:, :, cols.start : cols.stop] += sums[:, :, position]
        end = window.row + window.rows
        if window.col + window.cols == self._cols:
            for row in list(self._open):
                if end >= min((row + 1) * SIDE, self._rows):
                    self._close(row)

    def found(self) -> list[DoubtfulPlace]:
        """Return the windows of largest disagreement, largest first; none where the passes agree."""
        count, _, squares = self._moments
        contrasts = np.sqrt(squares / np.maximum(count, 1))
        # A window among the largest is among those of the band where it is largest.
        values: dict[tuple[int, int], float] = {}
        for largest, contrast in zip(self._largest, contrasts):
            for value, row, col in largest:
                if value > 0 and contrast > 0:
                    values[row, col] = max(values.get((row, col), 0.0), value / contrast)
        ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:PLACES]
        return [
            DoubtfulPlace(_middle(row, self._rows), _middle(col, self._cols), value)
            for (row, col), value in ordered
        ]

    def _add_contrast(self, mean: np.ndarray, known: np.ndarray) -> None:
        for band, (image, ok) in enumerate(zip(mean, known)):
            values = image[ok].astype(np.float64)
            if not values.size:
                continue
            # Two sets of pixels joined: sums of the squares themselves would drown small contrasts.
            count, middle, squares = self._moments[:, band]
            own = values.mean()
            total, apart = count + values.size, own - middle
            self._moments[:, band] = (
                total,
                middle + apart * values.size / total,
                squares + ((values - own) ** 2).sum() + apart**2 * count * values.size / total,
            )

    def _close(self, row: int) -> None:
        """Keep the largest windows of a complete row of windows."""
        sums, counts = self._open.pop(row)
        means = np.where(counts >= self._least, sums / np.maximum(counts, 1), 0.0)
        for largest, values in zip(self._largest, means):
            order = np.argsort(-values, kind="stable")[:PLACES]
            largest.extend((float(values[col]), row, int(col)) for col in order)
            largest.sort(key=lambda item: (-item[0], *item[1:]))
            del largest[PLACES:]


def _cut(start: int, count: int) -> tuple[range, list[int]]:
    """Return the windows that some rows or columns touch, and the first position of each among these."""
    windows = range(start // SIDE, (start + count - 1) // SIDE + 1)
    return windows, [max(window * SIDE - start, 0) for window in windows]


def _middle(window: int, size: int) -> float:
    return (window * SIDE + min((window + 1) * SIDE, size)) / 2
