"""The measures against their definitions, written out plainly and slowly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import wasserstein_distance

from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.histogram import ERROR, TEST, Histograms
from srsat_qgis.core.metrics.score import Block, Context, Score, band_mean, value_text
from srsat_qgis.core.metrics.structure import edge_correlation, joint_entropy, ssim_block, ssim_map, uiq_map
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.types import Window
from tests.measures import arrays


def pooled(pair):
    """Return the valid values of truth and test as float64, shape (bands, pixels)."""
    return (image[:, pair.valid].astype(np.float64) for image in (pair.reference, pair.test))


def test_errors_are_those_of_the_valid_pixels(pair):
    truth, test = pooled(pair)
    error = test - truth
    images = {"reference": pair.reference, "test": pair.test, "valid": pair.valid}
    assert arrays.rmse(**images).value == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-12)
    assert arrays.mae(**images).value == pytest.approx(np.abs(error).mean(), rel=1e-12)
    assert arrays.bias(**images).per_band == pytest.approx(error.mean(axis=1), rel=1e-9)
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(truth, test)]
    assert arrays.cc(**images).per_band == pytest.approx(expected, rel=1e-9)
    ratio = 10 * np.log10(truth.mean(axis=1) ** 2 / (error**2).mean(axis=1))
    assert arrays.sre(**images).value == pytest.approx(ratio.mean(), rel=1e-12)
    relative = np.sqrt((error**2).mean(axis=1)) / truth.mean(axis=1)
    assert arrays.ergas(**images, scale=2).value == pytest.approx(
        50 * np.sqrt(np.mean(relative**2)), rel=1e-12
    )
    psnr = arrays.psnr(**images, data_range=4095)
    assert psnr.value == pytest.approx(20 * np.log10(4095 / np.sqrt(np.mean(error**2))), rel=1e-12)


def test_the_signal_to_error_ratio_is_that_to_the_peak_less_the_peaks_height(pair):
    images = (pair.reference, pair.test)
    height = 20 * np.log10(pair.reference.mean(axis=(1, 2)) / 4095)
    expected = np.array(arrays.psnr(*images, data_range=4095).per_band) + height
    assert arrays.sre(*images).per_band == pytest.approx(expected, rel=1e-9)


def test_a_pixels_angle_is_that_of_its_spectra():
    truth = np.array([[[3.0, 1.0, 0.0]], [[0.0, 1.0, 0.0]]])
    test = np.array([[[0.0, 2.0, 1.0]], [[7.0, 2.0, 1.0]]])
    score = arrays.sam(truth, test)
    assert score.value == pytest.approx(45)  # 90 and 0; the third has no direction
    assert score.facts["zero_pixels"] == 1
    assert score.facts["p95"] == pytest.approx(90, abs=0.01)
    assert "1 pixels left out" in score.reason


def test_ssim_is_that_of_gaussian_windows_of_population_moments(pair):
    truth, test = (image[0, :60, :50].astype(np.float64) for image in (pair.reference, pair.test))

    def mean(image):
        return gaussian_filter(image, 1.5, truncate=3.4)[5:-5, 5:-5]

    x, y = mean(truth), mean(test)
    spread = mean(truth**2) - x * x + mean(test**2) - y * y
    shared = mean(truth * test) - x * y
    c1, c2 = (0.01 * 4095) ** 2, (0.03 * 4095) ** 2
    expected = (2 * x * y + c1) * (2 * shared + c2) / ((x * x + y * y + c1) * (spread + c2))
    assert ssim_map(truth, test, data_range=4095) == pytest.approx(expected, abs=1e-10)


def test_the_ssim_raster_of_a_block_is_its_part_of_the_map_and_nan_about_holes(pair):
    context = Context(3, 330, 290, integer=True, data_range=4095.0)
    whole = Window(0, 0, 330, 290)
    found = ssim_block(context, Block(whole, whole, pair.test, pair.valid, pair.reference))
    expected = ssim_map(pair.reference[1], pair.test[1], data_range=4095)
    # As it is written: half the memory.
    assert found.dtype == np.float32
    assert np.isnan(found[:, :5]).all()
    assert np.isnan(found[:, 195:221, 35:76]).all()
    known = np.isfinite(found[1, 5:-5, 5:-5])
    assert found[1, 5:-5, 5:-5][known] == pytest.approx(expected[known], abs=1e-6)
    inner, core = Window(95, 35, 75, 60), Window(100, 40, 64, 50)
    cut = np.s_[95:170, 35:95]
    block = Block(
        inner, core, pair.test[(slice(None), *cut)], pair.valid[cut], pair.reference[(slice(None), *cut)]
    )
    assert np.array_equal(ssim_block(context, block), found[:, 100:164, 40:90], equal_nan=True)


def test_uiq_is_that_of_every_window_of_8_pixels(pair):
    truth, test = (image[2, :20, :17].astype(np.float64) for image in (pair.reference, pair.test))
    expected = np.empty((13, 10))
    for row, col in np.ndindex(expected.shape):
        x, y = (image[row : row + 8, col : col + 8] for image in (truth, test))
        covariance = np.mean(x * y) - x.mean() * y.mean()
        expected[row, col] = (
            4 * covariance * x.mean() * y.mean() / ((x.var() + y.var()) * (x.mean() ** 2 + y.mean() ** 2))
        )
    assert uiq_map(truth, test) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("a", "b", "index"), [(5, 5, 1), (0, 0, 1), (3, 4, 24 / 25), (0, 7, 0)])
def test_uiq_of_flat_windows_is_the_ratio_of_their_means(a, b, index):
    assert uiq_map(np.full((9, 8), a), np.full((9, 8), b)) == pytest.approx(index)


def test_cpsnr_finds_the_shift_and_forgives_the_bias(pair):
    moved = np.roll(pair.reference, (2, -1), axis=(1, 2)).astype(np.int32) + 40
    score = arrays.cpsnr(pair.reference, moved.astype(np.uint16), data_range=4095)
    assert score.value == math.inf
    assert score.facts["shift_px"] == [2, -1]


def test_cpsnr_with_holes_is_the_best_of_49_sums_over_pairs_of_valid_pixels(pair):
    truth, test, valid = (image[..., 180:230, 30:90] for image in (pair.reference, pair.test, pair.valid))
    inner = np.s_[3:-3, 3:-3]
    errors = []
    for row in range(7):
        for col in range(7):
            cut = np.s_[row : row + 44, col : col + 54]
            both = valid[inner] & valid[cut]
            apart = truth[(slice(None), *cut)][:, both] - test[(slice(None), *inner)][:, both].astype(
                np.float64
            )
            errors.append(apart.var(axis=1).mean())
    found = arrays.cpsnr(truth, test, valid=valid, data_range=4095)
    assert found.value == pytest.approx(10 * np.log10(4095**2 / min(errors)), rel=1e-12)


def test_histograms_tell_distances_and_percentiles(pair):
    truth, test = pooled(pair)
    found = score_arrays(
        pair.test,
        reference=pair.reference,
        valid=pair.valid,
        keys=("wasserstein", "error_p95"),
        data_range=4095,
    )
    expected = [wasserstein_distance(a, b) for a, b in zip(truth, test)]
    assert found["wasserstein"].per_band == pytest.approx(expected, rel=1e-9)
    errors = np.abs(test - truth)
    facts = found["error_p95"].facts
    for name, share in (("p50", 50), ("p95", 95), ("p99", 99)):
        assert facts[name] == np.percentile(errors, share, method="inverted_cdf")
    assert facts["max"] == errors.max()


def test_charts_get_histograms_of_few_bins(pair):
    context = Context(3, 330, 290, integer=True)
    whole = Window(0, 0, 330, 290)
    state = Histograms(context)
    state.update(Block(whole, whole, pair.test, pair.valid, pair.reference))
    edges, counts = state.coarse(TEST, 0, 40)
    assert len(edges) == len(counts) + 1 <= 41
    assert sum(counts) == np.count_nonzero(pair.valid)
    expected, _ = np.histogram(pair.test[0][pair.valid], edges)
    assert counts == expected.tolist()
    assert sum(state.coarse(ERROR, 0, 10)[1]) == np.count_nonzero(pair.valid)
    assert Histograms(context).coarse(TEST, 0, 10) == ([], [])


@pytest.mark.parametrize(
    ("bins", "edges", "expected"),
    [(4, [9.5, 10.5, 11.5, 12.5, 13.5], [3, 0, 2, 1]), (3, [9.5, 11.5, 13.5], [3, 3]), (1, [9.5, 13.5], [6])],
)
def test_bins_of_charts_are_as_wide_as_it_takes_and_no_wider(bins, edges, expected):
    values = np.array([[[10, 10, 10, 12, 12, 13]]], dtype=np.uint8)
    whole = Window(0, 0, 1, 6)
    state = Histograms(Context(1, 1, 6, integer=True))
    state.update(Block(whole, whole, values, np.ones((1, 6), dtype=bool), values))
    assert state.coarse(TEST, 0, bins) == (edges, expected)


def test_errors_of_floats_are_told_to_a_bin_of_the_data_range(pair):
    errors = np.abs(pair.test.astype(np.float64) - pair.reference)
    reference = pair.reference / 4096
    found = score_arrays(reference + errors / 4096, reference=reference, keys=("error_p95",), data_range=1.0)[
        "error_p95"
    ]
    for name, share in (("p50", 50), ("p95", 95), ("p99", 99)):
        assert found.facts[name] == pytest.approx(np.percentile(errors, share) / 4096, abs=2.0**-16)


def test_integers_beside_floats_are_binned_as_floats(pair):
    images = {"reference": pair.reference, "keys": ("wasserstein",), "data_range": 4095}
    alike = score_arrays(pair.test, **images)["wasserstein"]
    mixed = score_arrays(pair.test.astype(np.float64), **images)["wasserstein"]
    assert mixed.value == pytest.approx(alike.value)


def test_an_index_is_compared_where_it_is_defined():
    truth = np.array([[[6.0, 0, 2]], [[2.0, 0, 2]]])
    test = np.array([[[6.0, 0, 3]], [[2.0, 0, 1]]])
    score = score_arrays(test, reference=truth, keys=("index_mae",), indices={"NDVI": (0, 1)})["index_mae"]
    assert score.value == pytest.approx(0.25)
    assert score.facts["NDVI"]["pixels"] == 2
    assert score.facts["NDVI"]["bias"] == pytest.approx(0.25)


def test_issm_rises_with_each_of_its_parts(pair):
    noise = np.random.RandomState(2).randn(*pair.reference.shape)
    values = [
        arrays.issm(pair.reference, (pair.reference + gain * noise).clip(0, 4095), data_range=4095).value
        for gain in (0, 30, 100, 300)
    ]
    assert values[0] == 1
    assert values == sorted(values, reverse=True)


def test_edge_maps_correlate_as_numbers_do():
    a, b = (np.array(one) for one in ([1, 1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 1, 1, 0]))
    assert edge_correlation(np.bincount(2 * a + b, minlength=4)) == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert edge_correlation(np.array([9, 0, 0, 0])) == 1
    assert edge_correlation(np.array([9, 3, 0, 0])) == 0
    assert edge_correlation(np.array([1, 3, 3, 1])) == 0
    assert joint_entropy(np.array([2, 2, 0, 4])) == pytest.approx(1.5)


def test_the_table_is_complete_and_readable():
    assert list(MEASURES) == [measure.key for measure in MEASURES.values()]
    for measure in MEASURES.values():
        assert measure.label
        assert measure.definition.endswith((".", ")"))
    wanted = {
        "rmse",
        "psnr",
        "ssim",
        "fsim",
        "issm",
        "sre",
        "sam",
        "uiq",
        "mae",
        "bias",
        "cc",
        "ergas",
        "cpsnr",
    }
    assert wanted <= set(MEASURES)
    assert not MEASURES["fsim"].default
    assert not MEASURES["issm"].default


def test_gains_tell_better_from_worse():
    assert MEASURES["rmse"].gain(3, 5) == 2
    assert MEASURES["psnr"].gain(30, 33) == -3
    assert MEASURES["bias"].gain(-1, 4) == 3
    assert MEASURES["seams"].gain(1.5, 1.0) == -0.5
    assert MEASURES["psnr"].gain(math.inf, 33) is None
    assert MEASURES["psnr"].gain(None, 33) is None


def test_numbers_are_written_for_readers_and_for_json():
    assert value_text(33.20486) == "33.20"
    assert value_text(0.84297) == "0.8430"
    assert value_text(1234567.8) == "1234568"
    assert value_text(0.0000123) == "1.23e-05"
    assert value_text(0.0) == "0.0000"
    assert value_text(None) == "n/a"
    assert Score(math.inf).text() == "∞ (identical)"
    assert Score(math.inf).as_json()["value"] is None
    assert "identical" in Score(math.inf).as_json()["reason"]


def test_one_perfect_band_says_nothing_about_the_others():
    score = band_mean([30.0, math.inf, None, 34.0], {2: "dark"})
    assert score.value == 32
    assert score.reason == "band 3: dark; band 2: identical, left out of the mean"
    assert band_mean([math.inf, math.inf], {}).value == math.inf
