"""What a model's card does not cover of a raster is said, with the models that would fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from srsat_qgis.core.errors import BandMismatch
from srsat_qgis.core.models.card import BandSpec, InputSpec
from srsat_qgis.core.superres.coverage import uncovered
from srsat_qgis.core.superres.job import Source
from tests.rasters import DEGREES, texture, write_raster


@pytest.fixture
def any_sensor(nearest):
    return replace(nearest, id="any", gsd_m=(0.2, 2000.0), value_range=None)


@pytest.fixture
def reflectance(any_sensor):
    """Made for digital numbers from 0 to 10000 at 10 m."""
    return replace(any_sensor, id="reflectance", gsd_m=(10.0, 10.0), value_range=(0.0, 10000.0))


def raster(tmp_path, image, **kept):
    return Source(write_raster(tmp_path / "scene.tif", image, **kept))


def test_a_raster_that_the_card_covers_brings_no_word(tmp_path, reflectance, any_sensor):
    source = raster(tmp_path, texture(2, 60, 70).astype(np.uint16))
    assert uncovered(source, reflectance, [any_sensor]) == []
    assert uncovered(source, any_sensor, [reflectance]) == []


def test_a_card_that_names_no_limits_covers_everything(tmp_path, nearest):
    assert uncovered(raster(tmp_path, texture(1, 9, 9).astype(np.uint8)), nearest, []) == []


@pytest.mark.parametrize(
    ("size", "covered"), [(9.6, True), (10.9, True), (11.5, False), (20.0, False), (0.5, False)]
)
def test_pixel_sizes_are_compared_with_those_of_the_card(tmp_path, reflectance, any_sensor, size, covered):
    source = raster(tmp_path, texture(1, 40, 40).astype(np.uint16), transform=(0, size, 0, 0, 0, -size))
    found = uncovered(source, reflectance, [any_sensor, reflectance])
    if covered:
        assert found == []
    else:
        assert found == [
            f"reflectance was made for pixels of 10 m; those of scene.tif have {size:g} m.",
            "Installed models that cover it: any (x2).",
        ]


def test_pixels_in_degrees_count_in_metres(tmp_path, reflectance):
    # A second of arc along the meridian is 30.9 m.
    source = raster(tmp_path, texture(1, 40, 40).astype(np.uint16), transform=DEGREES, epsg=4326)
    (first, last) = uncovered(source, reflectance, [])
    assert "those of scene.tif have 30.9" in first
    assert last.startswith("No installed model covers it")


def test_values_in_another_unit_are_told(tmp_path, reflectance, any_sensor):
    unit = raster(tmp_path, texture(1, 60, 60, low=0.02, high=0.4).astype(np.float32))
    (first, last) = uncovered(unit, reflectance, [any_sensor])
    assert first.startswith("reflectance was made for values from 0 to 10000; scene.tif has 0.02")
    assert "another unit" in first
    assert last == "Installed models that cover it: any (x2)."


def test_12_bits_in_16_are_told_what_to_give_where_a_file_without_a_card_takes_0_to_1(tmp_path, any_sensor):
    image = texture(3, 60, 60, low=100, high=4000).astype(np.uint16)
    source = raster(tmp_path, image)
    probed = replace(any_sensor, id="own", value_range=(0.0, 65535.0), training={"probed": {"scale": 2}})
    (first, last) = uncovered(source, probed, [any_sensor])
    low, high = np.percentile(image, (2, 98))
    assert f"VALUE_RANGE={low:.4g},{high:.4g} is what QGIS stretches by" in first
    assert last == "Installed models that cover it: any (x2)."
    # A range that somebody chose, by that advice too, or that the values fill, is nobody's mistake.
    assert uncovered(source, replace(probed, value_range=(float(low), float(high))), []) == []
    assert uncovered(source, replace(probed, value_range=(0.0, 10000.0)), []) == []
    whole = raster(tmp_path, texture(3, 60, 60, low=100, high=64000).astype(np.uint16))
    assert uncovered(whole, probed, []) == []


def test_a_stretch_to_8_bits_is_told(tmp_path, reflectance):
    source = raster(tmp_path, texture(3, 60, 60, low=0, high=255).astype(np.uint8))
    (first, _) = uncovered(source, reflectance, [])
    assert "holds 8-bit values, as after a stretch" in first


def test_values_beyond_the_range_are_told_and_a_few_bright_ones_are_not(tmp_path, any_sensor):
    pictures = replace(any_sensor, id="pictures", value_range=(0.0, 255.0))
    image = texture(1, 100, 100, low=10, high=250).astype(np.uint16)
    image[0, 0, :50] = 4000
    assert uncovered(raster(tmp_path, image), pictures, []) == []
    (first, _) = uncovered(raster(tmp_path, texture(1, 100, 100).astype(np.uint16)), pictures, [any_sensor])
    assert first.startswith("pictures was made for values from 0 to 255; scene.tif has 200 to 3500")


def test_nodata_counts_for_nothing(tmp_path, reflectance):
    image = texture(1, 50, 50).astype(np.uint16)
    image[0, :20] = 65535
    assert uncovered(raster(tmp_path, image, nodata=65535), reflectance, []) == []


def test_a_chosen_band_of_another_colour_is_told(tmp_path, any_sensor):
    spec = InputSpec("image", 2, (BandSpec("red", 665.0),))
    red = replace(any_sensor, id="red", inputs=(spec,))
    image = texture(2, 30, 30).astype(np.uint16)
    path = raster(tmp_path, image, wavelengths=(665.0, 842.0)).path
    assert uncovered(Source(path, (1,)), red, []) == []
    (first, _) = uncovered(Source(path, (2,)), red, [])
    assert first == "red takes band 2 of scene.tif (842 nm) as red (665 nm)."


def test_bands_that_do_not_fit_are_an_error_that_names_models_that_take_them(tmp_path, any_sensor):
    spec = InputSpec("image", 2, tuple(BandSpec(f"B{n}", 500.0 + 100 * n) for n in range(4)))
    four = replace(any_sensor, id="four", inputs=(spec,))
    source = raster(tmp_path, texture(2, 30, 30).astype(np.uint16))
    with pytest.raises(BandMismatch, match=r"scene\.tif: .*Installed models that cover it: any \(x2\)\.$"):
        uncovered(source, four, [any_sensor])


def test_models_of_the_same_scale_are_named_first(tmp_path, reflectance, any_sensor):
    source = raster(tmp_path, texture(1, 40, 40).astype(np.uint16), transform=(0, 30, 0, 0, 0, -30))
    larger = replace(any_sensor, id="a-x4", inputs=(InputSpec("image", 4, None),))
    assert uncovered(source, reflectance, [larger, any_sensor])[-1] == (
        "Installed models that cover it: any (x2), a-x4 (x4)."
    )
