"""What the pipeline refuses, by name and before any work."""

import os
from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import (
    CardMismatch,
    DiskFull,
    GridMismatch,
    InvalidSetting,
    NoValidPixels,
    OutputIsInput,
    OutputNotWritable,
    UnsupportedRaster,
)
from srsat_qgis.core.models.card import BandSpec, OutputSpec
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model
from srsat_qgis.core.superres.job import RasterFacts
from srsat_qgis.core.superres.run import Settings, Source, prepare, super_resolve
from srsat_qgis.core.tiling import plan_tiles
from tests.onnx_models import card_for, conv_model, guided_card, guided_model
from tests.rasters import read_raster, texture, write_raster

OFF = Settings(consistency="off")


def test_inputs_that_do_not_nest_are_refused_by_name(tmp_path):
    card = guided_card(guided_model(tmp_path / "guided.onnx"))
    sources = {
        "coarse": Source(
            write_raster(
                tmp_path / "lst.tif", np.zeros((1, 10, 10), np.float32), transform=(0, 40, 0, 0, 0, -40)
            )
        ),
        "guide": Source(
            write_raster(
                tmp_path / "guide.tif", np.zeros((2, 40, 40), np.float32), transform=(5, 10, 0, 0, 0, -10)
            )
        ),
    }
    with pytest.raises(GridMismatch, match=r"guide\.tif does not nest in .*lst\.tif"):
        super_resolve(sources, card, str(tmp_path / "out.tif"), settings=OFF)


def test_the_output_may_not_be_an_input_nor_a_file_behind_it(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 9, 9).astype(np.uint16))
    virtual = str(tmp_path / "in.vrt")
    gdal.BuildVRT(virtual, [source]).FlushCache()
    for path in (source, virtual):
        with pytest.raises(OutputIsInput, match="overwrite"):
            super_resolve(Source(path), nearest, source, settings=OFF)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(device="tpu"), "device 'tpu'"),
        (Settings(tile=0), "tile is 0"),
        (Settings(output_type="UInt12"), "'UInt12'"),
        (Settings(consistency="some"), "'some'"),
        (Settings(output_type="Byte", nodata=-5), "cannot be written as Byte"),
        (Settings(extent=(0, 0, 1, 1)), "outside"),
    ],
)
def test_wrong_settings_are_refused_before_any_work(tmp_path, nearest, settings, message):
    source = write_raster(tmp_path / "in.tif", texture(1, 9, 9).astype(np.uint16))
    with pytest.raises(InvalidSetting, match=message):
        super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings)
    assert os.listdir(tmp_path) == ["in.tif"]


def test_a_model_of_other_bands_than_its_input_cannot_keep_their_means(tmp_path):
    card = card_for(conv_model(tmp_path / "m.onnx", channels=2), bands=2)
    card = replace(card, output=OutputSpec("out", (BandSpec("index"),)))
    source = write_raster(tmp_path / "in.tif", texture(2, 9, 9).astype(np.uint16))
    with pytest.raises(InvalidSetting, match="'area': m gives other bands than its first input"):
        super_resolve(Source(source), card, str(tmp_path / "out.tif"), settings=Settings(consistency="area"))
    assert sorted(os.listdir(tmp_path)) == ["in.tif", "m.onnx"]


def test_a_model_that_gives_no_numbers_for_numbers_is_named(tmp_path):
    nodes = [Node("Sqrt", ["image"], ["root"]), Node("Concat", ["root"] * 4, ["four"], {"axis": 1})]
    nodes.append(Node("DepthToSpace", ["four"], ["out"], {"blocksize": 2, "mode": "CRD"}))
    sizes = [ValueInfo("image", ("n", 1, "h", "w"))], [ValueInfo("out", ("n", 1, "sh", "sw"))]
    (tmp_path / "root.onnx").write_bytes(serialize_model(nodes, {}, *sizes))
    card = card_for(tmp_path / "root.onnx")
    image = texture(1, 9, 9).astype(np.int16)
    source = write_raster(tmp_path / "in.tif", image)
    super_resolve(Source(source), card, str(tmp_path / "out.tif"), settings=OFF)
    image[0, 4, 5] = -3
    write_raster(tmp_path / "in.tif", image)
    with pytest.raises(CardMismatch, match="root: the model gave values that are not finite"):
        super_resolve(Source(source), card, str(tmp_path / "out.tif"), settings=OFF)


def test_missing_folders_are_refused_before_any_work(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 9, 9).astype(np.uint16))
    with pytest.raises(OutputNotWritable, match="does not exist"):
        super_resolve(Source(source), nearest, str(tmp_path / "no" / "out.tif"), settings=OFF)


