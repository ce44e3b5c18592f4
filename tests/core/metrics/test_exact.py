"""Sums of floating-point numbers that no order and no grouping changes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from srsat_qgis.core.metrics.windows import ExactSums


def numbers():
    random = np.random.RandomState(3)
    return random.randn(4000) * 10.0 ** random.randint(-30, 30, 4000)


def test_a_sum_equals_that_of_fractions():
    values = numbers()
    sums = ExactSums(1)
    sums.add(0, values)
    assert sums.fraction(0) == sum(map(Fraction, values.tolist()))
    assert sums.array()[0] == math.fsum(values)


def test_order_and_parts_do_not_matter():
    values = numbers()
    whole, parts, other = ExactSums(1), ExactSums(1), ExactSums(1)
    whole.add(0, values)
    for part in np.array_split(values[::-1], 17):
        parts.add(0, part.reshape(1, -1))
        other.add(0, np.array([]))
    parts.merge(other)
    assert parts.fraction(0) == whole.fraction(0)


def test_what_cancels_is_not_lost():
    sums = ExactSums(1)
    sums.add(0, np.array([1e300, 1.0, 5e-324, -1e300]))
    assert sums.fraction(0) == 1 + Fraction(5e-324)


def test_rows_and_whole_numbers_add_to_several_sums():
    sums = ExactSums(3)
    for number in range(600):
        sums.add_row(np.array([number, 0.1, -number]))
    sums.add_whole([1, 2, 3])
    assert sums.array() == pytest.approx([179701, 62, -179697], rel=1e-15)
    assert sums.fraction(1) == 2 + 600 * Fraction(0.1)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_leaves_no_sum(bad):
    sums, other = ExactSums(2), ExactSums(2)
    sums.add(1, np.array([1.0, bad]))
    other.add(0, np.array([2.0]))
    other.merge(sums)
    assert other.fraction(0) == 2
    assert other.fraction(1) is None
    assert np.isnan(other.array()[1])
