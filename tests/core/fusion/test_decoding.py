"""Scenes in JPEG 2000: the same output as from GeoTIFF, each band decoded once, and nothing left of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import DiskFull
from srsat_qgis.core.fusion import decoding
from srsat_qgis.core.fusion.fuse import fusing
from srsat_qgis.core.fusion.plan import make_plan
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import SilentProgress
from tests.core.sentinel2 import models
from tests.core.sentinel2.scenes import request, write_scene
from tests.rasters import read_raster

OFF = Settings(consistency="off")


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {gsd: models.detail_card(folder, gsd) for gsd in (20, 60)}


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """The bands of a scene as GeoTIFF and as JPEG 2000, the latter one to a file."""
    folder = tmp_path_factory.mktemp("scene")
    plain = open_scene(rasters=write_scene(folder, cells=(5, 6))[1]).layers
    packed = {}
    for band, layer in plain.items():
        path = str(folder / f"{band}.jp2")
        gdal.Translate(
            path,
            layer.path,
            format="JP2OpenJPEG",
            bandList=[layer.number],
            creationOptions=["REVERSIBLE=YES", "QUALITY=100", "BLOCKXSIZE=64", "BLOCKYSIZE=64"],
        )
        packed[band] = replace(layer, path=path, number=1)
    return plain, packed


class Heard(SilentProgress):
    """A progress that keeps what it is told."""

    def __init__(self):
        self.lines, self.fractions = [], []

    def info(self, message):
        self.lines.append(message)

    warn = info

    def update(self, fraction):
        self.fractions.append(fraction)


# The extents of the second and third begin within a scene, on pixels of 60 m and not.
@pytest.mark.parametrize(
    "extent", [None, (400020, 5299800, 400260, 5299920), (400047, 5299771, 400233, 5299930)]
)
@pytest.mark.parametrize("moved", [False, True])
def test_the_output_is_that_of_the_same_bands_in_geotiff(scene, cards, tmp_path, extent, moved):
    settings, results = replace(OFF, extent=extent), []
    for name, layers in zip(("plain", "packed"), scene):
        target = tmp_path / f"{name}.tif"
        wanted = request(layers, cards, str(target), settings=settings, correct_shift=moved)
        with fusing(wanted):
            pass
        results.append((read_raster(target), gdal.Open(str(target)).GetGeoTransform()))
    (plain, place), (packed, same) = results
    np.testing.assert_array_equal(packed, plain)
    assert place == same
    assert sorted(path.name for path in tmp_path.iterdir()) == ["packed.tif", "plain.tif"]


def test_every_pass_reads_the_decoded_files_which_hold_what_the_plan_reads(scene, cards, tmp_path):
    plain, packed = scene
    extent = (400020, 5299800, 400260, 5299920)
    plan = make_plan(SENTINEL2, packed, cards, extent=extent)
    heard = Heard()
    found = decoding.decoded(plan, tmp_path, threads=2, progress=heard)
    read = [part for step in found.steps for parts in step.inputs.values() for part in parts]
    for part in (*read, *found.kept.values()):
        assert part.layer.path == str(tmp_path / f"decoded.{part.layer.band}.tif")
    for band, part in found.kept.items():
        there = make_plan(SENTINEL2, plain, cards, extent=extent).kept[band]
        np.testing.assert_array_equal(part.read(part.window._replace(row=0, col=0)), read_part(there))
    assert heard.lines == [
        "12 bands are in JPEG 2000: they are decoded once, into files beside the output until it is whole"
    ]
    assert heard.fractions[-1] == 1.0
    assert len(heard.fractions) == 12
    # A quarter of the scene is read, and no more than that is written.
    for band, part in plan.parts.items():
        written = gdal.Open(str(tmp_path / f"decoded.{band}.tif"))
        assert (written.RasterYSize, written.RasterXSize) == (part.window.rows, part.window.cols)
        assert part.window.rows * part.window.cols < 0.3 * packed[band].grid.rows * packed[band].grid.cols


def read_part(part):
    return part.read(part.window._replace(row=0, col=0))


def test_bands_of_other_formats_and_of_one_file_are_read_where_they_are(scene, cards, tmp_path):
    plain, _ = scene
    stack = tmp_path / "stack.jp2"
    gdal.Translate(
        str(stack), plain["B2"].path, format="JP2OpenJPEG", creationOptions=["REVERSIBLE=YES", "QUALITY=100"]
    )
    joined = {
        band: replace(layer, path=str(stack)) if layer.path == plain["B2"].path else layer
        for band, layer in plain.items()
    }
    plan = make_plan(SENTINEL2, joined, cards)
    assert decoding.bytes_needed(plan) == 0
    assert decoding.decoded(plan, tmp_path, threads=None, progress=SilentProgress()) is plan


def test_the_disk_must_hold_them_too(scene, cards, tmp_path, monkeypatch):
    needed = []
    for layers in scene:
        monkeypatch.setattr(
            "srsat_qgis.core.fusion.fuse.check_writable",
            lambda *_, bytes_needed, **__: needed.append(bytes_needed) or refuse(),
        )
        with pytest.raises(DiskFull), fusing(request(layers, cards, str(tmp_path / "out.tif"), settings=OFF)):
            pass
    sizes = {"B2": 1, "B5": 4, "B1": 36}
    pixels = 30 * 36 * 4 / sizes["B2"] + 30 * 36 * 6 / sizes["B5"] + 30 * 36 * 2 / sizes["B1"]
    assert needed[1] - needed[0] == 2 * pixels


def refuse():
    raise DiskFull("no room")
