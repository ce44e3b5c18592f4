"""A fused scene: every band at 10 m, in order, with its values, holes and saturation; and what is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import (
    BandMismatch,
    Cancelled,
    DiskFull,
    GridMismatch,
    InvalidSetting,
    OutputIsInput,
)
from srsat_qgis.core.fusion import fuse
from srsat_qgis.core.fusion.adapt import Adapted, Adapting
from srsat_qgis.core.fusion.fuse import fusing
from srsat_qgis.core.fusion.misregistration import misfits
from srsat_qgis.core.fusion.plan import fits, make_plan
from srsat_qgis.core.fusion.proof import prove
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.raster.tiled_run import RowStore
from srsat_qgis.core.report.scene_page import judge_scene
from srsat_qgis.core.sentinel2.clouds import QA60, SCL, CloudMask
from srsat_qgis.core.sentinel2.msi import BANDS, SENTINEL2
from srsat_qgis.core.sentinel2.products import Offsets
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.temporary import temporary_beside
from srsat_qgis.core.types import SilentProgress, Window
from tests.core.sentinel2 import models, products
from tests.core.sentinel2.scenes import NAMES, fuse_layers, request, write_scene
from tests.rasters import texture, write_raster
from tests.scenes import ROOT
from tests.shifted_scenes import fractal

OFF = Settings(consistency="off")


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {gsd: models.detail_card(folder, gsd) for gsd in (20, 60)}


def stacks(folder, *, cells=(3, 4), **scene):
    """Write the three groups as stacks of so many 60 m pixels; return their pixels and sources."""
    return write_scene(folder, cells=cells, **scene)


def read(path) -> tuple[dict[str, np.ndarray], gdal.Dataset]:
    dataset = gdal.Open(str(path))
    bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
    return {band.GetDescription(): band.ReadAsArray() for band in bands}, dataset


def test_all_bands_come_out_at_10_m_in_wavelength_order(tmp_path, cards):
    pixels, sources = stacks(tmp_path)
    target = tmp_path / "out.tif"
    result = fuse_layers(open_scene(rasters=sources).layers, cards, str(target), settings=OFF)
    found, dataset = read(target)
    assert list(found) == [band.name for band in BANDS] == list(result.plan.bands)
    for index, name in enumerate(NAMES[10]):
        np.testing.assert_array_equal(found[name], pixels[10][index])
    for gsd in (20, 60):
        for index, name in enumerate(NAMES[gsd]):
            expected = models.expected(
                pixels[gsd][index].astype(float), pixels[10][0].astype(float), gsd // 10
            )
            assert np.abs(found[name] - expected).max() <= 1
    assert dataset.GetGeoTransform() == (399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0)
    assert {dataset.GetRasterBand(n).DataType for n in range(1, 13)} == {gdal.GDT_UInt16}
    assert dataset.GetRasterBand(9).GetMetadataItem("wavelength") == "864"
    assert dataset.GetMetadataItem("SRSAT_MODEL") == "detail-20, detail-60"
    assert [path.name for path in tmp_path.iterdir() if "srsat" in path.name] == []


def test_two_steps_give_what_one_run_gives(tmp_path, cards):
    _, sources = stacks(tmp_path)
    whole, first, second = (str(tmp_path / name) for name in ("whole.tif", "first.tif", "second.tif"))
    fuse_layers(open_scene(rasters=sources).layers, cards, whole, settings=OFF)
    twenty = {gsd: sources[gsd] for gsd in (10, 20)}
    fuse_layers(open_scene(rasters=twenty).layers, cards, first, targets="20 m", settings=OFF)
    assert list(read(first)[0]) == [band.name for band in BANDS if band.gsd_m < 60]
    rest = {10: [Source(first)], 60: sources[60]}
    fuse_layers(open_scene(rasters=rest).layers, cards, second, targets="60 m", settings=OFF)
    expected, found = read(whole)[0], read(second)[0]
    assert set(found) == {*NAMES[10], *NAMES[60]} | set(NAMES[20])
    for name, values in found.items():
        np.testing.assert_array_equal(values, expected[name])


def test_no_data_and_saturation_stay_and_do_not_spread(tmp_path, cards):
    def change(gsd, image):
        if gsd == 20:
            image[0, 2, 3] = 0
            image[1, 4, 5] = 65535
        if gsd == 10:
            image[2, 0, 0] = 65535

    clean, sources = stacks(tmp_path, gsds=(10, 20))
    reference = tmp_path / "clean.tif"
    fuse_layers(open_scene(rasters=sources).layers, cards, str(reference), settings=OFF)
    (tmp_path / "holes").mkdir()
    pixels, sources = stacks(tmp_path / "holes", gsds=(10, 20), change=change)
    target = tmp_path / "out.tif"
    fuse_layers(open_scene(rasters=sources).layers, cards, str(target), settings=OFF)
    expected, found = read(reference)[0], read(target)[0]
    assert (found["B5"][4:6, 6:8] == 0).all()
    assert (found["B6"][8:10, 10:12] == 65535).all()
    assert found["B4"][0, 0] == 65535
    away = np.ones(found["B6"].shape, bool)
    away[8:10, 10:12] = away[4:6, 6:8] = False
    for name in ("B6", "B7", "B12"):
        np.testing.assert_array_equal(found[name][away], expected[name][away])
    dataset = gdal.Open(str(target))
    assert dataset.GetRasterBand(1).GetNoDataValue() == 0
    assert pixels[10][0].shape == clean[10][0].shape


@pytest.mark.parametrize("equivariant", [True, False])
def test_a_product_s_offset_stays_in_the_values(tmp_path, equivariant):
    card = models.detail_card(tmp_path, 20, equivariant=equivariant)

    def change(gsd, image):
        image += 1000
        if gsd == 20:
            image[0, 0, 0] = 0

    pixels, sources = stacks(tmp_path, gsds=(10, 20), change=change)
    offsets = Offsets({band.name: -1000.0 for band in BANDS}, "the test")
    target = tmp_path / "out.tif"
    layers = open_scene(rasters=sources).layers
    fuse_layers(layers, {20: card}, str(target), offsets=offsets, settings=OFF)
    found, dataset = read(target)
    expected = models.expected(pixels[20][2].astype(float), pixels[10][0].astype(float), 2)
    inner = np.ones(expected.shape, bool)
    inner[:2, :2] = False
    assert np.abs(found["B7"] - expected)[inner].max() <= 1
    assert (found["B5"][:2, :2] == 0).all()
    assert dataset.GetRasterBand(4).GetMetadataItem("ADD_OFFSET") == "-1000"


def test_crops_whose_origin_is_off_by_a_fine_pixel_are_fused_on_what_they_share_and_the_rest_is_kept(
    tmp_path, cards
):
    fine = np.rint(texture(4, 24, 25)).astype(np.uint16)
    coarse = np.rint(texture(6, 12, 13, seed=3)).astype(np.uint16)
    x, y = products.ORIGIN
    east = write_raster(tmp_path / "f.tif", fine, transform=(x + 10, 10.0, 0.0, y, 0.0, -10.0))
    plain = write_raster(tmp_path / "c.tif", coarse, transform=(x, 20.0, 0.0, y, 0.0, -20.0))
    scene = open_scene(rasters={10: [Source(east)], 20: [Source(plain)]})
    target = tmp_path / "out.tif"
    fuse_layers(scene.layers, cards, str(target), settings=OFF)
    found, dataset = read(target)
    assert dataset.GetGeoTransform()[0] == x + 10
    np.testing.assert_array_equal(found["B2"], fine[0])
    expected = models.expected(coarse[0][:, 1:].astype(float), fine[0][:, 1:].astype(float), 2)
    assert np.abs(found["B5"][:, 1:] - expected).max() <= 1
    assert (found["B5"][:, 0] == 0).all()


def rimmed(folder, *, cells=(20, 21)):
    """Write a scene whose 60 m pixels begin 20 m south and 40 m east of the others' and leave out the end too."""
    pixels, sources = stacks(folder, cells=cells)
    x, y = products.ORIGIN
    inner = pixels[60][:, :-1, :-1]
    transform = (x + 40, 60.0, 0.0, y - 20, 0.0, -60.0)
    beside = write_raster(folder / "beside.tif", inner, transform=transform, names=NAMES[60])
    return {**pixels, 60: inner}, {**sources, 60: [Source(beside)]}


