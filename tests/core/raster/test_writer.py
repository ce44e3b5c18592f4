"""Writing: nothing at the target until it is whole, and then everything that belongs to it."""

import errno
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from osgeo import gdal, osr

from srsat_qgis.core.errors import DiskFull, OutputNotWritable
from srsat_qgis.core.raster import writer as writer_module
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.writer import FORMATS, BandTemplate, RasterWriter, check_writable
from srsat_qgis.core.temporary import temporary_beside
from srsat_qgis.core.types import Window
from tests.rasters import NORTH_UP, SOUTH_UP, read_raster, texture

try:
    import resource
except ImportError:
    # Windows has no such limits.
    resource = None

IMAGE = texture(2, 40, 50).astype(np.uint16)


def _writer(path, **changes):
    arguments = {
        "grid": Grid(40, 50, NORTH_UP),
        "data_type": "UInt16",
        "bands": (
            BandTemplate("red", gdal.GCI_RedBand),
            BandTemplate("nir", unit="DN", scale=1e-4, offset=-0.1, metadata={"wavelength": "833"}),
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


def _write_whole(writer, image=IMAGE):
    with writer:
        writer.write(Window(0, 0, 40, 50), image, None, statistics=2)


def test_the_target_appears_when_it_is_whole_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "out.tif"
    writer = _writer(target)
    writer.write(Window(0, 0, 40, 50), IMAGE, None, statistics=2)
    assert not target.exists()
    writer.finish()
    np.testing.assert_array_equal(read_raster(target), IMAGE)
    assert os.listdir(tmp_path) == ["out.tif"]


def test_the_pixels_are_on_the_disk_before_the_file_has_its_name(tmp_path, monkeypatch):
    synced, fsync = {}, os.fsync

    def note(number):
        fsync(number)
        synced[os.fstat(number).st_ino] = os.fstat(number).st_size

    monkeypatch.setattr(os, "fsync", note)
    _write_all(_writer(tmp_path / "out.tif"))
    written = (tmp_path / "out.tif").stat()
    assert synced == {written.st_ino: written.st_size}


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
    assert nir.GetMetadata()["wavelength"] == "833"
    assert "wavelength" not in red.GetMetadata()
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


def _driver_of(name):
    return gdal.GetDriverByName(FORMATS[name.rpartition(".")[2]].driver)


@pytest.mark.parametrize("name", [f"out.{extension}" for extension in FORMATS])
@pytest.mark.parametrize("kind", ["Byte", "UInt16", "Float32"])
def test_every_format_on_offer_gives_back_pixels_crs_grid_nodata_and_names(tmp_path, name, kind):
    if _driver_of(name) is None:
        pytest.skip("this GDAL has no such driver")
    if kind == "Float32" and name in ("out.png", "out.jp2"):
        pytest.skip("the format has no floats: see the test of refusals")
    # Two bands of a PNG are a grey one and alpha.
    names = ["red", "nir", "swir"] if name == "out.png" else ["red", "nir"]
    image = (texture(len(names), 40, 50) % 250 + 1).astype(NUMPY_TYPES[kind])
    image[:, :3, :4] = 0
    utm = osr.SpatialReference()
    utm.ImportFromEPSG(32633)
    grid = Grid(40, 50, NORTH_UP, utm.ExportToWkt())
    bands = [BandTemplate(one) for one in names]
    _write_all(_writer(tmp_path / name, grid=grid, data_type=kind, bands=bands, metadata={}), image)
    dataset = gdal.Open(str(tmp_path / name))
    np.testing.assert_array_equal(dataset.ReadAsArray(), image)
    assert osr.SpatialReference(dataset.GetProjection()).GetAuthorityCode(None) == "32633"
    assert dataset.GetGeoTransform() == NORTH_UP
    found = [dataset.GetRasterBand(number) for number in range(1, len(names) + 1)]
    assert {band.GetNoDataValue() for band in found} == {0}
    assert [band.GetDescription() for band in found] == names
    assert not [other for other in os.listdir(tmp_path) if "srsat" in other]


REFUSED = "sdat bil ers hdr rst mpr mrf xml kml kmz asc cal ct1 dem vrt nc jpg gif bmp ntf pix xyz gpkg grd dt0 png8 "


@pytest.mark.parametrize("extension", REFUSED.split())
def test_formats_that_do_not_come_back_whole_are_refused_before_any_work(tmp_path, extension):
    with pytest.raises(OutputNotWritable, match=rf"\.{extension} cannot be written whole.*\.tif"):
        check_writable(str(tmp_path / f"out.{extension}"), bytes_needed=1)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["out.png", "out.jp2"])
def test_a_type_that_the_format_has_not_is_refused_and_the_old_file_stays(tmp_path, name):
    if _driver_of(name) is None:
        pytest.skip("this GDAL has no such driver")
    target = tmp_path / name
    target.write_bytes(b"old")
    writer = _writer(target, data_type="Float32")
    writer.write(Window(0, 0, 40, 50), IMAGE.astype(np.float32), None, statistics=2)
    with pytest.raises(OutputNotWritable, match=name), writer:
        pass
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [name]


def test_nothing_is_left_while_the_error_is_still_held(tmp_path):
    """A dataset that the traceback kept open would write its side file once it is gone."""
    if gdal.GetDataTypeByName("Int64") == gdal.GDT_Unknown:
        pytest.skip("GDAL 3.5 and newer have this type")
    writer = _writer(tmp_path / "out.png", data_type="Int64")
    with pytest.raises(OutputNotWritable) as held:
        _write_whole(writer, IMAGE.astype(np.int64))
    del held, writer
    assert os.listdir(tmp_path) == []


def test_a_file_that_says_other_things_than_asked_for_never_takes_its_place(tmp_path, monkeypatch):
    """Whatever a driver does: the check compares size, bands, type and CRS of the file as it is opened again."""
    utm = osr.SpatialReference()
    utm.ImportFromEPSG(32633)
    for wrong, said in (
        (Grid(40, 51, NORTH_UP, utm.ExportToWkt()), "50 x 40 pixels"),
        (
            Grid(40, 50, NORTH_UP, osr.SpatialReference(osr.SRS_WKT_WGS84_LAT_LONG).ExportToWkt()),
            "another CRS",
        ),
    ):
        writer = _writer(tmp_path / "out.tif", grid=Grid(40, 50, NORTH_UP, utm.ExportToWkt()))
        writer.write(Window(0, 0, 40, 50), IMAGE, None, statistics=2)
        monkeypatch.setattr(writer, "_grid", wrong)
        with pytest.raises(OutputNotWritable, match=said), writer:
            pass
        assert os.listdir(tmp_path) == []


def test_a_name_with_wildcards_leaves_nothing_when_it_is_aborted(tmp_path):
    writer = _writer(tmp_path / "scene[1]*?.tif")
    writer.write(Window(0, 0, 20, 50), IMAGE[:, :20], None, statistics=2)
    writer.abort()
    assert os.listdir(tmp_path) == []


def test_a_long_name_is_written(tmp_path):
    target = tmp_path / f"{'x' * 240}.tif"
    _write_all(_writer(target))
    assert os.listdir(tmp_path) == [target.name]


def test_names_that_no_file_can_have_are_refused(tmp_path):
    with pytest.raises(OutputNotWritable, match="NUL"):
        check_writable(f"{tmp_path}/a\0b.tif", bytes_needed=1)
    for length in (260, 250, 245):
        # A side file's name is longer by 8.
        with pytest.raises(OutputNotWritable, match="too long"):
            check_writable(f"{tmp_path}/{'x' * length}.tif", bytes_needed=1)


def test_what_a_killed_process_left_goes_with_the_next_run_and_what_runs_stays(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    running = temporary_beside(tmp_path / "other.tif", ".tif")
    killed = running.with_name(running.name.replace(f"-{os.getpid()}-", f"-{ended.pid}-"))
    elsewhere = running.with_name(
        re.sub(r"srsat-[0-9a-f]{8}-\d+", f"srsat-00000000-{ended.pid}", running.name)
    )
    for path in (running, killed, elsewhere):
        path.write_bytes(b"x")
    folder = killed.with_suffix("")
    folder.mkdir()
    (folder / "stack.tif").write_bytes(b"x")
    _write_all(_writer(tmp_path / "out.tif"))
    assert sorted(os.listdir(tmp_path)) == sorted(["out.tif", running.name, elsewhere.name])


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("COMPRES=LZW", "did you mean COMPRESS"),
        ("COMPRESS=FOO", "expected COMPRESS=.*LZW"),
        ("TILED=MAYBE", "expected TILED=YES or NO"),
        ("ZLEVEL=six", "a whole number"),
        ("FOO=1", "GTiff has no option FOO"),
        ("COMPRESS", "KEY=VALUE"),
    ],
)
def test_wrong_creation_options_are_named_before_any_work(tmp_path, option, said):
    with pytest.raises(OutputNotWritable, match=said):
        check_writable(str(tmp_path / "out.tif"), bytes_needed=1, creation_options=(option,))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("option", ["compress=lzw", "TILED=no", "ZLEVEL=9", "BIGTIFF=YES", "BLOCKXSIZE=256"])
