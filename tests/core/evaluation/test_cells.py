"""Small maps are means over cells, whatever the blocks that they are gathered by."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.evaluation.views import BINS, CellMeans, PairCounts, ValueCounts
from srsat_qgis.core.types import Window


def gathered(values: np.ndarray, side: int, block: int) -> CellMeans:
    _, rows, cols = values.shape
    cells = CellMeans(len(values), rows, cols, side)
    for row in range(0, rows, block):
        for col in range(0, cols, block):
            part = values[:, row : row + block, col : col + block]
            cells.add(cells.parts(part, Window(row, col, *part.shape[1:])))
    return cells


@pytest.mark.parametrize("block", [7, 16, 100])
@pytest.mark.parametrize("side", [1, 3, 16])
def test_cells_are_means_of_their_pixels(side, block):
    values = np.random.default_rng(1).integers(0, 100, (2, 45, 52)).astype(float)
    values[:, 3:9, 10:31] = np.nan
    means = gathered(values, side, block).means()
    for row in range(means.shape[1]):
        for col in range(means.shape[2]):
            cell = values[:, row * side : (row + 1) * side, col * side : (col + 1) * side].reshape(2, -1)
            known = cell[:, np.isfinite(cell[0])]
            expected = known.mean(axis=1) if known.size else [np.nan, np.nan]
            assert np.allclose(means[:, row, col], expected, equal_nan=True)


def test_pairs_are_counted_in_bins_of_whole_numbers():
    image = np.arange(400, dtype=np.uint16).reshape(1, 20, 20)
    valid = np.ones((20, 20), bool)
    pairs = PairCounts(np.array([[0.0, 399.0]]), whole=True)
    counts = pairs.of(image, image, valid)
    width = (pairs.limits[0, 1] - pairs.limits[0, 0]) / BINS
    assert width == round(width)
    assert counts.sum() == 400
    assert np.count_nonzero(counts[0] - np.diag(np.diag(counts[0]))) == 0
    assert set(np.diag(counts[0])[:50]) == {int(width)}


def test_limits_are_widened_by_a_tenth_but_not_below_zero():
    given = np.array([[0.0, 100.0], [50.0, 150.0], [7.0, 7.0]])
    expected = [[0.0, 110.0], [40.0, 160.0], [6.9, 7.1]]
    np.testing.assert_allclose(ValueCounts(given, whole=False).limits, expected)


def test_values_beyond_the_limits_are_counted_at_the_ends():
    counts = ValueCounts(np.array([[0.0, 1.0]]), whole=False)
    image = np.array([[[-9.0, 0.5, 99.0]]])
    found = counts.of(image, np.ones((1, 3), bool))[0]
    assert (found[0], found[-1], found.sum()) == (1, 1, 3)