class Hears(SilentProgress):
    def __init__(self):
        self.told = []

    def info(self, message):
        self.told.append(message)

    warn = info


def test_where_the_60_m_grid_starts_beside_the_others_the_whole_scene_is_kept(tmp_path, cards):
    pixels, sources = rimmed(tmp_path)
    layers, target, heard = open_scene(rasters=sources).layers, tmp_path / "out.tif", Hears()
    fuse_layers(layers, cards, target, settings=OFF, progress=heard)
    found, dataset = read(target)
    assert (dataset.RasterYSize, dataset.RasterXSize) == (120, 126)
    assert dataset.GetGeoTransform()[0::3] == products.ORIGIN
    for index, name in enumerate(NAMES[10]):
        np.testing.assert_array_equal(found[name], pixels[10][index])
    fine = pixels[10][0].astype(float)
    for index, name in enumerate(NAMES[20]):
        expected = models.expected(pixels[20][index].astype(float), fine, 2)
        assert np.abs(found[name] - expected).max() <= 1
    inner = np.zeros((120, 126), bool)
    inner[2:116, 4:124] = True
    for index, name in enumerate(NAMES[60]):
        expected = models.expected(pixels[60][index].astype(float), fine[2:116, 4:124], 6)
        assert np.abs(found[name][2:116, 4:124] - expected).max() <= 1
        np.testing.assert_array_equal(found[name] == 0, ~inner)
    said = [line for line in heard.told if "scene's edges" in line]
    assert len(said) == 1
    assert "6 of 120 rows and 6 of 126 columns of the output are nodata in B1, B9" in said[0]
    assert not any("scene's edges" in line for line in quiet_run(tmp_path, cards))


