"""Bicubic enlargement, held against GDAL's cubic convolution and against polynomials that it must reproduce."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.raster.resample import (
    HALO,
    bicubic_upsample,
    keys_weights,
    shift_margin,
    shifted,
    shifted_nearest,
)

SCALES = (1, 2, 3, 4, 8)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_it_equals_gdals_cubic_away_from_the_edges(scale):
    gdal = pytest.importorskip("osgeo.gdal")
    image = np.random.RandomState(3).uniform(0, 4000, (2, 20, 31))
    source = gdal.GetDriverByName("MEM").Create("", 31, 20, 2, gdal.GDT_Float64)
    for number, plane in enumerate(image, start=1):
        source.GetRasterBand(number).WriteArray(plane)
    larger = {"width": 31 * scale, "height": 20 * scale}
    expected = gdal.Translate("", source, format="MEM", resampleAlg="cubic", **larger).ReadAsArray()
    inner = (slice(None), slice(HALO * scale, -HALO * scale), slice(HALO * scale, -HALO * scale))
    found = bicubic_upsample(image, scale=scale)
    assert np.abs(found[inner] - expected[inner]).max() < 1e-3  # GDAL's weights are single precision


@pytest.mark.parametrize("scale", SCALES)
def test_a_quadratic_surface_is_reproduced_at_the_centres_of_the_new_pixels(scale):
    def surface(pixels_per_unit):
        y, x = ((np.arange(side * pixels_per_unit) + 0.5) / pixels_per_unit for side in (12, 10))
        return 3 + 0.5 * x[None, :] ** 2 - 0.2 * y[:, None] ** 2 + 0.3 * x[None, :] * y[:, None]

    inner = slice(HALO * scale, -HALO * scale)
    found = bicubic_upsample(surface(1), scale=scale)[inner, inner]
    assert np.abs(found - surface(scale)[inner, inner]).max() < 1e-12


@pytest.mark.parametrize("scale", SCALES)
def test_the_weights_of_every_phase_sum_to_one_and_a_constant_stays_constant(scale):
    assert np.isclose(
        [keys_weights(phase).sum() for phase in np.linspace(0, 1, 9)], 1, rtol=0, atol=1e-15
    ).all()
    assert np.abs(bicubic_upsample(np.full((1, 5, 7), 271.3), scale=scale) - 271.3).max() < 1e-12


def test_scale_one_returns_the_image_itself():
    image = np.random.RandomState(0).standard_normal((2, 6, 5))
    assert np.array_equal(bicubic_upsample(image, scale=1), image)


def test_a_window_with_its_halo_gives_the_same_bits_as_the_whole():
    image = np.random.RandomState(1).standard_normal((1, 30, 30)).astype(np.float32)
    whole = bicubic_upsample(image, scale=4)
    window = bicubic_upsample(image[:, 10 - HALO : 18 + HALO, 4 - HALO : 20 + HALO], scale=4)
    cut = 4 * HALO
    assert np.array_equal(window[:, cut:-cut, cut:-cut], whole[:, 40:72, 16:80])


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 9), (1, 9, 1), (1, 2, 2)])
def test_images_smaller_than_the_kernel_are_enlarged(shape):
    assert bicubic_upsample(np.full(shape, 5.0), scale=2).shape == (1, 2 * shape[1], 2 * shape[2])
    assert np.isclose(bicubic_upsample(np.full(shape, 5.0), scale=2), 5).all()


def test_a_turned_image_gives_the_turned_result():
    image = np.random.RandomState(2).standard_normal((1, 8, 11))
    turned = bicubic_upsample(np.rot90(image, axes=(1, 2)), scale=2)
    assert np.allclose(turned, np.rot90(bicubic_upsample(image, scale=2), axes=(1, 2)), rtol=0, atol=1e-14)


def test_float32_stays_float32_and_integers_become_float64():
    image = np.arange(20).reshape(1, 4, 5)
    assert bicubic_upsample(image.astype(np.float32), scale=2).dtype == np.float32
    assert bicubic_upsample(image.astype(np.uint16), scale=2).dtype == np.float64


def test_a_scale_below_one_and_an_array_without_rows_are_refused():
    with pytest.raises(InvalidSetting, match="scale is 0"):
        bicubic_upsample(np.zeros((1, 4, 4)), scale=0)
    with pytest.raises(ShapeMismatch, match=r"\(4,\)"):
        bicubic_upsample(np.zeros(4), scale=2)


def test_a_shift_by_whole_pixels_copies_and_one_by_fractions_keeps_a_wave():
    rows = np.arange(60)
    wave = np.broadcast_to(100 + 10 * np.sin(2 * np.pi * 0.1 * rows)[:, None], (60, 40)).astype(np.float32)
    everywhere = np.ones(wave.shape, bool)
    for shift in ((2.0, -1.0), (0.3, 0.7), (-1.6, 0.25)):
        margin = shift_margin(shift)
        found = shifted(wave, everywhere, shift)
        assert found.shape == (60 - 2 * margin, 40 - 2 * margin)
        expected = 100 + 10 * np.sin(2 * np.pi * 0.1 * (rows[margin:-margin] - shift[0]))
        assert np.abs(found - expected[:, None]).max() < 0.1
    assert np.array_equal(shifted(wave, everywhere, (2.0, -1.0)), wave[6:-10, 9:-7])
    assert np.array_equal(shifted_nearest(wave, (2.0, -1.0)), wave[6:-10, 9:-7])


def test_invalid_pixels_have_no_influence_on_a_shift():
    image = np.full((40, 40), 7.0, np.float32)
    valid = np.ones(image.shape, bool)
    image[18:20, 20], valid[18:20, 20] = np.nan, False
    assert np.abs(shifted(image, valid, (0.4, -0.3)) - 7).max() < 1e-5


def test_a_shift_needs_the_same_margin_in_each_direction():
    """Lanczos' three lobes, as much to fill holes within them, and the whole pixels of the shift."""
    for shift in ((2.5, 0.0), (-2.5, 0.0), (0.3, -2.1), (0.0, 3.0)):
        assert shift_margin(shift) == 3 + 3 + 3
