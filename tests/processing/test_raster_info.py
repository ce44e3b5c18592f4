"""srsat:rasterinfo through ``processing.run``: numbers for models, words for people, nothing where nothing is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.degradation.raster_state import measure_layer
from srsat_qgis.core.raster.layer import InputLayer
from tests.processing.helpers import write_raster
from tests.rasters import shapes

ALGORITHM = "srsat:rasterinfo"
MEASURED = {"BLUR", "BLUR_SPREAD", "NOISE", "NOISE_SPREAD"}


@pytest.fixture
def known(tmp_path):
    """Two bands of a blur of 0.5 pixels with a noise of 10, and a third of one value."""
    fine = np.stack([shapes(640, 640, seed=seed) for seed in (1, 2)])
    coarse = gaussian_area(fine, scale=4, sigma=0.5)
    coarse += np.random.RandomState(0).normal(0, 10, coarse.shape)
    image = np.concatenate([coarse, np.full((1, 160, 160), 500)])
    return write_raster(tmp_path / "known.tif", np.rint(image).clip(0).astype(np.uint16))


def test_numbers_are_medians_over_the_bands_that_tell(run, known):
    results = run(INPUT=str(known))
    assert results["BLUR"] == pytest.approx(0.5, abs=0.1)
    assert results["NOISE"] == pytest.approx(10, rel=0.15)
    assert 0 < results["BLUR_SPREAD"] < 0.2
    assert 0 < results["NOISE_SPREAD"] < 5
    assert (results["PIXEL_SIZE"], results["BANDS"]) == (10, 3)
    states = measure_layer(InputLayer("image", str(known), (1, 2, 3), 1))
    assert results["BLUR"] == np.median([state.blur.value for state in states[:2]])


def test_each_band_is_told_in_the_json_and_undetermined_is_null(run, known):
    bands = json.loads(run(INPUT=str(known))["BANDS_JSON"])
    assert [band["band"] for band in bands] == [1, 2, 3]
    assert all(band["blur"] > 0 and band["noise_spread"] > 0 for band in bands[:2])
    assert all(bands[2][key] is None for key in ("blur", "blur_spread", "noise", "noise_spread"))


def test_what_is_undetermined_is_missing_and_said(run, tmp_path):
    path = write_raster(tmp_path / "even.tif", np.full((1, 160, 160), 500, np.uint16))
    results = run(INPUT=str(path))
    assert not MEASURED & set(results)
    assert "Blur: undetermined" in results["ADVICE"]
    assert "Noise: undetermined" in results["ADVICE"]


def test_the_page_tells_the_same(run, known, tmp_path):
    page = tmp_path / "page.html"
    results = run(INPUT=str(known), OUTPUT_HTML=str(page))
    assert results["OUTPUT_HTML"] == str(page)
    text = page.read_text(encoding="utf-8")
    assert f"{results['BLUR']:.2f}" in text
    assert "undetermined" in text
    assert "known" in text