def quiet_run(folder, cards):
    (folder / "plain").mkdir()
    _, sources = stacks(folder / "plain")
    heard = Hears()
    layers = open_scene(rasters=sources).layers
    fuse_layers(layers, cards, folder / "plain" / "out.tif", settings=OFF, progress=heard)
    return heard.told


def test_an_extent_and_tiles_change_no_value_where_grids_start_beside_each_other(tmp_path, cards):
    _, sources = rimmed(tmp_path)
    layers = open_scene(rasters=sources).layers
    whole, part, tiled = (tmp_path / f"{name}.tif" for name in ("whole", "part", "tiled"))
    fuse_layers(layers, cards, whole, settings=OFF)
    fuse_layers(layers, cards, tiled, settings=replace(OFF, tile=5))
    x, y = products.ORIGIN
    for extent, rows, cols in (
        ((x + 10, y - 130, x + 110, y - 10), slice(0, 14), slice(0, 16)),
        ((x + 110, y - 150, x + 150, y - 90), slice(8, 20), slice(10, 16)),
        ((x + 1150, y - 1190, x + 1255, y - 1130), slice(110, 120), slice(112, 126)),
    ):
        fuse_layers(layers, cards, part, settings=replace(OFF, extent=extent))
        expected, (found, dataset) = read(whole)[0], read(part)
        assert dataset.GetGeoTransform()[0::3] == (x + 10 * cols.start, y - 10 * rows.start)
        for name, values in found.items():
            np.testing.assert_array_equal(values, expected[name][rows, cols])
    for name, values in read(tiled)[0].items():
        np.testing.assert_array_equal(values, read(whole)[0][name])
    # The 60 m bands do not reach this part.
    with pytest.raises(InvalidSetting, match="lies outside"):
        fuse_layers(layers, cards, part, settings=replace(OFF, extent=(x, y - 1200, x + 30, y)))


