"""Each algorithm of plans: whole scenes as units, the bytes of the run that they stand for, files beside a scene."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.cluster.__main__ import main
from srsat_qgis.cluster.inputs import LANDSAT, scene_name
from srsat_qgis.cluster.inputs import scenes as found_scenes
from srsat_qgis.cluster.manifest import read_units, result_path
from srsat_qgis.cluster.overview import status
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.runs import run
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fusion.fuse import FusionRequest, fuse
from srsat_qgis.core.landsat.harmonise import HarmoniseRequest, harmonise
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.reference import Reference, ReferenceBand
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.mosaic import write_cog
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.superres.precision import in_precision
from srsat_qgis.core.thermal.sharpen import SharpenRequest, sharpen
from srsat_qgis.core.types import SilentProgress
from tests.cluster.conftest import leftovers
from tests.core.landsat.scenes import NAMES, ground, landsat, sentinel2, write_product, write_reference
from tests.core.sentinel2 import products
from tests.core.thermal.scenes import write_scene
from tests.rasters import read_raster, write_raster

CPU = Settings(device="cpu", threads=1)


def alone(folder: Path, make) -> bytes:
    """Return what a plain run makes, as the file of a unit."""
    made, target = folder / "alone.tif", folder / "alone.cog.tif"
    make(str(made))
    write_cog(str(made), str(target), fast=True)
    return target.read_bytes()


def done(folder: Path, **options) -> dict[str, bytes]:
    """Run a plan by processes, and return the bytes of its results by name."""
    outcome = run(folder, workers=1, **options)
    assert not outcome.failed, outcome.failed
    return {unit.name: result_path(folder, unit).read_bytes() for unit in read_units(folder)}


@pytest.fixture
def temperatures(tmp_path) -> Path:
    """Two rasters of temperatures in a folder, with guides of their names in another."""
    (tmp_path / "lst").mkdir()
    (tmp_path / "guides").mkdir()
    for name, side in (("first", 24), ("second", 20)):
        folder = tmp_path / name
        folder.mkdir()
        lst, guide, _ = write_scene(folder, side=side)
        shutil.copy(lst, tmp_path / "lst" / f"{name}.tif")
        shutil.copy(guide, tmp_path / "guides" / f"{name}_ndvi.tif")
    return tmp_path / "lst"


def by_itself(card, data_type):
    """Return the form of a model that runs without a word on PRECISION."""
    return in_precision(card, "auto", device="cpu", data_type=data_type, progress=SilentProgress())


@pytest.mark.parametrize("model", ["lst-x4", "local-ridge"])
def test_temperatures_get_the_bytes_of_a_plain_run_each_with_its_own_guide(tmp_path, temperatures, model):
    parameters = {
        "GUIDES": "../guides/{name}_ndvi.tif",
        "MODEL": "auto" if model == "lst-x4" else model,
        "DEVICE": "cpu",
    }
    folder = tmp_path / "plan"
    planned = plan(PlanRequest("sharpenthermal", [str(temperatures)], parameters), folder)
    assert (planned.units, planned.pixels) == (2, (4 * 24) ** 2 + (4 * 20) ** 2)
    assert planned.bytes_plain == 4 * planned.pixels
    made = done(folder)
    for name in ("first", "second"):
        request = SharpenRequest(
            str(temperatures / f"{name}.tif"),
            (str(tmp_path / "guides" / f"{name}_ndvi.tif"),),
            registry().get(model, model),
            4,
            "",
            settings=CPU,
            running=by_itself(registry()[model], "Float32") if model in registry() else None,
        )

        def make(target, request=request):
            sharpen(replace(request, target=target))

        assert made[name] == alone(tmp_path, make), name
    assert not leftovers(folder)


def test_a_guide_that_is_missing_or_new_concerns_its_own_scene(tmp_path, temperatures):
    parameters = {"GUIDES": ["../guides/{name}_ndvi.tif"], "MODEL": "tsharp"}

    def ids(name):
        plan(PlanRequest("sharpenthermal", [str(temperatures)], parameters), tmp_path / name)
        return {unit.name: unit.id for unit in read_units(tmp_path / name)}

    before = ids("before")
    guide = tmp_path / "guides" / "second_ndvi.tif"
    write_raster(guide, np.random.default_rng(1).uniform(0, 1, (1, 160, 160)).astype(np.float32))
    after = ids("after")
    assert (before["first"] == after["first"], before["second"] == after["second"]) == (True, False)
    guide.unlink()
    planned = plan(PlanRequest("sharpenthermal", [str(temperatures)], parameters), tmp_path / "plan")
    assert [str(guide) in text for text in planned.broken] == [True]
    outcome = run(tmp_path / "plan", workers=1)
    assert (outcome.done, list(outcome.failed)) == (1, ["second"])
    assert str(guide) in status(tmp_path / "plan").failed["second"]


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("sharpenthermal", {"SCALE": 5}, "SCALE is 5; expected 4 or 8"),
        ("sharpenthermal", {"SCALE": "8", "MODEL": "lst-x4"}, "MODEL is lst-x4, which sharpens 4 times"),
        ("sharpenthermal", {"MODEL": "any-x2"}, "any-x2"),
        ("sharpenthermal", {"GUIDES": 7}, "GUIDES is 7"),
        ("sharpenthermal", {"CONSISTENCY": "maybe"}, "CONSISTENCY"),
        ("harmonise", {"MODEL": "any-x2"}, "MODEL is any-x2 of the family"),
        ("harmonise", {"METHOD": "magic"}, "METHOD"),
        ("harmonise", {"MASK": "fog"}, "MASK: found 'fog'"),
        ("harmonise", {"REFERENCE": "a.tif", "REFERENCE_PRODUCT": "b"}, "expected one of them"),
    ],
)
def test_parameters_are_held_to_the_toolbox(tmp_path, name, parameters, expected):
    product = write_product(tmp_path / "product", np.full((5, 12, 12), 0.2))
    lst = write_raster(tmp_path / "lst.tif", np.full((1, 12, 12), 300, np.float32))
    given = str(product) if name == "harmonise" else lst
    with pytest.raises(InvalidSetting, match=expected):
        plan(PlanRequest(name, [given], parameters), tmp_path / "plan")
    assert not (tmp_path / "plan").exists()


@pytest.fixture(scope="module")
def image():
    return ground()


@pytest.mark.parametrize("method", ["subpixel", "highpass"])
def test_landsat_gets_the_bytes_of_a_plain_run_whatever_the_workers(tmp_path, image, method):
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    for date in ("2015-09-23", "2015-10-09"):
        write_product(scenes / date, landsat(image), date=date)
    reference = write_reference(tmp_path / "reference.tif", 1.05 * sentinel2(image) + 0.01)
    parameters = {
        "METHOD": method,
        "REFERENCE": "../../reference.tif",
        "RADIOMETRY": "fitted",
        "BANDS": "B4,NIR",
        "MASK": "none",
        "DEVICE": "cpu",
    }
    for name in ("plan", "two"):
        planned = plan(PlanRequest("harmonise", [str(scenes)], parameters), tmp_path / name)
    assert (planned.units, planned.pixels, planned.bytes_plain) == (2, 2 * 288 * 288, 2 * 288 * 288 * 2 * 2)
    made = done(tmp_path / "plan")
    assert sorted(made) == [f"LC08_L2SP_171083_{day}_20200908_02_T1" for day in ("20150923", "20151009")]
    bands = {name: ReferenceBand(reference, at) for at, name in enumerate(NAMES, 1)}
    # As the toolbox takes it: in 8-bit integers where this processor is faster with them.
    card = in_precision(
        registry()["landsat-x3"], "auto", device="cpu", data_type="UInt16", progress=SilentProgress()
    )
    about = open_scene(rasters={10: [Source(reference)]}).about

    def make(target):
        path = found_scenes([str(scenes / "2015-09-23")], kind=LANDSAT)[0]
        harmonise(
            HarmoniseRequest(
                open_product(path),
                target,
                card if method == "subpixel" else method,
                Reference(bands, about=about),
                radiometry="fitted",
                bands=("B4", "B8A"),
                flags=(),
                settings=CPU,
            )
        )

    assert made["LC08_L2SP_171083_20150923_20200908_02_T1"] == alone(tmp_path, make)
    outcome = run(tmp_path / "two", workers=2)
    assert not outcome.failed
    units = list(read_units(tmp_path / "two"))
    assert {unit.name: result_path(tmp_path / "two", unit).read_bytes() for unit in units} == made


def test_a_damaged_landsat_product_fails_alone(tmp_path, image):
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    write_product(scenes / "whole", landsat(image))
    broken = write_product(scenes / "broken", landsat(image), date="2015-10-09")
    next(broken.glob("*_SR_B3.TIF")).unlink()
    folder = tmp_path / "plan"
    planned = plan(PlanRequest("harmonise", [str(scenes)], {"METHOD": "resample"}), folder)
    assert ["SR_B3.TIF, which is not there" in text for text in planned.broken] == [True]
    outcome = run(folder, workers=1)
    assert (outcome.done, list(outcome.failed)) == (1, ["LC08_L2SP_171083_20151009_20200908_02_T1"])


def test_landsat_products_are_found_by_folder_pattern_metadata_and_item(tmp_path):
    image = np.full((5, 12, 12), 0.2)
    product = write_product(tmp_path / "scenes", image)
    (mtl,) = (str(path) for path in product.glob("*_MTL.txt"))
    item = tmp_path / "item.json"
    item.write_text('{"type": "Feature", "id": "a", "assets": {"mtl.txt": {"href": "' + mtl + '"}}}')
    for given in (str(tmp_path), str(tmp_path / "sc*"), str(product / "*_MTL.txt"), mtl, str(item)):
        assert found_scenes([given], kind=LANDSAT) == [mtl], given
    (tmp_path / "none").mkdir()
    with pytest.raises(InvalidSetting, match="expected at least one Landsat product"):
        found_scenes([str(tmp_path / "none")], kind=LANDSAT)
    assert scene_name(mtl) == "LC08_L2SP_171083_20150923_20200908_02_T1"
    assert scene_name("/a/S2A_x.SAFE/") == "S2A_x"


def test_a_sentinel_2_product_gets_the_bytes_of_a_plain_run(tmp_path):
    product = products.textured(products.new_l2a(tmp_path))
    folder = tmp_path / "plan"
    planned = plan(PlanRequest("sentinel2", [str(product)], {"TARGETS": "20 m", "DEVICE": "cpu"}), folder)
    assert (planned.units, planned.pixels) == (1, 72 * 72)
    made = done(folder)
    scene = open_scene(str(product))

    def make(target):
        request = FusionRequest(
            SENTINEL2,
            scene.layers,
            {20: by_itself(registry()["s2-20m"], "UInt16")},
            target,
            targets="20 m",
            added=scene.offsets.values,
            added_why=scene.offsets.why,
            settings=CPU,
        )
        fuse(request)

    assert made == {product.name.replace(".SAFE", ""): alone(tmp_path, make)}
    # A second run finds it there.
    assert run(folder, workers=1).there == 1


def test_an_extent_reaches_the_products_of_a_plan(tmp_path):
    product = products.textured(products.new_l2a(tmp_path))
    x, y = products.ORIGIN
    parameters = {"TARGETS": "20 m", "EXTENT": f"{x + 60},{x + 180},{y - 180},{y - 60}", "DEVICE": "cpu"}
    folder = tmp_path / "plan"
    planned = plan(PlanRequest("sentinel2", [str(product)], parameters), folder)
    assert planned.pixels == 12 * 12
    (unit,) = read_units(folder)
    done(folder)
    assert read_raster(result_path(folder, unit)).shape[1:] == (12, 12)


@pytest.mark.parametrize(("method", "expected"), [("resample", "not estimated"), ("subpixel", "time: about")])
def test_a_dry_run_without_a_model_estimates_no_time(tmp_path, capsys, method, expected):
    product = write_product(tmp_path / "product", np.full((5, 12, 12), 0.2))
    words = ["plan", "harmonise", "--input", str(product), "--set", f"METHOD={method}", "--set", "DEVICE=cpu"]
    assert main([*words, "--out", str(tmp_path / "plan"), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "1 units of 1 scenes" in told
    assert expected in told
    assert not (tmp_path / "plan").exists()
