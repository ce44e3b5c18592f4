"""Degradation, held against scipy's Gaussian filter, against analytic transfer functions and against geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import (
    MTF_LANDSAT,
    MTF_SENTINEL2,
    add_noise,
    area_valid,
    as_type,
    gaussian_area,
    gaussian_area_halo,
    mtf_decimate,
    mtf_halo,
    mtf_sigma,
    preset_mtf,
)
from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from tests.scenes import centroid, point, waves

SCALES = (1, 2, 3, 4, 6, 8)
FORMS = [
    pytest.param(
        lambda image, scale, **more: gaussian_area(image, scale=scale, sigma=0.5, **more), id="gaussian"
    ),
    pytest.param(lambda image, scale, **more: mtf_decimate(image, scale=scale, mtf=0.25, **more), id="mtf"),
]


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("sigma", [0.3, 0.4, 0.5, 0.7, 0.85])
def test_gaussian_area_equals_scipys_gaussian_filter_and_the_block_mean(scale, sigma):
    ndimage = pytest.importorskip("scipy.ndimage")
    image = np.random.RandomState(1).uniform(0, 1, (24, 36))
    blurred = ndimage.gaussian_filter(image, sigma * scale, mode="reflect", truncate=4.0)
    expected = blurred.reshape(24 // scale, scale, 36 // scale, scale).mean(axis=(1, 3))
    assert np.abs(gaussian_area(image, scale=scale, sigma=sigma) - expected).max() < 1e-14


@pytest.mark.parametrize("scale", SCALES)
def test_without_blur_it_is_the_plain_area_mean(scale):
    fine = waves(2, 6, 5, factor=scale)
    assert np.abs(gaussian_area(fine, scale=scale, sigma=0) - waves(2, 6, 5)).max() < 1e-14


@pytest.mark.parametrize("scale", [2, 3, 4, 6])
@pytest.mark.parametrize("mtf", [0.2, 0.3, 0.38])
def test_the_coarse_nyquist_frequency_comes_through_with_the_wanted_mtf(scale, mtf):
    """A cosine of one coarse Nyquist cycle, peaking at the block centres, keeps ``mtf`` of its amplitude."""
    coarse = 24
    centre = (
        np.arange(coarse * scale) + 0.5
    ) / scale - 0.5  # in coarse pixels, 0 at the first block's centre
    image = np.tile(np.cos(np.pi * centre), (coarse * scale, 1))
    found = mtf_decimate(image, scale=scale, mtf=mtf)[coarse // 2, 6:-6]
    assert np.abs(found * np.cos(np.pi * np.arange(6, coarse - 6)) - mtf).max() < 2e-3


def test_sigma_follows_from_the_mtf_by_the_transfer_of_a_gaussian():
    for scale, mtf in ((2, 0.24), (4, 0.3)):
        sigma = mtf_sigma(mtf, scale=scale)
        assert math.isclose(math.exp(-2 * (math.pi * sigma / (2 * scale)) ** 2), mtf, rel_tol=1e-12)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", SCALES)
def test_the_centroid_of_a_point_source_stays_put_on_average_over_its_places_in_a_block(form, scale):
    shifts = []
    for within in range(scale):
        row = 8 * scale + within
        found = form(point(20 * scale, 20 * scale, row, 8 * scale), scale)
        shifts.append(centroid(found, pixel=scale)[0] - (row + 0.5))
    assert abs(np.mean(shifts)) < 1e-12


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_centroid_of_a_smooth_spot_stays_put(form, scale):
    y, x = np.mgrid[: 24 * scale, : 24 * scale] + 0.5
    spot = np.exp(-0.5 * ((y - 11.3 * scale) ** 2 + (x - 12.9 * scale) ** 2) / (1.6 * scale) ** 2)
    row, col = centroid(form(spot, scale), pixel=scale)
    assert abs(row - 11.3 * scale) < 1e-5 * scale
    assert abs(col - 12.9 * scale) < 1e-5 * scale


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", SCALES)
def test_turning_and_mirroring_commute_with_it(form, scale):
    image = np.random.RandomState(4).standard_normal((1, 5 * scale, 7 * scale))
    assert np.allclose(form(image[:, ::-1], scale), form(image, scale)[:, ::-1], rtol=0, atol=1e-13)
    turned = np.rot90(image, axes=(1, 2))
    assert np.allclose(form(turned, scale), np.rot90(form(image, scale), axes=(1, 2)), rtol=0, atol=1e-13)


@pytest.mark.parametrize("form", FORMS)
def test_a_constant_stays_constant_up_to_the_edge(form):
    assert np.abs(form(np.full((1, 12, 8), 1234.5), 4) - 1234.5).max() < 1e-9


@pytest.mark.parametrize("form", FORMS)
def test_two_different_nodata_values_give_the_same_result(form):
    image = np.random.RandomState(5).uniform(100, 200, (2, 24, 24))
    valid = np.ones((24, 24), dtype=bool)
    valid[5:9, 11:] = False
    valid[20, 3] = False
    results = [form(np.where(valid, image, fill), 2, valid=valid) for fill in (0, -9999, 1e30, np.nan)]
    for other in results[1:]:
        assert np.array_equal(results[0], other, equal_nan=True)


@pytest.mark.parametrize("form", FORMS)
def test_a_coarse_pixel_is_valid_exactly_where_its_whole_block_is(form):
    valid = np.random.RandomState(6).uniform(size=(2, 24, 30)) > 0.05
    expected = np.array([[[valid[b, 3 * r : 3 * r + 3, 3 * c : 3 * c + 3].all() for c in range(10)]
                          for r in range(8)] for b in range(2)])  # fmt: skip
    assert np.array_equal(area_valid(valid, scale=3), expected)
    found = form(np.ones(valid.shape), 3, valid=valid)
    assert np.array_equal(np.isfinite(found), expected)
    assert np.abs(found[expected] - 1).max() < 1e-14  # a mean over valid pixels alone has no dark rim


@pytest.mark.parametrize("form", FORMS)
def test_pixels_that_see_no_nodata_keep_their_bits(form):
    image = np.random.RandomState(7).standard_normal((1, 64, 64)).astype(np.float32)
    valid = np.ones((64, 64), dtype=bool)
    valid[:2, :2] = False
    masked, whole = form(image, 2, valid=valid), form(image, 2)
    assert np.isnan(masked[0, 0, 0])
    assert np.array_equal(masked[:, 8:, :], whole[:, 8:, :])
    assert np.array_equal(masked[:, :, 8:], whole[:, :, 8:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_blocks_with_their_halo_give_the_same_bits_as_the_whole(scale, dtype):
    image = np.random.RandomState(8).standard_normal((1, 30 * scale, 30 * scale)).astype(dtype)
    for halo, form in (
        (
            gaussian_area_halo(scale=scale, sigma=0.7),
            lambda part: gaussian_area(part, scale=scale, sigma=0.7),
        ),
        (mtf_halo(scale=scale, mtf=0.2), lambda part: mtf_decimate(part, scale=scale, mtf=0.2)),
    ):
        whole = form(image)
        for start, end in ((0, 9), (9, 20), (20, 30)):
            low, high = max(0, start - halo), min(30, end + halo)
            part = form(image[:, low * scale : high * scale])
            assert np.array_equal(part[:, start - low : end - low], whole[:, start:end])


def test_every_band_may_have_its_own_blur():
    image = np.random.RandomState(9).standard_normal((2, 16, 16))
    found = gaussian_area(image, scale=2, sigma=(0.3, 0.8))
    assert np.array_equal(found[0], gaussian_area(image[0], scale=2, sigma=0.3))
    assert np.array_equal(found[1], gaussian_area(image[1], scale=2, sigma=0.8))


def test_presets_know_their_bands_however_they_are_written():
    assert preset_mtf("sentinel-2", ["B02", "b8", "8A", "B12"]) == (0.26, 0.26, 0.33, 0.23)
    assert preset_mtf("landsat", ["B4"]) == (0.3,)
    with pytest.raises(InvalidSetting, match=r"'spot'.*sentinel-2, landsat"):
        preset_mtf("spot", ["B1"])
    with pytest.raises(InvalidSetting, match="B10"):
        preset_mtf("sentinel-2", ["B10"])


def test_the_presets_hold_the_published_mtf_of_every_band():
    """Sentinel-2's in the order of its bands, as in the program of SupReME (Lanaras et al. 2017)."""
    names = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B11", "B12")
    published = (0.32, 0.26, 0.28, 0.24, 0.38, 0.34, 0.34, 0.26, 0.33, 0.26, 0.22, 0.23)
    assert dict(MTF_SENTINEL2) == dict(zip(names, published))
    assert dict(MTF_LANDSAT) == {f"B{number}": 0.3 for number in range(1, 10)}