def test_right_creation_options_pass(tmp_path, option):
    check_writable(str(tmp_path / "out.tif"), bytes_needed=1, creation_options=(option,))


@pytest.mark.parametrize(
    "name", ["out.tif TFW=YES", "out.tif RPB=yes", "out.img USE_SPILL=YES", "out.png WORLDFILE=ON"]
)
def test_options_by_which_a_driver_writes_a_second_file_are_refused_before_any_work(tmp_path, name):
    name, option = name.split()
    with pytest.raises(OutputNotWritable, match=f"{option}.*no second"):
        check_writable(str(tmp_path / name), bytes_needed=1, creation_options=(option,))
    check_writable(str(tmp_path / "out.tif"), bytes_needed=1, creation_options=("TFW=NO",))


def test_a_second_file_that_a_driver_writes_unasked_ends_the_run_and_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(writer_module, "_OF_SEVERAL_FILES", ())
    with pytest.raises(OutputNotWritable, match=r"a second part \(\.tfw\)"):
        _write_whole(_writer(tmp_path / "out.tif", creation_options=("TFW=YES",)))
    assert os.listdir(tmp_path) == []


def test_an_image_that_hfa_would_split_is_refused_before_any_work(tmp_path):
    with pytest.raises(
        OutputNotWritable, match=r"out\.img: a single file of HFA holds less than 2 GiB, not 2\.2 GB"
    ):
        _writer(tmp_path / "out.img", grid=Grid(33_000, 33_000, NORTH_UP), data_type="Byte")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["Byte", "UInt16"])
