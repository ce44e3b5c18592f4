"""Blur and noise of rasters, from scenes whose blur and noise are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.degradation.raster_state import (
    OWN_BLUR,
    BandState,
    Estimate,
    advice,
    measure_image,
    measure_layer,
    median_of,
    relative_blur,
    sampled_windows,
)
from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.core.raster.layer import InputLayer
from tests.rasters import shapes, write_raster

FACTOR = 4
TOLERANCE = {0.35: 0.12, 0.5: 0.1, 0.65: 0.1, 0.8: 0.1}
"""Pixels. Edges of a blur below 0.4 hardly differ: the pixel's own area is as wide."""


def scene(blur: float, noise: float, *, rows=192, cols=256, seed=0) -> np.ndarray:
    """Return one band, (1, rows, cols), of a scene four times finer."""
    fine = shapes(rows * FACTOR, cols * FACTOR, seed=seed)
    coarse = gaussian_area(fine, scale=FACTOR, sigma=blur)
    return (coarse + np.random.RandomState(seed + 1).normal(0, noise, coarse.shape))[np.newaxis]


def layer(path, bands=1, **options) -> InputLayer:
    return InputLayer("image", str(path), tuple(range(1, bands + 1)), 1, **options)


@pytest.mark.parametrize("blur", [0.35, 0.5, 0.65, 0.8])
@pytest.mark.parametrize("noise", [10.0, 30.0])
def test_blur_and_noise_of_a_known_scene_are_found(blur, noise):
    (found,) = measure_image(scene(blur, noise))
    assert found.blur.value == pytest.approx(blur, abs=TOLERANCE[blur])
    # Fine detail of a sharp scene is half of what a noise of 10 is.
    assert found.noise.value == pytest.approx(noise, rel=0.35 if blur < 0.6 and noise < 20 else 0.15)


@pytest.mark.parametrize("side", [34, 48])
def test_a_very_small_raster_tells_its_blur(side):
    for seed in (0, 1, 2):
        soft, sharp = (
            measure_image(scene(blur, 20.0, rows=side, cols=side, seed=seed))[0].blur.value
            for blur in (0.8, 0.4)
        )
        assert soft == pytest.approx(0.8, abs=0.2)
        assert sharp == pytest.approx(0.4, abs=0.2)


@pytest.mark.parametrize("blur", [0.35, 0.8])
def test_the_blur_of_a_scene_without_noise_is_found(blur):
    (found,) = measure_image(scene(blur, 0.0))
    assert found.blur.value == pytest.approx(blur, abs=TOLERANCE[blur])
    # What cannot be told from the finest detail is at most that.
    assert found.noise.value < 3
    assert found.noise.spread < 10


@pytest.mark.parametrize("noise", [0.3, 0.5, 2.0, 8.0])
def test_quiet_ground_tells_its_noise_and_no_blur(noise):
    quiet = np.random.RandomState(4).normal(120, noise, (1, 200, 200)) + np.linspace(0, 1, 200)
    (found,) = measure_image(quiet)
    assert found.noise.value == pytest.approx(noise, rel=0.1)
    assert found.blur is None


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_rounding_to_whole_numbers_is_part_of_the_noise(noise):
    quiet = np.rint(np.random.RandomState(4).normal(120.3, noise, (1, 200, 200)))
    (found,) = measure_image(quiet)
    assert found.noise.value == pytest.approx(math.sqrt(noise**2 + 1 / 12), rel=0.12)


def test_noise_is_never_less_than_that_of_rounding():
    (found,) = measure_image(50 * np.rint(scene(0.5, 0.0) / 50))
    assert found.noise.value >= 50 / math.sqrt(12) * (1 - 1e-9)


def test_gain_and_offset_leave_the_blur_and_scale_the_noise():
    image = scene(0.5, 8.0)
    (found,), (other,) = measure_image(image), measure_image(0.001 * image + 273.15)
    assert other.blur.value == pytest.approx(found.blur.value, abs=1e-4)
    assert other.noise.value == pytest.approx(0.001 * found.noise.value, rel=1e-4)


def test_each_band_has_its_own_state_in_the_order_that_is_asked_for(tmp_path):
    image = np.concatenate([scene(0.35, 2.0), scene(0.8, 20.0)])
    path = write_raster(tmp_path / "two.tif", image)
    both = measure_layer(layer(path, 2))
    assert measure_layer(layer(path, 2), bands=(2, 1)) == both[::-1]
    assert measure_layer(layer(path, 2), bands=(2,)) == both[1:]
    assert both[0].blur.value < both[1].blur.value - 0.25
    assert both[0].noise.value < both[1].noise.value / 5


