"""Every shipped model through the whole pipeline: tiles, nodata, consistency, gain over bicubic, honest cards."""

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.models.registry import Registry
from srsat_qgis.core.paths import models_dir
from srsat_qgis.core.probing.graph import verify
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.rasters import read_raster, texture, write_raster
from tests.scenes import landscape

CARDS = Registry([models_dir()])


@pytest.fixture(name="card", params=[name for name, card in CARDS.items() if len(card.inputs) == 1])
def _card(request):
    """A model of one input."""
    return CARDS[request.param]


@pytest.fixture(name="any_card", params=list(CARDS))
def _any_card(request):
    return CARDS[request.param]


def seen_by(card, image: np.ndarray) -> np.ndarray:
    """Return an image of one band, or of as many alike as the model takes at once."""
    return image if card.bandwise else np.repeat(image[:1], card.inputs[0].channels, axis=0)


def test_the_card_is_what_the_model_does(any_card):
    verify(any_card, Engine(any_card.path, device="cpu"))


def test_the_card_names_data_licences_and_measured_quality(any_card):
    assert any_card.licence
    assert any_card.training["data"]
    assert all(row["source"] and row["licence"] for row in any_card.training["data"])
    assert any_card.quality
    assert (any_card.path.parent / "recipe.toml").is_file()
    assert any_card.path.stat().st_size < 3_000_000


@pytest.mark.parametrize("consistency", ["model", "area", "off"])
def test_tiles_equal_the_untiled_run_bit_for_bit(tmp_path, card, consistency):
    image = seen_by(card, texture(1, 230, 150)).astype(np.float32)
    image[:, 90:120, 40:75] = np.nan
    source = write_raster(tmp_path / "in.tif", image)
    results = []
    for tile in (1000, 64, 33):
        target = tmp_path / f"{tile}.tif"
        settings = Settings(tile=tile, consistency=consistency, device="cpu")
        super_resolve(Source(source), card, str(target), settings=settings)
        results.append(read_raster(target))
    for tiled in results[1:]:
        np.testing.assert_array_equal(tiled, results[0])


def test_two_nodata_values_give_the_same_valid_pixels(tmp_path, card):
    # Far from 0, where clipped values would be moved off the one nodata value and not off the other.
    image = seen_by(card, texture(1, 120, 90, low=4000, high=7000)).astype(np.uint16)
    hole = np.zeros(image.shape[1:], bool)
    hole[30:70, 20:50] = True
    fine = hole.repeat(card.scale, 0).repeat(card.scale, 1)
    results = []
    for filler in (0, 65535):
        image[:, hole] = filler
        source = write_raster(tmp_path / "in.tif", image, nodata=filler)
        super_resolve(Source(source), card, str(tmp_path / "out.tif"), settings=Settings(device="cpu"))
        result = read_raster(tmp_path / "out.tif")
        np.testing.assert_array_equal(result[0] == filler, fine)
        results.append(result[:, ~fine])
    np.testing.assert_array_equal(results[0], results[1])


@pytest.mark.parametrize(("gain", "offset"), [(0.01, 270.0), (8.0, -400.0)])
def test_any_unit_gives_the_same_picture(tmp_path, card, gain, offset):
    image = seen_by(card, landscape(size=64)[1][:1]).astype(np.float32)
    results = []
    for name, values in (("plain", image), ("mapped", image * gain + offset)):
        source = write_raster(tmp_path / f"{name}.tif", values.astype(np.float32))
        target = tmp_path / f"{name}_sr.tif"
        super_resolve(Source(source), card, str(target), settings=Settings(device="cpu"))
        results.append(read_raster(target).astype(np.float64))
    span = np.ptp(results[1])
    np.testing.assert_allclose(results[1], results[0] * gain + offset, atol=1e-4 * span)


# In dB on this landscape, by the scale; measured were 4.6 to 7.1, 4.1 to 5.5 and 3.4 to 4.4. Models that invent
# texture are no nearer to this truth, whose texture is another.
LEAST_GAIN = {2: 4.0, 3: 3.5, 4: 3.0}


@pytest.mark.parametrize("sigma", [0.4, 0.5, 0.7])
def test_the_known_truth_is_much_closer_than_by_bicubic_and_the_input_comes_back(tmp_path, card, sigma):
    # The landscape is not made at a third of its pixels: at a quarter then.
    truth = landscape(size=96, factors=(1, 2, 4))[4 if card.scale == 3 else card.scale]
    truth = truth[: 2 if card.bandwise else card.inputs[0].channels]
    low = np.rint(gaussian_area(truth, scale=card.scale, sigma=sigma)).astype(np.uint16)
    source = write_raster(tmp_path / "in.tif", low)
    super_resolve(Source(source), card, str(tmp_path / "out.tif"), settings=Settings(device="cpu"))
    result = read_raster(tmp_path / "out.tif").astype(np.float64)
    inner = (slice(None), slice(8, -8), slice(8, -8))
    error = np.mean((result - truth)[inner] ** 2)
    bicubic = np.mean((bicubic_upsample(low, scale=card.scale) - truth)[inner] ** 2)
    if not card.invents_texture:
        assert 10 * np.log10(bicubic / error) > LEAST_GAIN[card.scale]
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    if card.conditions:
        blurs = [float(blur) for blur in dataset.GetMetadataItem("SRSAT_BLUR").split(",")]
        assert blurs == pytest.approx([sigma] * len(truth), abs=0.06)
    # By the true blur, which the run does not know.
    again = gaussian_area(result, scale=card.scale, sigma=sigma)
    # Invented texture leaves more behind: 1.7e-3 were measured.
    most = 2e-3 if card.invents_texture else 1.5e-3
    assert np.abs(again - low)[inner].mean() <= most * (np.percentile(low, 99.9) - np.percentile(low, 0.1))


def test_area_consistency_keeps_the_mean_of_every_pixel(tmp_path, card):
    low = seen_by(card, landscape(size=64)[1][:1]).astype(np.float32)
    source = write_raster(tmp_path / "in.tif", low)
    settings = Settings(device="cpu", consistency="area")
    super_resolve(Source(source), card, str(tmp_path / "out.tif"), settings=settings)
    result = read_raster(tmp_path / "out.tif").astype(np.float64)
    means = gaussian_area(result, scale=card.scale, sigma=0)
    assert np.abs(means - low).mean() <= 1e-3 * np.ptp(low)
