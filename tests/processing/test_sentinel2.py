"""srsat:sentinel2 through ``processing.run``: products and layers in, one raster out, errors in one clear line."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsRasterLayer

from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.models.binding import int8_of
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.sentinel2.msi import BANDS
from tests.core.sentinel2 import products
from tests.rasters import write_raster
from tests.shifted_scenes import fractal

ALGORITHM = "srsat:sentinel2"
DEFAULTS = {"DEVICE": "cpu", "OUTPUT": "TEMPORARY_OUTPUT"}
MODELS = ("s2-20m", "s2-60m")


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """A Level-2A product with texture."""
    return products.textured(products.new_l2a(tmp_path_factory.mktemp("product")))


def names_of(path) -> list[str]:
    dataset = gdal.Open(str(path))
    return [dataset.GetRasterBand(number + 1).GetDescription() for number in range(dataset.RasterCount)]


@pytest.mark.parametrize("given", ["folder", "metadata", "zip"])
def test_a_product_becomes_twelve_bands_at_10_m(run, product, tmp_path, given):
    path = product
    if given == "metadata":
        path = product / "MTD_MSIL2A.xml"
        path.write_text("<PROCESSING_BASELINE>04.00</PROCESSING_BASELINE>", "utf-8")
    elif given == "zip":
        path = products.zipped(product)
    target = tmp_path / "out.tif"
    results = run(INPUT=str(path), OUTPUT=str(target))
    assert names_of(target) == [band.name for band in BANDS]
    assert results["BANDS"] == ", ".join(band.name for band in BANDS)
    assert (results["WIDTH"], results["HEIGHT"], results["DEVICE_USED"]) == (72, 72, "cpu")
    fine = next(product.rglob("*_B02_10m.jp2"))
    np.testing.assert_array_equal(gdal.Open(str(target)).ReadAsArray()[1], gdal.Open(str(fine)).ReadAsArray())


def test_stacks_from_build_virtual_raster_are_taken_in_order(run, product, tmp_path):
    groups = {}
    for gsd, bands in ((10, ("B02", "B03", "B04", "B08")), (20, ("B05", "B06", "B07", "B8A", "B11", "B12"))):
        files = [str(next(product.rglob(f"*_{band}_{gsd}m.jp2"))) for band in bands]
        path = str(tmp_path / f"stack{gsd}.vrt")
        gdal.BuildVRT(path, files, separate=True).FlushCache()
        groups[gsd] = QgsRasterLayer(path, f"stack {gsd}")
    target = tmp_path / "out.tif"
    run(BANDS_10M=[groups[10]], BANDS_20M=[groups[20]], OUTPUT=str(target))
    assert names_of(target) == [band.name for band in BANDS if band.gsd_m < 60]


def test_an_extent_of_another_crs_cuts_the_scene(run, product, tmp_path):
    target = tmp_path / "out.tif"
    x, y = products.ORIGIN
    extent = f"{x + 70},{x + 110},{y - 110},{y - 70} [EPSG:32633]"
    run(INPUT=str(product), TARGETS="20 m", EXTENT=extent, OUTPUT=str(target))
    dataset = gdal.Open(str(target))
    assert dataset.GetGeoTransform()[0::3] == (x + 60, y - 60)
    assert (dataset.RasterXSize, dataset.RasterYSize) == (6, 6)


def test_clouds_become_no_data_when_asked(run, product, tmp_path):
    path = next(product.rglob("*_SCL_20m.jp2"))
    dataset = gdal.Open(str(path), gdal.GA_Update)
    classes = dataset.ReadAsArray()
    dataset.WriteArray(np.where(np.arange(classes.size).reshape(classes.shape) == 40, 9, classes))
    del dataset
    target = tmp_path / "out.tif"
    run(INPUT=str(product), MASK_CLOUDS=True, OUTPUT=str(target))
    image = gdal.Open(str(target)).ReadAsArray()
    assert (image[:, 2:4, 8:10] == 0).all()
    assert (image == 0).sum() == 12 * 4


def test_a_shift_is_corrected_when_asked(run, tmp_path):
    """The 20 m bands see the ground 10 m, half of one of their pixels, farther down."""
    truth = fractal(280, 280, seed=1)
    truth = 2000 + 500 * truth / truth.std()
    fine = np.rint(np.stack([truth[8:248, 8:248]] * 4)).astype(np.uint16)
    seen = truth[9:249, 8:248].reshape(120, 2, 120, 2).mean(axis=(1, 3))
    coarse = np.rint(np.stack([seen] * 6)).astype(np.uint16)
    x, y = products.ORIGIN
    groups = {
        "BANDS_10M": [write_raster(tmp_path / "f.tif", fine, transform=(x, 10.0, 0.0, y, 0.0, -10.0))],
        "BANDS_20M": [write_raster(tmp_path / "c.tif", coarse, transform=(x, 20.0, 0.0, y, 0.0, -20.0))],
    }
    moved = {}
    for wanted in (False, True):
        target = tmp_path / f"{wanted}.tif"
        run(**groups, CORRECT_SHIFT=wanted, OUTPUT=str(target))
        moved[wanted] = json.loads(gdal.Open(str(target)).GetMetadataItem("SRSAT_PARAMETERS"))[
            "correct_shift"
        ]
    assert moved[False] is None
    assert moved[True]["20 m"] == pytest.approx([0.5, 0.0], abs=0.03)


def test_clouds_of_level_1c_become_no_data_when_asked(run, tmp_path):
    safe = products.new_l1c(tmp_path)
    mask = next((safe / "GRANULE").iterdir()) / "QI_DATA" / "MSK_CLASSI_B00.jp2"
    values = np.zeros((3, 12, 12), np.uint8)
    values[0, 4, 5] = 1
    x, y = products.ORIGIN
    write_raster(mask, values, transform=(x, 60.0, 0.0, y, 0.0, -60.0))
    target = tmp_path / "out.tif"
    run(INPUT=str(products.zipped(safe)), MASK_CLOUDS=True, OUTPUT=str(target))
    image = gdal.Open(str(target)).ReadAsArray()
    assert (image[:, 24:30, 30:36] == 0).all()
    assert (image == 0).sum() == 12 * 36


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "expected a product in INPUT"),
        ({"INPUT": "/nowhere/at/all.SAFE"}, "found nothing there"),
        ({"INPUT": "mixed"}, "bands of one time"),
        ({"INPUT": "l1c", "MASK_CLOUDS": True}, "no cloud mask; expected a scene classification"),
    ],
)
def test_what_cannot_work_is_one_clear_line(run, tmp_path, change, message):
    if change.get("INPUT") == "mixed":
        products.image(tmp_path / "T33UUU_20170527T102031_B02.tif", 10)
        products.image(tmp_path / "T33UUU_20170606T102031_B05.tif", 20)
        change = {"INPUT": str(tmp_path)}
    elif change.get("INPUT") == "l1c":
        change = {**change, "INPUT": str(products.new_l1c(tmp_path))}
    with pytest.raises(QgsProcessingException) as caught:
        run(**change)
    assert message in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(("gsd", "other"), [(20, 60), (60, 20)])
def test_each_model_parameter_offers_and_takes_only_models_for_its_bands(
    run, srsat, product, tmp_path, gsd, other
):
    algorithm = srsat.algorithm("sentinel2").create()
    options = algorithm.parameterDefinition(f"MODEL_{gsd}M").options()
    assert f"s2-{gsd}m" in options
    assert f"s2-{other}m" not in options
    target = tmp_path / "out.tif"
    wanted = {f"MODEL_{gsd}M": f"s2-{other}m"}
    with pytest.raises(
        QgsProcessingException, match=rf"MODEL_{gsd}M 's2-{other}m': .* the models that do are: .*s2-"
    ):
        run(INPUT=str(product), OUTPUT=str(target), **wanted)
    assert not target.exists()


def test_a_real_product_without_a_cloud_mask_says_which_ones_were_looked_for(run, shared_data):
    root = shared_data / "test" / "mapchete-eo"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    with pytest.raises(QgsProcessingException, match=r"no cloud mask; .*SCL.*MSK_CLASSI.*QA60.*MSK_CLOUDS"):
        run(INPUT=str(next(root.rglob("*.SAFE"))), MASK_CLOUDS=True)


def test_a_raster_that_cannot_be_opened_is_named_by_its_parameter(run, tmp_path):
    good = write_raster(tmp_path / "a.tif", np.full((4, 12, 12), 500, np.uint16))
    with pytest.raises(QgsProcessingException, match="BANDS_10M"):
        run(BANDS_10M=[good, str(tmp_path / "no.tif")])


def test_the_log_tells_size_tiles_and_time_of_each_models_run(run, product, recorder):
    feedback = recorder()
    run(feedback, INPUT=str(product))
    told = [line for line in feedback.lines if re.search(r": \d+ tiles?(, about \d+ s)?$", line)]
    assert [line.split(", ")[1] for line in told] == ["6 bands", "2 bands"]
    assert all(line.startswith("72 x 72 pixels") for line in told)


def test_reflectance_itself_is_refused_before_it_is_rounded_to_1(run, tmp_path):
    for gsd, side, bands in (
        (10, 72, ("B2", "B3", "B4", "B8")),
        (20, 36, ("B5", "B6", "B7", "B8A", "B11", "B12")),
    ):
        pixels = np.full((len(bands), side, side), 0.25, np.float32)
        write_raster(tmp_path / f"{gsd}.tif", pixels, names=bands, transform=(4e5, gsd, 0.0, 5e6, 0.0, -gsd))
    given = {f"BANDS_{gsd}M": [str(tmp_path / f"{gsd}.tif")] for gsd in (10, 20)}
    with pytest.raises(
        QgsProcessingException,
        match=r"10\.tif: found values of up to 0\.25 in B2; expected reflectance times 10000",
    ):
        run(**given, OUTPUT=str(tmp_path / "out.tif"))


def test_all_bands_at_5_m_in_one_run(run, product, tmp_path, recorder):
    ten, five = tmp_path / "ten.tif", tmp_path / "out" / "five.tif"
    five.parent.mkdir()
    page = tmp_path / "report.html"
    run(INPUT=str(product), OUTPUT=str(ten))
    feedback = recorder()
    results = run(feedback, INPUT=str(product), RESOLUTION="5", OUTPUT=str(five), REPORT=str(page))
    assert (results["WIDTH"], results["HEIGHT"]) == (144, 144)
    assert names_of(five) == [band.name for band in BANDS]
    made, before = gdal.Open(str(five)), gdal.Open(str(ten))
    x, step, _, y, _, down = before.GetGeoTransform()
    assert made.GetGeoTransform() == (x, step / 2, 0.0, y, 0.0, down / 2)
    assert made.GetMetadataItem("SRSAT_MODEL") == "s2-20m, s2-60m, any-x2"
    # Consistent: the blur of the step that its metadata names brings back the scene at 10 m; plain means nearly do.
    image, coarse = made.ReadAsArray().astype(float), before.ReadAsArray().astype(float)
    means = image.reshape(12, 72, 2, 72, 2).mean(axis=(2, 4))
    assert np.abs(means - coarse)[:, 4:-4, 4:-4].mean() < 0.1 * coarse.std(axis=(1, 2)).mean()
    assert [path.name for path in five.parent.iterdir()] == ["five.tif"]
    text = page.read_text(encoding="utf-8")
    assert "any-x2" in text
    assert "five.tif" in text
    assert "At 5 m, by any-x2" in text
    assert any(line.startswith("output: 72 x 72 pixels, 12 bands, UInt16") for line in feedback.lines)


@pytest.mark.parametrize("word", ["auto", "float32", "int8"])
def test_the_precision_is_as_asked_for_told_and_written(run, product, tmp_path, recorder, word):
    facts, target, feedback = int8_facts(), tmp_path / "out.tif", recorder()
    if word == "int8" and not facts.exact:
        pytest.skip("this processor has no exact instructions for 8-bit integers")
    run(feedback, INPUT=str(product), OUTPUT=str(target), PRECISION=word)
    integers = word == "int8" or (word == "auto" and facts.pays)
    made = gdal.Open(str(target))
    assert made.GetMetadataItem("SRSAT_PRECISION") == ("int8, float32" if integers else "float32, float32")
    cards = [registry()[name] for name in MODELS]
    digest = int8_of(cards[0]).sha256 if integers else cards[0].sha256
    assert made.GetMetadataItem("SRSAT_MODEL_SHA256") == f"{digest}, {cards[1].sha256}"
    said = [line for line in feedback.lines if line.startswith(("s2-20m runs in", "s2-60m runs in"))]
    assert bool(said) == (word != "float32")
    assert any(line.startswith("reach measured") for line in feedback.lines) == integers


def test_adapted_models_are_no_integers(run, product):
    with pytest.raises(QgsProcessingException, match="PRECISION is int8 and ADAPT is given"):
        run(INPUT=str(product), PRECISION="int8", ADAPT=1)


def test_a_product_of_theia_becomes_ten_bands(run, tmp_path, recorder):
    folder = products.muscate(tmp_path)
    (path,) = folder.glob("*_FRE_B3.tif")
    dataset = gdal.Open(str(path), gdal.GA_Update)
    green = dataset.ReadAsArray()
    green[0, :3] = (-10000, -7, 1)
    dataset.WriteArray(green)
    del dataset
    (clouds,) = folder.glob("MASKS/*_CLM_R1.tif")
    dataset = gdal.Open(str(clouds), gdal.GA_Update)
    seen = dataset.ReadAsArray()
    seen[8:10, 2:4] = 1
    dataset.WriteArray(seen)
    del dataset
    target, feedback = tmp_path / "out.tif", recorder()
    run(feedback, INPUT=str(folder), OUTPUT=str(target), MASK_CLOUDS=True)
    assert names_of(target) == [band.name for band in BANDS if band.gsd_m < 60]
    image = gdal.Open(str(target)).ReadAsArray()
    assert image.dtype == np.uint16
    expected = np.where(green == -10000, 0, np.maximum(green, 1))
    expected[8:10, 2:4] = 0
    np.testing.assert_array_equal(image[1], expected)
    assert any(
        "tile T31TCJ" in line and "FRE" in line and "-10000 (no data) becomes 0" in line
        for line in feedback.lines
    )
