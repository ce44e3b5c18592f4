"""What blocks of pixels tell: spectra of known power, features without a unit, and the perceptron that reads them."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.degradation.spectra import (
    FEWEST_BLOCKS,
    BlockStatistics,
    Perceptron,
    block_statistics,
    features,
    value_step,
)
from srsat_qgis.core.errors import ShapeMismatch
from tests.rasters import shapes


@pytest.fixture
def plane() -> np.ndarray:
    return shapes(96, 128, seed=2) + np.random.RandomState(3).normal(0, 5, (96, 128))


def test_white_noise_has_its_variance_at_every_frequency_but_the_lowest_which_loses_the_mean():
    noise = np.random.RandomState(1).normal(50, 3, (400, 400))
    found = block_statistics(noise)
    assert len(found) == 49 * 49
    np.testing.assert_allclose(found.rings.mean(axis=0)[1:], 9.0, rtol=0.06)
    np.testing.assert_allclose(found.axes.mean(axis=0)[1:], 9.0, rtol=0.06)


def test_a_wave_has_its_power_in_the_ring_of_its_frequency():
    wave = np.cos(2 * np.pi * 5 * np.arange(64) / 16)
    found = block_statistics(np.tile(wave, (64, 1)))
    assert (found.rings.argmax(axis=1) == 4).all()
    assert (found.axes.argmax(axis=1) == 4).all()


def test_moments_are_means_of_absolute_differences_and_their_powers():
    ramp = np.tile(np.arange(16.0), (16, 1))
    found = block_statistics(ramp)
    # Half of the pairs lie along the ramp and differ by the lag, the other half do not differ.
    lags = np.array([1, 2, 3, 4, 6])[:, np.newaxis]
    np.testing.assert_allclose(found.moments[0], 0.5 * lags ** np.array([1, 2, 4]))
    np.testing.assert_allclose(found.largest[0], lags[:, 0])


def test_gain_and_offset_change_no_feature_and_scale_the_level(plane):
    found, other = features(block_statistics(plane)), features(block_statistics(0.013 * plane - 270))
    np.testing.assert_allclose(other.values, found.values, atol=1e-6)
    assert other.level == pytest.approx(0.013 * found.level, rel=1e-9)


def test_the_level_of_white_noise_is_its_standard_deviation_or_little_less():
    found = features(block_statistics(np.random.RandomState(1).normal(0, 3, (200, 200))))
    assert 0.75 * 3 < found.level < 3


def test_the_order_of_the_blocks_changes_nothing(plane):
    upper, lower = block_statistics(plane[:48]), block_statistics(plane[48:])
    found = [features(BlockStatistics.joined(parts)) for parts in ([upper, lower], [lower, upper])]
    np.testing.assert_allclose(found[0].values, found[1].values, atol=1e-9)
    assert found[0].level == pytest.approx(found[1].level, rel=1e-12)


def test_blocks_with_a_hole_are_left_out_whatever_lies_in_it(plane):
    valid = np.ones(plane.shape, bool)
    valid[:16] = False
    holed = np.where(valid, plane, 1e9)
    found, expected = block_statistics(holed, valid), block_statistics(plane[16:])
    np.testing.assert_array_equal(found.rings, expected.rings)


def test_blocks_of_one_value_are_left_out(plane):
    plane[:, :64] = 1000
    found = block_statistics(plane)
    assert len(found) == 11 * 8
    assert (found.moments[:, 0, 0] > 0).all()


@pytest.mark.parametrize("shape", [(10, 200), (24, 24), (22, 24), (0, 0)])
def test_few_blocks_tell_nothing(shape):
    found = block_statistics(np.random.RandomState(0).normal(size=shape))
    assert len(found) <= FEWEST_BLOCKS + 1
    assert (features(found) is None) == (len(found) < FEWEST_BLOCKS)


def test_planes_and_validity_must_fit(plane):
    with pytest.raises(ShapeMismatch, match=r"\(96, 128\).*\(96, 127\)"):
        block_statistics(plane, np.ones((96, 127), bool))
    with pytest.raises(ShapeMismatch, match=r"\(1, 96, 128\)"):
        block_statistics(plane[np.newaxis])


@pytest.mark.parametrize(("step", "offset"), [(1.0, 0.0), (4.0, 3.0), (1e-4, 0.0), (0.02, 271.13)])
def test_the_step_of_values_is_found(step, offset):
    values = step * np.random.RandomState(0).randint(0, 3000, 4000) + offset
    assert value_step(values) == pytest.approx(step, rel=0.01)
    assert value_step(values.astype(np.float32).astype(float)) == pytest.approx(step, rel=0.05)


def test_continuous_and_constant_values_have_no_step():
    assert value_step(np.random.RandomState(0).normal(size=4000)) == 0
    assert value_step(np.full(100, 3.0)) == 0
    assert value_step(np.zeros(0)) == 0


def test_the_share_of_pixels_at_the_ends_of_the_values_is_told(plane):
    plane = np.clip(plane, None, np.quantile(plane, 0.9))
    assert features(block_statistics(plane)).extreme == pytest.approx(0.1, abs=0.02)


@pytest.fixture
def perceptron() -> Perceptron:
    """Two members without a hidden layer that see two features."""
    weight = np.zeros((2, 2, 4))
    weight[:, 0, 0], weight[:, 1, 2] = 0.1, 1.0
    bias = np.array([[0.5, np.log(0.1), 0.0, np.log(0.2)], [0.7, np.log(0.1), 0.0, np.log(0.2)]])
    return Perceptron(np.array([1.0, 2.0]), np.array([2.0, 4.0]), ((weight, bias),))


def test_members_are_averaged_and_their_disagreement_widens_the_spread(perceptron):
    blur, blur_spread, noise, noise_spread = perceptron(np.array([3.0, 6.0]))
    assert blur == pytest.approx(0.6 + 0.1)
    assert blur_spread == pytest.approx(np.hypot(0.1, 0.1))
    assert (noise, noise_spread) == (pytest.approx(1.0), pytest.approx(0.2))


def test_a_hidden_layer_is_bent_by_silu(perceptron):
    weight = np.ones((2, 2, 1))
    last = np.ones((2, 1, 4)), np.zeros((2, 4))
    deep = Perceptron(perceptron.mean, perceptron.scale, ((weight, np.zeros((2, 1))), last))
    assert deep(np.array([3.0, 6.0]))[0] == pytest.approx(2 / (1 + np.exp(-2)))


def test_weights_come_back_from_their_file(perceptron, tmp_path):
    (weight, bias) = perceptron.layers[0]
    path = tmp_path / "weights.npz"
    np.savez(path, mean=perceptron.mean, scale=perceptron.scale, weight0=weight, bias0=bias)
    assert Perceptron.load(path)(np.array([3.0, 6.0])) == perceptron(np.array([3.0, 6.0]))