def test_float32_is_computed_in_float32_and_all_else_in_float64():
    """A quarter more than 2 ** 22 is no number of float32, so that there the small pixels add nothing."""
    image = np.tile(np.array([2.0**24, 1.0, 1.0, 1.0]), (4, 1))
    assert gaussian_area(image.astype(np.float32), scale=4, sigma=0).item() == 2.0**22
    for dtype in (np.float64, np.int32):
        assert gaussian_area(image.astype(dtype), scale=4, sigma=0).item() == 2.0**22 + 0.75


def test_noise_has_the_variance_of_read_and_shot_noise():
    random = np.random.RandomState(10)
    for signal in (0, 1000, 4000):
        noisy = add_noise(np.full((200, 200), signal), read=5, shot=0.04, random=random)
        assert abs(noisy.mean() - signal) < 0.3
        assert abs(noisy.var() / (25 + 0.04 * signal) - 1) < 0.03


def test_noise_is_added():
    expected = 7 + 2 * np.random.RandomState(1).standard_normal(5)
    found = add_noise(np.full(5, 7.0), read=2, shot=0, random=np.random.RandomState(1))
    np.testing.assert_array_equal(found, expected)


def test_noise_leaves_nodata_as_it_is():
    assert np.isnan(add_noise(np.array([np.nan, 1.0]), read=1, shot=1, random=np.random.RandomState(0))[0])


