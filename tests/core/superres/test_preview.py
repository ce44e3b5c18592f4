"""A preview: the part that was asked for, as a run of its own would make it, and pictures of one size."""

from __future__ import annotations

import re

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.report.info_pages import preview_html
from srsat_qgis.core.superres.preview import preview
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress, Window
from tests.rasters import extent, read_raster, shapes, write_raster

pytest.importorskip("onnxruntime", reason="runs models")


@pytest.fixture
def raster(tmp_path):
    image = np.stack([shapes(90, 120, seed=seed) for seed in (1, 2, 3)]).clip(0).astype(np.uint16)
    return write_raster(tmp_path / "in.tif", image, transform=(500, 10, 0, 9000, 0, -10))


def cards(*ids):
    return [registry()[model] for model in ids]


def test_the_middle_of_the_raster_goes_through_each_model(raster, tmp_path):
    found = preview(raster, cards("any-x2-fast", "any-x4"), tmp_path, side=40, progress=SilentProgress())
    assert found.window == Window(25, 40, 40, 40)
    box = (500 + 400, 9000 - 650, 500 + 800, 9000 - 250)
    for card, result in found.results:
        assert extent(result.path) == [(x, y) for y in (box[3], box[1]) for x in (box[0], box[2])]
        alone = str(tmp_path / "alone.tif")
        super_resolve(Source(raster), card, alone, settings=Settings(extent=box))
        np.testing.assert_array_equal(read_raster(result.path), read_raster(alone))
    assert [panel.title for panel in found.panels] == ["Input", "Bicubic x4", "any-x2-fast", "any-x4"]
    assert {panel.picture.shape for panel in found.panels} == {(160, 160, 3)}


def test_the_pictures_show_the_pixels_in_one_stretch(raster, tmp_path):
    found = preview(raster, cards("any-x2-fast"), tmp_path, side=40, progress=SilentProgress())
    window = found.window
    own = read_raster(raster)[:, window.row : window.row + 40, window.col : window.col + 40].astype(float)
    low, high = np.percentile(own.reshape(3, -1), (1, 99), axis=1)
    expected = [
        np.clip((image - low[:, None, None]) / (high - low)[:, None, None], 0, 1)
        for image in (own.repeat(2, axis=1).repeat(2, axis=2), read_raster(found.results[0][1].path))
    ]
    for panel, share in zip((found.panels[0], found.panels[2]), expected):
        np.testing.assert_allclose(panel.picture, 255 * share.transpose(1, 2, 0), atol=1)


def test_of_an_extent_the_middle_is_taken_as_far_as_it_lies_in_the_raster(raster, tmp_path):
    asked = (0, 8900, 600, 20000)
    found = preview(raster, cards("any-x2-fast"), tmp_path, side=16, extent=asked, progress=SilentProgress())
    assert found.window == Window(0, 0, 10, 10)


def test_nodata_is_grey_in_all_pictures(tmp_path):
    image = shapes(40, 40).clip(1)[None].astype(np.uint16)
    image[:, 10:20, 10:20] = 0
    path = write_raster(tmp_path / "in.tif", image, nodata=0)
    found = preview(path, cards("any-x2-fast"), tmp_path, progress=SilentProgress())
    for panel in found.panels:
        hole = panel.picture[20:40, 20:40]
        assert (hole == 190).all()
        assert len(np.unique(panel.picture)) > 20


def test_a_rotated_raster_s_pictures_have_one_size_too(tmp_path):
    image = shapes(60, 60)[None].clip(0).astype(np.uint16)
    path = write_raster(tmp_path / "in.tif", image, transform=(0, 8, 6, 0, 6, -8))
    found = preview(path, cards("any-x2-fast"), tmp_path, side=20, progress=SilentProgress())
    assert len({panel.picture.shape for panel in found.panels}) == 1
    assert Raster(found.results[0][1].path).grid.rows == 2 * found.window.rows


def test_the_page_has_a_picture_a_model_and_says_what_a_run_would_take(raster, tmp_path):
    found = preview(raster, cards("any-x2-fast", "any-x4"), tmp_path, side=32, progress=SilentProgress())
    text = preview_html(found, name="<b>mine</b>")
    assert "&lt;b&gt;mine" in text
    assert text.count("data:image/png;base64,") == 4
    assert "32 x 32 pixels from column 45, row 30" in text
    assert len(re.findall(r"the whole raster about \d+ (s|min)", text)) == 2
    whole = found.panels[2].whole_seconds / found.panels[2].seconds
    assert whole == pytest.approx(90 * 120 / 32**2)


@pytest.mark.parametrize(("ids", "side"), [((), 100), (("any-x2-fast",), 8), (("any-x2-fast",), 2000)])
def test_no_model_and_other_sizes_are_refused(raster, tmp_path, ids, side):
    with pytest.raises(InvalidSetting, match=f"{len(ids)} models and {side} pixels"):
        preview(raster, cards(*ids), tmp_path, side=side, progress=SilentProgress())
