"""Filling of invalid pixels: independent of what stood there, exact on windows, faithful to valid pixels."""

import numpy as np

from srsat_qgis.core.raster.resample import fill_invalid

RANDOM = np.random.RandomState(3)
IMAGE = RANDOM.uniform(100, 200, (60, 70)).astype(np.float32)
VALID = RANDOM.uniform(size=IMAGE.shape) > 0.2
VALID[20:45, 10:50] = False


def test_valid_pixels_stay_and_the_filler_has_no_influence():
    results = []
    for filler in (0, -9999, 65535, np.nan):
        image = np.where(VALID, IMAGE, np.float32(filler))
        results.append(fill_invalid(image, VALID, reach=8))
    np.testing.assert_array_equal(results[0][VALID], IMAGE[VALID])
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


def test_filled_pixels_lie_within_the_range_of_the_valid_ones():
    filled = fill_invalid(IMAGE, VALID, reach=30)
    assert filled.min() >= IMAGE[VALID].min() - 1e-3
    assert filled.max() <= IMAGE[VALID].max() + 1e-3


def test_a_window_with_a_margin_of_one_reach_equals_the_whole():
    reach = 6
    whole = fill_invalid(IMAGE, VALID, reach=reach)
    rows, cols = slice(15, 40), slice(20, 55)
    grown = slice(15 - reach, 40 + reach), slice(20 - reach, 55 + reach)
    part = fill_invalid(IMAGE[grown], VALID[grown], reach=reach)
    np.testing.assert_array_equal(part[reach:-reach, reach:-reach], whole[rows, cols])


def test_a_single_hole_becomes_the_mean_of_its_neighbours():
    image = np.arange(9, dtype=np.float32).reshape(3, 3)
    valid = np.ones((3, 3), bool)
    valid[1, 1] = False
    assert fill_invalid(image, valid, reach=1)[1, 1] == np.delete(image.ravel(), 4).mean()


def test_pixels_out_of_reach_become_zero():
    valid = np.zeros((1, 10), bool)
    valid[0, 0] = True
    filled = fill_invalid(np.full((1, 10), 7, np.float32), valid, reach=3)
    np.testing.assert_array_equal(filled[0], [7, 7, 7, 7, 0, 0, 0, 0, 0, 0])
