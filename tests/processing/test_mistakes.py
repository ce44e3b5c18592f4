"""What users do wrong, over all algorithms: each message names the file or parameter, the value seen and what was expected.

No mistake shows a traceback, and none leaves a file behind.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingContext

from tests.processing.helpers import write_raster

UTM = (500000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0)
COARSE = (500000.0, 40.0, 0.0, 5000000.0, 0.0, -40.0)
FAR = (900000.0, 10.0, 0.0, 1000000.0, 0.0, -10.0)
LANDSAT = "LC09_L2SP_195027_20240601_20240602_02_T1"
PRODUCT = "S2A_MSIL2A_20240601T101031_N0510_R022_T32UQD_20240601T160000.SAFE"


class Mistake(NamedTuple):
    """A mistake, and what its message must say."""

    algorithm: str
    parameters: dict
    """A value that begins with @ is a file of the test's folder."""
    culprit: str
    """The file's name, or the parameter's."""
    value: str
    """What was seen there."""
    expected: str
    """What was expected, as a regular expression."""


SCENE = {"INPUT": "@scene.tif", "OUTPUT": "@out/out.tif"}
FAST = {**SCENE, "MODEL": "any-x2-fast", "DEVICE": "cpu"}
PAIR = {"INPUT": "@scene.tif", "OUTPUT_HTML": "@out/page.html"}
LST = {"INPUT": "@lst.tif", "MODEL": "local-ridge", "OUTPUT": "@out/out.tif"}
STACK = {"BANDS_30M": ["@landsat.tif"], "LEVEL": "surface", "OUTPUT": "@out/out.tif"}
PAN = {"INPUT": "@coarse.tif", "PAN": "@pan.tif", "OUTPUT": "@out/out.tif"}
TILES = {"MODEL": "any-x2-fast", "DEVICE": "cpu", "OUTPUT_FILE": "@out/out.mbtiles"}
PATCHES = {"HR": ["@scene.tif"], "OUTPUT": "@out/store"}
TRAIN = {"DATA": "@store", "OUTPUT_FOLDER": "@out/run"}
BATCH = {"INPUT": "@scenes", "MODEL": "any-x2-fast", "DEVICE": "cpu", "OUTPUT": "@out/batch"}

