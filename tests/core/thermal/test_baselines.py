"""Classical sharpening against scenes whose fine temperatures are known."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, NoValidPixels, ShapeMismatch
from srsat_qgis.core.thermal.baselines import (
    BEYOND,
    CoarseGuides,
    bicubic,
    coarse_guides,
    local_ridge,
    tsharp,
)
from srsat_qgis.core.types import Window
from tests.rasters import texture

SCALE, ROWS, COLS = 4, 40, 36
ALL = np.ones((ROWS, COLS), bool)
WHOLE = Window(0, 0, ROWS, COLS)


def guides(bands: int = 2, seed: int = 3) -> np.ndarray:
    """Return fine guides between 0 and 1."""
    return texture(bands, ROWS * SCALE, COLS * SCALE, low=0, high=1, seed=seed)


def lowered(fine: np.ndarray) -> np.ndarray:
    return fine.reshape(ROWS, SCALE, COLS, SCALE).mean(axis=(1, 3))


def rms(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - truth) ** 2)))


def blocks(guide: np.ndarray, valid: np.ndarray | None = None) -> CoarseGuides:
    fine = np.ones(guide.shape[1:], bool) if valid is None else valid
    return coarse_guides(guide, fine, scale=SCALE)


def test_blocks_have_the_mean_and_spread_of_their_pixels():
    guide = 1e6 + guides(1)
    valid = np.ones(guide.shape[1:], bool)
    valid[5, 9] = False
    found = blocks(guide, valid)
    expected = guide[0, 8:12, 12:16]
    assert found.means[0, 2, 3] == pytest.approx(expected.mean())
    assert found.spreads[0, 2, 3] == pytest.approx(expected.std())
    assert not found.valid[1, 2]
    assert found.valid.sum() == ROWS * COLS - 1


@pytest.mark.parametrize("slope", [-18.0, 7.0])
def test_tsharp_finds_a_linear_relation_to_ndvi_exactly(slope):
    ndvi = guides(1)
    truth = 310 + slope * ndvi[0]
    fit = tsharp(lowered(truth), ALL, blocks(ndvi), scale=SCALE)
    np.testing.assert_allclose(fit.predict(ndvi, WHOLE), truth, atol=1e-9)
    assert rms(bicubic(lowered(truth), ALL, scale=SCALE), truth) > 0.1


def test_tsharp_regresses_on_the_homogeneous_quarter_alone():
    """Mixed pixels follow another line here: one fit over all would lie between the two."""
    random = np.random.default_rng(0)
    means, spreads = random.uniform(0, 1, (1, ROWS, COLS)), random.uniform(0.5, 1, (1, ROWS, COLS))
    pure = random.uniform(size=(ROWS, COLS)) < 0.25
    spreads[0, pure] = 0.01
    coarse = np.where(pure, 320 - 20 * means[0], 300 + 5 * means[0])
    fit = tsharp(coarse, ALL, CoarseGuides(means, spreads, ALL), scale=SCALE)
    assert np.median(fit.slopes[0]) == pytest.approx(-20, abs=1.5)


def test_tsharp_adds_what_the_regression_leaves_back():
    ndvi = guides(1)
    field = np.kron(texture(1, 10, 9, low=-4, high=4, seed=8)[0], np.ones((16, 16)))
    truth = 305 - 12 * ndvi[0] + field
    fit = tsharp(lowered(truth), ALL, blocks(ndvi), scale=SCALE)
    found = fit.predict(ndvi, WHOLE)
    assert np.abs(lowered(found) - lowered(truth)).mean() < 0.1 * np.abs(lowered(field)).mean()


def test_a_relation_that_changes_from_place_to_place_is_found_by_windows_and_not_by_one_regression():
    guide = guides(2)
    left = np.arange(COLS * SCALE) < COLS * SCALE / 2
    truth = 300 + np.where(left, 10 * guide[0] - 4 * guide[1], -8 * guide[0] + 6 * guide[1])
    coarse, known = lowered(truth), blocks(guide)
    local = local_ridge(coarse, ALL, known, scale=SCALE).predict(guide, WHOLE)
    one = tsharp(coarse, ALL, known, scale=SCALE).predict(guide, WHOLE)
    plain = bicubic(coarse, ALL, scale=SCALE)
    assert rms(local, truth) < 0.65 * rms(one, truth)
    assert rms(local, truth) < 0.65 * rms(plain, truth)


def test_a_guide_that_tells_nothing_does_little_harm():
    random = np.random.default_rng(5)
    truth = 300 + texture(1, ROWS * SCALE, COLS * SCALE, low=0, high=12, seed=11)[0]
    noise = random.normal(size=(2, ROWS * SCALE, COLS * SCALE))
    found = local_ridge(lowered(truth), ALL, blocks(noise), scale=SCALE).predict(noise, WHOLE)
    assert rms(found, truth) < 1.25 * rms(bicubic(lowered(truth), ALL, scale=SCALE), truth)


def test_a_flat_guide_leaves_bicubic_interpolation():
    truth = 300 + texture(1, ROWS * SCALE, COLS * SCALE, low=0, high=12, seed=11)[0]
    flat = np.full((1, ROWS * SCALE, COLS * SCALE), 0.4)
    for fit in (tsharp, local_ridge):
        found = fit(lowered(truth), ALL, blocks(flat), scale=SCALE).predict(flat, WHOLE)
        np.testing.assert_allclose(found, bicubic(lowered(truth), ALL, scale=SCALE), atol=0.2)


def test_the_local_coefficients_are_those_of_weighted_ridge_regression():
    """Without blending and far from edges, against normal equations written down for one window."""
    guide = guides(2)
    truth = 300 + 9 * guide[0] - 5 * guide[1] + texture(1, *guide.shape[1:], low=0, high=2, seed=7)[0]
    coarse, known = lowered(truth), blocks(guide)
    row, col, half = 20, 18, 7
    part = (slice(row - half, row + half + 1), slice(col - half, col + half + 1))
    gain = 1 / known.means.std(axis=(1, 2))
    x = ((known.means - known.means.mean(axis=(1, 2), keepdims=True)) * gain[:, None, None])[
        :, part[0], part[1]
    ]
    weight = (1 / (0.1 + (known.spreads * gain[:, None, None]).mean(axis=0)))[part].ravel()
    x, y = x.reshape(2, -1), coarse[part].ravel()
    x_mean, y_mean = np.average(x, axis=1, weights=weight), np.average(y, weights=weight)
    moments = ((x - x_mean[:, None]) * weight) @ (x - x_mean[:, None]).T / weight.sum()
    wanted = ((x - x_mean[:, None]) * weight) @ (y - y_mean) / weight.sum()
    expected = np.linalg.solve(moments + 0.02 * np.eye(2), wanted) * gain
    fit = local_ridge(coarse, ALL, known, scale=SCALE)
    one = local_ridge(coarse, ALL, known, scale=SCALE, window=2 * max(ROWS, COLS) + 1).slopes[:, row, col]
    # What is found lies between the window's coefficients and those of the whole raster, by the same share.
    shares = (fit.slopes[:, row, col] - one) / (expected - one)
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)
    assert 0.3 < shares[0] < 1


def test_predictions_leave_the_range_of_their_window_by_a_quarter_at_most():
    guide = guides(1)
    truth = 300 + 10 * guide[0]
    coarse = lowered(truth)
    fit = local_ridge(coarse, ALL, blocks(guide), scale=SCALE)
    wild = 50 * guide
    low, high = coarse.min(), coarse.max()
    found = fit.predict(wild, WHOLE) - (fit.predict(guide, WHOLE) - fit._regressed(guide, WHOLE))
    assert low - 1.3 * BEYOND * (high - low) <= found.min()
    assert found.max() <= high + 1.3 * BEYOND * (high - low)


def test_windows_of_a_prediction_are_cut_out_of_the_whole_one():
    guide = guides(2)
    truth = 300 + 9 * guide[0] - 5 * guide[1]
    fit = local_ridge(lowered(truth), ALL, blocks(guide), scale=SCALE)
    whole = fit.predict(guide, WHOLE)
    for window in (Window(0, 0, 7, 5), Window(11, 20, 6, 9), Window(ROWS - 3, COLS - 2, 3, 2)):
        part = window.scaled(SCALE).slices
        np.testing.assert_array_equal(fit.predict(guide[:, part[0], part[1]], window), whole[part])


def test_holes_of_temperatures_and_guides_have_no_influence():
    guide = guides(2)
    truth = 300 + 9 * guide[0] - 5 * guide[1]
    coarse, valid = lowered(truth), ALL.copy()
    valid[5:9, 6:12] = False
    cloudy = np.ones(guide.shape[1:], bool)
    cloudy[100:120, 60:90] = False
    found = []
    for wrong in (0.0, 1e6):
        spoiled, hidden = np.where(valid, coarse, wrong), np.where(cloudy, guide, wrong)
        fit = local_ridge(spoiled, valid, blocks(hidden, cloudy), scale=SCALE)
        found.append(fit.predict(guide, WHOLE))
    np.testing.assert_array_equal(*found)
    apart = found[0] - truth
    assert np.abs(apart[cloudy]).max() < 0.6
    assert rms(bicubic(np.where(valid, coarse, 0), valid, scale=SCALE), truth) > 2 * rms(found[0], truth)


def test_too_few_pixels_or_wrong_sizes_are_refused():
    guide = guides(1)
    few = np.zeros((ROWS, COLS), bool)
    few[0, :7] = True
    for fit in (tsharp, local_ridge):
        with pytest.raises(
            NoValidPixels, match="7 coarse pixels have a temperature and guides, expected at least 8"
        ):
            fit(np.full((ROWS, COLS), 300.0), few, blocks(guide), scale=SCALE)
    with pytest.raises(InvalidSetting, match="window is 4, expected an odd number"):
        local_ridge(np.full((ROWS, COLS), 300.0), ALL, blocks(guide), scale=SCALE, window=4)
    with pytest.raises(ShapeMismatch, match="sides multiples of 7"):
        coarse_guides(guide, np.ones(guide.shape[1:], bool), scale=7)
    made = tsharp(np.full((ROWS, COLS), 300.0), ALL, blocks(guide), scale=SCALE)
    with pytest.raises(ShapeMismatch, match=r"guides \(1, 8, 8\), expected \(1, 160, 144\)"):
        made.predict(guide[:, :8, :8], WHOLE)