@pytest.mark.parametrize("alpha", [None, 0, 3])
@pytest.mark.parametrize("other", [gdal.GCI_Undefined, gdal.GCI_GrayIndex, gdal.GCI_RedBand])
def test_the_fourth_band_is_alpha_only_where_it_is(tmp_path, kind, alpha, other):
    bands = [BandTemplate(interpretation=gdal.GCI_AlphaBand if n == alpha else other) for n in range(4)]
    image = np.repeat(IMAGE, 2, axis=0).astype(NUMPY_TYPES[kind])
    _write_all(_writer(tmp_path / "out.tif", data_type=kind, bands=bands), image)
    assert Raster(str(tmp_path / "out.tif")).alpha == (None if alpha is None else alpha + 1)


@pytest.mark.parametrize(
    ("name", "alpha", "said"),
    [("out.img", True, "no alpha band"), ("out.png", False, "alpha as band 4")],
)
def test_a_format_that_loses_or_makes_up_an_alpha_band_is_refused(tmp_path, name, alpha, said):
    bands = [BandTemplate()] * 3 + [
        BandTemplate(interpretation=gdal.GCI_AlphaBand if alpha else gdal.GCI_Undefined)
    ]
    with pytest.raises(OutputNotWritable, match=said):
        _write_whole(_writer(tmp_path / name, bands=bands, nodata=None), np.repeat(IMAGE, 2, axis=0))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["out.jp2", "out.tif"])
def test_a_south_up_raster_is_never_turned_over(tmp_path, name):
    """GDAL's JPEG 2000 turns the sign of the pixels' height."""
    writer = _writer(tmp_path / name, grid=Grid(40, 50, SOUTH_UP))
    if name == "out.jp2":
        with pytest.raises(OutputNotWritable, match=r"the file has the place .*Use \.tif"):
            _write_whole(writer)
        assert os.listdir(tmp_path) == []
    else:
        _write_whole(writer)
        assert Raster(str(tmp_path / name)).grid.transform == SOUTH_UP


