"""Measures of detail and place: spectra, shifts, consistency, seams, limits, what is added and what is missed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import fourier_shift, gaussian_filter

from srsat_qgis.core.degradation.kernels import gaussian_area, mtf_decimate
from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.hallucination import HallucinationCounts, hallucination_block
from srsat_qgis.core.metrics.score import Block, Context
from srsat_qgis.core.metrics.spectrum import RingSums
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.types import Window


def texture(rows=300, cols=280, seed=1):
    random = np.random.RandomState(seed)
    noise = random.randn(rows, cols)
    return 2000 + 400 * sum(gaussian_filter(noise, sigma) * sigma for sigma in (0.7, 1.5, 4))[None]


def one(key, test, **settings):
    return score_arrays(test, keys=(key,), **settings)[key]


def test_blur_moves_the_ring_correlation_down_only_with_noise():
    random = np.random.RandomState(4)
    truth = texture()
    noise = 30 * random.randn(*truth.shape)
    found = [
        one("frc", gaussian_filter(truth, (0, s, s)) + noise, reference=truth).value for s in (0.5, 1, 2)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.3 > 0.2 > found[2]


def test_the_spectrum_knows_by_how_much_detail_is_too_weak():
    truth = texture()
    assert one("spectrum_ratio", (truth - 2000) / 2, reference=truth).value == pytest.approx(
        -6.0206, abs=1e-3
    )


def test_curves_have_one_number_a_ring_and_band():
    truth = texture()
    context = Context(1, 300, 280)
    state = RingSums(context)
    whole = Window(0, 0, 300, 280)
    state.update(Block(whole, whole, truth * 3, np.ones((300, 280), dtype=bool), truth))
    curves = state.curves()
    assert len(curves["frequency"]) == len(curves["frc"][0]) == len(curves["ratio"][0]) == 65
    assert curves["frequency"][-1] == 0.5
    assert curves["ratio"][0][1:] == pytest.approx([9.0] * 64)
    assert curves["frc"][0][1:] == pytest.approx([1.0] * 64)


@pytest.mark.parametrize(("rows", "cols"), [(0.4, -0.3), (3.25, 1.5), (-7.0, 5.0)])
def test_a_shift_is_what_must_be_added_to_the_coordinates(rows, cols):
    truth = texture(420, 420)[0]
    moved = np.fft.ifft2(fourier_shift(np.fft.fft2(truth), (rows, cols))).real
    inner = np.s_[None, 20:-20, 20:-20]
    found = score_arrays(moved[inner], reference=truth[inner], keys=("shift_x", "shift_y", "local_shift"))
    assert found["shift_y"].value == pytest.approx(-rows, abs=0.03)
    assert found["shift_x"].value == pytest.approx(-cols, abs=0.03)
    assert found["local_shift"].value < 0.1


def test_a_part_that_lies_elsewhere_shows_in_the_local_shift():
    truth = texture(768, 768)
    moved = truth.copy()
    moved[:, 512:, 512:] = np.roll(truth, 3, axis=2)[:, 512:, 512:]
    found = score_arrays(moved, reference=truth, keys=("shift_x", "local_shift"))
    assert found["shift_x"].value == pytest.approx(0, abs=0.5)
    assert found["local_shift"].value > 1
    furthest = max(found["local_shift"].facts["row_col_rows_cols"], key=lambda place: abs(place[3]))
    assert furthest == pytest.approx([512, 512, 0, -3], abs=0.05)


def test_unlike_images_have_no_shift():
    score = one("shift_x", texture(seed=1), reference=texture(seed=2))
    assert score.value is None
    assert score.reason.startswith("undetermined")


def test_a_raster_shifted_against_its_own_input_is_found_on_the_coarse_grid():
    truth = texture(320, 320)
    coarse = gaussian_area(truth, scale=4, sigma=0)
    moved = np.roll(truth, 2, axis=2)
    assert one("lr_shift", truth, lowres=coarse).value == 0
    assert one("lr_shift", moved, lowres=coarse).value == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("coarse", "settings", "words"),
    [
        (lambda image: gaussian_area(image, scale=2, sigma=0), {}, "area mean"),
        (
            lambda image: gaussian_area(image, scale=2, sigma=0.5),
            {"sigma": (0.5,)},
            "0.5 low-resolution pixels",
        ),
        (lambda image: mtf_decimate(image, scale=2, mtf=0.3), {"mtf": (0.3,)}, "MTF 0.3"),
    ],
)
def test_what_leads_back_to_the_input_is_consistent_with_it(coarse, settings, words):
    image = texture()
    score = one("lr_consistency", image + 7, lowres=coarse(image), **settings)
    assert score.value == pytest.approx(7, abs=1e-9)
    assert score.facts["bias"] == pytest.approx(7, abs=1e-9)
    assert words in score.facts["degradation"]


def test_coarse_pixels_with_a_hole_do_not_count():
    image = texture()
    coarse = gaussian_area(image, scale=2, sigma=0)
    valid = np.ones(image.shape[1:], dtype=bool)
    valid[4, 5] = False
    image[0, 4, 5] = 9e9
    score = one("lr_consistency", image, lowres=coarse, valid=valid)
    assert score.value == pytest.approx(0, abs=1e-9)
    assert score.facts["pixels"] == 150 * 140 - 1


def test_steps_at_the_borders_of_tiles_are_found_and_steps_elsewhere_are_not():
    random = np.random.RandomState(6)
    flat = random.randint(1000, 1010, (2, 200, 200)).astype(np.uint16)
    assert one("seams", flat, made_in=(50, 50)).value == pytest.approx(1, abs=0.1)
    stepped = flat.copy()
    stepped[:, :, 50:100] += 12
    stepped[:, :, 150:] += 12
    assert one("seams", stepped, made_in=(50, 50)).value > 2
    assert one("seams", stepped, made_in=(40, 40)).value == pytest.approx(1, abs=0.1)
    assert one("seams", stepped).reason == "the tiles in which it was made are unknown"
    assert "no tile border" in one("seams", stepped, made_in=(200, 200)).reason


def test_the_pattern_of_an_enlarged_image_is_no_seam():
    random = np.random.RandomState(6)
    enlarged = np.repeat(np.repeat(random.randint(0, 4000, (1, 64, 64)), 4, axis=1), 4, axis=2).astype(
        np.uint16
    )
    assert one("seams", enlarged, made_in=(64, 64), scale=4).value == pytest.approx(1, abs=0.15)


def test_values_at_the_limits_are_clipped():
    image = np.full((1, 10, 10), 100, dtype=np.uint8)
    image[0, 0] = 255
    image[0, 1, :5] = 0
    score = one("clipped", image, limits=(0, 255))
    assert score.value == 15
    assert (score.facts["low"], score.facts["high"]) == ([5], [10])
    assert one("clipped", image).value is None


def test_values_beyond_all_coarse_neighbours_overshoot():
    coarse = np.full((1, 8, 8), 100, dtype=np.uint16)
    coarse[0, 4:] = 200
    image = coarse.repeat(2, axis=1).repeat(2, axis=2)
    assert one("overshoot", image, lowres=coarse).value == 0
    image[0, 0, 0] = 90
    image[0, 8, 3] = 216
    score = one("overshoot", image, lowres=coarse)
    assert score.value == pytest.approx(26 / 256)
    assert score.facts["max"] == [16]
    assert score.facts["share_percent"] == pytest.approx([100 * 2 / 256])
    holed = np.where(np.arange(8)[:, None] < 4, coarse, np.nan)
    assert one("overshoot", image, lowres=holed).value == pytest.approx(
        10 / 96
    )  # 3 coarse rows have no hole about


def kinds(truth, test, coarse):
    keys = ("improvement", "omission", "hallucination")
    scores = score_arrays(test, reference=truth, lowres=coarse, keys=keys, data_range=4095.0)
    return {key: score.value for key, score in scores.items()}


def test_truth_improves_bicubic_omits_and_other_detail_is_hallucinated():
    truth = np.rint(texture(160, 160)).astype(np.uint16)
    coarse = gaussian_area(truth.astype(np.float64), scale=4, sigma=0)
    enlarged = bicubic_upsample(coarse, scale=4)
    other = np.rint(texture(160, 160, seed=9)).astype(np.uint16)
    assert kinds(truth, truth, coarse)["improvement"] == 100
    assert kinds(truth, enlarged, coarse)["omission"] > 60
    found = kinds(truth, other, coarse)
    assert found["hallucination"] == max(found.values())
    assert sum(found.values()) == pytest.approx(100)


def test_the_map_of_kinds_tells_what_the_shares_tell():
    truth = np.rint(texture(96, 128)).astype(np.uint16)
    coarse = gaussian_area(truth.astype(np.float64), scale=2, sigma=0)
    test = np.rint(bicubic_upsample(coarse, scale=2) * 0.5 + truth * 0.5).astype(np.uint16)
    context = Context(1, 96, 128, integer=True, data_range=4095.0, scale=2)
    whole = Window(0, 0, 96, 128)
    known = np.ones((48, 64), dtype=bool)
    block = Block(whole, whole, test, np.ones((96, 128), dtype=bool), truth, coarse, known)
    first = HallucinationCounts(context)
    assert not hallucination_block(context, first, block)[0].any()
    first.update(block)
    state = first.following()
    found, weights = hallucination_block(context, state, block)
    assert not found[:16].any()
    assert not found[:, -16:].any()
    assert np.array_equal(np.isnan(weights[0]), found == 0)
    assert np.nansum(weights, axis=0)[found > 0] == pytest.approx(1, abs=1e-6)
    assert np.array_equal(np.argmax(weights[:, found > 0], axis=0) + 1, found[found > 0])
    expected = kinds(truth, test, coarse)
    assert 100 * np.mean(found[found > 0] == 1) == pytest.approx(expected["improvement"])


def test_a_small_raster_with_a_hole_still_has_a_spectrum_and_a_shift():
    truth = texture(256, 256)
    valid = np.ones((256, 256), bool)
    valid[:, 250:] = False
    for key in ("frc", "shift_x", "shift_y"):
        assert one(key, truth + 1, reference=truth, valid=valid).applies