def test_input_without_valid_pixels_is_an_error_and_leaves_nothing(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", np.zeros((1, 20, 20), np.uint16), nodata=0)
    with pytest.raises(NoValidPixels, match=r"in\.tif"):
        super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    assert os.listdir(tmp_path) == ["in.tif"]


def test_nan_without_a_nodata_value_cannot_silently_become_an_integer(tmp_path, nearest):
    image = texture(1, 20, 20).astype(np.float32)
    image[0, 3, 3] = np.nan
    source = write_raster(tmp_path / "in.tif", image)
    with pytest.raises(InvalidSetting, match="give NODATA"):
        super_resolve(
            Source(source), nearest, str(tmp_path / "out.tif"), settings=replace(OFF, output_type="UInt16")
        )
    assert os.listdir(tmp_path) == ["in.tif"]


def test_a_mask_of_one_band_alone_is_not_dropped_where_alpha_cannot_say_it(tmp_path, nearest):
    image = texture(2, 12, 10, low=1, high=250).astype(np.uint8)
    mask = np.zeros((1, 12, 10), np.uint8)
    mask[0, 3:, 4:] = 255
    write_raster(tmp_path / "a.tif", np.concatenate([image, np.full_like(mask, 255)]), alpha=True)
    write_raster(tmp_path / "mask.tif", mask)
    gdal.Translate(str(tmp_path / "a.vrt"), str(tmp_path / "a.tif"), format="VRT")
    own = (
        "<MaskBand><VRTRasterBand dataType='Byte'><SimpleSource><SourceFilename relativeToVRT='1'>mask.tif"
        "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></MaskBand></VRTRasterBand>"
    )
    virtual = (tmp_path / "a.vrt").read_text("utf-8").replace("</VRTRasterBand>", own, 1)
    (tmp_path / "a.vrt").write_text(virtual, "utf-8")
    source, target = Source(str(tmp_path / "a.vrt")), tmp_path / "out.tif"
    with pytest.raises(InvalidSetting, match=r"a\.vrt.*one band alone.*give NODATA"):
        super_resolve(source, nearest, str(target))
    assert not target.exists()
    super_resolve(source, nearest, str(target), settings=Settings(nodata=0))
    shown = mask[0].repeat(2, 0).repeat(2, 1) > 0
    np.testing.assert_array_equal(read_raster(target)[:2] > 0, [shown, np.ones_like(shown)])


def test_a_run_that_the_disk_cannot_hold_is_refused_before_any_work(tmp_path, nearest, monkeypatch):
    from srsat_qgis.core.raster import writer as raster_writer

    source = write_raster(tmp_path / "in.tif", texture(1, 200, 200).astype(np.uint16))
    usage = raster_writer.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(raster_writer.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(DiskFull, match="are free"):
        super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    assert os.listdir(tmp_path) == ["in.tif"]


@pytest.mark.parametrize(
    ("changes", "fits"),
    [({}, True), ({"creation_options": ("COMPRESS=NONE",)}, False), ({"resume": True}, False)],
    ids=["compressed", "plain", "rows kept too"],
)
def test_the_disk_must_hold_what_a_run_may_write(tmp_path, nearest, monkeypatch, changes, fits):
    """400 x 400 pixels of 2 bytes, about half as much when compressed, and rows kept for resuming as they are."""
    from srsat_qgis.core.raster import writer as raster_writer

    source = write_raster(tmp_path / "in.tif", texture(1, 200, 200).astype(np.uint16))
    usage = raster_writer.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(raster_writer.shutil, "disk_usage", lambda _: usage._replace(free=250_000))
    arguments = Source(source), nearest, str(tmp_path / "out.tif"), replace(OFF, **changes)
    if fits:
        prepare(*arguments)
    else:
        with pytest.raises(DiskFull, match="are free"):
            prepare(*arguments)


def test_values_near_the_end_of_float32_are_named_and_not_the_model(tmp_path, conv):
    image = texture(1, 40, 40).astype(np.float32)
    image[0, 10:14, 10:14] = -3.4e38
    source = write_raster(tmp_path / "in.tif", image)
    with pytest.raises(UnsupportedRaster, match=r"in\.tif: holds values as large as 3\.4e\+38.*give NODATA"):
        super_resolve(Source(source), conv, str(tmp_path / "out.tif"), settings=Settings(consistency="off"))


def test_values_beyond_float32_are_named_and_not_the_model(tmp_path, conv):
    image = texture(1, 40, 40).astype(np.float64)
    image[0, 10:20, 10:20] = [[1e300, -1e300] * 5] * 10
    image[0, 12:18, 12:18] = np.nan
    source = write_raster(tmp_path / "in.tif", image)
    with pytest.raises(UnsupportedRaster, match=r"in\.tif: holds values as large as inf.*give NODATA"):
        super_resolve(Source(source), conv, str(tmp_path / "out.tif"), settings=OFF)


def test_a_wrong_creation_option_is_refused_before_any_work(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 40, 40).astype(np.uint16))
    settings = Settings(creation_options=("COMPRES=LZW",))
    with pytest.raises(OutputNotWritable, match="did you mean COMPRESS"):
        super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings)
    assert sorted(os.listdir(tmp_path)) == ["in.tif"]


def test_a_resumable_run_that_cannot_end_well_leaves_no_folder(tmp_path, nearest):
    empty = write_raster(tmp_path / "in.tif", np.zeros((1, 40, 40), np.uint16), nodata=0)
    settings = Settings(consistency="off", resume=True)
    with pytest.raises(NoValidPixels):
        super_resolve(Source(empty), nearest, str(tmp_path / "out.tif"), settings=settings)
    assert sorted(os.listdir(tmp_path)) == ["in.tif"]


def test_tiles_of_many_bands_are_smaller_and_few_bands_keep_the_card_s(tmp_path, nearest):
    few = write_raster(tmp_path / "few.tif", np.ones((13, 600, 600), np.uint8))
    many = write_raster(tmp_path / "many.tif", np.ones((200, 600, 600), np.uint8))
    sizes = {}
    for path in (few, many):
        job = prepare(Source(path), nearest, str(tmp_path / "out.tif"), Settings(consistency="off"))
        plan = job.settled(RasterFacts(), 1).plan
        sizes[path] = 4 * job.output.value_bands * (plan.core_rows * nearest.cell) ** 2
        assert plan.core_rows <= nearest.tile.default
    assert sizes[many] <= 64 << 20
    plan = prepare(Source(few), nearest, str(tmp_path / "out.tif"), Settings()).settled(RasterFacts(), 1).plan
    assert plan == plan_tiles(600, 600, core=nearest.tile.default, halo=1)
