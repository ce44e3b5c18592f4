"""srsat:sharpenthermal through ``processing.run``: methods by name, any unit, a report, clear refusals."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis import processing

from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.models.binding import int8_of
from srsat_qgis.core.trainer.running import OVERRIDE
from tests.core.thermal.scenes import PIXEL, SCALE, coarse, error, transform, truth, write_scene
from tests.processing.test_model_chain import child
from tests.rasters import read_raster, write_raster

ALGORITHM = "srsat:sharpenthermal"


@pytest.fixture
def scene(tmp_path):
    return write_scene(tmp_path)


def test_the_list_holds_the_classical_methods_and_the_thermal_models_alone(srsat):
    algorithm = srsat.algorithm("sharpenthermal")
    options = algorithm.parameterDefinition("MODEL").options()
    assert options[0] == "auto"
    assert options[-3:] == ["bicubic", "tsharp", "local-ridge"]
    assert {"lst-x4", "lst-x8"} <= set(options)
    assert "any-x2" not in options
    assert algorithm.parameterDefinition("MODEL").usesStaticStrings()
    assert "lst-x4" in algorithm.shortHelpString()


@pytest.mark.parametrize("model", ["local-ridge", "auto"])
def test_a_scene_becomes_sharper(run, scene, tmp_path, model):
    lst, index, fine = scene
    plain = run(INPUT=lst, GUIDES=[], SCALE="4", MODEL="bicubic", OUTPUT=str(tmp_path / "plain.tif"))
    found = run(INPUT=lst, GUIDES=[index], SCALE="4", MODEL=model, OUTPUT=str(tmp_path / "out.tif"))
    one, two = (read_raster(result["OUTPUT"])[0].astype(np.float64) for result in (plain, found))
    assert (found["WIDTH"], found["HEIGHT"]) == (40 * SCALE, 40 * SCALE)
    assert error(two, fine) < 0.9 * error(one, fine)
    assert found["RESIDUAL_K"] < 1e-6
    assert found["CONSISTENCY_USED"] == "area"
    assert found["GUIDED_PERCENT"] > 99


@pytest.mark.parametrize("word", ["auto", "float32", "int8"])
def test_the_precision_is_as_asked_for_told_and_written(run, scene, tmp_path, word):
    """Integers differ by a hundredth of the detail, and maps of doubt are those of floats."""
    facts, (lst, index, _) = int8_facts(), scene
    if word == "int8" and not facts.exact:
        pytest.skip("this processor has no exact instructions for 8-bit integers")
    given = {"INPUT": lst, "GUIDES": [index], "SCALE": "4", "CONSISTENCY": "off"}
    images, doubts = {}, {}
    for one in (word, "float32"):
        target, quality = tmp_path / f"{one}.tif", tmp_path / f"{one}-q.tif"
        run(**given, PRECISION=one, OUTPUT=str(target), QUALITY=str(quality))
        images[one], doubts[one] = read_raster(target)[0].astype(np.float64), read_raster(quality)
    plain = run(**given, MODEL="bicubic", OUTPUT=str(tmp_path / "plain.tif"))
    integers = word == "int8" or (word == "auto" and facts.pays)
    made = gdal.Open(str(tmp_path / f"{word}.tif"))
    assert made.GetMetadataItem("SRSAT_PRECISION") == ("int8" if integers else "float32")
    detail = images["float32"] - read_raster(plain["OUTPUT"])[0]
    off = (images[word] - images["float32"]).std()
    assert off < 0.1 * detail.std()
    assert (off > 0) == integers
    np.testing.assert_array_equal(doubts[word], doubts["float32"])


def test_classical_methods_have_no_precision(run, scene, tmp_path):
    lst, index, _ = scene
    made = run(INPUT=lst, GUIDES=[index], MODEL="tsharp", PRECISION="int8", OUTPUT=str(tmp_path / "out.tif"))
    assert gdal.Open(made["OUTPUT"]).GetMetadataItem("SRSAT_PRECISION") is None


def test_report_and_quality_tell_how_good_it_is(run, tmp_path):
    lst, index, _ = write_scene(tmp_path, side=64)
    found = run(
        INPUT=lst,
        GUIDES=[index],
        MODEL="local-ridge",
        OUTPUT=str(tmp_path / "out.tif"),
        QUALITY=str(tmp_path / "q.tif"),
        REPORT=str(tmp_path / "report.html"),
    )
    scores = {row["method"]: row["rmse_k"] for row in json.loads(found["SCORES"])}
    assert list(scores) == ["bicubic", "tsharp", "local-ridge"]
    assert found["ERROR_SHARE"] == pytest.approx(scores["local-ridge"] / scores["bicubic"], abs=1e-4)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("One scale coarser", "tsharp", "Consistency area", "index.tif", "data:image/png"):
        assert words in text
    assert read_raster(tmp_path / "q.tif").shape == (1, 256, 256)


def test_numbers_and_unit_are_as_told(run, scene, tmp_path):
    lst, index, fine = scene
    numbers = np.rint((read_raster(lst) - 200) / 0.01).astype(np.uint16)
    path = write_raster(tmp_path / "dn.tif", numbers, transform=transform(PIXEL))
    found = run(
        INPUT=path,
        GUIDES=[index],
        MODEL="local-ridge",
        UNIT="kelvin",
        UNIT_SCALE=0.01,
        UNIT_OFFSET=200.0,
        COREGISTER="off",
        OUTPUT=str(tmp_path / "out.tif"),
    )
    made = read_raster(found["OUTPUT"])[0]
    assert made.dtype == np.uint16
    assert error(made * 0.01 + 200, fine) < 0.6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MODEL": "lst-x8", "SCALE": "4"}, "lst-x8, which sharpens 8 times; SCALE is 4"),
        ({"GUIDES": []}, "GUIDES is empty"),
        ({"UNIT": "celsius"}, "look like kelvins"),
        ({"CONSISTENCY": "relaxed", "BOX": 4}, "BOX is 4"),
        ({"BAND": 3}, "band"),
    ],
)
def test_mistakes_are_named(run, scene, tmp_path, change, words):
    from qgis.core import QgsProcessingException

    lst, index, _ = scene
    wanted = {
        "INPUT": lst,
        "GUIDES": [index],
        "MODEL": "local-ridge",
        "OUTPUT": str(tmp_path / "out.tif"),
        **change,
    }
    with pytest.raises(QgsProcessingException, match=words):
        run(**wanted)
    assert not (tmp_path / "out.tif").exists()


def test_in_a_model_the_means_of_what_was_sharpened_are_the_input(srsat, tmp_path):
    """A chain of the graphical modeler: sharpen, degrade by the area mean, compare with what came in."""
    from qgis import processing
    from qgis.core import (
        QgsProcessingModelAlgorithm,
        QgsProcessingModelParameter,
        QgsProcessingParameterRasterLayer,
    )

    lst, index, _ = write_scene(tmp_path)
    model = QgsProcessingModelAlgorithm("thermal", "tests")
    model.addModelParameter(
        QgsProcessingParameterRasterLayer("lst", "Temperatures"), QgsProcessingModelParameter("lst")
    )
    model.addModelParameter(
        QgsProcessingParameterRasterLayer("guide", "Guide"), QgsProcessingModelParameter("guide")
    )
    child(
        model,
        "sharp",
        "srsat:sharpenthermal",
        INPUT=("model", "lst"),
        GUIDES=("model", "guide"),
        MODEL="lst-x4",
        SCALE="4",
    )
    child(model, "means", "srsat:degrade", INPUT=("sharp", "OUTPUT"), SCALE=4, METHOD="area")
    child(
        model,
        "compared",
        "srsat:similarity",
        outputs={"OUTPUT_JSON": "page"},
        INPUT=("means", "OUTPUT"),
        REFERENCE=("model", "lst"),
        METRICS=["rmse"],
        DATA_RANGE=60.0,
    )
    # Versions of QGIS name a model's outputs differently.
    (output,) = (one.name() for one in model.destinationParameterDefinitions())
    found = processing.run(model, {"lst": lst, "guide": index, output: str(tmp_path / "page.json")})
    assert found[output] == str(tmp_path / "page.json")
    page = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
    (rmse,) = page["measures"]
    assert rmse["facts"]["pixels"] == 40 * 40
    assert rmse["value"] < 1e-3


def test_the_report_names_the_model_its_version_and_its_checksum(run, scene, tmp_path):
    from srsat_qgis.core.models.registry import registry

    lst, index, _ = scene
    page = tmp_path / "report.html"
    run(INPUT=lst, GUIDES=[index], MODEL="lst-x4", OUTPUT=str(tmp_path / "out.tif"), REPORT=str(page))
    text = page.read_text(encoding="utf-8").replace("<wbr>", "")
    card = registry()["lst-x4"]
    card = int8_of(card) if int8_facts().pays else card
    told = (card.id, *(f"<td>{one}</td>" for one in (card.version, card.sha256, card.precision)))
    assert all(one in text for one in told)


def test_the_log_tells_size_tiles_and_time(run, scene, tmp_path, recorder):
    lst, index, _ = scene
    feedback = recorder()
    run(feedback, INPUT=lst, GUIDES=[index], MODEL="local-ridge", OUTPUT=str(tmp_path / "out.tif"))
    assert any(
        re.fullmatch(
            r"160 x 160 pixels, 1 band, Float32: (1 tile|\d+ tiles; the time left is told after the first)",
            line,
        )
        for line in feedback.lines
    )


@pytest.mark.parametrize(
    "chosen",
    [
        {"BASE_MODEL": "lst-x4"},
        {"NETWORK": "dctnet", "SIZE": "small"},
        # ESRGAN, which takes the temperatures alone.
        {"NETWORK": "esrnet", "SIZE": "small", "LOSS": "esrgan"},
    ],
)
def test_a_model_trained_from_the_toolbox_on_guides_of_any_bands_sharpens_here(run, tmp_path, chosen):
    if not os.environ.get(OVERRIDE):
        pytest.skip(f"{OVERRIDE} names no Python with PyTorch (make test TRAIN=1 makes one)")
    lst, index, fine = write_scene(tmp_path, side=64)
    where = {"transform": transform(PIXEL / SCALE)}
    hr = write_raster(tmp_path / "hr.tif", fine[None].astype(np.float32), **where)
    green = read_raster(index)[0]
    noise = np.random.default_rng(0).normal(0.2, 0.02, green.shape)
    bands = np.stack([green, 0.5 - 0.4 * green, green**2, 1 - green, noise]).astype(np.float32)
    guide = write_raster(tmp_path / "five.tif", bands, **where)
    store = processing.run(
        "srsat:preparetrainingdata",
        {
            **{"HR": [hr], "GUIDES": [guide], "SCALE": SCALE, "PATCH_SIZE": 48},
            **{"VALIDATION_SHARE": 0.25, "OUTPUT": str(tmp_path / "store")},
        },
    )
    trained = processing.run(
        "srsat:trainmodel",
        {
            **{"DATA": store["OUTPUT"], "EPOCHS": 2, "MODEL_ID": "my-lst", "DEVICE": "cpu"},
            **{"LEARNING_RATE": 1e-4, "OUTPUT_FOLDER": str(tmp_path / "run"), **chosen},
        },
    )
    try:
        found = run(INPUT=lst, GUIDES=[guide], MODEL=trained["MODEL"], OUTPUT=str(tmp_path / "out.tif"))
        plain = run(INPUT=lst, GUIDES=[], MODEL="bicubic", OUTPUT=str(tmp_path / "plain.tif"))
        one, two = (read_raster(result["OUTPUT"])[0].astype(np.float64) for result in (plain, found))
        assert found["GUIDED_PERCENT"] == (0 if "LOSS" in chosen else 100)
        card = json.loads((Path(trained["MODEL_FOLDER"]) / "card.json").read_text(encoding="utf-8"))
        assert card.get("invents_texture", False) == ("LOSS" in chosen)
        # A new network has learned next to nothing in two passes; the shipped one keeps what it knew.
        assert error(two, fine) < (0.95 if "BASE_MODEL" in chosen else 1.2) * error(one, fine)
    finally:
        shutil.rmtree(trained["MODEL_FOLDER"])


GEOSTATIONARY = "+proj=geos +lon_0=128.2 +h=35785863 +x_0=0 +y_0=0 +a=6378137 +b=6356752.3 +sweep=y"


def write_netcdf(path, bands: list[np.ndarray], pixel: float, *, scaled: bool) -> str:
    """Write bands as variables of a NetCDF file on a weather satellite's own grid; return the first one's name.

    Scaled: as integers of 0.01 K above 250 K, with scale, offset and unit as attributes.
    """
    rows, cols = bands[0].shape
    kind = gdal.GDT_Int16 if scaled else gdal.GDT_Float32
    memory = gdal.GetDriverByName("MEM").Create("", cols, rows, len(bands), kind)
    memory.SetGeoTransform((-1500000.0, pixel, 0.0, 3200000.0, 0.0, -pixel))
    crs = osr.SpatialReference()
    crs.ImportFromProj4(GEOSTATIONARY)
    memory.SetProjection(crs.ExportToWkt())
    for number, values in enumerate(bands, 1):
        band = memory.GetRasterBand(number)
        band.SetNoDataValue(-32768)
        hole = np.isnan(values)
        band.WriteArray(np.where(hole, -32768, np.rint((values - 250) / 0.01) if scaled else values))
        if scaled:
            band.SetScale(0.01)
            band.SetOffset(250.0)
            band.SetUnitType("K")
    gdal.GetDriverByName("netCDF").CreateCopy(str(path), memory)
    return f'NETCDF:"{path}":Band1'


@pytest.mark.parametrize(("scale", "pixel"), [(8, 2000.0), (4, 2000.0)])
def test_a_weather_satellite_s_netcdf_by_a_cloudy_guide_of_its_sister(run, tmp_path, scale, pixel):
    """2 km to 250 m and 500 m, in its own oblique pixels; clouds are holes in both."""
    if gdal.GetDriverByName("netCDF") is None:
        pytest.skip("this GDAL reads no NetCDF")
    fine, index = truth(side=40, scale=scale)
    low = coarse(fine, scale)
    low[4:8, 10:15] = np.nan
    index = index.copy()
    index[30 * scale :, 20 * scale : 25 * scale] = np.nan
    lst = write_netcdf(tmp_path / "gk2a.nc", [low, np.zeros_like(low) + 250], pixel, scaled=True)
    guide = write_netcdf(tmp_path / "gk2b.nc", [index, 1 - index], pixel / scale, scaled=False)
    found = run(
        INPUT=lst,
        GUIDES=[guide],
        SCALE=str(scale),
        OUTPUT=str(tmp_path / "out.tif"),
        QUALITY=str(tmp_path / "quality.tif"),
        REPORT=str(tmp_path / "report.html"),
    )
    made, quality = gdal.Open(found["OUTPUT"]), read_raster(found["QUALITY"])
    numbers = made.ReadAsArray()
    assert made.GetGeoTransform() == (-1500000.0, pixel / scale, 0.0, 3200000.0, 0.0, -pixel / scale)
    assert numbers.dtype == np.int16
    assert (made.GetRasterBand(1).GetScale(), made.GetRasterBand(1).GetOffset()) == (0.01, 250.0)
    hole = np.isnan(low).repeat(scale, 0).repeat(scale, 1)
    np.testing.assert_array_equal(numbers == -32768, hole)
    means = coarse(np.where(hole, 0.0, numbers * 0.01 + 250), scale)
    # Steps of 0.01 K in input and output.
    assert np.abs(means - low)[~np.isnan(low)].max() < 0.02
    assert found["RESIDUAL_K"] < 0.02
    assert (quality[0][30 * scale + scale :, 21 * scale : 24 * scale] == 0).all()
    assert (quality[0][12 * scale : 25 * scale, :][~hole[12 * scale : 25 * scale, :]] == 1).all()
    assert 80 < found["GUIDED_PERCENT"] < 100
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "declared by the raster" in text