@pytest.mark.parametrize("kind", ["Float32", "Float64", "UInt16"])
def test_the_other_byte_order_gives_the_same_values(tmp_path, kind):
    image = IMAGE.astype(NUMPY_TYPES[kind]) / NUMPY_TYPES[kind](1 if kind == "UInt16" else 7)
    image = image.astype(NUMPY_TYPES[kind])
    _write_all(_writer(tmp_path / "out.tif", data_type=kind, creation_options=("ENDIANNESS=BIG",)), image)
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), image)
    if kind != "UInt16":
        with pytest.raises(OutputNotWritable, match="PREDICTOR=3 and ENDIANNESS"):
            _writer(tmp_path / "a.tif", data_type=kind, creation_options=("ENDIANNESS=BIG", "PREDICTOR=3"))


@pytest.mark.parametrize(
    "transform", [(0, 0, 0, 0, 0, 0), (1e9, 1e-8, 0, 0, 0, -1e-8), (np.nan, 1, 0, 0, 0, -1)]
)
def test_a_place_without_a_meaning_is_written_as_it_is(tmp_path, transform):
    _write_all(_writer(tmp_path / "out.tif", grid=Grid(40, 50, transform)))
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), IMAGE)


def test_an_origin_that_gdal_cannot_move_by_half_a_pixel_and_back_stays_to_the_last_bit(tmp_path):
    wgs = osr.SpatialReference()
    wgs.ImportFromEPSG(4326)
    for y0, kept in ((0.5 / 3600, "Area"), (52.7, "Point")):
        transform = (13.1, 5 / 3600, 0.0, y0, 0.0, -5 / 3600)
        grid = Grid(40, 50, transform, wgs.ExportToWkt())
        _write_all(_writer(tmp_path / "out.tif", grid=grid, metadata={"AREA_OR_POINT": "Point"}))
        raster = Raster(str(tmp_path / "out.tif"))
        assert (raster.grid.transform, raster.area_or_point) == (transform, kept)


def test_a_raster_without_a_crs_gets_none_by_what_it_says_of_its_pixels(tmp_path):
    _write_all(_writer(tmp_path / "out.tif", metadata={"AREA_OR_POINT": "Point"}))
    assert Raster(str(tmp_path / "out.tif")).grid.crs_wkt == ""


@pytest.mark.parametrize("kind", ["Int64", "UInt64"])
def test_nodata_of_types_beyond_doubles_is_written(tmp_path, kind):
    if gdal.GetDataTypeByName(kind) == gdal.GDT_Unknown:
        pytest.skip("GDAL 3.5 and newer have these types")
    image = IMAGE.astype(NUMPY_TYPES[kind])
    _write_all(_writer(tmp_path / "out.tif", data_type=kind, nodata=7.0), image)
    assert gdal.Open(str(tmp_path / "out.tif")).GetRasterBand(2).GetNoDataValue() == 7


def test_what_gdals_bindings_refuse_is_an_error_that_names_the_file_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputNotWritable, match=r"out\.tif"):
        _writer(tmp_path / "out.tif", nodata="none")
    assert os.listdir(tmp_path) == []


def test_with_nodata_the_mask_hides_only_what_no_band_has(tmp_path):
    valid = np.ones(IMAGE.shape, bool)
    valid[0, 5:9, 5:9] = False
    valid[:, 20:25, 20:25] = False
    image = np.where(valid, IMAGE, 0)
    writer = _writer(tmp_path / "out.tif", mask=True)
    writer.write(Window(0, 0, 40, 50), image, valid, statistics=2)
    writer.finish()
    _, read = Raster(str(tmp_path / "out.tif")).read(Window(0, 0, 40, 50), (1, 2))
    np.testing.assert_array_equal(read, valid)


def test_without_nodata_the_mask_hides_what_any_band_lacks(tmp_path):
    valid = np.ones(IMAGE.shape, bool)
    valid[0, 5:9, 5:9] = False
    writer = _writer(tmp_path / "out.tif", mask=True, nodata=None)
    writer.write(Window(0, 0, 40, 50), IMAGE, valid, statistics=2)
    writer.finish()
    _, read = Raster(str(tmp_path / "out.tif")).read(Window(0, 0, 40, 50), (1, 2))
    np.testing.assert_array_equal(read, np.broadcast_to(valid[0], IMAGE.shape))