def test_the_report_measures_where_the_bands_are_and_tells_of_the_rim(tmp_path, cards):
    _, sources = rimmed(tmp_path)
    wanted = request(open_scene(rasters=sources).layers, cards, tmp_path / "out.tif", settings=OFF)
    with fusing(wanted) as fused:
        proof = prove(fused)
    twenty, sixty = proof.facts["groups"]
    assert (twenty["rim"], sixty["rim"]) == ([0, 0], [6, 6])
    assert sixty["windows"][0]["valid"] == 1.0
    x, y = products.ORIGIN
    assert sixty["windows"][0]["extent"] == [x + 40, y - 20 - 1080, x + 40 + 1080, y - 20]
    assert sixty["agreement"]["largest_percent"] < 0.2
    assert twenty["agreement"]["largest_percent"] < 0.2
    remarks = judge_scene(proof.facts).remarks
    assert any("6 rows and 6 columns of the output are nodata in the 60 m bands" in text for text in remarks)


def test_bands_are_moved_on_the_ground_of_every_step(tmp_path, cards):
    """The 20 m bands, which see the ground a pixel of theirs farther down, are made finer and guide the 60 m ones."""
    truth = fractal(312, 312, seed=4)
    truth = 2000 + 400 * truth / truth.std()
    x, y = products.ORIGIN

    def seen(gsd, down, origin, size):
        ratio = gsd // 10
        row, col = 4 + down + origin[0], 4 + origin[1]
        ground = truth[row : row + size, col : col + size]
        plane = ground.reshape(size // ratio, ratio, size // ratio, ratio).mean(axis=(1, 3))
        image = np.rint(np.stack([plane] * len(NAMES[gsd]))).astype(np.uint16)
        transform = (x + 10 * origin[1], float(gsd), 0.0, y - 10 * origin[0], 0.0, -float(gsd))
        return [Source(write_raster(tmp_path / f"m{gsd}.tif", image, transform=transform, names=NAMES[gsd]))]

    sources = {10: seen(10, 0, (0, 0), 300), 20: seen(20, 2, (0, 0), 300), 60: seen(60, 0, (2, 4), 294)}
    layers = open_scene(rasters=sources).layers
    shipped = {20: cards[20], 60: load_card(ROOT / "models" / "s2-60m")}
    wanted = request(layers, shipped, tmp_path / "out.tif", settings=OFF, correct_shift=True)
    with fusing(wanted) as fused:
        assert fused.moved["20 m"] == pytest.approx((1.0, 0.0), abs=0.05)
        assert fused.plan.steps[1].place == Window(2, 4, 294, 294)
        first, second = fused.plan.steps
        whole = first.originals[0].read(Window(0, 0, 150, 150))
        guide = second.inputs[second.card.inputs[2].name][0]
        assert guide.layer.band == "B5"
        np.testing.assert_array_equal(guide.read(Window(0, 0, 147, 147)), whole[1:148, 2:149])
        assert all(not misfit.notable for misfit in misfits(fused.plan))


def test_a_mask_may_lack_a_rim_of_less_than_one_of_its_pixels(tmp_path, cards):
    _, sources = rimmed(tmp_path)
    x, y = products.ORIGIN
    values = np.zeros((1, 20, 20), np.uint16)
    values[0, 0, 3] = values[0, 5, -1] = 1024
    where = (x + 40, 60.0, 0.0, y - 20, 0.0, -60.0)
    path = write_raster(tmp_path / "QA60.tif", values, transform=where)
    layers, target = open_scene(rasters=sources).layers, tmp_path / "out.tif"
    fuse_layers(layers, cards, target, mask=CloudMask(QA60, path), settings=OFF)
    clear = read(target)[0]["B2"] != 0
    expected = np.ones(clear.shape, bool)
    expected[0:8, 22:28] = expected[32:38, 118:] = False
    np.testing.assert_array_equal(clear, expected)
    path = write_raster(tmp_path / "less.tif", values[:, :, :-1], transform=where)
    with pytest.raises(GridMismatch, match="does not cover the scene"):
        fuse_layers(layers, cards, target, mask=CloudMask(QA60, path), settings=OFF)


def test_a_real_product_whose_60_m_grid_starts_beside_the_others_keeps_its_extent(
    tmp_path, cards, shared_data
):
    root = shared_data / "test" / "mapchete-eo"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    layers = open_scene(str(next(root.rglob("*.SAFE")))).layers
    target, heard = tmp_path / "out.tif", Hears()
    fuse_layers(layers, cards, target, settings=OFF, progress=heard)
    found, dataset = read(target)
    grid = layers["B2"].grid
    assert dataset.GetGeoTransform() == grid.transform
    assert (dataset.RasterXSize, dataset.RasterYSize) == (grid.cols, grid.rows)
    np.testing.assert_array_equal(found["B2"], gdal.Open(layers["B2"].path).ReadAsArray())
    assert any(f"of {grid.cols} columns of the output are nodata in B1, B9" in line for line in heard.told)


def test_the_limit_of_saturation_moves_with_the_stack(tmp_path):
    """A saturated pixel of a guide has no influence, whether an offset is added before the model or not."""
    pixels, found = {}, {}
    for equivariant in (True, False):
        folder = tmp_path / str(equivariant)
        folder.mkdir()

        def change(gsd, image):
            image += 1000
            if gsd == 10:
                image[0, 6, 7] = 65535

        pixels, sources = stacks(folder, gsds=(10, 20), change=change)
        card = models.detail_card(folder, 20, equivariant=equivariant)
        offsets = Offsets({band.name: -1000.0 for band in BANDS}, "the test")
        layers = open_scene(rasters=sources).layers
        fuse_layers(layers, {20: card}, folder / "out.tif", offsets=offsets, settings=OFF)
        found[equivariant] = read(folder / "out.tif")[0]
    for name in NAMES[20]:
        difference = found[True][name].astype(int) - found[False][name]
        assert np.abs(difference).max() <= 1
    assert np.abs(found[False]["B5"][6:8, 6:8].astype(int) - int(pixels[20][0][3, 3])).max() < 3000


def test_of_unlike_offsets_the_lowest_moves_the_limit_of_saturation(tmp_path):
    _, sources = stacks(tmp_path, gsds=(10, 20))
    card = models.detail_card(tmp_path, 20, equivariant=False)
    added = {"B2": -1000.0, "B5": -500.0, "B1": -2000.0}
    plan = make_plan(SENTINEL2, open_scene(rasters=sources).layers, {20: card}, added=added)
    # B1 is none of the model's bands.
    assert [step.saturated for step in plan.steps] == [64535.0]


def test_a_model_is_adapted_to_the_stacks_that_it_will_see(tmp_path, monkeypatch):
    """An offset moves their values and the limit of saturation alike."""
    pixels, sources = stacks(tmp_path, gsds=(10, 20))
    card = models.detail_card(tmp_path, 20, equivariant=False)
    asked = {}

    def adapt(card, sensor, stacks, folder, wanted, *, saturation=None, progress):
        asked.update(saturation=saturation, coarse=read(stacks["coarse"])[0]["B5"])
        return Adapted(card, 0.0)

    monkeypatch.setattr(fuse, "check_adaptable", lambda card: None)
    monkeypatch.setattr(fuse, "adapt", adapt)
    offsets = Offsets({band.name: -1000.0 for band in BANDS}, "the test")
    options = {"offsets": offsets, "adapting": Adapting(1.0, sys.executable), "settings": OFF}
    made = fuse_layers(open_scene(rasters=sources).layers, {20: card}, tmp_path / "out.tif", **options)
    assert asked["saturation"] == 64535.0
    np.testing.assert_array_equal(asked["coarse"], pixels[20][0] - 1000.0)
    assert made.adapted == {20: 0.0}


def test_an_extent_is_snapped_outwards_and_does_not_change_values(tmp_path, cards):
    _, sources = stacks(tmp_path)
    layers = open_scene(rasters=sources).layers
    whole, part = str(tmp_path / "whole.tif"), str(tmp_path / "part.tif")
    fuse_layers(layers, cards, whole, settings=OFF)
    x, y = products.ORIGIN
    fuse_layers(
        layers, cards, part, settings=Settings(consistency="off", extent=(x + 65, y - 115, x + 125, y - 70))
    )
    expected, found = read(whole)[0], read(part)
    assert found[1].GetGeoTransform()[0::3] == (x + 60, y - 60)
    for name, values in found[0].items():
        np.testing.assert_array_equal(values, expected[name][6:12, 6:18])


def test_tiles_leave_no_trace(tmp_path, cards):
    _, sources = stacks(tmp_path, cells=(7, 6))
    layers = open_scene(rasters=sources).layers
    one, many = str(tmp_path / "one.tif"), str(tmp_path / "many.tif")
    fuse_layers(layers, cards, one, settings=Settings(tile=512))
    fuse_layers(layers, cards, many, settings=Settings(tile=5))
    for name, values in read(one)[0].items():
        np.testing.assert_array_equal(values, read(many)[0][name])


def test_rows_are_not_kept_for_a_next_run_that_cannot_find_them(tmp_path, cards, monkeypatch):
    """The folder of the models' own results goes with the run."""
    asked = []
    monkeypatch.setattr(RowStore, "beside", lambda *args: asked.append(args))
    _, sources = stacks(tmp_path, gsds=(10, 20))
    layers = open_scene(rasters=sources).layers
    fuse_layers(layers, cards, tmp_path / "out.tif", settings=replace(OFF, resume=True))
    assert not asked


def test_clouds_of_the_classification_become_no_data(tmp_path, cards):
    safe = products.new_l2a(tmp_path)
    classes = next(safe.rglob("*_SCL_20m.jp2"))
    values = np.full((1, 36, 36), 4, np.uint16)
    values[0, 3, 5], values[0, 7, 7] = 9, 5
    x, y = products.ORIGIN
    write_raster(classes, values, transform=(x, 20.0, 0.0, y, 0.0, -20.0))
    scene = open_scene(str(safe))
    assert scene.clouds == CloudMask(SCL, classes.as_posix())
    target = tmp_path / "out.tif"
    fuse_layers(scene.layers, cards, str(target), mask=scene.clouds, settings=OFF)
    for band in read(target)[0].values():
        assert (band[6:8, 10:12] == 0).all()
        assert (band != 0).sum() == band.size - 4


def test_pixels_that_were_put_together_do_not_stay_in_memory(tmp_path, cards):
    """GDAL's cache may be as large as 5 % of the machine's memory, and a product fills it."""
    kept: list[int] = []

    class Watches(SilentProgress):
        def update(self, fraction):
            if fraction > 0.91:  # the bands are put together
                kept.append(gdal.GetCacheUsed())

    # Three times the 1024 rows after which pixels that were read are dropped.
    _, sources = stacks(tmp_path, cells=(512, 64), gsds=(10, 20))
    layers = open_scene(rasters=sources).layers
    fuse_layers(layers, cards, str(tmp_path / "o.tif"), settings=OFF, progress=Watches())
    row = 10 * 512 * 384 * 2  # bytes of a row of blocks of the output
    # Two rows of blocks that were read, 25 MB each, and one that is written; all six would be 150 MB.
    assert row < max(kept) < 16 * row
    assert kept[-1] < 0.1 * max(kept)


def test_missing_bands_are_named(tmp_path, cards):
    _, sources = stacks(tmp_path, gsds=(10, 20))
    scene = open_scene(rasters={10: sources[10], 20: [Source(sources[20][0].path, (1, 2, 3))]})
    with pytest.raises(BandMismatch, match=r"detail-20 needs the bands B8A, B11, B12, which are missing"):
        fuse_layers(scene.layers, cards, str(tmp_path / "out.tif"))
    with pytest.raises(BandMismatch, match=r"the 60 m bands are missing: expected B1, B9"):
        fuse_layers(open_scene(rasters=sources).layers, cards, str(tmp_path / "out.tif"), targets="60 m")
    with pytest.raises(BandMismatch, match=r"the 10 m bands B2, B3, B4, B8 are missing"):
        fuse_layers(open_scene(rasters={20: sources[20]}).layers, cards, str(tmp_path / "out.tif"))
    with pytest.raises(BandMismatch, match="nothing to make finer"):
        fuse_layers(open_scene(rasters={10: sources[10]}).layers, cards, str(tmp_path / "out.tif"))
    with pytest.raises(BandMismatch, match="got neither"):
        open_scene()
    assert not (tmp_path / "out.tif").exists()


def test_a_model_for_other_bands_is_refused_and_no_band_vanishes(tmp_path, cards):
    _, sources = stacks(tmp_path)
    layers, target = open_scene(rasters=sources).layers, tmp_path / "out.tif"
    with pytest.raises(
        BandMismatch,
        match=r"detail-60 makes the bands B1, B9 finer; expected one for the 20 m bands B5, B6, B7, B8A, B11, B12",
    ):
        fuse_layers(layers, {20: cards[60], 60: cards[60]}, target)
    with pytest.raises(BandMismatch, match=r"detail-20 makes .* expected one for the 60 m bands B1, B9"):
        fuse_layers(layers, {20: cards[20], 60: cards[20]}, target, targets="60 m")
    coarse, fine = cards[20].inputs
    few = replace(coarse, bands=coarse.bands[:4])
    part = replace(cards[20], inputs=(few, fine), output=replace(cards[20].output, bands=few.bands))
    with pytest.raises(
        BandMismatch, match="makes only B5, B6, B7, B8A finer, and would leave out B11, B12 of"
    ):
        fuse_layers(layers, {20: part, 60: cards[60]}, target)
    swapped = replace(cards[20].output, bands=tuple(reversed(coarse.bands)))
    assert not fits(SENTINEL2, replace(cards[20], output=swapped), 20)
    assert [gsd for gsd in (10, 20, 60) if fits(SENTINEL2, part, gsd)] == [20]
    assert not list(tmp_path.glob("*out*"))


def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, cards):
    _, sources = stacks(tmp_path, gsds=(10, 20))
    layers = open_scene(rasters=sources).layers
    with pytest.raises(OutputIsInput, match=r"b20\.tif"):
        fuse_layers(layers, cards, sources[20][0].path)
    with pytest.raises(InvalidSetting, match="targets '30 m'"):
        fuse_layers(layers, cards, str(tmp_path / "out.tif"), targets="30 m")
    with pytest.raises(InvalidSetting, match="lies outside"):
        fuse_layers(
            layers, cards, str(tmp_path / "out.tif"), settings=Settings(extent=(0.0, 0.0, 10.0, 10.0))
        )
    with pytest.raises(InvalidSetting, match="level 'L3'"):
        open_scene(rasters=sources, level="L3")
    x, y = products.ORIGIN
    odd = write_raster(
        tmp_path / "odd.tif", np.zeros((1, 9, 9), np.uint16), transform=(x + 3, 20.0, 0.0, y, 0.0, -20.0)
    )
    with pytest.raises(GridMismatch, match=r"odd\.tif: the cloud mask's pixels don't nest"):
        fuse_layers(layers, cards, str(tmp_path / "out.tif"), mask=CloudMask(SCL, odd), settings=OFF)
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize(("correct_shift", "moved"), [(False, 0), (True, 4 * (6 * 9 * 12 + 2 * 3 * 4))])
def test_room_is_asked_for_results_and_for_bands_that_may_be_moved(
    tmp_path, cards, monkeypatch, correct_shift, moved
):
    """Of 16 bits: 8 bands made, and half of all 12; moved ones are counted as of 32 bits, in their own pixels."""
    asked = []

    def check_writable(target, *, bytes_needed, **_):
        asked.append(bytes_needed)
        raise DiskFull("the test ends here")

    monkeypatch.setattr(fuse, "check_writable", check_writable)
    _, sources = stacks(tmp_path)
    layers = open_scene(rasters=sources).layers
    with pytest.raises(DiskFull):
        fuse_layers(layers, cards, tmp_path / "out.tif", settings=OFF, correct_shift=correct_shift)
    assert asked == [2 * 18 * 24 * (8 + 6) + moved]


