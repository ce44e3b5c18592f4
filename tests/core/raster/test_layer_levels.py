"""Mean and spread of a whole raster, as models are told them."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.raster import layer as module
from srsat_qgis.core.raster.layer import InputLayer, layer_levels
from tests.rasters import texture, write_raster


def test_valid_pixels_alone_count_whatever_the_windows(tmp_path, monkeypatch):
    image = texture(2, 70, 90).astype(np.float32)
    image[0, 20:40, 30:60] = -9999
    path = write_raster(tmp_path / "a.tif", image, nodata=-9999)
    known = image[0][image[0] != -9999].astype(np.float64)
    monkeypatch.setattr(module, "_SIDE", 32)
    mean, spread = layer_levels(InputLayer("image", path, (1, 2), 1))
    assert mean == pytest.approx((known.mean(), image[1].mean(dtype=np.float64)), rel=1e-5)
    assert spread == pytest.approx((known.std(), image[1].std(dtype=np.float64)), rel=1e-5)


def test_a_small_spread_on_a_large_value_keeps_its_digits(tmp_path):
    image = 1e6 + np.random.RandomState(1).normal(0, 0.01, (1, 40, 40))
    path = write_raster(tmp_path / "a.tif", image.astype(np.float64))
    _, spread = layer_levels(InputLayer("image", path, (1,), 1))
    assert spread[0] == pytest.approx(image.std(), rel=1e-4)


def test_saturated_pixels_do_not_count_and_centres_are_taken_off(tmp_path):
    image = np.full((1, 20, 20), 100, np.uint16)
    image[0, :10] = 110
    image[0, 0] = 65535
    path = write_raster(tmp_path / "a.tif", image)
    mean, _ = layer_levels(InputLayer("image", path, (1,), 1, centres=(100.0,), saturation=60000.0))
    assert mean[0] == pytest.approx(10 * 9 / 19, rel=1e-5)


def test_a_band_that_tells_nothing_gets_a_spread_that_can_be_divided_by(tmp_path):
    image = np.stack([np.full((20, 20), 5), np.full((20, 20), -1)]).astype(np.float32)
    path = write_raster(tmp_path / "a.tif", image, nodata=-1)
    mean, spread = layer_levels(InputLayer("image", path, (1, 2), 1))
    assert (mean, spread) == ((5.0, 0.0), (1.0, 1.0))
