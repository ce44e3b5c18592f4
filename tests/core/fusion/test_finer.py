"""A scene at 5 m in one run: the fused scene through a single-image model, with nothing left behind."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import Cancelled, InvalidSetting, OutputIsInput
from srsat_qgis.core.fusion.finer import fusing_finer
from srsat_qgis.core.fusion.fuse import fuse
from srsat_qgis.core.fusion.proof import prove_finer
from srsat_qgis.core.report.scene_page import judge_scene, scene_html
from srsat_qgis.core.sentinel2.msi import BANDS
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.types import SilentProgress
from tests.core.report.reading import Page
from tests.core.sentinel2 import models
from tests.core.sentinel2.scenes import OFF, request, write_scene
from tests.onnx_models import card_for, nearest_model


@pytest.fixture
def doubling(tmp_path):
    """A model that repeats every pixel of every band."""
    return card_for(nearest_model(tmp_path / "twice.onnx"), scale=2, halo=0)


def holes(gsd, image):
    """Leave out the first coarse cell, and saturate one pixel of a 20 m band."""
    cell = 60 // gsd
    image[:, :cell, :cell] = 0
    if gsd == 20:
        image[1, 9, 11] = 65535


@pytest.fixture
def scene(tmp_path):
    _, sources = write_scene(tmp_path, change=holes)
    cards = {gsd: models.detail_card(tmp_path, gsd) for gsd in (20, 60)}
    return open_scene(rasters=sources).layers, cards


def test_every_band_of_the_fused_scene_goes_through_the_model(scene, doubling, tmp_path):
    layers, cards = scene
    fuse(request(layers, cards, tmp_path / "ten.tif", settings=OFF))
    with fusing_finer(request(layers, cards, tmp_path / "five.tif", settings=OFF), doubling) as made:
        assert made.result.path == str(tmp_path / "five.tif")
    ten, five = (gdal.Open(str(tmp_path / name)) for name in ("ten.tif", "five.tif"))
    expected = ten.ReadAsArray().repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_array_equal(five.ReadAsArray(), expected)
    assert (expected == 65535).sum() == 16
    assert (expected == 0).any()
    x, step, _, y, _, down = ten.GetGeoTransform()
    assert five.GetGeoTransform() == (x, step / 2, 0, y, 0, down / 2)
    bands = [five.GetRasterBand(number) for number in range(1, 13)]
    assert [band.GetDescription() for band in bands] == [band.name for band in BANDS]
    assert {band.GetNoDataValue() for band in bands} == {0.0}


def test_the_progress_goes_on_from_one_step_to_the_next(scene, doubling, tmp_path):
    class Listens(SilentProgress):
        def __init__(self):
            self.fractions = []

        def update(self, fraction):
            self.fractions.append(fraction)

    layers, cards = scene
    heard = Listens()
    with fusing_finer(
        request(layers, cards, tmp_path / "five.tif", settings=OFF), doubling, progress=heard
    ) as made:
        assert 0 < made.fused.seconds < made.seconds < 3600
    assert heard.fractions == sorted(heard.fractions)
    assert heard.fractions[0] < 0.3
    assert heard.fractions[-1] == 1.0
    assert 0.3 in [round(one, 6) for one in heard.fractions]


def test_provenance_and_report_name_both_models(scene, doubling, tmp_path):
    layers, cards = scene
    with fusing_finer(request(layers, cards, tmp_path / "five.tif", settings=OFF), doubling) as made:
        proof = prove_finer(made, about="a scene")
    items = gdal.Open(str(tmp_path / "five.tif")).GetMetadata()
    assert items["SRSAT_MODEL"] == f"detail-20, detail-60, {doubling.id}"
    assert items["SRSAT_SCALE"] == "2, 6, 2"
    assert items["SRSAT_MODEL_SHA256"].count(", ") == 2
    assert '"targets": "all"' in items["SRSAT_PARAMETERS"]
    assert dict(made.result.provenance).items() <= items.items()
    output = proof.facts["output"]
    assert (output["name"], output["pixel_m"], output["cols"]) == ("five.tif", 5.0, made.result.width)
    assert {group["model"]["id"] for group in proof.facts["groups"]} == {"detail-20", "detail-60"}
    text = Page(scene_html(proof)).text
    assert "bands at 5 m" in text
    assert "At 5 m The scene at 10 m went through twice 1.0.0" in text
    assert (
        "This raster Every pixel. The same stretch for all. True colour: bands 4, 3, 2, by wavelength."
        in text
    )
    assert doubling.id in text
    # A model that repeats pixels gives back their means.
    said = judge_scene(proof.facts).remarks[0]
    assert said.startswith(f"At 5 m, by {doubling.id} {doubling.version}: consistent with its input")


def test_nothing_but_the_output_is_left(scene, doubling, tmp_path):
    layers, cards = scene
    folder = tmp_path / "out"
    folder.mkdir()
    with fusing_finer(request(layers, cards, folder / "five.tif", settings=OFF), doubling):
        pass
    assert [path.name for path in folder.iterdir()] == ["five.tif"]


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_cancelled_run_leaves_what_stood_there(scene, doubling, tmp_path, share):
    class Stops(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = self.cancelled or fraction >= share

    layers, cards = scene
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "five.tif").write_text("before")
    with (
        pytest.raises(Cancelled),
        fusing_finer(request(layers, cards, folder / "five.tif", settings=OFF), doubling, progress=Stops()),
    ):
        pytest.fail("the run was cancelled")
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("five.tif", "before")]


def test_a_model_of_several_inputs_is_refused(scene, tmp_path):
    layers, cards = scene
    with (
        pytest.raises(InvalidSetting, match="detail-20: expected a model of one raster"),
        fusing_finer(request(layers, cards, tmp_path / "five.tif", settings=OFF), cards[20]),
    ):
        pytest.fail("no model of single bands")


def test_the_output_is_none_of_the_scene_s_files(scene, doubling, tmp_path):
    layers, cards = scene
    path = layers["B2"].path
    with pytest.raises(OutputIsInput), fusing_finer(request(layers, cards, path, settings=OFF), doubling):
        pytest.fail("the scene would be gone")
