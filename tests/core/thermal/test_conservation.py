"""Means that sharpened temperatures keep: of T, of T to the fourth, or over boxes of coarse pixels."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.thermal.conservation import (
    AREA,
    MODES,
    OFF,
    RADIANCE,
    RELAXED,
    block_means,
    conserved,
    default_mode,
    halo,
    residuals,
)
from tests.rasters import texture

SCALE, ROWS, COLS = 4, 24, 30
TRUTH = 285 + texture(1, ROWS * SCALE, COLS * SCALE, low=0, high=40, seed=2)[0]
SEEN, ALL = np.ones((ROWS * SCALE, COLS * SCALE), bool), np.ones((ROWS, COLS), bool)


def blocks(fine: np.ndarray) -> np.ndarray:
    return fine.reshape(ROWS, SCALE, COLS, SCALE)


COARSE = {
    AREA: blocks(TRUTH).mean(axis=(1, 3)),
    RADIANCE: (blocks(TRUTH) ** 4).mean(axis=(1, 3)) ** 0.25,
}
COARSE[RELAXED] = COARSE[AREA]


def guess() -> np.ndarray:
    """Return a sharpened image that is off by a smooth field and by noise."""
    random = np.random.default_rng(4)
    field = bicubic_upsample(random.normal(0, 2, (ROWS, COLS)), scale=SCALE)
    return TRUTH + field + random.normal(0, 0.3, TRUTH.shape)


@pytest.mark.parametrize("spread", [1.0, 5.0, 12.0])
def test_the_two_means_differ_by_one_and_a_half_times_the_variance_over_the_temperature(spread):
    values = 300 + spread * np.where(np.arange(16) % 2, 1.0, -1.0).reshape(4, 4)
    found = [
        block_means(values, np.ones((4, 4), bool), scale=4, domain=one)[0][0, 0] for one in (AREA, RADIANCE)
    ]
    assert found[0] == pytest.approx(300)
    assert found[1] - found[0] == pytest.approx(1.5 * spread**2 / 300, rel=0.01)


@pytest.mark.parametrize("mode", [AREA, RADIANCE])
def test_blocks_keep_their_mean_in_the_domain_that_was_asked_for(mode):
    fine = conserved(guess(), SEEN, COARSE[mode], ALL, mode=mode)
    power = 4 if mode == RADIANCE else 1
    means = (blocks(fine) ** power).mean(axis=(1, 3)) ** (1 / power)
    assert np.abs(means - COARSE[mode]).max() < 1e-9
    assert np.abs(residuals(fine, SEEN, COARSE[mode], ALL, mode=mode)).max() < 1e-9


def test_keeping_the_mean_of_one_domain_is_off_in_the_other():
    fine = conserved(guess(), SEEN, COARSE[AREA], ALL, mode=AREA)
    apart = residuals(fine, SEEN, COARSE[AREA], ALL, mode=RADIANCE)
    inner = blocks(fine).var(axis=(1, 3))
    np.testing.assert_allclose(apart, (1.5 * inner / COARSE[AREA]).ravel(), rtol=0.1, atol=0.01)


@pytest.mark.parametrize("mode", [AREA, RADIANCE])
def test_the_correction_brings_the_image_nearer_to_the_truth_without_edges_at_blocks(mode):
    random = np.random.default_rng(6)
    field = bicubic_upsample(texture(1, ROWS, COLS, low=-3, high=3, seed=9)[0], scale=SCALE)
    before = TRUTH + field + random.normal(0, 0.3, TRUTH.shape)
    after = conserved(before, SEEN, COARSE[mode], ALL, mode=mode)
    assert np.std(after - TRUTH) < 0.6 * np.std(before - TRUTH)
    steps = np.abs(np.diff(after - before, axis=1))
    at_edges = np.arange(steps.shape[1]) % SCALE == SCALE - 1
    assert steps[:, at_edges].mean() < 1.5 * steps[:, ~at_edges].mean()


def test_what_keeps_its_means_already_stays():
    for mode in (AREA, RADIANCE, RELAXED):
        np.testing.assert_allclose(conserved(TRUTH, SEEN, COARSE[mode], ALL, mode=mode), TRUTH, atol=1e-9)


@pytest.mark.parametrize("box", [3, 5])
def test_relaxed_keeps_the_means_of_boxes_and_leaves_blocks_their_own(box):
    fine = conserved(guess(), SEEN, COARSE[AREA], ALL, mode=RELAXED, box=box)
    start = residuals(guess(), SEEN, COARSE[AREA], ALL, mode=RELAXED, box=box)
    kept = residuals(fine, SEEN, COARSE[AREA], ALL, mode=RELAXED, box=box)
    assert np.std(kept) < 0.35 * np.std(start)
    assert np.std(residuals(fine, SEEN, COARSE[AREA], ALL, mode=AREA)) > 4 * np.std(kept)


def test_relaxed_leaves_an_image_alone_that_is_shifted_by_part_of_a_coarse_pixel_more_than_area_does():
    """A guide that is one fine pixel off makes blocks wrong that are right on average: exactness would undo them."""
    moved = np.roll(TRUTH, 1, axis=1)
    change = {mode: conserved(moved, SEEN, COARSE[AREA], ALL, mode=mode) - moved for mode in (AREA, RELAXED)}
    assert np.std(change[RELAXED]) < 0.8 * np.std(change[AREA])


@pytest.mark.parametrize("mode", [AREA, RADIANCE, RELAXED])
def test_invalid_pixels_have_no_influence_and_are_left_as_they_are(mode):
    fine_valid, valid = SEEN.copy(), ALL.copy()
    fine_valid[30:50, 40:61] = False
    valid[3:5, 7:9] = False
    found = []
    for wrong in (0.0, 1e7):
        fine, coarse = np.where(fine_valid, guess(), wrong), np.where(valid, COARSE[mode], wrong)
        found.append(conserved(fine, fine_valid, coarse, valid, mode=mode))
        np.testing.assert_array_equal(found[-1][~fine_valid], wrong)
    np.testing.assert_array_equal(found[0][fine_valid], found[1][fine_valid])
    assert np.isfinite(found[0]).all()
    if mode != RELAXED:
        assert np.abs(residuals(found[0], fine_valid, COARSE[mode], valid, mode=mode)).max() < 1e-9


@pytest.mark.parametrize("mode", MODES)
def test_a_window_with_its_halo_is_cut_out_of_the_whole(mode):
    rows, cols = 8, 3 * halo(mode) + 12
    random = np.random.default_rng(1)
    fine = 300 + random.normal(0, 2, (rows * 2, cols * 2))
    coarse = 300 + random.normal(0, 2, (rows, cols))
    valid, fine_valid = random.uniform(size=coarse.shape) > 0.02, random.uniform(size=fine.shape) > 0.02
    whole = conserved(fine, fine_valid, coarse, valid, mode=mode)
    start = halo(mode) + 5
    part = conserved(
        fine[:, 2 * (start - halo(mode)) : 2 * (start + 6 + halo(mode))],
        fine_valid[:, 2 * (start - halo(mode)) : 2 * (start + 6 + halo(mode))],
        coarse[:, start - halo(mode) : start + 6 + halo(mode)],
        valid[:, start - halo(mode) : start + 6 + halo(mode)],
        mode=mode,
    )
    edge = 2 * halo(mode)
    np.testing.assert_allclose(
        part[:, edge : edge + 12], whole[:, 2 * start : 2 * start + 12], rtol=0, atol=1e-10
    )


def test_off_changes_nothing():
    fine = guess()
    found = conserved(fine, SEEN, COARSE[AREA], ALL, mode=OFF)
    assert found is not fine
    np.testing.assert_array_equal(found, fine)


def test_the_default_follows_from_the_residual_shift():
    assert default_mode(0.1)[0] == AREA
    assert default_mode(None)[0] == AREA
    mode, why = default_mode(0.34)
    assert mode == RELAXED
    assert "0.34 coarse pixels apart, more than 0.2" in why


def test_impossible_settings_are_refused():
    with pytest.raises(InvalidSetting, match="consistency 'exact': expected one of off, area"):
        conserved(TRUTH, SEEN, COARSE[AREA], ALL, mode="exact")
    with pytest.raises(InvalidSetting, match="BOX is 4, expected an odd number of at least 3"):
        conserved(TRUTH, SEEN, COARSE[AREA], ALL, mode=RELAXED, box=4)
    with pytest.raises(ShapeMismatch, match="whole multiple"):
        conserved(TRUTH[:-1], SEEN[:-1], COARSE[AREA], ALL, mode=AREA)
    with pytest.raises(InvalidSetting, match="domain 'K': expected area or area-radiance"):
        block_means(TRUTH, SEEN, scale=4, domain="K")
