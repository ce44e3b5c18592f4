"""What is said of a pair: the limits of its shift and correlation, and the bands that a picture shows."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.errors import InputError
from srsat_qgis.core.patches.matching import (
    BandMatch,
    PairMatch,
    describe_shift,
    match_pair,
    problems,
    shift_problem,
    shown_bands,
)
from srsat_qgis.core.patches.scenes import RasterPlane
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.correlation import Shift
from srsat_qgis.core.types import Window
from tests.rasters import write_raster
from tests.shifted_scenes import fractal


@pytest.fixture
def planes(tmp_path):
    """Makes a fine plane of two bands, and a coarse one of a gain and an offset each and with noise in a band."""

    def make(gains, *, offset=0.0, noise=(0, 0), moved=0, holes=False):
        fine = np.stack([2000 + 20 * fractal(264, 264, seed=seed) for seed in (1, 2)])
        image = gaussian_area(fine[:, 4 + moved : 260 + moved, 4:260], scale=2, sigma=0.4)
        fine = fine[:, 4:260, 4:260]
        image = image * np.reshape(gains, (2, 1, 1)) + offset
        image += np.reshape(noise, (2, 1, 1)) * np.random.RandomState(1).standard_normal(image.shape)
        if holes:
            image[:, ::16, ::16] = -9999
        rasters = [
            Raster(write_raster(tmp_path / f"{name}.tif", values.astype(np.float32), nodata=-9999))
            for name, values in (("fine", fine), ("coarse", image))
        ]
        return [
            RasterPlane(raster, (1, 2), Window(0, 0, raster.grid.rows, raster.grid.cols))
            for raster in rasters
        ]

    return make


def test_a_band_that_is_turned_has_a_negative_gain(planes):
    bands = match_pair(*planes((2.0, -0.5), offset=9000.0), 2).bands
    assert [band.gain for band in bands] == pytest.approx([2.0, -0.5], rel=0.03)
    assert [round(band.correlation) for band in bands] == [1, -1]
    assert [band.offset for band in bands] == pytest.approx([9000, 9000], rel=0.03)


def test_pixels_without_data_have_no_influence_on_the_radiometry(planes):
    bands = match_pair(*planes((1.5, 0.7), holes=True), 2).bands
    assert [band.gain for band in bands] == pytest.approx([1.5, 0.7], rel=0.03)
    assert min(band.correlation for band in bands) > 0.99


@pytest.mark.parametrize("gain", [0.11, 9.0])
def test_values_of_one_order_may_be_of_one_unit(planes, gain):
    assert match_pair(*planes((gain, 1.0)), 2).bands[0].gain == pytest.approx(gain, rel=0.03)


@pytest.mark.parametrize("gain", [0.08, 12.0])
def test_values_more_than_ten_times_apart_are_of_another_unit(planes, gain):
    with pytest.raises(InputError, match=r"band 2 reaches .* expected one unit in both"):
        match_pair(*planes((1.0, gain)), 2)


@pytest.mark.parametrize("noise", [(0, 4000), (4000, 0)])
def test_the_shift_is_that_of_the_band_that_fits_best(planes, noise):
    found = match_pair(*planes((1.0, 1.0), noise=noise, moved=1), 2).shift
    assert (found.rows_px, found.cols_px) == (pytest.approx(0.5, abs=0.05), pytest.approx(0, abs=0.05))


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
        ((842, 1610, 2190, 704), (0, 1, 2)),
        ((None, None, None), (0, 1, 2)),
        ((None, None, None, None), (0, 1, 2)),
        ((None, None), (0,)),
        ((842,), (0,)),
    ],
)
def test_pictures_show_red_green_and_blue_where_the_bands_are_known(wavelengths, shown):
    assert shown_bands([{"wavelength_nm": one} for one in wavelengths]) == shown