def test_a_file_gives_what_its_image_gives_whatever_its_blocks(tmp_path):
    image = scene(0.5, 8.0)
    tiled = write_raster(
        tmp_path / "tiled.tif", image, options=["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]
    )
    striped = write_raster(tmp_path / "striped.tif", image)
    assert measure_layer(layer(tiled)) == measure_layer(layer(striped)) == measure_image(image)


def test_nodata_has_no_influence_whatever_its_value(tmp_path):
    image = scene(0.5, 8.0)
    valid = np.ones(image.shape, bool)
    valid[:, 40:90, 100:160] = False
    states = []
    for value in (-9999.0, 1e6):
        holed = np.where(valid, image, value)
        path = write_raster(tmp_path / f"{value:g}.tif", holed, nodata=value)
        states.append(measure_layer(layer(path)))
    assert states[0] == states[1] == measure_image(image, valid) == measure_image(image, valid[0])
    assert states[0][0].blur.value == pytest.approx(0.5, abs=0.1)


def test_values_from_the_saturation_on_tell_nothing(tmp_path):
    image = scene(0.5, 8.0)
    cut = np.where(image > 1200, 5000.0, image)
    path = write_raster(tmp_path / "cut.tif", cut)
    assert measure_layer(layer(path, saturation=5000.0)) == measure_image(cut, image <= 1200)


def test_infinite_and_nan_pixels_are_no_values():
    image = scene(0.5, 8.0)
    image[0, 3, 5], image[0, 100, 70] = np.nan, np.inf
    (found,) = measure_image(image)
    assert found.blur.value == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "image",
    [
        np.full((1, 200, 200), 7.0),
        np.zeros((1, 12, 300)),
        np.random.RandomState(0).normal(size=(1, 22, 22)),
        np.full((1, 200, 200), np.nan),
        np.random.RandomState(0).randint(0, 2, (1, 200, 200)) * 255.0,
    ],
    ids=["constant", "narrow", "tiny", "nothing", "two values"],
)
def test_rasters_that_tell_nothing_are_undetermined(image):
    assert measure_image(image) == (BandState(None, None),)


def test_windows_are_spread_over_the_raster_and_never_more_than_sixteen():
    windows = sampled_windows(1000, 5000, 1)
    assert len(windows) == 16
    assert {window.row for window in windows} == {0, 290, 581, 872}
    assert max(window.col for window in windows) == 4872
    assert all(window[2:] == (128, 128) for window in windows)
    assert [tuple(window) for window in sampled_windows(100, 130, 1)] == [(0, 0, 100, 128), (0, 2, 100, 128)]


@pytest.mark.parametrize(("bands", "count"), [(32, 16), (33, 9), (200, 4), (10000, 4)])
def test_of_many_bands_fewer_windows_are_read(bands, count):
    assert len(sampled_windows(5000, 5000, bands)) == count


def test_images_and_validity_must_fit():
    with pytest.raises(ShapeMismatch, match=r"\(30, 30\)"):
        measure_image(np.zeros((30, 30)))
    with pytest.raises(ShapeMismatch, match=r"\(1, 30, 30\).*\(29, 30\)"):
        measure_image(np.zeros((1, 30, 30)), np.ones((29, 30), bool))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_an_image_with_its_own_blur_degraded_by_the_relative_blur_has_the_raster_s(scale):
    """Variances of Gaussians add up, whatever grid they are written on."""
    sigma = relative_blur(0.5, scale)
    assert (scale * sigma) ** 2 + OWN_BLUR**2 == pytest.approx((scale * 0.5) ** 2)


def test_a_raster_sharper_than_finer_images_has_hardly_any_relative_blur():
    assert relative_blur(0.1, 2) == 0.01


def test_the_own_blur_is_that_of_sentinel_2():
    """An MTF of 0.275 to 0.28 at the Nyquist frequency, the pixel's area included."""
    area = math.sin(math.pi / 2) / (math.pi / 2)
    mtf = area * math.exp(-2 * (math.pi * OWN_BLUR * 0.5) ** 2)
    assert 0.25 < mtf < 0.28


def test_the_median_is_of_the_known_ones():
    assert median_of([Estimate(1.0, 0.1), None, Estimate(3.0, 0.3), Estimate(2.0, 0.5)]) == Estimate(2.0, 0.3)
    assert median_of([None]) is None


@pytest.mark.parametrize(
    ("blur", "words"),
    [
        (0.2, "Very sharp"),
        (0.5, "As sensors deliver"),
        (0.9, "Softer than"),
        (1.1, "Very soft"),
        (None, "BLUR"),
    ],
)
def test_the_advice_depends_on_the_blur(blur, words):
    state = BandState(blur and Estimate(blur, 0.04), Estimate(5.0, 0.5))
    sentences = advice([state])
    assert sentences[-1] == "Noise: 5 in the raster's unit, give or take 0.5."
    assert any(words in one for one in sentences)
    assert ("undetermined" in sentences[0]) == (blur is None)


def test_the_advice_says_that_noise_is_undetermined():
    assert "Noise: undetermined" in advice([BandState(Estimate(0.5, 0.04), None)])[-1]
