"""Identical images are perfect in every measure; where a measure does not apply it says why, and gives no number."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.pointwise import NO_PIXELS, TOO_LARGE, PointSums, ergas, psnr, rmse, sre
from srsat_qgis.core.metrics.score import Block, Context
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.metrics.windows import MapSums
from srsat_qgis.core.types import Window

TO_REFERENCE = [key for key, measure in MEASURES.items() if measure.needs == {"reference"}]


def scene(dtype, top, *, size=96, bands=3):
    """Return an image with detail, a flat half and a dark corner."""
    random = np.random.RandomState(5)
    image = random.rand(bands, size, size) * 0.6 * top + top / 5
    image[:, : size // 3, : size // 3] = top / 3
    image[:, :9, :9] = 0
    return image.astype(dtype)


def compare(reference, test, **settings):
    settings = {
        "data_range": 4095.0,
        "scale": 4,
        "indices": {"NDVI": (1, 0)} if len(test) > 1 else {},
        **settings,
    }
    return score_arrays(test, reference=reference, keys=TO_REFERENCE, **settings)


def no_surprise(scores):
    """Check that every number is finite or plus infinity, and that every missing one has a reason."""
    for key, score in scores.items():
        assert score.value is None or score.value == math.inf or math.isfinite(score.value), (key, score)
        assert score.value is not None or score.reason, key
        json.dumps(score.as_json(), allow_nan=False)
        assert score.text()


@pytest.mark.parametrize(
    ("dtype", "top"),
    [(np.uint8, 255), (np.uint16, 4095), (np.int16, 4000), (np.float32, 4095), (np.float64, 1)],
)
def test_identical_images_with_flat_areas_are_perfect_in_every_measure(dtype, top):
    image = scene(dtype, top)
    found = compare(image, image.copy(), data_range=float(top))
    no_surprise(found)
    imperfect = {key: score for key, score in found.items() if score.value != MEASURES[key].perfect}
    assert not imperfect


def test_a_test_image_that_is_the_reference_improves_all_that_a_coarse_one_lacks():
    image = scene(np.uint16, 4095)
    coarse = image.reshape(3, 48, 2, 48, 2).mean(axis=(2, 4)).round().astype(np.uint16)
    keys = ("improvement", "omission", "hallucination")
    found = score_arrays(image, reference=image, lowres=coarse, keys=keys, data_range=4095.0)
    assert [found[key].value for key in keys] == [100, 0, 0]


def test_a_single_band_has_no_spectral_angle_and_all_else():
    image = scene(np.uint16, 4095, bands=1)
    found = compare(image, image + np.uint16(1))
    no_surprise(found)
    assert {key for key, score in found.items() if score.value is None} == {"sam", "index_mae"}
    assert found["sam"].reason == "one band has no spectrum"


def test_a_constant_band_has_no_correlation_and_says_so():
    image = scene(np.uint16, 4095)
    image[1] = 700
    found = compare(image, np.where(np.arange(3)[:, None, None] == 1, image, image + 1).astype(np.uint16))
    no_surprise(found)
    assert found["cc"].per_band[1] is None
    assert "band 2: constant" in found["cc"].reason
    assert found["cc"].value == pytest.approx(1)


@pytest.mark.parametrize("value", [0, 700])
def test_two_constant_images_give_reasons_in_place_of_ratios(value):
    flat = np.full((2, 96, 96), value, dtype=np.uint16)
    found = compare(flat, flat + np.uint16(20))
    no_surprise(found)
    assert found["cc"].value is found["fsim"].value is found["frc"].value is found["shift_x"].value is None
    assert "undetermined" in found["shift_x"].reason
    assert (found["sre"].value is None) == (found["ergas"].value is None) == (value == 0)


def test_only_zero_vectors_give_no_angle():
    nothing = np.zeros((3, 64, 64), dtype=np.uint8)
    found = compare(nothing, nothing, data_range=255.0)
    no_surprise(found)
    assert found["sam"].value is None
    assert found["sam"].facts["zero_pixels"] == 64 * 64


def test_a_raster_of_nodata_gives_no_number_at_all():
    image = scene(np.uint16, 4095)
    found = compare(image, image, valid=np.zeros((96, 96), dtype=bool))
    assert all(score.value is None and score.reason for score in found.values())


def test_nan_is_nodata_and_touches_no_other_pixel():
    image = scene(np.float32, 4095)
    test = image + 3
    clean = compare(image[:, 20:], test[:, 20:])
    test[1, 5, 5] = np.nan
    image[0, 2, 90] = np.inf
    found = compare(image, test)
    no_surprise(found)
    assert found["mae"].value == 3
    assert clean["mae"].value == 3
    assert found["ssim"].facts["usable_share"] < 1


def test_windows_larger_than_the_raster_do_not_apply():
    image = scene(np.uint16, 4095)[:, 50:57, 20:27]
    found = compare(image, image + np.uint16(5))
    no_surprise(found)
    assert all(len(found[key].per_band) == 3 for key in ("ssim", "uiq", "frc", "spectrum_ratio"))
    absent = {key for key, score in found.items() if score.value is None}
    assert {"ssim", "uiq", "frc", "spectrum_ratio", "shift_x", "shift_y", "local_shift"} <= absent
    assert {"rmse", "psnr", "sam", "cpsnr"}.isdisjoint(absent)


def test_a_raster_of_one_pixel_is_measured_where_one_pixel_is_enough():
    one = np.full((2, 1, 1), 100, dtype=np.uint8)
    found = compare(one, one + np.uint8(10), data_range=255.0)
    no_surprise(found)
    assert found["rmse"].value == 10


def test_a_comb_of_holes_leaves_too_few_windows_and_says_so():
    image = scene(np.uint16, 4095)
    valid = np.ones((96, 96), dtype=bool)
    valid[:, ::9] = False
    found = compare(image, image + np.uint16(1), valid=valid)
    no_surprise(found)
    assert found["mae"].value == 1
    assert "without invalid pixels" in found["ssim"].reason


def test_fill_values_that_no_one_declared_are_no_values():
    huge = np.full((2, 64, 64), -3.4e38, dtype=np.float32)
    found = compare(huge, huge)
    no_surprise(found)
    assert found["rmse"].reason == NO_PIXELS


def test_numbers_whose_squares_overflow_give_reasons():
    context = Context(2, 64, 64, data_range=1.0)
    sums = PointSums(context)
    sums.add(np.full((2, 64, 64), 1e200), np.full((2, 64, 64), -1e200), np.ones((64, 64), dtype=bool))
    assert rmse(context, sums).reason == sre(context, sums).reason == TOO_LARGE
    assert ergas(context, sums).reason == TOO_LARGE


def test_ratios_that_no_float_holds_are_measured_in_decibels_or_have_a_reason():
    context = Context(1, 1, 2, data_range=1e30, scale=2)
    sums = PointSums(context)
    # The squared error, 4e-320, is next to nothing.
    sums.add(np.array([[[1e30, 0.0]]]), np.array([[[1e30, 2.0**-531]]]), np.ones((1, 2), bool))
    assert psnr(context, sums).value == pytest.approx(600 + 10 * math.log10(2) * (1 + 2 * 531))
    assert sre(context, sums).value == pytest.approx(600 + 10 * math.log10(2) * (1 + 2 * 531 - 2))
    sums = PointSums(context)
    sums.add(np.array([[[1e-200, 1e-200]]]), np.array([[[1e30, 1e30]]]), np.ones((1, 2), bool))
    assert ergas(context, sums).value is None
    assert "almost 0" in ergas(context, sums).reason
    assert sre(context, sums).value == pytest.approx(-4600)


def test_bands_whose_windows_overflow_are_named_and_the_others_count():
    sums = MapSums(2)
    sums.count(np.ones(2, dtype=bool), np.ones(2, dtype=bool))
    sums.sums.add(0, np.array([0.25, 0.75]))
    sums.sums.add(1, np.array([0.25, np.inf]))
    score = sums.score("window")
    assert score.per_band == (0.5, None)
    assert score.reason == "band 2: values are too large to be squared"


def test_without_a_data_range_what_needs_one_says_so():
    image = scene(np.uint16, 4095)
    found = compare(image, image + np.uint16(4), data_range=None)
    no_surprise(found)
    assert {key for key, score in found.items() if score.value is None} == {
        "psnr",
        "ssim",
        "fsim",
        "issm",
        "cpsnr",
    }
    assert found["psnr"].reason == "the data range is unknown"


def test_a_missing_raster_is_named():
    image = scene(np.uint8, 255)
    found = score_arrays(image, data_range=255.0, keys=list(MEASURES))
    assert found["rmse"].reason == "needs a reference raster"
    assert found["lr_consistency"].reason == "needs the low-resolution raster"
    assert found["hallucination"].reason == "needs the low-resolution raster and a reference raster"


FAMILIES = {family.name: family for one in MEASURES.values() for family in one.families}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_block_without_the_rasters_that_a_family_needs_counts_nothing(name):
    whole, known = Window(0, 0, 96, 96), np.ones((96, 96), dtype=bool)
    image = scene(np.uint8, 255)
    coarse, coarse_known = image[:, ::2, ::2], known[::2, ::2]
    rasters = {"reference": image, "lowres": coarse, "lowres_valid": coarse_known}
    family = FAMILIES[name]
    needed = {raster for raster in rasters if raster.partition("_")[0] in family.needs}
    context = Context(3, 96, 96, integer=True, data_range=255.0, scale=2)
    for missing in needed:
        given = {raster: values for raster, values in rasters.items() if raster != missing}
        assert_counts_nothing(family, context, Block(whole, whole, image, known, **given))
    if "lowres" in family.needs:
        assert_counts_nothing(
            family, replace(context, scale=None), Block(whole, whole, image, known, **rasters)
        )


def assert_counts_nothing(family, context, block):
    state = family.start(context)
    before = pickle.dumps(state)
    state.update(block)
    assert pickle.dumps(state) == before


def test_arrays_that_do_not_fit_and_unknown_measures_are_refused():
    image = scene(np.uint8, 255)
    with pytest.raises(ShapeMismatch, match="the same shape"):
        score_arrays(image, reference=image[:, :50])
    with pytest.raises(ShapeMismatch, match="whole scale"):
        score_arrays(image, lowres=image[:, :50, :50])
    with pytest.raises(ShapeMismatch, match="valid"):
        score_arrays(image, reference=image, valid=np.ones((5, 5), dtype=bool))
    with pytest.raises(ShapeMismatch, match="expected"):
        score_arrays(image[0, 0])
    with pytest.raises(InvalidSetting, match="psnrr is unknown"):
        score_arrays(image, reference=image, keys=("psnrr",))
    with pytest.raises(InvalidSetting, match="scale is 3"):
        score_arrays(image, lowres=image[:, ::2, ::2], scale=3)
