"""Training of the estimator: samples of known blur and noise, reproducible fits, and a file that core reads."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")

from srsat_qgis.core.degradation.spectra import Perceptron  # noqa: E402
from srsat_qgis.training import estimator  # noqa: E402
from srsat_qgis.training.data.store import PatchStore  # noqa: E402
from srsat_qgis.training.estimator import FitOptions, SampleMaker, Samples, fitted, main  # noqa: E402


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(estimator, "_PART", 5)


@pytest.fixture(scope="module")
def samples(store_folder) -> Samples:
    return SampleMaker(PatchStore(store_folder), seed=3).draw(120)


def test_the_same_seed_draws_the_same_samples(store_folder):
    first, second, other = (SampleMaker(PatchStore(store_folder), seed=seed) for seed in (5, 5, 6))
    second.part(1)
    drawn, again = first.draw(10), second.draw(7)
    np.testing.assert_array_equal(drawn.values[:7], again.values)
    np.testing.assert_array_equal(drawn.noise[:7], again.noise)
    assert (drawn.noise[:7] != other.draw(7).noise).any()


def test_samples_are_of_all_kinds_and_finite(samples):
    assert set(samples.kind.tolist()) == {0, 1, 2}
    assert {"optical", "thermal", "synthetic"} == set(samples.source.tolist())
    assert set(samples.factor.tolist()) <= {1, 2, 3, 4}
    assert np.isfinite(samples.values).all()
    assert (samples.level > 0).all()


def test_the_blur_of_a_truth_counts_in_by_its_pixels(samples):
    truths = samples.take(samples.kind == 0)
    expected = np.sqrt(truths.variance + (0.42 / truths.factor) ** 2)
    np.testing.assert_allclose(truths.blur(), expected)
    own = truths.blur({"optical": 1.0})
    optical = truths.source == "optical"
    np.testing.assert_allclose(own[optical] ** 2, (truths.variance + 1 / truths.factor**2)[optical])
    np.testing.assert_allclose(own[~optical], expected[~optical])


def test_points_of_a_synthetic_scene_spread_less_than_areas(samples):
    drawn = samples.take(samples.kind == 1)
    np.testing.assert_allclose(drawn.blur() ** 2, drawn.variance - 1 / 12 / drawn.factor**2)


def test_noise_is_labelled_relative_to_the_level(samples):
    loud = samples.take((samples.noise > 10 * samples.own_noise) & (samples.noise > 0.4 * samples.level))
    assert len(loud) > 20
    np.testing.assert_allclose(np.exp(loud.noise_ratio()) * loud.level, loud.noise, rtol=0.03)
    assert samples.noise_ratio().min() >= math.log(0.08) - 1e-9


def test_flat_ground_has_the_level_of_its_noise(samples):
    flat = samples.take((samples.kind == 2) & (samples.noise > 1))
    assert len(flat) > 3
    # The tenth part of the blocks with least power lies below the mean, and a warp takes from it.
    ratio = flat.level / flat.noise
    assert np.median(ratio) == pytest.approx(0.8, abs=0.1)
    assert ratio.min() > 0.4
    assert ratio.max() < 1


def test_a_fit_is_reproducible_and_learns_the_noise(samples):
    how = FitOptions(members=2, width=32, epochs=150, batch=30)
    first, second = fitted(samples, how), fitted(samples, how)
    assert all((first[name] == second[name]).all() for name in first)
    layers = tuple((first[f"weight{k}"], first[f"bias{k}"]) for k in range(3))
    perceptron = Perceptron(first["mean"], first["scale"], layers)
    answers = np.array([perceptron(row) for row in samples.values])
    sure = (samples.noise > samples.own_noise) & ~samples.coded
    assert np.corrcoef(answers[sure, 2], samples.noise_ratio()[sure])[0, 1] > 0.7
    assert np.corrcoef(answers[:, 0], samples.blur())[0, 1] > 0.5


def test_the_command_writes_weights_that_core_reads(store_folder, tmp_path):
    path = tmp_path / "weights.npz"
    main([str(store_folder), str(path), "--rasters", "24", "--epochs", "1"])
    perceptron = Perceptron.load(path)
    features = SampleMaker(PatchStore(store_folder), seed=1).draw(1).values[0]
    blur, spread, _, noise_spread = perceptron(features)
    assert 0 < spread < 6
    assert 0 < noise_spread < 6
    assert -2 < blur < 3
    assert [one.name for one in tmp_path.iterdir()] == ["weights.npz"]
