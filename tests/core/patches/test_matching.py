"""What is said of a pair: the limits of its shift and correlation, and the bands that a picture shows."""

from __future__ import annotations

import pytest

from srsat_qgis.core.patches.matching import (
    BandMatch,
    PairMatch,
    describe_shift,
    problems,
    shift_problem,
    shown_bands,
)
from srsat_qgis.core.registration.correlation import Shift


def shift(rows, cols, reason="") -> Shift:
    return Shift(rows, cols, 0.9, rows is not None, 0.5, 0.9, "intensity", reason)


@pytest.mark.parametrize(
    ("rows", "cols", "warned"),
    [(0.25, 0.0, False), (0.0, -0.26, True), (0.15, 0.2, False), (-0.2, 0.2, True), (None, None, False)],
)
def test_pairs_may_be_a_quarter_of_a_coarse_pixel_apart(rows, cols, warned):
    assert bool(shift_problem(shift(rows, cols))) == warned


def test_the_warning_tells_the_distance_and_the_way_out():
    assert "misregistered by 0.50 of the coarser pixels" in shift_problem(shift(0.3, -0.4))
    assert "srsat:coregister" in shift_problem(shift(0.3, -0.4))


def test_a_shift_is_told_with_its_signs_or_with_the_reason_why_it_is_not_known():
    assert describe_shift(shift(0.304, -1.2)) == "shift +0.30 rows, -1.20 columns of the coarser pixels"
    assert describe_shift(shift(None, None, "flat")) == "shift undetermined (flat)"
    assert describe_shift(shift(None, None)) == "shift undetermined (too little detail in common)"


def test_bands_that_hardly_correlate_are_named_and_constant_ones_are_not():
    bands = tuple(BandMatch(1.0, 0.0, one) for one in (0.5, 0.49, None, -0.9))
    match = PairMatch(shift(0.0, 0.0), bands)
    assert set(problems(match)) == {"bands"}
    assert "(band 2 0.49, band 4 -0.90; expected 0.5 at least)" in problems(match)["bands"]
    assert match.describe().endswith("band 3: LR = 1 HR +0, correlation undetermined; band 4: LR = 1 HR +0, "
                                     "correlation -0.900")  # fmt: skip
    assert set(problems(PairMatch(shift(1.0, 0.0), bands[:1]))) == {"shift"}


@pytest.mark.parametrize(
    ("wavelengths", "shown"),
    [
        ((490, 560, 665, 842), (2, 1, 0)),
        ((665, 842, 490, 560), (0, 3, 2)),
        ((842, 1610, 2190, 704), (2, 1, 0)),
        ((None, None, None), (0, 1, 2)),
        ((None, None, None, None), (2, 1, 0)),
        ((None, None), (0,)),
        ((842,), (0,)),
    ],
)
def test_pictures_show_red_green_and_blue_where_the_bands_are_known(wavelengths, shown):
    assert shown_bands([{"wavelength_nm": one} for one in wavelengths]) == shown