def test_rounding_to_a_type_clips_and_rounds_half_to_even():
    values = np.array([-3.0, 0.5, 1.5, 254.6, 300.0])
    assert as_type(values, np.uint8).tolist() == [0, 0, 2, 255, 255]
    assert as_type(values, np.float32).tolist() == values.astype(np.float32).tolist()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gaussian_area(np.zeros((1, 7, 8)), scale=2, sigma=0.5), ShapeMismatch, "7 rows x 8 columns"),
        (lambda: gaussian_area(np.zeros((1, 8, 8)), scale=2, sigma=-1), InvalidSetting, "-1"),
        (lambda: gaussian_area(np.zeros((1, 8, 8)), scale=0, sigma=1), InvalidSetting, "scale is 0"),
        (lambda: gaussian_area(np.zeros((3, 8, 8)), scale=2, sigma=(1, 2)), ShapeMismatch, "2 values of sigma for 3"),
        (lambda: mtf_decimate(np.zeros((1, 8, 8)), scale=2, mtf=1.0), InvalidSetting, "1.0"),
        (lambda: mtf_decimate(np.zeros(8), scale=2, mtf=0.3), ShapeMismatch, r"\(8,\)"),
        (lambda: add_noise(np.zeros(3), read=-1, shot=0, random=np.random.RandomState(0)), InvalidSetting, "-1"),
    ],
)  # fmt: skip
def test_impossible_wishes_are_refused_with_the_value(call, error, message):
    with pytest.raises(error, match=message):
        call()
