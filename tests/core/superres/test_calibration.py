"""What disagreements tell of errors, on errors whose distribution is known."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.superres.calibration import Calibration, factor_of, rank_correlation, share_within


def pairs(count: int, times: float, *, seed: int = 0, side: int = 64) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return absolute errors that are normal, of a standard deviation of so many disagreements, and these."""
    random = np.random.default_rng(seed)
    spreads = random.uniform(0.5, 5, (count, side, side))
    return [(np.abs(times * spread * random.standard_normal(spread.shape)), spread) for spread in spreads]


def calibrated(**groups):
    found = Calibration()
    for group, many in groups.items():
        for error, spread in many:
            found.add(group, error, spread)
    return found.result()


def test_normal_errors_give_their_own_factor_and_the_shares_of_a_normal_distribution():
    found = calibrated(one=pairs(8, 4.0), other=pairs(8, 4.0, seed=1))
    assert found.factor == pytest.approx(4.0, rel=0.02)
    assert found.within_1 == pytest.approx(0.6827, abs=0.005)
    assert found.within_2 == pytest.approx(0.9545, abs=0.005)
    assert 0.3 < found.rank < 0.6
    assert found.patches == 16


def test_a_group_is_tried_by_the_factor_of_the_others():
    """Errors of 4 disagreements tried by a factor of 2 lie within half a standard deviation, and the reverse."""
    found = calibrated(one=pairs(8, 4.0), other=pairs(8, 2.0, seed=1))
    assert found.within_1 == pytest.approx((0.3829 + 0.9545) / 2, abs=0.006)
    assert found.within_2 == pytest.approx((0.6827 + 0.99994) / 2, abs=0.006)


def test_shares_are_means_over_all_groups():
    """Those of 2 by the factor of 2 and 8 together, those of 8 by that of 2: a fourth of a standard deviation."""
    found = calibrated(one=pairs(4, 2.0), two=pairs(4, 2.0, seed=1), three=pairs(4, 8.0, seed=2))
    factor = found.factor
    assert 2 < factor < 8
    with_eight = calibrated(one=pairs(4, 2.0), two=pairs(4, 8.0, seed=2)).factor
    inside = np.mean([(error <= with_eight * spread).mean() for error, spread in pairs(4, 2.0)])
    assert found.within_1 == pytest.approx((2 * inside + 0.1974) / 3, abs=0.006)


def test_of_one_group_every_other_patch_is_tried_by_the_rest():
    mixed = [pair for both in zip(pairs(4, 4.0), pairs(4, 2.0, seed=1)) for pair in both]
    assert calibrated(one=mixed).within_1 == pytest.approx((0.3829 + 0.9545) / 2, abs=0.006)


def test_groups_count_alike_however_many_patches_they_have():
    few = calibrated(one=pairs(2, 4.0), other=pairs(2, 1.0, seed=1))
    many = calibrated(one=pairs(40, 4.0), other=pairs(2, 1.0, seed=1))
    assert many.factor == pytest.approx(few.factor, rel=0.03)


def test_the_unit_is_of_no_account():
    inputs = {"one": pairs(2, 3.0), "other": pairs(2, 3.0, seed=1)}
    scaled = {name: [(1e4 * error, 1e4 * spread) for error, spread in many] for name, many in inputs.items()}
    assert calibrated(**scaled) == calibrated(**inputs)


def test_where_nothing_is_wrong_and_nothing_doubted_the_error_lies_within():
    error, spread = np.zeros((2, 40)), np.zeros((2, 40))
    error[:, :20], spread[:, :20] = np.linspace(1, 20, 20), 2.0
    found = calibrated(one=[(error, spread)], other=[(error, spread)])
    # Of 80 pixels, 40 have a ratio of 0; the 55th ratio, in order, is the first that makes 68.27 %.
    assert found.factor == pytest.approx(np.sort(np.repeat(np.arange(1, 21), 2))[14] / 2)


def disagreeing(share: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return errors of which the passes show so many."""
    error = np.linspace(1, 2, 100).reshape(10, 10)
    return [(error, np.where(np.arange(100).reshape(10, 10) < 100 * share, 1.0, 0.0))]


def test_passes_that_agree_on_a_wrong_answer_cannot_be_calibrated():
    assert calibrated(one=disagreeing(0.6), other=disagreeing(0.6)) is None
    assert calibrated(one=disagreeing(0.7), other=disagreeing(0.7)).factor == pytest.approx(
        1 + 68 / 99, abs=0.005
    )
    # Together they contain enough, but two of them alone do not.
    groups = {"one": disagreeing(1.0), "two": disagreeing(0.55), "three": disagreeing(0.55)}
    assert calibrated(**groups) is None


def test_without_a_rank_or_without_errors_there_is_nothing_to_tell():
    alike = [(np.ones((10, 10)), np.ones((10, 10)))]
    assert calibrated(one=alike, other=alike) is None
    few = [(np.where(np.arange(100) < 30, 1.0, 0.0).reshape(10, 10), np.linspace(1, 2, 100).reshape(10, 10))]
    assert calibrated(one=few, other=few) is None, "a factor of 0 is none"


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_patches_tell_nothing(count):
    assert calibrated(one=pairs(count, 2.0)) is None
    assert calibrated(one=pairs(2, 2.0)) is not None


def test_ranks_are_those_of_a_worked_example():
    """Ranks 1, 2.5, 2.5, 4 and 2, 1, 3, 4: by hand, 3 / sqrt(4.5 * 5)."""
    found = rank_correlation(np.array([1.0, 5, 5, 9]), np.array([3.0, 2, 7, 8]))
    assert found == pytest.approx(3 / np.sqrt(4.5 * 5))
    assert rank_correlation(np.arange(9.0), np.arange(9.0) ** 3) == pytest.approx(1)
    assert rank_correlation(np.arange(9.0), -np.arange(9.0)) == pytest.approx(-1)
    assert np.isnan(rank_correlation(np.arange(9.0), np.ones(9)))


def test_a_factor_contains_the_share_and_no_smaller_one_does():
    parts = [np.sort(np.random.default_rng(seed).gamma(1.0, 1.0, 1000)) for seed in range(3)]
    factor = factor_of(parts)
    assert np.mean([share_within(part, factor) for part in parts]) >= 0.6827
    assert np.mean([share_within(part, np.nextafter(factor, 0)) for part in parts]) < 0.6827
    assert share_within(np.array([1.0, 2.0, 2.0, 3.0]), 2.0) == 0.75
