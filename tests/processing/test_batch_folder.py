"""The algorithm ``srsat:batchfolder``: many scenes, or one raster in units, from the toolbox."""

import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis import processing
from qgis.core import QgsProcessingException

from tests.core.landsat.scenes import ground, landsat, write_product
from tests.core.thermal.scenes import write_scene
from tests.processing.helpers import REPEAT, read_raster, repeated, write_raster

ALGORITHM = "srsat:batchfolder"
DEFAULTS = {"MODEL": REPEAT, "DEVICE": "cpu", "SUMMARY": "TEMPORARY_OUTPUT"}


@pytest.fixture
def scenes(tmp_path, values) -> Path:
    folder = tmp_path / "scenes"
    folder.mkdir()
    for number in range(3):
        write_raster(folder / f"scene{number}.tif", values + number)
    (folder / "broken.tif").write_bytes(b"II*\0")
    return folder


def _rows(results):
    layer = results["SUMMARY"]
    names = layer.fields().names()
    return [dict(zip(names, feature.attributes())) for feature in layer.getFeatures()]


def test_a_folder_of_scenes_with_a_broken_one(run, scenes, values, tmp_path):
    out = tmp_path / "out"
    results = run(INPUT=str(scenes), OUTPUT=str(out), WORKERS=2)
    assert (results["UNITS"], results["DONE"], results["FAILED"]) == (4, 3, 1)
    rows = {row["name"]: row for row in _rows(results)}
    assert rows["broken"]["state"] == "failed"
    assert "broken.tif" in rows["broken"]["reason"]
    for number in range(3):
        row = rows[f"scene{number}"]
        assert (row["state"], row["verdict"]) == ("done", "consistent")
        np.testing.assert_array_equal(read_raster(out / row["result"]), repeated(values + number))
    assert Path(results["REPORT"]).is_file()
    again = run(INPUT=str(scenes), OUTPUT=str(out), WORKERS=1)
    assert (again["DONE"], again["FAILED"]) == (3, 1)


def test_a_folder_that_grows_is_taken_up_by_the_same_command(run, scenes, values, tmp_path):
    out = tmp_path / "out"
    run(INPUT=str(scenes), OUTPUT=str(out), WORKERS=1)
    made = [out / "results" / f"scene{number}.tif" for number in range(3)]
    times = [path.stat().st_mtime_ns for path in made]
    (scenes / "broken.tif").unlink()
    write_raster(scenes / "another.tif", values + 9)
    results = run(INPUT=str(scenes), OUTPUT=str(out), WORKERS=1)
    assert (results["UNITS"], results["DONE"], results["FAILED"]) == (4, 4, 0)
    rows = {row["name"]: row for row in _rows(results)}
    assert {name: row["state"] for name, row in rows.items()} == dict.fromkeys(
        ["scene0", "scene1", "scene2", "another"], "done"
    )
    assert [path.stat().st_mtime_ns for path in made] == times
    np.testing.assert_array_equal(read_raster(out / rows["another"]["result"]), repeated(values + 9))


def test_a_raster_in_units_is_put_together(run, values, tmp_path):
    image = np.tile(values, (1, 3, 3))
    source = write_raster(tmp_path / "in.tif", image)
    mosaic = tmp_path / "whole.vrt"
    results = run(INPUT=str(source), OUTPUT=str(tmp_path / "out"), UNIT=64, WORKERS=1, MOSAIC=str(mosaic))
    assert results["UNITS"] > 1
    assert results["MOSAIC"] == str(mosaic)
    np.testing.assert_array_equal(read_raster(mosaic), repeated(image))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PARAMETERS": "[1]"}, "PARAMETERS"),
        ({"PARAMETERS": '{"STRONG": 1}'}, "STRONG"),
        ({"INPUT": "nowhere"}, "nowhere"),
        ({"WORKERS": 1, "SCHEDULER": "tcp://127.0.0.1:9"}, "one of the two"),
        ({"MOSAIC": "nowhere/x.vrt"}, "nowhere"),
    ],
)
def test_what_cannot_work_is_refused_in_a_line(run, scenes, tmp_path, given, expected):
    with pytest.raises(QgsProcessingException, match=expected):
        run(**{"INPUT": str(scenes), "OUTPUT": str(tmp_path / "out"), **given})


@pytest.mark.parametrize("method", ["sharpenthermal", "harmonise"])
def test_other_algorithms_make_what_they_make_in_the_toolbox(run, tmp_path, method):
    """Whole scenes, their own models, and files beside them by their names."""
    scenes, out = tmp_path / "scenes", tmp_path / "out"
    scenes.mkdir()
    if method == "sharpenthermal":
        lst, guide, _ = write_scene(scenes, side=20)
        Path(guide).rename(tmp_path / "lst_index.tif")
        chosen = {"GUIDES": ["../{name}_index.tif"], "MODEL": "lst-x4-guided"}
        alone = {"INPUT": lst, "GUIDES": [str(tmp_path / "lst_index.tif")], "MODEL": "lst-x4-guided"}
    else:
        product = write_product(scenes / "product", landsat(ground()))
        chosen = {"RADIOMETRY": "hls-s2b", "BANDS": ["B4", "NIR"]}
        (metadata,) = product.glob("*_MTL.txt")
        alone = {"INPUT": str(metadata), **chosen}
    found = run(INPUT=str(scenes), METHOD=method, PARAMETERS=json.dumps(chosen), OUTPUT=str(out), WORKERS=1)
    assert (found["UNITS"], found["DONE"], found["FAILED"]) == (1, 1, 0)
    (row,) = _rows(found)
    plain = processing.run(
        f"srsat:{method}", {**alone, "DEVICE": "cpu", "OUTPUT": str(tmp_path / "plain.tif")}
    )
    made, expected = (gdal.Open(str(path)) for path in (out / row["result"], plain["OUTPUT"]))
    np.testing.assert_array_equal(made.ReadAsArray(), expected.ReadAsArray())
    assert made.GetGeoTransform() == expected.GetGeoTransform()
    for item in ("SRSAT_MODEL", "SRSAT_PARAMETERS"):
        assert made.GetMetadataItem(item) == expected.GetMetadataItem(item)
    for number in range(1, made.RasterCount + 1):
        one, other = made.GetRasterBand(number), expected.GetRasterBand(number)
        assert one.GetDescription() == other.GetDescription()
        assert one.GetNoDataValue() == other.GetNoDataValue()
