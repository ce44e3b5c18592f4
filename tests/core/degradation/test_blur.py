"""The blur of a raster, found by degrading what a model makes of it."""

from __future__ import annotations

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

    def make(blurs, hole=None):
        truth = np.stack([texture(1, 2 * SIDE, 2 * SIDE, seed=seed)[0] for seed in (3, 4)])
        low = np.stack([gaussian_area(band, scale=2, sigma=blur) for band, blur in zip(truth, blurs)])
        if hole is not None:
            low[hole] = -9999
        path = write_raster(tmp_path / "low.tif", low.astype(np.float32), nodata=-9999)
        edge = 2 * (HALO + 8)
        known = np.pad(truth, ((0, 0), (edge, edge), (edge, edge)), mode="symmetric").astype(np.float32)
        return [InputLayer("image", path, (1, 2), 2)], lambda images: known

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