def test_blocks_of_nothing_stand_in_the_file_too(tmp_path):
    """Not every reader knows a sparse file."""
    _write_all(_writer(tmp_path / "out.tif", nodata=0, block=16), np.zeros_like(IMAGE))
    band = gdal.Open(str(tmp_path / "out.tif"))
    for col, row in ((0, 0), (3, 0), (0, 2), (3, 2)):
        assert band.GetRasterBand(2).GetMetadataItem(f"BLOCK_OFFSET_{col}_{row}", "TIFF")


@pytest.mark.parametrize(("side", "version"), [(500, 42), (33_000, 43)])
def test_a_file_that_may_pass_4_gb_is_a_bigtiff(tmp_path, side, version):
    """Pixels of 4.4 GB; by its header, 42 is TIFF and 43 BigTIFF."""
    writer = _writer(tmp_path / "out.tif", grid=Grid(side, side, NORTH_UP))
    writer.write(Window(0, 0, 40, 50), IMAGE, None, statistics=2)
    writer.flush_blocks()
    (written,) = tmp_path.iterdir()
    assert int.from_bytes(written.read_bytes()[2:4], "little") == version
    writer.abort()


def ended(writer, flush):
    """Finish a file; GDAL 3.10 notices only then what it could not flush."""
    if flush:
        writer.flush_blocks()
    writer.finish()


# Under GDAL's exceptions, closing what was aborted fails once more, and nobody is there to be told.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
@pytest.mark.parametrize(
    ("free", "error", "said"),
    [(10**6, DiskFull, r"the disk is full \(1 MB free\)"), (10**12, OutputNotWritable, "")],
)
@pytest.mark.parametrize("flush", [True, False])
def test_a_write_that_fails_on_a_full_disk_says_so(tmp_path, monkeypatch, free, error, said, flush):
    target = tmp_path / "out.tif"
    target.write_bytes(b"old")
    writer = _writer(target, grid=Grid(600, 600, NORTH_UP), creation_options=("COMPRESS=NONE",))
    noise = np.random.RandomState(0).randint(0, 60_000, (2, 600, 600)).astype(np.uint16)
    monkeypatch.setattr(writer_module.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    writer.write(Window(0, 0, 600, 600), noise, None, statistics=2)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        # GDAL still holds the blocks.
        with pytest.raises(error, match=rf"out\.tif: {said}"):
            ended(writer, flush)
        writer.abort()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == ["out.tif"]
    assert target.read_bytes() == b"old"


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


def test_a_disk_that_takes_no_more_files_is_full(tmp_path, monkeypatch):
    def touch(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writer_module.Path, "touch", touch)
    with pytest.raises(DiskFull, match=r"out\.tif"):
        check_writable(str(tmp_path / "out.tif"), bytes_needed=1)


@pytest.mark.parametrize(("free", "kind"), [(1000, DiskFull), (10**9, OutputNotWritable)])
def test_an_io_error_of_libtiff_is_a_full_disk_where_nothing_is_free(tmp_path, monkeypatch, free, kind):
    def fail(dataset):
        raise RuntimeError("TIFFWriteDirectoryTagData:IO error writing tag data")

    usage = writer_module.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(writer_module.shutil, "disk_usage", lambda _: usage._replace(free=free))
    monkeypatch.setattr(writer_module, "_close", fail)
    with pytest.raises(kind, match=r"out\.tif.*IO error"):
        _write_whole(_writer(tmp_path / "out.tif"))
    assert os.listdir(tmp_path) == []


def test_ground_control_points_stay_where_they_are_though_pixels_are_points(tmp_path):
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32633)
    gcps = tuple(
        (col, row, 4e5 + 10 * col, 5e6 - 10 * row, 0.0) for col in (0.0, 50.0) for row in (0.0, 40.0)
    )
    grid = Grid(40, 50, None, gcps=gcps, gcp_wkt=reference.ExportToWkt())
    _write_all(_writer(tmp_path / "out.tif", grid=grid, metadata={"AREA_OR_POINT": "Point"}))
    assert Raster(str(tmp_path / "out.tif")).grid.gcps == gcps
