"""Writing: nothing at the target until it is whole, and then everything that belongs to it."""

import os

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import DiskFull, OutputNotWritable
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.writer import BandTemplate, RasterWriter, check_writable
from srsat_qgis.core.types import Window
from tests.rasters import NORTH_UP, read_raster, texture

IMAGE = texture(2, 40, 50).astype(np.uint16)


def _writer(path, **changes):
    arguments = {
        "grid": Grid(40, 50, NORTH_UP),
        "data_type": "UInt16",
        "bands": (
            BandTemplate("red", gdal.GCI_RedBand),
            BandTemplate("nir", unit="DN", scale=1e-4, offset=-0.1),
        ),
        "nodata": 0.0,
        "mask": False,
        "metadata": {"SRSAT_MODEL": "any-x2"},
        **changes,
    }
    return RasterWriter(str(path), **arguments)


def _write_all(writer, image=IMAGE):
    writer.write(Window(0, 0, 40, 50), image, None, statistics=2)
    writer.finish()


def test_the_target_appears_when_it_is_whole_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "out.tif"
    writer = _writer(target)
    writer.write(Window(0, 0, 40, 50), IMAGE, None, statistics=2)
    assert not target.exists()
    writer.finish()
    np.testing.assert_array_equal(read_raster(target), IMAGE)
    assert os.listdir(tmp_path) == ["out.tif"]


def test_abort_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "out.tif"
    target.write_bytes(b"old")
    writer = _writer(target)
    writer.write(Window(0, 0, 20, 50), IMAGE[:, :20], None, statistics=2)
    writer.abort()
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.tif"]


def test_bands_carry_their_descriptions(tmp_path):
    _write_all(_writer(tmp_path / "out.tif"))
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    red, nir = dataset.GetRasterBand(1), dataset.GetRasterBand(2)
    assert (red.GetDescription(), red.GetColorInterpretation()) == ("red", gdal.GCI_RedBand)
    assert (nir.GetDescription(), nir.GetUnitType(), nir.GetScale(), nir.GetOffset()) == (
        "nir",
        "DN",
        1e-4,
        -0.1,
    )
    assert red.GetNoDataValue() == 0
    assert dataset.GetGeoTransform() == NORTH_UP
    assert dataset.GetMetadataItem("SRSAT_MODEL") == "any-x2"


def test_statistics_of_the_valid_pixels_stand_in_the_file(tmp_path):
    valid = np.ones(IMAGE.shape, bool)
    valid[:, :10] = False
    image = np.where(valid, IMAGE, 0)
    writer = _writer(tmp_path / "out.tif")
    for row in range(0, 40, 8):
        part = slice(row, row + 8)
        writer.write(Window(row, 0, 8, 50), image[:, part], valid[:, part], statistics=2)
    writer.finish()
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    low, high, mean, deviation = dataset.GetRasterBand(2).GetStatistics(False, False)
    seen = IMAGE[1, 10:].astype(float)
    np.testing.assert_allclose(
        (low, high, mean, deviation), (seen.min(), seen.max(), seen.mean(), seen.std()), rtol=1e-9
    )
    assert os.listdir(tmp_path) == ["out.tif"]


def test_a_mask_band_lies_inside_the_file(tmp_path):
    valid = np.ones(IMAGE.shape, bool)
    valid[:, 5:9, 5:9] = False
    writer = _writer(tmp_path / "out.tif", mask=True, nodata=None)
    writer.write(Window(0, 0, 40, 50), IMAGE, valid, statistics=2)
    writer.finish()
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    band = dataset.GetRasterBand(1)
    assert band.GetMaskFlags() == gdal.GMF_PER_DATASET
    np.testing.assert_array_equal(band.GetMaskBand().ReadAsArray() > 0, valid[0])
    assert os.listdir(tmp_path) == ["out.tif"]


def test_side_files_of_a_replaced_raster_go(tmp_path):
    for name in ("out.tif", "out.tif.aux.xml", "out.tif.ovr"):
        (tmp_path / name).write_text("old")
    _write_all(_writer(tmp_path / "out.tif"))
    assert os.listdir(tmp_path) == ["out.tif"]


@pytest.mark.parametrize("name", ["out.png", "out.img", "out.jp2"])
def test_other_formats_are_written_by_their_extension(tmp_path, name):
    if name == "out.jp2" and gdal.GetDriverByName("JP2OpenJPEG") is None:
        pytest.skip("this GDAL writes no JPEG 2000")
    options = ("QUALITY=100", "REVERSIBLE=YES") if name == "out.jp2" else ()
    _write_all(_writer(tmp_path / name, creation_options=options))
    np.testing.assert_array_equal(read_raster(tmp_path / name), IMAGE)
    assert not [other for other in os.listdir(tmp_path) if "srsat" in other]


def test_creation_options_win_over_the_defaults(tmp_path):
    _write_all(
        _writer(tmp_path / "out.tif", creation_options=("COMPRESS=LZW", "BLOCKXSIZE=128", "BLOCKYSIZE=128"))
    )
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    assert dataset.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE") == "LZW"
    assert dataset.GetRasterBand(1).GetBlockSize() == [128, 128]


def test_a_wrong_creation_option_is_refused(tmp_path):
    with pytest.raises(OutputNotWritable, match="KEY=VALUE"):
        _writer(tmp_path / "out.tif", creation_options=("COMPRESS",))
    assert os.listdir(tmp_path) == []


def test_missing_folders_folders_and_unknown_formats_are_refused(tmp_path):
    with pytest.raises(OutputNotWritable, match="does not exist"):
        check_writable(str(tmp_path / "no" / "out.tif"), bytes_needed=1)
    with pytest.raises(OutputNotWritable, match="found a folder"):
        check_writable(str(tmp_path), bytes_needed=1)
    with pytest.raises(OutputNotWritable, match=r"\.xyzzy"):
        check_writable(str(tmp_path / "out.xyzzy"), bytes_needed=1)


def test_an_unwritable_folder_is_refused(tmp_path):
    with pytest.raises(OutputNotWritable, match="cannot write"):
        check_writable("/proc/out.tif", bytes_needed=1)


def test_more_than_the_disk_holds_is_refused(tmp_path):
    with pytest.raises(DiskFull, match="are free"):
        check_writable(str(tmp_path / "out.tif"), bytes_needed=10**18)