def test_a_cancelled_run_leaves_what_was_there(tmp_path, cards):
    class Stops(SilentProgress):
        cancelled = True

    _, sources = stacks(tmp_path, gsds=(10, 20))
    target = tmp_path / "out.tif"
    target.write_bytes(b"older")
    with pytest.raises(Cancelled):
        fuse_layers(open_scene(rasters=sources).layers, cards, str(target), progress=Stops())
    assert target.read_bytes() == b"older"
    assert {path.name for path in tmp_path.iterdir()} == {"out.tif", "b10.tif", "b20.tif"}


def test_the_next_run_removes_what_a_killed_one_has_left(tmp_path, cards, monkeypatch):
    ended = subprocess.Popen([sys.executable, "-I", "-c", ""])
    ended.wait()
    monkeypatch.setattr(os, "getpid", lambda: ended.pid)
    left = temporary_beside(tmp_path / "other.tif")
    monkeypatch.undo()
    alive = temporary_beside(tmp_path / "mine.tif")
    for folder in (left, alive):
        folder.mkdir()
        (folder / "moved.B5.tif").write_bytes(b"stack")
    _, sources = stacks(tmp_path, gsds=(10, 20))
    fuse_layers(open_scene(rasters=sources).layers, cards, tmp_path / "out.tif", settings=OFF)
    assert {path.name for path in tmp_path.iterdir()} == {"out.tif", "b10.tif", "b20.tif", alive.name}


