"""How a .tif is laid out: overviews where a raster is large, and cloud-optimised GeoTIFFs, as atomic as any output."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import Cancelled, DiskFull, InvalidSetting, OutputNotWritable
from srsat_qgis.core.raster import writer as writer_module
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate
from srsat_qgis.core.raster.writer import LAYOUTS, PLAIN_PX, RasterWriter, check_writable
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress, Window
from tests.rasters import DEGREES, NORTH_UP, ROTATED, SOUTH_UP, read_raster, texture, write_raster


def written(path, image, layout, *, valid=None, strip=None, **kept):
    """Write an image, (bands, rows, cols), in strips of so many rows, and return it as GDAL opens it."""
    bands, rows, cols = image.shape
    strip = strip or rows
    given = {
        "grid": Grid(rows, cols, NORTH_UP, epsg_wkt()),
        "data_type": {"uint16": "UInt16", "uint8": "Byte", "float32": "Float32"}[str(image.dtype)],
        "bands": [BandTemplate(description=f"B{n}", interpretation=gdal.GCI_Undefined) for n in range(bands)],
        "nodata": 0.0,
        "mask": False,
        "metadata": {"SRSAT_MODEL": "any"},
        "layout": layout,
        **kept,
    }
    with RasterWriter(str(path), **given) as writer:
        for row in range(0, rows, strip):
            part = slice(row, row + strip)
            window = Window(row, 0, image[:, part].shape[1], cols)
            writer.write(window, image[:, part], None if valid is None else valid[:, part], statistics=bands)
    return gdal.Open(str(path))


def epsg_wkt():
    from osgeo import osr

    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32633)
    return reference.ExportToWkt()


def overviews(dataset):
    band = dataset.GetRasterBand(1)
    found = [band.GetOverview(n) for n in range(band.GetOverviewCount())]
    return [(one.XSize, one.YSize) for one in found]


def is_cog(path):
    return gdal.Open(str(path)).GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"


@pytest.mark.parametrize("cols", [PLAIN_PX, PLAIN_PX + 2])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_overviews_stand_where_the_layout_says(tmp_path, cols, layout):
    image = np.full((1, 600, cols), 7, np.uint16)
    found = overviews(written(tmp_path / "out.tif", image, layout))
    assert bool(found) is (layout == "cog" or (layout == "auto" and cols > PLAIN_PX))
    assert is_cog(tmp_path / "out.tif") is (layout == "cog")
    if found:
        assert found[0] == (cols // 2, 300)
        assert max(found[-1]) <= 512
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]


@pytest.mark.parametrize("layout", ["auto", "cog"])
def test_an_overviews_pixel_is_the_mean_of_the_valid_ones_below_it(tmp_path, layout):
    random = np.random.default_rng(3)
    image = random.integers(1, 4000, (1, 640, PLAIN_PX + 2)).astype(np.float32)
    image[0, 4:6, 4:6] = 0
    image[0, 8, 8] = 0
    dataset = written(tmp_path / "out.tif", image, layout)
    first = dataset.GetRasterBand(1).GetOverview(0).ReadAsArray()
    blocks = image[0].reshape(320, 2, -1, 2)
    count = (blocks > 0).sum(axis=(1, 3))
    means = np.where(count > 0, blocks.sum(axis=(1, 3)) / np.maximum(count, 1), 0)
    assert np.allclose(first, means, rtol=1e-6)
    assert first[2, 2] == 0
    assert first[4, 4] > 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pixels_and_what_belongs_to_them_do_not_depend_on_the_layout(tmp_path, layout):
    image = texture(3, 530, 70).astype(np.uint16)
    dataset = written(tmp_path / "out.tif", image, layout)
    assert (dataset.ReadAsArray() == image).all()
    assert dataset.GetGeoTransform() == NORTH_UP
    assert dataset.GetMetadataItem("SRSAT_MODEL") == "any"
    for number, plane in enumerate(image, start=1):
        band = dataset.GetRasterBand(number)
        assert band.GetDescription() == f"B{number - 1}"
        assert band.GetNoDataValue() == 0
        statistics = [
            float(band.GetMetadataItem(f"STATISTICS_{name}")) for name in ("MINIMUM", "MAXIMUM", "MEAN")
        ]
        assert statistics == pytest.approx([plane.min(), plane.max(), plane.mean()])


def test_a_mask_comes_with_every_layout_and_its_overviews(tmp_path):
    image = np.full((1, 600, PLAIN_PX + 2), 9, np.uint8)
    valid = np.ones(image.shape, bool)
    valid[0, :300, :300] = False
    for layout in LAYOUTS:
        dataset = written(tmp_path / f"{layout}.tif", image, layout, valid=valid, mask=True, nodata=None)
        band = dataset.GetRasterBand(1)
        assert band.GetMaskFlags() == gdal.GMF_PER_DATASET
        assert (band.GetMaskBand().ReadAsArray() == np.where(valid[0], 255, 0)).all()
        if layout != "gtiff":
            small = band.GetOverview(0).GetMaskBand().ReadAsArray()
            assert (small[:149, :149] == 0).all()
            assert (small[151:] == 255).all()
        assert not (tmp_path / f"{layout}.tif.msk").exists()


@pytest.fixture
def gdal_threads():
    """Set GDAL_NUM_THREADS, None: not at all, as a user does for a whole program."""
    yield lambda number: gdal.SetConfigOption("GDAL_NUM_THREADS", number)
    gdal.SetConfigOption("GDAL_NUM_THREADS", None)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_bytes_do_not_depend_on_the_threads_that_compress(tmp_path, gdal_threads, layout):
    image, found = texture(2, 1100, PLAIN_PX + 2).astype(np.uint16), {}
    for number in (None, "1", "3"):
        gdal_threads(number)
        target = tmp_path / f"{number}.tif"
        written(target, image, layout, strip=300)
        found[number] = target.read_bytes()
    assert found[None] == found["1"] == found["3"]


@pytest.mark.parametrize(("number", "taken"), [(None, "ALL_CPUS"), ("1", "1")])
def test_all_threads_compress_unless_gdal_is_told_otherwise(
    tmp_path, monkeypatch, gdal_threads, number, taken
):
    made, calling = [], writer_module.call

    def call(function, *arguments, **named):
        made.extend(one for one in arguments if isinstance(one, list))
        return calling(function, *arguments, **named)

    monkeypatch.setattr(writer_module, "call", call)
    gdal_threads(number)
    written(tmp_path / "out.tif", np.ones((1, 8, 8), np.uint8), "gtiff")
    assert f"NUM_THREADS={taken}" in made[0]


@pytest.mark.parametrize("level", [1, 9])
def test_overviews_are_packed_as_tightly_as_the_pixels(tmp_path, level):
    given = () if level == 1 else (f"ZLEVEL={level}",)
    image = texture(1, 600, PLAIN_PX + 2).astype(np.uint16)
    dataset = written(tmp_path / "out.tif", image, "auto", creation_options=given)
    found = dataset.GetRasterBand(1).GetOverview(0)
    side = found.GetBlockSize()[0]
    sides = [f"BLOCK{axis}SIZE={side}" for axis in "XY"]
    options = ["TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=2", f"ZLEVEL={level}", *sides]
    write_raster(tmp_path / "plain.tif", found.ReadAsArray()[None], options=options)
    plain = gdal.Open(str(tmp_path / "plain.tif"))
    sizes = [one.GetMetadataItem("BLOCK_SIZE_1_0", "TIFF") for one in (found, plain.GetRasterBand(1))]
    assert sizes[0] == sizes[1]
    assert int(sizes[0]) > 1000


def test_gdals_cache_is_bounded_while_overviews_are_made_and_then_as_before(tmp_path):
    class Asking(SilentProgress):
        seen = ()

        @property
        def cancelled(self):
            self.seen = (*self.seen, gdal.GetCacheMax())
            return self.wanted

    before = gdal.GetCacheMax()
    image = np.full((1, 600, PLAIN_PX + 2), 7, np.uint16)
    try:
        for size, bounded in ((400 << 20, 256 << 20), (100 << 20, 100 << 20)):
            gdal.SetCacheMax(size)
            for wanted in (False, True):
                asking = Asking()
                asking.wanted = wanted
                with pytest.raises(Cancelled) if wanted else contextlib.nullcontext():
                    written(tmp_path / "out.tif", image, "auto", progress=asking)
                assert bounded in asking.seen
                assert max(asking.seen) <= size
                assert gdal.GetCacheMax() == size
    finally:
        gdal.SetCacheMax(before)


def test_of_several_threads_that_bound_gdals_cache_the_last_one_frees_it():
    before = gdal.GetCacheMax()
    bound = writer_module._LittleCache(1 << 20)
    with bound:
        with bound:
            assert gdal.GetCacheMax() == 1 << 20
        assert gdal.GetCacheMax() == 1 << 20
    assert gdal.GetCacheMax() == before


@pytest.mark.parametrize("layout", ["auto", "cog"])
def test_a_run_cancelled_while_overviews_are_made_leaves_what_was_there(tmp_path, layout):
    class Cancelling(SilentProgress):
        cancelled = True

    target = tmp_path / "out.tif"
    target.write_bytes(b"old")
    with pytest.raises(Cancelled):
        written(target, np.full((1, 600, PLAIN_PX + 1), 7, np.uint16), layout, progress=Cancelling())
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]


def test_cog_is_for_tif_alone_and_its_options_are_those_of_its_driver(tmp_path):
    with pytest.raises(OutputNotWritable, match=r"out\.png: FORMAT=cog is a layout of \.tif files"):
        check_writable(str(tmp_path / "out.png"), bytes_needed=0, layout="cog")
    check_writable(
        str(tmp_path / "o.tif"), bytes_needed=0, layout="cog", creation_options=["OVERVIEW_COUNT=3"]
    )
    with pytest.raises(OutputNotWritable, match="COG has no option TILED"):
        check_writable(str(tmp_path / "o.tif"), bytes_needed=0, layout="cog", creation_options=["TILED=YES"])


def test_the_room_on_the_disk_is_that_of_both_copies(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 2_000_000})())
    for layout, fits in (("gtiff", True), ("auto", True), ("cog", False)):
        if fits:
            check_writable(str(tmp_path / "o.tif"), bytes_needed=1_000_000, layout=layout)
        else:
            with pytest.raises(DiskFull, match="needs about 2 MB"):
                check_writable(str(tmp_path / "o.tif"), bytes_needed=1_000_000, layout=layout)


def test_a_run_writes_the_layout_and_resumes_into_it(tmp_path, nearest):
    source = Source(write_raster(tmp_path / "in.tif", texture(2, 40, 60).astype(np.uint16)))
    plain, cloud = tmp_path / "plain.tif", tmp_path / "cloud.tif"
    settings = Settings(consistency="off", tile=16)
    super_resolve(source, nearest, str(plain), settings=settings)

    class Once(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = fraction > 0.6

    settings = replace(settings, layout="cog", resume=True)
    with pytest.raises(Cancelled):
        super_resolve(source, nearest, str(cloud), settings=settings, progress=Once())
    assert (tmp_path / ".cloud.tif.srsat-resume").is_dir()
    super_resolve(source, nearest, str(cloud), settings=settings)
    assert is_cog(cloud)
    assert (read_raster(cloud) == read_raster(plain)).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cloud.tif", "in.tif", "plain.tif"]


def test_an_unknown_layout_is_refused(tmp_path, nearest):
    source = Source(write_raster(tmp_path / "in.tif", texture(1, 9, 9).astype(np.uint16)))
    with pytest.raises(InvalidSetting, match="layout 'zarr': expected one of auto, gtiff, cog"):
        super_resolve(source, nearest, str(tmp_path / "o.tif"), settings=Settings(layout="zarr"))


@pytest.mark.parametrize(
    "place",
    [
        {"transform": ROTATED},
        {"transform": SOUTH_UP},
        {"transform": DEGREES, "epsg": 4326},
        {"epsg": None},
        {"alpha": True},
    ],
    ids=["rotated", "south-up", "degrees", "no-crs", "alpha"],
)
def test_a_cloud_optimised_file_lies_where_the_plain_one_does(tmp_path, nearest, place):
    image = texture(4, 40, 50, low=1, high=250).astype(np.uint8)
    source = Source(write_raster(tmp_path / "in.tif", image, **place))
    found = []
    for layout in ("gtiff", "cog"):
        target = str(tmp_path / f"{layout}.tif")
        super_resolve(source, nearest, target, settings=Settings(layout=layout, consistency="off"))
        dataset = gdal.Open(target)
        colours = [dataset.GetRasterBand(n).GetColorInterpretation() for n in range(1, 5)]
        found.append(
            (dataset.GetGeoTransform(), dataset.GetProjection(), colours, dataset.ReadAsArray().tolist())
        )
    assert found[0] == found[1]


def test_ground_control_points_come_along_into_a_cloud_optimised_file(tmp_path, nearest):
    plain = gdal.Open(write_raster(tmp_path / "plain.tif", texture(1, 40, 50).astype(np.uint16)))
    points = [gdal.GCP(5e5 + 10 * x, 5e6 - 10 * y, 0, x, y) for x, y in ((0, 0), (50, 0), (0, 40), (50, 40))]
    made = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "in.tif"), 50, 40, 1, gdal.GDT_UInt16)
    made.WriteArray(plain.ReadAsArray())
    made.SetGCPs(points, plain.GetProjection())
    made = None
    target = str(tmp_path / "out.tif")
    settings = Settings(layout="cog", consistency="off")
    super_resolve(Source(str(tmp_path / "in.tif")), nearest, target, settings=settings)
    seen = [(one.GCPPixel, one.GCPLine, one.GCPX, one.GCPY) for one in gdal.Open(target).GetGCPs()]
    assert seen == [(2 * one.GCPPixel, 2 * one.GCPLine, one.GCPX, one.GCPY) for one in points]
