"""core/series/acquisitions: which files are one scene, of which day and sensor."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.landsat.reference import ReferenceOn
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.series.acquisitions import Broken, find, landsat_products, reference_of
from srsat_qgis.core.superres.job import Source
from srsat_qgis.core.types import SilentProgress, Window
from tests.core.landsat.scenes import BANDS, write_product
from tests.core.sentinel2 import products
from tests.rasters import write_raster

PLANE = np.full((1, 12, 12), 1000, np.uint16)


def bands(path, *names, **more):
    return write_raster(path, np.repeat(PLANE, len(names), axis=0), names=names, **more)


def told(*inputs):
    return [
        (one.date, "broken" if isinstance(one, Broken) else f"{one.family} {one.sensor} {one.place}".strip())
        for one in find([str(one) for one in inputs])
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("S2A_MSIL2A_20230614T101031_N0509_R022_T33UUU.tif", ("2023-06-14", "Sentinel-2 S2A 33UUU")),
        ("place_2023-06-14_S2C.tif", ("2023-06-14", "Sentinel-2 S2C")),
        ("place.20230614.tif", ("2023-06-14", "Sentinel-2 S2")),
        ("product_V20150813T101657_20160101.tif", ("2015-08-13", "Sentinel-2 S2")),
        # No such day, no number of eight digits, and digits that go on.
        ("place_20230231.tif", ("", "broken")),
        ("place_2023061.tif", ("", "broken")),
        ("place_202306141.tif", ("", "broken")),
    ],
)
def test_date_and_sensor_stand_in_the_name(tmp_path, name, expected):
    bands(tmp_path / name, "B2", "B3")
    assert told(tmp_path) == [expected]


def test_landsat_is_found_as_product_tar_stack_and_loose_bands(tmp_path):
    image = np.full((len(BANDS), 12, 12), 0.2)
    (tmp_path / "deep").mkdir()
    write_product(tmp_path / "deep" / "er", image)
    loose = write_product(tmp_path / "loose", image, date="2016-01-02")
    next(loose.glob("*_MTL.txt")).unlink()
    bands(tmp_path / "LC09_L2SP_171083_20220301_20220303_02_T1.tif", "SR_B2", "SR_B4")
    (tmp_path / "LC08_L2SP_171083_20160301_20160303_02_T1.tar").write_bytes(b"no tar")
    (tmp_path / "notes.txt").write_text("nothing")
    found = find([str(tmp_path)])
    assert told(tmp_path) == [
        ("2015-09-23", "Landsat L8 171083"),
        ("2016-01-02", "Landsat L8 171083"),
        ("2016-03-01", "broken"),
        ("2022-03-01", "Landsat L9 171083"),
    ]
    assert found[1].scene.quality.endswith("_QA_PIXEL.TIF")
    assert len(found[1].scene.bands) == len(BANDS)
    # What is no tar is told by its name too.
    assert told(next(tmp_path.glob("*.tar"))) == [("2016-03-01", "broken")]
    # Only what has metadata is a product.
    products = landsat_products(tmp_path)
    assert [path.rsplit("_", 1)[-1] for path in products] == ["T1.tar", "MTL.txt"]


def test_two_products_in_one_folder_and_loose_bands_of_sentinel_2_are_scenes_of_their_own(tmp_path):
    image = np.full((len(BANDS), 12, 12), 0.2)
    for date in ("2015-09-23", "2015-10-09"):
        write_product(tmp_path / "both", image, date=date)
    for day in ("20151001", "20151003"):
        for band in ("B02", "B04", "SCL"):
            bands(tmp_path / "both" / f"T33UUU_{day}T101010_{band}_20m.tif", "")
    assert told(tmp_path) == [
        ("2015-09-23", "Landsat L8 171083"),
        ("2015-10-01", "Sentinel-2 S2 33UUU"),
        ("2015-10-03", "Sentinel-2 S2 33UUU"),
        ("2015-10-09", "Landsat L8 171083"),
    ]
    first = find([str(tmp_path)])[1].scene
    assert set(first.bands) == {"B2", "B4"}
    assert first.classes.endswith("20151001T101010_SCL_20m.tif")


def test_a_list_names_scenes_from_its_own_folder_each_once(tmp_path):
    bands(tmp_path / "a_20230614.tif", "B2")
    (tmp_path / "list.txt").write_text("# comment\na_20230614.tif\n\na_20230614.tif\n")
    assert told(tmp_path / "list.txt", tmp_path / "a_20230614.tif") == [("2023-06-14", "Sentinel-2 S2")]


def test_a_list_that_cannot_be_read_or_names_itself_is_refused(tmp_path):
    (tmp_path / "latin.txt").write_bytes("gr\u00fcn_20230614.tif".encode("latin-1"))
    with pytest.raises(InvalidSetting, match=r"latin\.txt: expected a text file in UTF-8 with a path a line"):
        find([str(tmp_path / "latin.txt")])
    (tmp_path / "one.txt").write_text("two.lst")
    (tmp_path / "two.lst").write_text("one.txt")
    with pytest.raises(InvalidSetting, match=r"one\.txt: this list names itself; expected paths of scenes"):
        find([str(tmp_path / "one.txt")])


def test_a_link_back_to_a_folder_above_shows_no_scene_again(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    bands(tmp_path / "in" / "a_20230614.tif", "B2")
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in", target_is_directory=True)
    assert told(tmp_path / "in") == [("2023-06-14", "Sentinel-2 S2")]


def test_the_folder_of_the_series_itself_is_no_input(tmp_path):
    bands(tmp_path / "2023-06-14_S2A.tif", "B2")
    with pytest.raises(InvalidSetting, match=r"the series goes into this folder.* expected another folder"):
        find([str(tmp_path)], without=tmp_path / ".")


def scene_of(path):
    return open_scene(rasters={10: [Source(str(path))]})


def test_the_offset_is_the_rasters_own_before_that_of_its_name(tmp_path):
    from osgeo import gdal

    path = bands(tmp_path / "S2A_20230614_N0509.tif", "B2", "B3")
    assert reference_of(scene_of(path)).added == -1000
    dataset = gdal.Open(path, gdal.GA_Update)
    for number in (1, 2):
        dataset.GetRasterBand(number).SetScale(1e-4)
        dataset.GetRasterBand(number).SetOffset(0.0)
    del dataset
    assert reference_of(scene_of(path)).added == 0
    dataset = gdal.Open(path, gdal.GA_Update)
    for number in (1, 2):
        dataset.GetRasterBand(number).SetOffset(0.02)
    del dataset
    assert reference_of(scene_of(path)).added == 200
    # Numbers of another scale, such as those of a picture, tell nothing of reflectance.
    dataset = gdal.Open(path, gdal.GA_Update)
    for number in (1, 2):
        dataset.GetRasterBand(number).SetScale(0.5e-4)
    del dataset
    assert reference_of(scene_of(path)).added == -1000
    # As srsat:sentinel2 writes it.
    path = bands(tmp_path / "made.tif", "B2", "B3")
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(1).SetMetadataItem("ADD_OFFSET", "-1000")
    del dataset
    with pytest.raises(UnsupportedRaster, match=r"several offsets \(-1000.0, 0.0\)"):
        reference_of(scene_of(path))


@pytest.mark.parametrize(
    ("value", "refused"),
    [(0.3, True), (2.0, True), (2.01, False), (3000.0, False), (0.0, False), (np.nan, False)],
)
def test_reflectance_itself_is_refused(tmp_path, value, refused):
    """It would be rounded to 0 or 1 without a word."""
    pixels = np.full((1, 600, 12), value, np.float32)
    # Not in the middle.
    pixels[0, 0, 0] = 5000.0
    path = write_raster(tmp_path / "place_20230614.tif", pixels, names=("B2",))
    assert told(path) == [("2023-06-14", "broken" if refused else "Sentinel-2 S2")]
    if refused:
        (one,) = find([path])
        assert f"found values of up to {value:.4g} in B2; expected reflectance times 10000" in one.reason


def test_single_rasters_of_theia_are_no_reference(tmp_path):
    """-10000 would be taken for a reflectance of -1."""
    name = "SENTINEL2A_20230614-101031-456_L2A_T33UUU_C_V3-1_FRE_B2.tif"
    path = bands(tmp_path / name, "B2")
    with pytest.raises(
        UnsupportedRaster, match=r"FRE_B2\.tif: rasters of Theia .* expected the folder of the product"
    ):
        reference_of(scene_of(path))
    (one,) = find([path])
    assert isinstance(one, Broken)
    assert (one.date, "-10000 for no data" in one.reason) == ("2023-06-14", True)


def test_a_product_of_theia_is_one_scene_without_the_clouds_of_maja(tmp_path):
    from osgeo import gdal

    folder = products.muscate(tmp_path / "in")
    (path,) = folder.glob("*_FRE_B2.tif")
    dataset = gdal.Open(str(path), gdal.GA_Update)
    pixels = np.full((72, 72), 1500, np.int16)
    pixels[0, :3] = (-10000, -20, 9000)
    dataset.WriteArray(pixels)
    (mask,) = folder.glob("MASKS/*_CLM_R1.tif")
    dataset = gdal.Open(str(mask), gdal.GA_Update)
    clouds = np.zeros((72, 72), np.uint8)
    # Clouds and shadows, high clouds, both; and the thinnest alone, which counts as ground.
    clouds[1, :4] = (1, 128, 255, 2)
    dataset.WriteArray(clouds)
    del dataset
    archive = products.zipped(folder)
    given = (tmp_path / "in", folder, folder / f"{folder.name}_MTD_ALL.xml", archive)
    for one in given:
        found = told(one)
        # The folder holds the archive too.
        assert found == [("2022-04-17", "Sentinel-2 S2A 31TCJ")] * (2 if one == given[0] else 1)
    (scene,) = find([str(folder)])
    reference = scene.scene
    assert reference.classes == mask.as_posix()
    # The same in the next run, whose addresses in memory are new.
    assert {stamp[0] for stamp in scene.stamps} == {str(one) for one in (*folder.glob("*_FRE_B*.tif"), mask)}
    on = ReferenceOn(reference, ["B2"], Raster(str(path)).grid, tmp_path / "on", SilentProgress())
    read = on.read(Window(0, 0, 2, 5))[0]
    np.testing.assert_allclose(read[0], [np.nan, 0.0001, 0.9, 0.15, 0.15])
    np.testing.assert_allclose(read[1], [np.nan, np.nan, np.nan, 0.15, 0.15])