def test_while_it_runs_its_folder_can_be_told_from_a_killed_one_s(tmp_path, cards):
    seen = []

    class Watches(SilentProgress):
        def update(self, fraction):
            seen.extend(path.name for path in tmp_path.iterdir() if path.is_dir())

    _, sources = stacks(tmp_path, gsds=(10, 20))
    fuse_layers(
        open_scene(rasters=sources).layers, cards, tmp_path / "out.tif", settings=OFF, progress=Watches()
    )
    assert seen
    assert all(re.match(rf"\.out\.srsat-[0-9a-f]{{8}}-{os.getpid()}-", name) for name in seen)


@pytest.mark.parametrize("moved", [0, 2])
def test_a_group_that_is_shifted_against_the_others_is_measured_and_told(tmp_path, cards, moved):
    """The coarse bands see the ground ``moved`` fine pixels, half as many coarse ones, farther down."""
    truth = texture(1, 204, 204, low=500, high=3000, seed=9)[0]
    fine = np.rint(np.stack([truth[:200, :200]] * 4)).astype(np.uint16)
    seen = truth[moved : moved + 200, :200].reshape(100, 2, 100, 2).mean(axis=(1, 3))
    coarse = np.rint(np.stack([seen] * 6)).astype(np.uint16)
    x, y = products.ORIGIN
    sources = {
        10: [Source(write_raster(tmp_path / "f.tif", fine, transform=(x, 10.0, 0.0, y, 0.0, -10.0)))],
        20: [Source(write_raster(tmp_path / "c.tif", coarse, transform=(x, 20.0, 0.0, y, 0.0, -20.0)))],
    }
    told: dict[str, list[str]] = {"info": [], "warn": []}

    class Listens(SilentProgress):
        def info(self, message):
            told["info"].append(message)

        def warn(self, message):
            told["warn"].append(message)

    fuse_layers(
        open_scene(rasters=sources).layers, cards, str(tmp_path / "o.tif"), settings=OFF, progress=Listens()
    )
    where = "warn" if moved else "info"
    message = next(line for line in told[where] if line.startswith("the shift of B8A (20 m) to B8 is "))
    assert abs(float(message.split()[9]) - moved / 2) < 0.1
    assert message.endswith("columns of its pixels")