MISTAKES = {
    # --- super-resolve ---
    "text as raster": Mistake("superresolve", {**FAST, "INPUT": "@notes.txt"}, "notes.txt", "text file", "a raster"),
    "missing raster": Mistake("superresolve", {**FAST, "INPUT": "@no.tif"}, "no.tif", "no such file", "a raster"),
    "empty file": Mistake("superresolve", {**FAST, "INPUT": "@empty.tif"}, "empty.tif", "empty file", "a raster"),
    "broken raster": Mistake("superresolve", {**FAST, "INPUT": "@broken.tif"}, "broken.tif", "damaged", "a raster"),
    "vector as raster": Mistake("superresolve", {**FAST, "INPUT": "@points.geojson"}, "points.geojson", "", "raster"),
    "colour table": Mistake("superresolve", {**FAST, "INPUT": "@paletted.tif"}, "paletted.tif", "paletted", "Convert it to RGB"),
    "complex values": Mistake("superresolve", {**FAST, "INPUT": "@complex.tif"}, "complex.tif", "complex numbers", "expected real"),
    "no valid pixel": Mistake("superresolve", {**FAST, "INPUT": "@nodata.tif"}, "nodata.tif", "nodata", "expected"),
    "only NaN": Mistake("superresolve", {**FAST, "INPUT": "@nan.tif"}, "nan.tif", "", "expected"),
    "band that is not there": Mistake("superresolve", {**FAST, "BANDS": [9]}, "BANDS", "9", "1 to 4"),
    "tiny tiles": Mistake("superresolve", {**FAST, "TILE_SIZE": 4}, "TILE_SIZE", "4", "from 8 to 8192"),
    "too strong": Mistake("superresolve", {**FAST, "STRENGTH": 2}, "STRENGTH", "2", "from 0 to 1"),
    "blur in words": Mistake("superresolve", {**FAST, "BLUR": "sharp"}, "BLUR", "sharp", "expected numbers"),
    "negative blur": Mistake("superresolve", {**FAST, "BLUR": "-1"}, "BLUR", "-1", "expected"),
    "blur of two bands of four": Mistake("superresolve", {**FAST, "BLUR": "0.4,0.5"}, "BLUR", "2", "4|one"),
    "nodata in words": Mistake("superresolve", {**FAST, "NODATA": "none"}, "NODATA", "none", "expected a number"),
    "model of another algorithm": Mistake("superresolve", {**FAST, "MODEL": "s2-20m"}, "MODEL", "s2-20m", "any-x2"),
    "model for colours on four bands": Mistake("superresolve", {**FAST, "MODEL": "rgb-x2", "INPUT": "@pan.tif"}, "pan.tif", r"\(1\)", "takes 3 bands"),
    "text as model": Mistake("superresolve", {**FAST, "MODEL_FILE": "@notes.txt"}, "MODEL_FILE", "notes.txt", "onnx"),
    "missing model file": Mistake("superresolve", {**FAST, "MODEL_FILE": "@no.onnx"}, "no.onnx", "no such", "expected"),
    "misspelt parameter": Mistake("superresolve", {**FAST, "MODLE": "any-x2"}, "MODLE", "no such parameter", "did you mean MODEL"),
    "misspelt device": Mistake("superresolve", {**FAST, "DEVICE": "gpu"}, "DEVICE", "gpu", "auto, cuda, cpu"),
    "extent elsewhere": Mistake("superresolve", {**FAST, "EXTENT": "0,10,0,10 [EPSG:32633]"}, "scene.tif", "0.0, 0.0, 10.0, 10.0", "expected"),
    "extent in words": Mistake("superresolve", {**FAST, "EXTENT": "Bavaria"}, "EXTENT", "Bavaria", "expected"),
    "unknown CRS of the extent": Mistake("superresolve", {**FAST, "EXTENT": "0,10,0,10 [EPSG:99999999]"}, "EXTENT", "EPSG:99999999", "expected"),
    "output in a missing folder": Mistake("superresolve", {**FAST, "OUTPUT": "@none/out.tif"}, "none", "does not exist", "expected"),
    "output below a file": Mistake("superresolve", {**FAST, "OUTPUT": "@scene.tif/out.tif"}, "out.tif", "scene.tif is a file", "expected a folder"),
    "output is a folder": Mistake("superresolve", {**FAST, "OUTPUT": "@scenes"}, "scenes", "folder", "file"),
    "output where nobody may write": Mistake("superresolve", {**FAST, "OUTPUT": "/proc/out.tif"}, "/proc", "cannot write", "expected"),
    "output is the input": Mistake("superresolve", {**FAST, "OUTPUT": "@scene.tif"}, "OUTPUT", "scene.tif", "another file"),
    "output of an unknown kind": Mistake("superresolve", {**FAST, "OUTPUT": "@out/out.xyz1"}, "out.xyz1", "xyz1", "expected|format"),
    "output as a picture of 16 bits": Mistake("superresolve", {**FAST, "OUTPUT": "@out/out.jpg"}, "out.jpg", ".jpg", "expected .tif"),
    "creation option without value": Mistake("superresolve", {**FAST, "CREATION_OPTIONS": "LZW"}, "CREATION_OPTIONS", "LZW", "KEY=VALUE"),
    "unknown compression": Mistake("superresolve", {**FAST, "CREATION_OPTIONS": "COMPRESS=NOPE"}, "CREATION_OPTIONS|COMPRESS", "NOPE", "expected"),
    "two outputs in one file": Mistake("superresolve", {**FAST, "BICUBIC": "@out/out.tif"}, "BICUBIC", "out.tif", "another file"),
    "report beside nothing": Mistake("superresolve", {**FAST, "REPORT": "@none/page.html"}, "REPORT", "none", "expected"),
    # --- degrade, co-register, raster information ---
    "half a scale": Mistake("degrade", {**SCENE, "SCALE": 2.5}, "SCALE", "2.5", "whole number from 2"),
    "scale larger than the raster": Mistake("degrade", {**SCENE, "SCALE": 100}, "scene.tif|SCALE", "100", "40|30|at most"),
    "impossible MTF": Mistake("degrade", {**SCENE, "MTF_VALUES": "2"}, "MTF", "2", "0 and 1|below 1|between"),
    "unknown method": Mistake("degrade", {**SCENE, "METHOD": "gauss"}, "METHOD", "gauss", "gaussian-area"),
    "MTF of a sensor without band names": Mistake("degrade", {**SCENE, "INPUT": "@far.tif", "MTF": "sentinel-2"}, "far.tif", "band", "B2|name|expected"),
    "no overlap": Mistake("coregister", {**SCENE, "REFERENCE": "@far.tif"}, "far.tif", "overlap", "expected"),
    "band of the reference": Mistake("coregister", {**SCENE, "REFERENCE": "@pan.tif", "REFERENCE_BAND": 7}, "pan.tif", "7", "1 to 1"),
    "folder as raster": Mistake("rasterinfo", {"INPUT": "@scenes", "OUTPUT_HTML": "@out/a.html"}, "scenes", "folder", "raster"),
    # --- quality ---
    "nothing to compare with": Mistake("similarity", PAIR, "REFERENCE", "empty", "expected"),
    "grids that differ": Mistake("similarity", {**PAIR, "REFERENCE": "@coarse.tif"}, "coarse.tif", "40", "10|expected"),
    "another CRS": Mistake("similarity", {**PAIR, "REFERENCE": "@degrees.tif"}, "degrees.tif", "CRS|WGS 84|4326", "warp|expected"),
    "low resolution that is not lower": Mistake("similarity", {**PAIR, "INPUT": "@pan.tif", "LOWRES": "@pan.tif"}, "pan.tif", "10 x 10", "expected a whole number of pixels in each, at least 2"),
    "misspelt measure": Mistake("similarity", {**PAIR, "REFERENCE": "@scene.tif", "METRICS": "psnrr"}, "METRICS", "psnrr", "psnr"),
    "index without a second band": Mistake("similarity", {**PAIR, "REFERENCE": "@scene.tif", "INDICES": "NDVI=8"}, "INDICES", "NDVI=8", "expected"),
    "index of a band that is not there": Mistake("similarity", {**PAIR, "REFERENCE": "@scene.tif", "INDICES": "NDVI=9,3"}, "INDICES", "9", "1 to 4|4"),
    "comparing a file that is not there": Mistake("compare", {"INPUTS": ["@scene.tif", "@no.tif"], "REFERENCE": "@scene.tif", "OUTPUT_HTML": "@out/a.html"}, "INPUTS.*no.tif", "no such file", "expected a raster"),
    "nothing to rank": Mistake("compare", {"REFERENCE": "@scene.tif", "OUTPUT_HTML": "@out/a.html"}, "INPUTS", "empty", "expected"),
    # --- Sentinel-2 and Landsat ---
    "Landsat as Sentinel-2": Mistake("sentinel2", {"INPUT": f"@{LANDSAT}", "OUTPUT": "@out/out.tif"}, LANDSAT, "", "Sentinel-2|B2|B02"),
    "raster as product": Mistake("sentinel2", {"INPUT": "@pan.tif", "OUTPUT": "@out/out.tif"}, "pan.tif", "", "product|metadata"),
    "no product": Mistake("sentinel2", {"OUTPUT": "@out/out.tif"}, "INPUT", "", "product|BANDS_10M"),
    "broken metadata": Mistake("sentinel2", {"INPUT": f"@{PRODUCT}/MTD_MSIL2A.xml", "OUTPUT": "@out/out.tif"}, "MTD_MSIL2A|SAFE", "", "expected|no "),
    "only bands of 20 m": Mistake("sentinel2", {"BANDS_20M": ["@coarse.tif"], "OUTPUT": "@out/out.tif"}, "BANDS_10M", "one pixel size", "expected"),
    "negative time": Mistake("sentinel2", {"INPUT": f"@{PRODUCT}", "ADAPT": -1, "OUTPUT": "@out/out.tif"}, "ADAPT", "-1", "from 0"),
    "Sentinel-2 as Landsat": Mistake("harmonise", {"INPUT": f"@{PRODUCT}", "OUTPUT": "@out/out.tif"}, PRODUCT, "", "Landsat|MTL"),
    "detail of no reference": Mistake("harmonise", {**STACK, "METHOD": "highpass", "SCALE": 0.0001, "OFFSET": 0}, "METHOD|highpass", "highpass", "REFERENCE|reference"),
    "coefficients of another level": Mistake("harmonise", {**STACK, "RADIOMETRY": "chastain-toa", "SCALE": 0.0001, "OFFSET": 0}, "RADIOMETRY", "chastain-toa", "level|hls|toa"),
    "too few names of bands": Mistake("harmonise", {**STACK, "BANDS_30M": ["@far.tif"], "BAND_NAMES": "B2,B3"}, "BAND_NAMES|far.tif", "2", "4|names"),
    "names of no bands": Mistake("harmonise", {**STACK, "BANDS_30M": ["@far.tif"], "BAND_NAMES": "red,green,blue,x"}, "BAND_NAMES|far.tif", "red|x", "B2|expected"),
    "series of no product": Mistake("timeseries", {"INPUT": "@store", "OUTPUT": "@out/series"}, "store", "none", "expected products"),
    "series of a folder that is not there": Mistake("timeseries", {"INPUT": "@nowhere", "OUTPUT": "@out/series"}, "nowhere", "nothing there", "expected a folder"),
    "series of a raster without a date": Mistake("timeseries", {"INPUT": "@scene.tif", "OUTPUT": "@out/series"}, "scene.tif", "no date", "expected a date"),
    "days out of range": Mistake("timeseries", {"INPUT": "@scenes", "DAYS": -5, "OUTPUT": "@out/series"}, "DAYS", "-5", "from 0 to 3660"),
    # --- temperatures and pan-sharpening ---
    "no guides": Mistake("sharpenthermal", LST, "GUIDES", "", "bicubic|guide|raster"),
    "guides too coarse": Mistake("sharpenthermal", {**LST, "GUIDES": ["@lst.tif"]}, "lst.tif", "4 times", "at most"),
    "guides elsewhere": Mistake("sharpenthermal", {**LST, "GUIDES": ["@far.tif"]}, "far.tif", "overlap", "expected"),
    "band of the temperatures": Mistake("sharpenthermal", {**LST, "GUIDES": ["@guide.tif"], "BAND": 5}, "lst.tif", "5", "1 to 1"),
    "wrong unit": Mistake("sharpenthermal", {**LST, "GUIDES": ["@guide.tif"], "UNIT": "celsius", "UNIT_SCALE": 10, "UNIT_OFFSET": 0}, "lst.tif", "3177.*celsius", "expected 150 to 400 K"),
    "network of another scale": Mistake("sharpenthermal", {**LST, "GUIDES": ["@guide.tif"], "MODEL": "lst-x8", "SCALE": "4"}, "MODEL", "lst-x8", "lst-x4|4"),
    "even boxes": Mistake("sharpenthermal", {**LST, "GUIDES": ["@guide.tif"], "CONSISTENCY": "relaxed", "BOX": 4}, "BOX", "4", "odd"),
    "pan and colours swapped": Mistake("pansharpen", {**PAN, "INPUT": "@pan.tif", "PAN": "@coarse.tif"}, "coarse.tif", "0.25 times", "expected 1.2 to 16"),
    "MTF above 1": Mistake("pansharpen", {**PAN, "MTF": 1.5}, "MTF", "1.5", "0 and 1|below 1|between"),
    "pan elsewhere": Mistake("pansharpen", {**PAN, "PAN": "@farpan.tif"}, "farpan.tif", "no ground in common", "expected"),
    # --- preview, tiles ---
    "preview of a model for colours": Mistake("preview", {"INPUT": "@pan.tif", "MODELS": ["rgb-x2"], "DEVICE": "cpu", "OUTPUT_FOLDER": "@out/p", "OUTPUT_HTML": "@out/a.html"}, "pan.tif.*rgb-x2|rgb-x2.*pan.tif", r"\(1\)", "takes 3 bands"),
    "preview of one pixel": Mistake("preview", {"INPUT": "@scene.tif", "MODELS": ["any-x2-fast"], "SIDE": 1, "OUTPUT_FOLDER": "@out/p"}, "SIDE", "1", "from"),
    "template without a zoom level": Mistake("superresolvetiles", {**TILES, "INPUT_TILES": "@tiles/{x}/{y}.png"}, "INPUT_TILES|tiles", "{x}/{y}.png", r"\{z\}"),
    "folder without tiles": Mistake("superresolvetiles", {**TILES, "INPUT_TILES": "@scenes"}, "scenes", "", r"\{z\}/\{x\}/\{y\}|tiles"),
    "tiles that are not there": Mistake("superresolvetiles", {**TILES, "INPUT_TILES": "@nowhere"}, "nowhere", "", "folder|template"),
    "tiles in another CRS": Mistake("superresolvetiles", {**TILES, "INPUT": "@scene.tif"}, "INPUT: scene", "another raster", "expected tiles"),
    "tiles into an unknown kind": Mistake("superresolvetiles", {**TILES, "INPUT_TILES": "@tiles", "OUTPUT_FILE": "@out/out.zip"}, "out.zip|OUTPUT_FILE", "zip", "mbtiles"),
    "zoom levels the wrong way round": Mistake("superresolvetiles", {**TILES, "INPUT_TILES": "@tiles", "ZOOM_MIN": 9, "ZOOM_MAX": 3}, "ZOOM_MIN|ZOOM_MAX", "9", "3|at most"),
    # --- training ---
    "training data of nothing": Mistake("preparetrainingdata", {"OUTPUT": "@out/store"}, "HR", "nothing", "expected"),
    "patches larger than the raster": Mistake("preparetrainingdata", {**PATCHES, "PATCH_SIZE": 512}, "PATCH_SIZE", "512", "expected"),
    "pairs that do not nest": Mistake("preparetrainingdata", {**PATCHES, "LR": ["@odd.tif"]}, "odd.tif", "", "multiple|whole|expected|times"),
    "mask values in words": Mistake("preparetrainingdata", {**PATCHES, "MASK": ["@pan.tif"], "MASK_VALUES": "clouds"}, "MASK_VALUES", "clouds", "expected"),
    "no store": Mistake("trainmodel", {**TRAIN, "DATA": "@scenes"}, "scenes|DATA", "", "manifest|store|Prepare"),
    "broken recipe": Mistake("trainmodel", {**TRAIN, "RECIPE": "@broken.json"}, "broken.json", "", "TOML|recipe"),
    "id with spaces": Mistake("trainmodel", {**TRAIN, "MODEL_ID": "My model!"}, "MODEL_ID", "My model!", "expected|letters"),
    "checkpoint that is text": Mistake("exportmodel", {"CHECKPOINT": "@notes.txt", "OUTPUT_FOLDER": "@out/m"}, "notes.txt", "", "checkpoint|safetensors|expected"),
    "options that are no JSON": Mistake("exportmodel", {"STATE": "@weights.safetensors", "OPTIONS": "{width: 3", "SCALE": 2, "OUTPUT_FOLDER": "@out/m"}, "OPTIONS", r"\{width: 3", "JSON|KEY|expected"),
    # --- models and set-up ---
    "text as a shared model": Mistake("installmodel", {"INPUT": "@notes.txt"}, "notes.txt", "", "zip|archive"),
    "folder without a model": Mistake("installmodel", {"INPUT_FOLDER": "@scenes"}, "scenes", "", "card.json|model.onnx|model"),
    "card of no model": Mistake("modelinfo", {"MODEL_FILE": "@no.onnx", "OUTPUT_HTML": "@out/a.html"}, "no.onnx", "", "ONNX|file"),
    "no seconds": Mistake("deviceinfo", {"SECONDS": -3, "OUTPUT_HTML": "@out/a.html"}, "SECONDS", "-3", "from"),
    "folder without wheels": Mistake("installdependencies", {"WHEELS": "@scenes"}, "scenes|WHEELS", "", "whl|wheel"),
    "version that is none": Mistake("installdependencies", {"VERSION": "the newest"}, "VERSION", "the newest", "expected|1.26"),
    # --- many scenes ---
    "parameters that are no JSON": Mistake("batchfolder", {**BATCH, "PARAMETERS": "{TILE_SIZE: 64"}, "PARAMETERS", "TILE_SIZE: 64", "JSON"),
    "parameter of many scenes misspelt": Mistake("batchfolder", {**BATCH, "PARAMETERS": '{"TILESIZE": 64}'}, "TILESIZE", "64|TILESIZE", "TILE_SIZE|expected"),
    "pattern that finds nothing": Mistake("batchfolder", {**BATCH, "INPUT": "@scenes/*.jp2"}, r"scenes/\*.jp2", "none", "expected"),
    "scheduler that is none": Mistake("batchfolder", {**BATCH, "SCHEDULER": "my computer"}, "SCHEDULER", "my computer", "expected"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A folder of what users have: rasters, and files that are none."""
    rng = np.random.default_rng(5)
    dn = rng.integers(100, 3000, (4, 30, 40)).astype(np.uint16)
    names = ("B2", "B3", "B4", "B8")
    write_raster(tmp_path / "scene.tif", dn, names=names)
    write_raster(tmp_path / "far.tif", dn, geotransform=FAR)
    write_raster(tmp_path / "pan.tif", dn[:1])
    write_raster(tmp_path / "farpan.tif", dn[:1], geotransform=FAR)
    write_raster(tmp_path / "coarse.tif", dn[:, :8, :10], geotransform=COARSE, names=names)
    write_raster(tmp_path / "odd.tif", dn[:, :9, :11], geotransform=(500000.0, 33.0, 0, 5000000.0, 0, -33.0))
    write_raster(tmp_path / "landsat.tif", dn, names=("B2", "B3", "B4", "B5"))
    write_raster(tmp_path / "degrees.tif", dn, geotransform=(15.0, 1e-4, 0, 45.0, 0, -1e-4), epsg=4326)
    write_raster(tmp_path / "nodata.tif", np.zeros((1, 20, 20), np.uint16), nodata=0)
    write_raster(tmp_path / "nan.tif", np.full((1, 20, 20), np.nan, np.float32))
    write_raster(tmp_path / "complex.tif", dn[:1].astype(np.complex64))
    kilometre = (500000.0, 1000.0, 0.0, 5000000.0, 0.0, -1000.0)
    write_raster(tmp_path / "lst.tif", (290 + dn[:1] / 300).astype(np.float32), geotransform=kilometre)
    quarter = (500000.0, 250.0, 0.0, 5000000.0, 0.0, -250.0)
    write_raster(tmp_path / "guide.tif", dn[:1].repeat(4, 1).repeat(4, 2), geotransform=quarter)
    paletted = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "paletted.tif"), 20, 20, 1, gdal.GDT_Byte)
    table = gdal.ColorTable()
    table.SetColorEntry(1, (255, 0, 0, 255))
    paletted.GetRasterBand(1).SetColorTable(table)
    paletted = None
    (tmp_path / "broken.tif").write_bytes((tmp_path / "scene.tif").read_bytes()[:200][::-1])
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("Heights in metres\n", "utf-8")
    (tmp_path / "weights.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}")
    (tmp_path / "broken.json").write_text('{"a": [1, 2', "utf-8")
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [15, 45]}}
    (tmp_path / "points.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [point]}), "utf-8"
    )
    (tmp_path / LANDSAT).mkdir()
    (tmp_path / LANDSAT / f"{LANDSAT}_MTL.txt").write_text("GROUP = LANDSAT_METADATA_FILE\nEND\n", "utf-8")
    (tmp_path / PRODUCT).mkdir()
    (tmp_path / PRODUCT / "MTD_MSIL2A.xml").write_text("<n1:Level-2A_User_Product", "utf-8")
    for name in ("out", "scenes", "store"):
        (tmp_path / name).mkdir()
    write_raster(tmp_path / "scenes" / "one.tif", dn[:1])
    tile = tmp_path / "tiles" / "5" / "16"
    tile.mkdir(parents=True)
    picture = gdal.GetDriverByName("MEM").Create("", 256, 256, 3)
    gdal.GetDriverByName("PNG").CreateCopy(str(tile / "11.png"), picture)
    return tmp_path


def everything(folder: Path) -> set[str]:
    """Return the paths of all files and folders, GDAL's notes beside rasters left out."""
    found = {
        os.path.join(top, name) for top, folders, files in os.walk(folder) for name in (*folders, *files)
    }
    return {path for path in found if not path.endswith(".aux.xml")}


def placed(value, folder: Path):
    """Return a parameter's value with its files in the folder."""
    if isinstance(value, list):
        return [placed(one, folder) for one in value]
    return str(folder / value[1:]) if isinstance(value, str) and value.startswith("@") else value


@pytest.fixture
def told(srsat, recorder, folder):
    """Makes a mistake as the dialog and ``qgis_process`` do, and returns what the user is told."""

    def _told(mistake: Mistake) -> str:
        algorithm = srsat.algorithm(mistake.algorithm).create()
        parameters = {name: placed(value, folder) for name, value in mistake.parameters.items()}
        context, feedback = QgsProcessingContext(), recorder()
        if mistake.algorithm in ("trainmodel", "exportmodel") and "SRSAT_TRAINING_PYTHON" not in os.environ:
            pytest.skip("SRSAT_TRAINING_PYTHON names no Python that has PyTorch: it would be asked for first")
        accepted, message = algorithm.checkParameterValues(parameters, context)
        if not accepted:
            return message
        results, succeeded = algorithm.run(parameters, context, feedback)
        assert not succeeded, f"it ran: {results}"
        return "\n".join(feedback.errors)

    return _told


def shortcomings(mistake: Mistake, message: str) -> list[str]:
    """Return what a message does not tell of a mistake."""
    wanted = {
        "the culprit": mistake.culprit,
        "the value": mistake.value,
        "what was expected": mistake.expected,
    }
    missing = [f"{what} ({pattern})" for what, pattern in wanted.items() if not re.search(pattern, message)]
    if "Traceback" in message or re.search(r"\b[A-Z]\w+(Error|Exception)\b", message):
        missing.append("plain words in place of Python's")
    if "Errno" in message or ".srsat-" in message or "Incorrect parameter value" in message:
        missing.append("what concerns the user")
    return missing


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_what_was_expected_and_leaves_nothing_behind(told, folder, name):
    before = everything(folder)
    message = told(MISTAKES[name])
    assert not shortcomings(MISTAKES[name], message), message
    assert everything(folder) == before


def test_every_algorithm_has_its_mistakes(srsat):
    assert {one.algorithm for one in MISTAKES.values()} == {one.name() for one in srsat.algorithms()}


def test_the_grading_finds_what_is_missing():
    mistake = MISTAKES["tiny tiles"]
    assert not shortcomings(mistake, "TILE_SIZE: found '4', expected a whole number from 8 to 8192")
    assert shortcomings(mistake, "wrong tile size") != []
    assert shortcomings(mistake, "TILE_SIZE: found '4'") == ["what was expected (from 8 to 8192)"]
    assert shortcomings(mistake, "ValueError: TILE_SIZE 4, expected from 8 to 8192") == [
        "plain words in place of Python's"
    ]
