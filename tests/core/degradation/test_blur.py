"""The blur of a raster, found by degrading what a model makes of it."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from srsat_qgis.core.degradation.blur import estimate_sigmas
from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.models.card import BandSpec, Degradation, InputSpec, ModelCard, OutputSpec, TileSpec
from srsat_qgis.core.raster.layer import InputLayer
from tests.rasters import texture, write_raster

HALO, SIDE = 4, 80
BLURS = (0.25, 0.4)


def card(*, together: bool) -> ModelCard:
    bands = tuple(BandSpec(name, None) for name in ("B5", "B6")) if together else None
    return ModelCard(
        id="oracle",
        name="oracle",
        version="1.0.0",
        inputs=(InputSpec("image", 2, bands),),
        output=OutputSpec("out", bands),
        tile=TileSpec(halo=HALO, default=64),
        degradation=Degradation(0.3, (0.2, 0.5)),
    )


@pytest.fixture
def scene(tmp_path):
    """Returns the layers of a raster, whose bands are blurred differently, and a model that knows the truth."""

    def make(blurs, hole=None, contrast=None):
        truth = np.stack([texture(1, 2 * SIDE, 2 * SIDE, seed=3 + band)[0] for band in range(len(blurs))])
        truth *= np.reshape(contrast or (1,) * len(blurs), (-1, 1, 1))
        low = np.stack([gaussian_area(band, scale=2, sigma=blur) for band, blur in zip(truth, blurs)])
        if hole is not None:
            low[hole] = -9999
        path = write_raster(tmp_path / "low.tif", low.astype(np.float32), nodata=-9999)
        edge = 2 * (HALO + 8)
        known = np.pad(truth, ((0, 0), (edge, edge), (edge, edge)), mode="symmetric").astype(np.float32)
        return [InputLayer("image", path, tuple(range(1, len(blurs) + 1)), 2)], lambda images: known

    return make


def test_a_model_that_makes_all_bands_at_once_tells_each_band_s_own_blur(scene):
    layers, infer = scene(BLURS)
    assert estimate_sigmas(layers, card(together=True), infer) == BLURS


def test_a_model_of_single_bands_tells_one_blur_for_all(scene):
    layers, infer = scene((0.4, 0.4))
    assert estimate_sigmas(layers, card(together=False), infer) == (0.4,)


def test_a_band_of_which_nothing_is_known_has_the_card_s_blur(scene):
    layers, infer = scene(BLURS, hole=0)
    assert estimate_sigmas(layers, card(together=True), infer) == (0.3, 0.4)


def test_of_many_single_bands_the_first_the_middle_and_the_last_are_sampled(scene):
    layers, infer = scene((0.4, 0.25, 0.4, 0.25, 0.4), contrast=(1, 9, 1, 9, 1))
    assert estimate_sigmas(layers, card(together=False), infer) == (0.4,)


def test_bands_made_at_once_are_all_sampled(scene):
    blurs = (0.25, 0.3, 0.35, 0.4, 0.45)
    layers, infer = scene(blurs)
    assert estimate_sigmas(layers, card(together=True), infer) == blurs


def sampled(tmp_path, image) -> list[float]:
    """Return the first value of each window that the model is given, apart from its halo."""
    path = write_raster(tmp_path / "places.tif", image.astype(np.float32)[np.newaxis], nodata=-9999)
    found = []

    def infer(images):
        found.append(float(images["image"][0, HALO + 8, HALO + 8]))
        return images["image"].repeat(2, axis=1).repeat(2, axis=2)

    estimate_sigmas([InputLayer("image", path, (1,), 2)], card(together=False), infer)
    return found


def test_nine_windows_are_spread_over_the_whole_raster(tmp_path):
    rows, cols = np.mgrid[:300, :400]
    assert sampled(tmp_path, 1000 * rows + cols) == [
        1000 * row + col for row in (0, 102, 204) for col in (0, 152, 304)
    ]


@pytest.mark.parametrize(("hole", "count"), [(40, 9), (80, 6)])
def test_windows_of_which_less_than_half_is_valid_say_nothing(tmp_path, hole, count):
    image = np.tile(np.arange(400.0), (300, 1))
    image[:, :hole] = -9999
    assert len(sampled(tmp_path, image)) == count


def test_windows_are_computed_several_at_a_time_with_the_same_result(tmp_path):
    image = texture(2, 300, 400, low=0, high=4000).astype(np.float32)
    path = write_raster(tmp_path / "large.tif", image)
    found, threads = [], []

    def infer(images):
        threads[-1].add(threading.get_ident())
        # Long enough for others to begin.
        time.sleep(0.02)
        return images["image"].repeat(2, axis=1).repeat(2, axis=2)

    for lanes in (1, 3):
        threads.append(set())
        layers = [InputLayer("image", path, (1, 2), 2)]
        found.append(estimate_sigmas(layers, card(together=True), infer, lanes))
    assert found[0] == found[1]
    assert [len(one) for one in threads] == [1, 3]
