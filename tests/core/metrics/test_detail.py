"""Measures of detail and place: spectra, shifts, consistency, seams, limits, what is added and what is missed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import fourier_shift, gaussian_filter

from srsat_qgis.core.degradation.kernels import gaussian_area, mtf_decimate
from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.consistency import ShiftSums
from srsat_qgis.core.metrics.fsim import FeatureSums
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


def test_the_resolution_is_where_the_ring_correlation_falls_to_a_half():
    truth, whole = texture(), Window(0, 0, 300, 280)
    test = truth + 200 * np.random.RandomState(4).randn(*truth.shape)
    state = RingSums(Context(1, 300, 280))
    state.update(Block(whole, whole, test, np.ones((300, 280), dtype=bool), truth))
    curves = state.curves()
    frequency, correlation = curves["frequency"], curves["frc"][0]
    below = next(ring for ring in range(1, 65) if correlation[ring] < 0.5)
    pair = [below, below - 1]
    expected = np.interp(0.5, np.take(correlation, pair), np.take(frequency, pair))
    assert one("frc", test, reference=truth).value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("scale", "limit"), [(None, 0.25), (2, 0.25), (4, 0.125)])
def test_fine_detail_is_what_the_low_resolution_cannot_hold(scale, limit):
    """A wave at 0.2 cycles per pixel is fine detail beside pixels four times as large, not beside twice as large."""
    grid = np.arange(256)
    truth = texture(256, 256) + 30 * np.cos(2 * np.pi * grid / 2.5)
    test = truth + 200 * np.cos(2 * np.pi * grid / 5)
    score = one("spectrum_ratio", test, reference=truth, scale=scale)
    assert score.facts["above_cycles_per_pixel"] == limit
    assert score.value > 2 if limit < 0.2 else abs(score.value) < 0.1


def test_ring_sums_are_those_of_the_whole_transform_of_tapered_windows():
    truth = texture(64, 64)
    test = gaussian_filter(truth, (0, 0.6, 0.6)) + 40 * np.random.RandomState(4).randn(*truth.shape)
    state, whole = RingSums(Context(1, 64, 64)), Window(0, 0, 64, 64)
    state.update(Block(whole, whole, test, np.ones((64, 64), dtype=bool), truth))
    line = np.sin(np.pi * (np.arange(64) + 0.5) / 64) ** 2
    taper = np.outer(line, line)
    a, b = (np.fft.fft2((one - np.average(one, weights=taper)) * taper) for one in (truth[0], test[0]))
    frequency = np.fft.fftfreq(64, 1 / 64)
    rings = np.rint(np.hypot(frequency[:, None], frequency)).astype(int).ravel()
    reference, power, cross = (
        np.bincount(rings, one.ravel().real)[:33] for one in (a * a.conj(), b * b.conj(), a * b.conj())
    )
    curves = state.curves()
    np.testing.assert_allclose(curves["ratio"][0][1:], (power / reference)[1:], rtol=1e-6)
    np.testing.assert_allclose(curves["frc"][0][1:], (cross / np.sqrt(reference * power))[1:], rtol=1e-6)


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


@pytest.mark.parametrize(("rows", "cols"), [(0.437, -0.281), (3.25, 1.5), (-7.0, 5.0)])
def test_a_shift_is_what_must_be_added_to_the_coordinates(rows, cols):
    truth = texture(420, 420)[0]
    moved = np.fft.ifft2(fourier_shift(np.fft.fft2(truth), (rows, cols))).real
    inner = np.s_[None, 20:-20, 20:-20]
    found = score_arrays(moved[inner], reference=truth[inner], keys=("shift_x", "shift_y", "local_shift"))
    assert found["shift_y"].value == pytest.approx(-rows, abs=1e-3)
    assert found["shift_x"].value == pytest.approx(-cols, abs=1e-3)
    assert found["local_shift"].value < 0.01


def test_the_second_pass_moves_the_windows_by_the_whole_pixels_of_the_first():
    truth = texture(420, 420)[0]
    moved = np.fft.ifft2(fourier_shift(np.fft.fft2(truth), (-28.4, 17.7))).real
    inner, whole = np.s_[None, 30:-30, 30:-30], Window(0, 0, 360, 360)
    state = ShiftSums(Context(1, 360, 360))
    state.update(Block(whole, whole, moved[inner], np.ones((360, 360), dtype=bool), truth[inner]))
    assert state.following().moved == (28, -18)
    assert state.following().following() is None


@pytest.mark.parametrize(("hole", "columns"), [(None, 4), (186, 1), (195, 2)])
def test_windows_count_that_have_no_hole_where_they_are_and_where_they_are_moved_to(hole, columns):
    """Windows of 128 pixels start at columns 0, 63, 126, 189 and 252; those of the test are 5 columns farther left."""
    image, whole = texture(380, 380), Window(0, 0, 380, 380)
    valid = np.ones((380, 380), dtype=bool)
    if hole is not None:
        valid[:, hole] = False
    state = ShiftSums(Context(1, 380, 380), moved=(0, 5))
    state.update(Block(whole, whole, image, valid, image))
    assert state.spectrum.windows == 5 * columns


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


def test_holes_of_the_coarse_raster_do_not_count():
    image = texture()
    coarse = gaussian_area(image, scale=2, sigma=0)
    coarse[0, 4, 5] = np.nan
    score = one("lr_consistency", image, lowres=coarse)
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


@pytest.mark.parametrize("column", [49, 50])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_steps_into_holes_are_no_seams(column, dtype):
    flat = np.random.RandomState(6).randint(1000, 1010, (2, 200, 200)).astype(dtype)
    flat[:, :, column], valid = 60000, np.ones((200, 200), dtype=bool)
    valid[:, column] = False
    score = one("seams", flat, valid=valid, made_in=(50, 50), data_range=65535.0)
    assert score.value == pytest.approx(1, abs=0.1)


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


def plain_kinds(truth, test, bicubic):
    """Return where detail is scored, how clearly, the kinds, and their weights, as opensr-test defines them."""
    steepness, temperature = (
        0.05,
        0.25,
    )  # im_score, om_score, ha_score and correctness_temperature of its Config
    inner = np.zeros(truth.shape[1:], bool)
    inner[16:-16, 16:-16] = True  # its border_mask

    def distance(a, b):
        return np.mean(np.abs(a - b) / np.abs(a + b), axis=0)

    matched = np.empty_like(test)
    for band, (wanted, given) in enumerate(zip(truth[:, inner], test[:, inner])):
        levels, counts = np.unique(wanted, return_counts=True)
        share = np.searchsorted(np.sort(given), test[band], side="right") / given.size
        matched[band] = np.interp(share, np.cumsum(counts) / wanted.size, levels)
    reference = distance(bicubic, truth)
    d_im, d_om = distance(matched, truth) / reference, distance(matched, bicubic) / reference
    beyond = 1 - np.exp(-steepness * np.maximum(d_im + d_om - 1, 0))
    scores = np.stack([d_im + d_om * beyond, d_om + d_im * beyond, np.exp(-steepness * d_im * d_om)])
    weights = np.exp(-scores / temperature) / np.exp(-scores / temperature).sum(axis=0)
    excess = reference * np.maximum(1, np.maximum(d_im, d_om)) - np.quantile(reference[inner], 0.75)
    return np.where(inner, excess, -1), np.argmin(scores, axis=0) + 1, weights


def test_kinds_and_weights_are_those_of_their_definition():
    truth = np.stack([texture(96, 128, seed=seed)[0] for seed in (1, 2)]).round()
    coarse = gaussian_area(truth, scale=2, sigma=0)
    other = np.stack([texture(96, 128, seed=seed)[0] for seed in (5, 6)])
    bicubic = bicubic_upsample(coarse, scale=2)
    part = np.arange(128) // 16 % 3
    test = np.choose(part, [truth, 0.5 * truth + 0.5 * bicubic, 0.7 * bicubic + 0.3 * other]).round()
    context = Context(2, 96, 128, integer=True, data_range=4095.0, scale=2)
    whole, known = Window(0, 0, 96, 128), np.ones((48, 64), dtype=bool)
    images = (image.astype(np.uint16) for image in (test, truth))
    test_dn, truth_dn = images
    inner = np.zeros((96, 128), bool)
    inner[16:-16, 16:-16] = True
    block = Block(whole, whole, test_dn, inner, truth_dn, coarse, known)
    first = HallucinationCounts(context)
    first.update(block)
    found, weights = hallucination_block(context, first.following(), block)
    excess, expected, shares = plain_kinds(truth, test, bicubic)
    # The threshold is one of 16384 bins.
    clear = np.abs(excess) > 2 / 16384
    assert np.array_equal(found[clear], np.where(excess > 0, expected, 0)[clear])
    assert set(found.ravel()) == {0, 1, 2, 3}
    scored = clear & (excess > 0)
    np.testing.assert_allclose(weights[:, scored], shares[:, scored], atol=1e-5)


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


def test_detail_is_not_judged_where_bicubic_sees_a_hole():
    truth = np.rint(texture(96, 128)).astype(np.uint16)
    coarse = gaussian_area(truth.astype(np.float64), scale=2, sigma=0)
    test = np.rint(bicubic_upsample(coarse, scale=2) * 0.5 + truth * 0.5).astype(np.uint16)
    context = Context(1, 96, 128, integer=True, data_range=4095.0, scale=2)
    whole, valid = Window(0, 0, 96, 128), np.ones((96, 128), dtype=bool)
    known = np.ones((48, 64), dtype=bool)
    first = HallucinationCounts(context)
    first.update(Block(whole, whole, test, valid, truth, coarse, known))
    state = first.following()
    clean, _ = hallucination_block(context, state, Block(whole, whole, test, valid, truth, coarse, known))
    known[20, 30], coarse[0, 20, 30] = False, 1e6
    holed, _ = hallucination_block(context, state, Block(whole, whole, test, valid, truth, coarse, known))
    assert clean[36:46, 56:66].any()
    # Two low-resolution pixels around the hole.
    clean[36:46, 56:66] = 0
    assert np.array_equal(holed, clean)


def test_noise_for_fsim_is_estimated_from_three_tiles_along_each_axis():
    nothing = np.broadcast_to(np.uint8(0), (1, 4000, 3000))
    whole = Window(0, 0, 4000, 3000)
    state = FeatureSums(Context(1, 4000, 3000, integer=True, data_range=255.0))
    state.update(Block(whole, whole, nothing, np.zeros((4000, 3000), dtype=bool), nothing))
    # Of 8 x 6 tiles of 512 pixels every third and every second.
    assert state.wanted == 9


def test_a_small_raster_with_a_hole_still_has_a_spectrum_and_a_shift():
    truth = texture(256, 256)
    valid = np.ones((256, 256), bool)
    valid[:, 250:] = False
    for key in ("frc", "shift_x", "shift_y"):
        assert one(key, truth + 1, reference=truth, valid=valid).applies


def flat_and_rough(seed=5):
    """A coarse image with noise of 2 on the left, which is flat, and of 60 on the right."""
    random = np.random.RandomState(seed)
    noise = random.randn(2, 160, 320) * np.where(np.arange(320) < 160, 2.0, 60.0)
    return 1000 + noise


def test_bicubic_upsampling_itself_has_a_grain_of_one():
    coarse = flat_and_rough()
    assert one("grain", bicubic_upsample(coarse, scale=2), lowres=coarse, scale=2).value == pytest.approx(1.0)


def test_grain_is_the_spread_on_flat_ground_alone():
    coarse = flat_and_rough()
    plain = bicubic_upsample(coarse, scale=2)
    halved = 1000 + (plain - 1000) * np.where(np.arange(640) < 320, 0.5, 1.0)
    assert one("grain", halved, lowres=coarse, scale=2).value == pytest.approx(0.5, rel=1e-6)
    roughened = plain + 50 * np.random.RandomState(6).randn(*plain.shape) * (np.arange(640) >= 320)
    assert one("grain", roughened, lowres=coarse, scale=2).value == pytest.approx(1.0)
    # Independent noise as large as the spread itself adds up in squares.
    spread = plain[:, :, 40:280].std()
    noisy = plain + spread * np.random.RandomState(7).randn(*plain.shape)
    assert one("grain", noisy, lowres=coarse, scale=2).value == pytest.approx(2**0.5, rel=0.05)


def test_a_raster_of_few_windows_has_no_grain():
    coarse = flat_and_rough()[:, :40, :40]
    found = one("grain", bicubic_upsample(coarse, scale=2), lowres=coarse, scale=2)
    assert found.value is None
    assert "fewer than 4 windows" in found.reason
    assert found.facts["windows"] == [1, 1]


def test_four_windows_are_enough_for_grain():
    coarse = flat_and_rough()[:, :52, :52]
    found = one("grain", bicubic_upsample(coarse, scale=2), lowres=coarse, scale=2)
    assert found.facts["windows"] == [4, 4]
    assert found.value == pytest.approx(1.0)
